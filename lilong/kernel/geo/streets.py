"""Ways through the streets: exact shortest paths on the city's graph, and an honest estimate where there is no graph.

The extract covers the streets around People's Square. A trip with both ends on it is routed on the graph; any other trip is
estimated: the straight line times 1.35 at 25 km/h. Nothing outside knows which of the two it was, except by `Route.exact`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lilong.kernel.geo.graph import StreetFile
from lilong.kernel.geo.points import E6, EARTH_METRES, Point, metres
from lilong.kernel.geo.trees import Trees

FILE = Path(__file__).parent / "data" / "streets.json"
DETOUR = 1.35  # road metres for a metre of straight line, where there is no graph
ESTIMATE_KMH = 25.0
SNAP_METRES = 400.0  # whoever stands further from any street is not on the graph
KMH = 3.6
By = Literal["seconds", "metres"]


class Snap(NamedTuple):
    """The nearest node of the graph and how far it is."""

    node: int
    metres: float


class Route(NamedTuple):
    """`points` from a to b; `exact` tells a routed way from an estimated one."""

    points: list[Point]
    metres: float
    seconds: float
    exact: bool = True


class Matrix(NamedTuple):
    """Rows are sources, columns targets; whole seconds and whole metres of the same ways."""

    seconds: NDArray[np.int64]
    metres: NDArray[np.int64]


class Streets:
    """An immutable directed graph, strongly connected. `nodes` is (n, 2) degrees (longitude, latitude); arc arrays run in parallel:
    `tail`, `head` (nodes), `arc_metres`, `arc_kmh`, `arc_name` (place in `names`)."""

    def __init__(self, file: StreetFile) -> None:
        self.box = file.box
        self.names, self.classes = file.names, file.classes
        self.nodes = np.array(file.nodes, dtype=float).reshape(-1, 2) / E6
        arcs = np.array(file.arcs, dtype=np.int64).reshape(-1, 6)
        self.tail, self.head = arcs[:, 0], arcs[:, 1]
        self.arc_metres, self.arc_kmh = arcs[:, 2] / 10, arcs[:, 3].astype(float)
        self.arc_name, self.arc_class = arcs[:, 4], arcs[:, 5]
        self._tree = cKDTree(self._flat(self.nodes))
        self._trees = Trees(self.tail, self.head, self.arc_metres, len(self.nodes))
        self._trees_back = Trees(self.head, self.tail, self.arc_metres, len(self.nodes))

    def point(self, node: int) -> Point:
        return Point(float(self.nodes[node, 0]), float(self.nodes[node, 1]))

    def nearest(self, p: Point) -> Snap:
        found, far = self.nearest_many([p])
        return Snap(int(found[0]), float(far[0]))

    def nearest_many(self, points: Sequence[Point]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The nodes and the metres, in the order asked."""
        if not len(points):
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        far, found = self._tree.query(self._flat(np.array(points, dtype=float)))
        return np.asarray(found, dtype=np.int64), np.asarray(far, dtype=np.float64)

    def covers(self, p: Point) -> bool:
        """Whether trips from or to here are routed: inside the extract and not far from a street."""
        return bool(self._covered([p], self.nearest_many([p])[1])[0])

    def route(self, a: Point, b: Point, by: By = "seconds", *, speed_kmh: float | None = None) -> Route:
        """The best way by time or by length; `speed_kmh` is the most that the vehicle does."""
        nodes, far = self.nearest_many([a, b])
        if not self._covered([a, b], far).all() or nodes[0] == nodes[1]:
            straight = metres(a, b) * DETOUR
            return Route([a, b], straight, straight / _estimate_speed(speed_kmh), exact=False)
        tree = self._trees.of([int(nodes[0])], self._cost(by, speed_kmh), self._seconds(speed_kmh))[0]
        goal = int(nodes[1])
        path = [a, *(self.point(node) for node in tree.path(goal)), b]
        access = float(far.sum())
        seconds = float(tree.seconds[goal]) + access / _estimate_speed(speed_kmh)
        return Route(path, float(tree.metres[goal]) + access, seconds)

    def matrix(
        self, sources: Sequence[Point], targets: Sequence[Point], by: By = "seconds", *, speed_kmh: float | None = None
    ) -> Matrix:
        """Every source to every target, the same numbers as `route` gives, rounded; of two ways that are equally good either."""
        straight = _distances(sources, targets) * DETOUR
        seconds = straight / _estimate_speed(speed_kmh)
        start, start_far = self.nearest_many(sources)
        goal, goal_far = self.nearest_many(targets)
        rows = np.flatnonzero(self._covered(sources, start_far))
        columns = np.flatnonzero(self._covered(targets, goal_far))
        if len(rows) and len(columns):
            weightings = self._cost(by, speed_kmh), self._seconds(speed_kmh)
            access = start_far[rows, None] + goal_far[None, columns]
            if len(set(goal[columns].tolist())) < len(
                set(start[rows].tolist())
            ):  # fewer trees if grown from the targets
                trees = self._trees_back.of(goal[columns].tolist(), *weightings)
                routed_metres = np.stack([tree.metres[start[rows]] for tree in trees], axis=1) + access
                routed_seconds = np.stack([tree.seconds[start[rows]] for tree in trees], axis=1)
            else:
                trees = self._trees.of(start[rows].tolist(), *weightings)
                routed_metres = np.stack([tree.metres[goal[columns]] for tree in trees]) + access
                routed_seconds = np.stack([tree.seconds[goal[columns]] for tree in trees])
            routed_seconds = routed_seconds + access / _estimate_speed(speed_kmh)
            apart = start[rows, None] != goal[None, columns]
            block = np.ix_(rows, columns)
            straight[block] = np.where(apart, routed_metres, straight[block])
            seconds[block] = np.where(apart, routed_seconds, seconds[block])
        return Matrix(np.rint(seconds).astype(np.int64), np.rint(straight).astype(np.int64))

    def _covered(self, points: Sequence[Point], far: NDArray[np.float64]) -> NDArray[np.bool_]:
        if not len(points):
            return np.zeros(0, dtype=bool)
        west, south, east, north = self.box
        at = np.array(points, dtype=float)
        within = (at[:, 0] >= west) & (at[:, 0] <= east) & (at[:, 1] >= south) & (at[:, 1] <= north)
        return np.asarray(within & (far <= SNAP_METRES))

    def _flat(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres on a plane that touches the earth at the extract's middle: exact to a few centimetres within it."""
        scale = np.cos(np.radians((self.box[1] + self.box[3]) / 2))
        return np.asarray(np.radians(degrees) * EARTH_METRES * np.array([scale, 1.0]))

    def _seconds(self, speed_kmh: float | None) -> tuple[str, NDArray[np.float64]]:
        """The name of the weighting and the seconds of each arc."""
        speed = self.arc_kmh if speed_kmh is None else np.minimum(self.arc_kmh, _positive(speed_kmh))
        return f"seconds {speed_kmh}", self.arc_metres / (speed / KMH)

    def _cost(self, by: By, speed_kmh: float | None) -> tuple[str, NDArray[np.float64]]:
        if by not in ("seconds", "metres"):
            raise ValueError(by)
        return ("metres", self.arc_metres) if by == "metres" else self._seconds(speed_kmh)


def _positive(speed_kmh: float) -> float:
    if not speed_kmh > 0:
        raise ValueError("a speed is above zero")
    return speed_kmh


def _estimate_speed(speed_kmh: float | None) -> float:
    """Metres a second where there is no graph."""
    return min(ESTIMATE_KMH, _positive(speed_kmh) if speed_kmh is not None else ESTIMATE_KMH) / KMH


def _distances(sources: Sequence[Point], targets: Sequence[Point]) -> NDArray[np.float64]:
    """Great-circle metres, every source to every target."""
    a = np.radians(np.array(sources, dtype=float).reshape(-1, 2))[:, None, :]
    b = np.radians(np.array(targets, dtype=float).reshape(-1, 2))[None, :, :]
    half = (b - a) / 2
    h = np.sin(half[..., 1]) ** 2 + np.cos(a[..., 1]) * np.cos(b[..., 1]) * np.sin(half[..., 0]) ** 2
    return np.asarray(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(1.0, h))))


@cache
def city() -> Streets:
    """The streets around People's Square, read once a process."""
    return Streets(msgspec.json.decode(FILE.read_bytes(), type=StreetFile))
