"""Drawing on a wall: shapes given in the wall's own measures, projected either into the lane or flat. Pure.

A point is (u, v, p): `u` along the house from its near end (0) to its far end (1), `v` up from the eye's height (ground is
-1), `p` out of the wall into the lane. In the lane every house is the picture of the one before it, smaller by `RATIO` about
the vanishing point, so one drawing serves for all of them.
"""

from collections.abc import Callable, Iterable

Point = tuple[float, float]
Projector = Callable[[float, float, float], Point]

WIDTH, HEIGHT = 1600, 760
VANISH = (800.0, 372.0)
HALF = 800.0  # from the vanishing point to the near edge of the wall
RISE = 400.0  # what one unit of v measures at the near edge
RATIO = 0.775
HOUSES = 6  # on each side
FLAT_WIDTH, FLAT_HEIGHT = 200.0, 384.0
_FLAT_RISE = 160.0


def depth(houses: float) -> float:
    """How much smaller things look `houses` houses down the lane."""
    return float(RATIO**houses)


def lane(u: float, v: float, p: float = 0.0) -> Point:
    """The left wall's first house, seen down the lane."""
    scale = depth(u)
    return VANISH[0] - (HALF - HALF * p) * scale, VANISH[1] - RISE * v * scale


def flat(u: float, v: float, p: float = 0.0) -> Point:
    """The same house seen from straight ahead."""
    return FLAT_WIDTH * u, FLAT_HEIGHT - _FLAT_RISE * (v + 1) - p * 60


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if "." in f"{value:.1f}" else f"{value:.0f}"


def path(points: Iterable[Point], closed: bool = True) -> str:
    """'M..L..Z' of absolute points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + ("Z" if closed else "")


def shape(kind: str, d: str, **attributes: str) -> str:
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<path class="{kind}" d="{d}"{more}/>'


class Wall:
    """Collects the paths of one house; shapes of one class in a row become one path."""

    def __init__(self, at: Projector) -> None:
        self.at = at
        self.parts: list[tuple[str, str]] = []

    def face(self, kind: str, corners: Iterable[tuple[float, float]], p: float = 0.0) -> None:
        """A polygon lying on the wall, `p` in front of it."""
        self._add(kind, path(self.at(u, v, p) for u, v in corners))

    def rect(self, kind: str, u: tuple[float, float], v: tuple[float, float], p: float = 0.0) -> None:
        self.face(kind, ((u[0], v[0]), (u[1], v[0]), (u[1], v[1]), (u[0], v[1])), p)

    def line(self, kind: str, a: tuple[float, float], b: tuple[float, float], p: float = 0.0) -> None:
        self._add(kind, path((self.at(*a, p), self.at(*b, p)), closed=False))

    def disc(self, kind: str, u: float, v: float, p: float, reach: tuple[float, float]) -> None:
        """Something round that faces whoever looks: half its width and half its height, in units of v."""
        (x, y), (_, above) = self.at(u, v, p), self.at(u, v + 1, p)
        across, up = reach[0] * (y - above), reach[1] * (y - above)
        a, b = number(across), number(up)
        self._add(
            kind,
            f"M{number(x - across)} {number(y)}a{a} {b} 0 1 0 {number(2 * across)} 0a{a} {b} 0 1 0 {number(-2 * across)} 0Z",
        )

    def curve(self, kind: str, points: Iterable[tuple[float, float]], p: float = 0.0) -> None:
        self._add(kind, path((self.at(u, v, p) for u, v in points), closed=False))

    def box(self, kind: str, u: tuple[float, float], v: tuple[float, float], out: float) -> None:
        """A block standing `out` of the wall: its front, its near end, and the side that shows from below or above."""
        near = [self.at(u[0], v[0], 0), self.at(u[0], v[0], out), self.at(u[0], v[1], out), self.at(u[0], v[1], 0)]
        level = v[0] if v[0] > 0 else v[1]
        flat_side = [
            self.at(u[0], level, 0),
            self.at(u[1], level, 0),
            self.at(u[1], level, out),
            self.at(u[0], level, out),
        ]
        self._add(f"{kind} under" if v[0] > 0 else f"{kind} top", path(flat_side))
        self._add(f"{kind} end", path(near))
        self.rect(kind, u, v, out)

    def drawn(self) -> str:
        out: list[tuple[str, list[str]]] = []
        for kind, d in self.parts:
            if out and out[-1][0] == kind:
                out[-1][1].append(d)
            else:
                out.append((kind, [d]))
        return "".join(shape(kind, "".join(ds)) for kind, ds in out)

    def _add(self, kind: str, d: str) -> None:
        self.parts.append((kind, d))
