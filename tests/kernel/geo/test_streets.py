"""Streets: paths against an independent Dijkstra, one-way streets, snapping, matrices, estimates beyond the extract."""

import heapq
import math
import random
import threading
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from lilong.kernel.geo import streets
from lilong.kernel.geo.graph import Way, arcs_of, filed, largest_strong
from lilong.kernel.geo.points import Point, metres, moved
from lilong.kernel.geo.streets import DETOUR, ESTIMATE_KMH, FILE, Streets, city

SUZHOU = Point(120.62, 31.30)


def neighbours(graph: Streets, weight: str) -> dict[int, list[tuple[int, float]]]:
    """From the file's own rows, not from the object's arrays."""
    found: dict[int, list[tuple[int, float]]] = {}
    for tail, head, decimetres, kmh, _, _ in msgspec.json.decode(FILE.read_bytes())["arcs"]:
        cost = decimetres / 10 if weight == "metres" else decimetres / 10 / (kmh / 3.6)
        found.setdefault(tail, []).append((head, cost))
    return found


def textbook_dijkstra(steps: dict[int, list[tuple[int, float]]], source: int) -> dict[int, float]:
    best, queue = {}, [(0.0, source)]
    while queue:
        far, node = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = far
        for head, cost in steps.get(node, []):
            heapq.heappush(queue, (far + cost, head))
    return best


@pytest.mark.parametrize("by", ["seconds", "metres"])
def test_paths_are_the_shortest_and_can_be_driven(by: str):
    graph, pick = city(), random.Random(7)
    steps = neighbours(graph, by)
    arcs = {(int(a), int(b)) for a, b in zip(graph.tail, graph.head, strict=True)}
    node_at = {graph.point(node): node for node in range(len(graph.nodes))}
    for _ in range(60):
        source, target = pick.sample(range(len(graph.nodes)), 2)
        best = textbook_dijkstra(steps, source)[target]
        route = graph.route(graph.point(source), graph.point(target), by=by)  # type: ignore[arg-type]
        assert getattr(route, by) == pytest.approx(best, rel=1e-9)
        driven = [node_at[p] for p in route.points[1:-1]]
        assert (driven[0], driven[-1]) == (source, target)
        assert all(step in arcs for step in pairwise(driven))
        assert route.metres == pytest.approx(
            sum(metres(a, b) for a, b in zip(route.points, route.points[1:], strict=False)), rel=0.01
        )


def test_everywhere_leads_everywhere():
    graph = city()
    far = textbook_dijkstra(neighbours(graph, "metres"), 0)
    backwards: dict[int, list[tuple[int, float]]] = {}
    for a, b, w in zip(graph.tail, graph.head, graph.arc_metres, strict=True):
        backwards.setdefault(int(b), []).append((int(a), float(w)))
    assert len(far) == len(textbook_dijkstra(backwards, 0)) == len(graph.nodes) == 1504


def test_a_matrix_says_what_routes_say_also_beyond_the_extract():
    graph, pick = city(), random.Random(11)
    west, south, east, north = graph.box
    near = [Point(pick.uniform(west, east), pick.uniform(south, north)) for _ in range(12)]
    sources, targets = [*near[:6], SUZHOU, near[0]], [SUZHOU, *near[6:], near[0]]
    found = graph.matrix(sources, targets, speed_kmh=20)
    assert found.seconds.dtype == found.metres.dtype == np.int64
    for row, a in enumerate(sources):
        for column, b in enumerate(targets):
            route = graph.route(a, b, speed_kmh=20)
            assert (found.seconds[row, column], found.metres[row, column]) == (
                round(route.seconds),
                round(route.metres),
            )
    assert found.seconds[0, -1] == 0


def test_many_sources_to_few_targets_are_told_the_same_from_behind():
    graph, pick = city(), random.Random(12)
    west, south, east, north = graph.box
    sources = [Point(pick.uniform(west, east), pick.uniform(south, north)) for _ in range(30)] + [SUZHOU]
    targets = [sources[3], Point(pick.uniform(west, east), pick.uniform(south, north))]
    found = graph.matrix(sources, targets)
    ways = [[graph.route(a, b) for b in targets] for a in sources]
    assert found.seconds.tolist() == [[round(way.seconds) for way in row] for row in ways]
    assert found.metres.tolist() == [[round(way.metres) for way in row] for row in ways]


def test_beyond_the_extract_it_is_an_estimate_and_says_so():
    graph = city()
    here = graph.point(0)
    route = graph.route(here, SUZHOU)
    assert not route.exact
    assert route.metres == pytest.approx(metres(here, SUZHOU) * DETOUR)
    assert route.seconds == pytest.approx(route.metres / (ESTIMATE_KMH / 3.6))
    assert route.points == [here, SUZHOU]
    assert not graph.covers(SUZHOU)
    assert graph.covers(here)


def test_a_slow_vehicle_takes_longer_and_a_fast_one_keeps_the_limit():
    graph = city()
    a, b = graph.point(3), graph.point(900)
    usual, slow, fast = (graph.route(a, b, speed_kmh=speed) for speed in (None, 10, 300))
    assert slow.seconds == pytest.approx(slow.metres / (10 / 3.6))
    assert fast.seconds == pytest.approx(usual.seconds)
    for bad in (0, -3, math.nan):
        with pytest.raises(ValueError, match="above zero"):
            graph.route(a, b, speed_kmh=bad)


def test_snapping_finds_the_nearest_node():
    graph, pick = city(), random.Random(3)
    points = [graph.point(node) for node in range(len(graph.nodes))]
    for _ in range(40):
        p = moved(pick.choice(points), pick.uniform(0, 300), pick.uniform(0, 360))
        brute = min(metres(p, other) for other in points)
        snap = graph.nearest(p)
        assert snap.metres == pytest.approx(brute, abs=0.2)
        assert metres(graph.point(snap.node), p) == pytest.approx(brute, abs=0.2)
    found, far = graph.nearest_many([])
    assert (len(found), len(far)) == (0, 0)


def test_no_sources_or_no_targets_is_an_empty_matrix():
    assert city().matrix([], [SUZHOU]).seconds.shape == (0, 1)
    assert city().matrix([city().point(0)], []).metres.shape == (1, 0)


SQUARE = {
    n: Point(121.47 + x / 1000, 31.23 + y / 1000)
    for n, (x, y) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1), (2, 0)], 1)
}


def small(*ways: tuple[list[int], dict[str, str]]) -> Streets:
    arcs = largest_strong(arcs_of([Way(nodes, {"highway": "residential"} | tags) for nodes, tags in ways], SQUARE))
    return Streets(filed(arcs, SQUARE, (121.4, 31.2, 121.5, 31.3), source="", licence=""))


def test_a_one_way_street_is_driven_one_way():
    for tag, order in (("yes", [1, 2, 3, 4, 1]), ("-1", [1, 4, 3, 2, 1])):
        graph = small((order, {"oneway": tag}))
        block = metres(SQUARE[1], SQUARE[2])
        there, back = graph.route(SQUARE[1], SQUARE[2]), graph.route(SQUARE[2], SQUARE[1])
        assert there.metres == pytest.approx(block, abs=0.1)
        assert back.metres > 3 * block
        assert back.points[1:-1] == [SQUARE[2], SQUARE[3], SQUARE[4], SQUARE[1]]


def test_blind_alleys_closed_and_foot_ways_are_not_on_the_graph():
    ring = ([1, 2, 3, 4, 1], {"oneway": "yes", "maxspeed": "5"})
    graph = small(
        ring, ([2, 5], {"oneway": "yes"}), ([1, 3], {"access": "no"}), ([2, 4], {"highway": "footway", "oneway": "no"})
    )
    assert (len(graph.nodes), len(graph.tail)) == (4, 4)
    assert set(graph.arc_kmh) == {5.0}
    snapped = graph.nearest(SQUARE[5])
    assert graph.point(snapped.node) == SQUARE[2]


def test_threads_share_the_trees_and_few_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lilong.kernel.geo.trees.ROOM_BYTES", 0)
    graph = Streets(msgspec.json.decode(FILE.read_bytes(), type=streets.StreetFile))
    points = [graph.point(node) for node in range(0, 1500, 30)]
    expected = city().matrix(points, points).seconds
    found: list[bool] = []
    crew = [
        threading.Thread(target=lambda: found.append(bool((graph.matrix(points, points).seconds == expected).all())))
        for _ in range(4)
    ]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert found == [True] * 4
    assert len(graph._trees._kept) == 16
