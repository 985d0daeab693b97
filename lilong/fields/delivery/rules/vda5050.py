"""What the two sides of VDA 5050 must agree on: courses of nodes and edges, what continues what, which message is new.

A course is the whole order as master control knows it. Nodes have even `sequence` numbers 0, 2, 4, ..., the edge between two
nodes the odd one between. `released` nodes are the base, which no update may change; those after it are the horizon.
Positions are whole millimetres in a local map.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

CLOCK_AHEAD = timedelta(minutes=5)  # a message further ahead would make all after it look old
START_DEVIATION_MM = 5_000
NODE_DEVIATION_MM = 1_000
ENDED = ("FINISHED", "FAILED")

Freshness = Literal["fresh", "duplicate", "stale", "ahead"]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a node, or an instant one. `parameters` are keys and values."""

    id: str
    kind: str
    blocking: Literal["NONE", "SOFT", "HARD"] = "HARD"
    parameters: tuple[tuple[str, str | float], ...] = ()


class Node(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sequence: int
    x_mm: int
    y_mm: int
    map: str
    released: bool = False
    deviation_mm: int = NODE_DEVIATION_MM
    acts: tuple[Act, ...] = ()


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    sequence: int
    start: str
    end: str
    length_mm: int
    released: bool = False
    max_speed_mm_s: int | None = None


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """`nodes` and `edges` alternate; there is one node more. Of an update, `nodes[0]` is the stitching node."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def base_end(self) -> int:
        """The sequence of the decision point: the last released node."""
        return max(node.sequence for node in self.nodes if node.released)


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place to drive to, before it has a number."""

    id: str
    x_mm: int
    y_mm: int
    map: str
    acts: tuple[Act, ...] = ()
    deviation_mm: int = NODE_DEVIATION_MM


def course(spots: Iterable[Spot], *, stops: int, max_speed_mm_s: int | None = None) -> Course:
    """Nodes and edges through `spots`; the base reaches to the node of the `stops`-th spot with actions.

    Two spots in a row with one id would make an edge from a node to itself: they are refused with ValueError, as is no
    spot at all.
    """
    found = tuple(spots)
    if not found:
        raise ValueError("a course has at least one node")
    nodes = tuple(_node(spot, 2 * place) for place, spot in enumerate(found))
    edges = tuple(_edge(a, b, max_speed_mm_s) for a, b in itertools.pairwise(nodes))
    whole = Course(nodes=nodes, edges=edges)
    return _released(whole, _stop_end(whole, 0, stops))


def extended(whole: Course, *, stops: int) -> Course:
    """The same course with its base grown by the next `stops` spots with actions. All of it, when there are no more."""
    return _released(whole, _stop_end(whole, whole.base_end + 2, stops))


def reshaped(whole: Course, spots: Iterable[Spot], *, max_speed_mm_s: int | None = None) -> Course:
    """The base as it is, and a new horizon through `spots`."""
    nodes = [node for node in whole.nodes if node.released]
    edges = [edge for edge in whole.edges if edge.released]
    for spot in spots:
        nodes.append(_node(spot, nodes[-1].sequence + 2))
        edges.append(_edge(nodes[-2], nodes[-1], max_speed_mm_s))
    return Course(nodes=tuple(nodes), edges=tuple(edges))


def update(before: Course, after: Course) -> Course:
    """The part of `after` that is sent as an update to a vehicle that has `before`: from the decision point on.

    Raises ValueError where `after` would change the base (VDA 5050 2.1.0 section 6.6.2: the base cannot be changed).
    """
    stitch = before.base_end
    kept = [node for node in before.nodes if node.released]
    if list(after.nodes[: len(kept)]) != kept:
        raise ValueError("the base cannot be changed")
    return Course(
        nodes=tuple(node for node in after.nodes if node.sequence >= stitch),
        edges=tuple(edge for edge in after.edges if edge.sequence > stitch),
    )


def faults(given: Course) -> list[str]:
    """What is wrong with a course, by the rules of section 6.6.1; empty for a good one."""
    nodes, edges = given.nodes, given.edges
    if len(edges) != len(nodes) - 1:
        return ["edges-are-nodes-minus-one"]
    flags = [flag for node, edge in zip(nodes, edges, strict=False) for flag in (node.released, edge.released)]
    flags.append(nodes[-1].released)
    joined = list(zip(nodes, edges, nodes[1:], strict=False))
    ids = [act.id for node in nodes for act in node.acts]
    rules = {
        "nodes-even-edges-odd": all(n.sequence % 2 == 0 for n in nodes) and all(e.sequence % 2 for e in edges),
        "first-node-released": nodes[0].released,
        "edges-join-nodes": all((edge.start, edge.end) == (a.id, b.id) for a, edge, b in joined),
        "sequence-rises": all(a.sequence < edge.sequence < b.sequence for a, edge, b in joined),
        "nothing-released-after-the-horizon": flags == sorted(flags, reverse=True),
        "edge-released-with-its-nodes": all(b.released for _, edge, b in joined if edge.released),
        "action-ids-differ": len(ids) == len(set(ids)),
    }
    return [rule for rule, kept in rules.items() if not kept]


def freshness(last: tuple[int, datetime] | None, header: int, at: datetime, now: datetime) -> Freshness:
    """Whether a message is new, given the (headerId, timestamp) of the newest before it on its topic.

    The timestamp decides, so that a vehicle may start over with headerId 0; the headerId decides between two of one moment.
    """
    if at > now + CLOCK_AHEAD:
        return "ahead"
    if last is None or at > last[1]:
        return "fresh"
    if at < last[1]:
        return "stale"
    return "duplicate" if header == last[0] else "fresh" if header > last[0] else "stale"


def _node(spot: Spot, sequence: int) -> Node:
    return Node(
        id=spot.id,
        sequence=sequence,
        x_mm=spot.x_mm,
        y_mm=spot.y_mm,
        map=spot.map,
        deviation_mm=spot.deviation_mm,
        acts=spot.acts,
    )


def _edge(start: Node, end: Node, max_speed_mm_s: int | None) -> Edge:
    if start.id == end.id:
        raise ValueError("an edge leads to another node")
    away = ((start.x_mm - end.x_mm) ** 2 + (start.y_mm - end.y_mm) ** 2) ** 0.5
    return Edge(
        id=f"{start.id}-{end.id}",
        sequence=start.sequence + 1,
        start=start.id,
        end=end.id,
        length_mm=round(away),
        max_speed_mm_s=max_speed_mm_s,
    )


def _stop_end(whole: Course, start: int, stops: int) -> int:
    """The sequence at which the `stops`-th node with actions from `start` on stands; the end, if there are fewer."""
    ahead = [node.sequence for node in whole.nodes if node.sequence >= start and node.acts]
    return ahead[stops - 1] if 0 < stops <= len(ahead) else whole.nodes[-1].sequence


def _released(whole: Course, end: int) -> Course:
    return Course(
        nodes=tuple(msgspec.structs.replace(each, released=each.sequence <= end) for each in whole.nodes),
        edges=tuple(msgspec.structs.replace(each, released=each.sequence <= end) for each in whole.edges),
    )
