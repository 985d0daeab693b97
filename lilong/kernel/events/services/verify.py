"""Recomputing the whole log from its rows, and naming what does not agree."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from lilong.kernel.events import queries
from lilong.kernel.events.models import Head, Tree
from lilong.kernel.events.rules import merkle, notes
from lilong.kernel.events.rules.envelope import Recorded, leaf_of
from lilong.kernel.events.signing import verifier_keys

CHUNK = 5000
UNTANGLE_MAX = 400  # so many wrong rows are compared with each other's places; more are only called changed

_LEAVES = f"""
SELECT l.seq, {queries.COLUMNS}, l.leaf_hash FROM events_leaf l LEFT JOIN events_event e ON e.pk = l.event_pk
WHERE l.seq > %s ORDER BY l.seq LIMIT %s
"""  # noqa: S608 (constants only)
_WRONG_NODES = r"""
WITH every AS (
  SELECT 0::smallint AS level, seq - 1 AS index, leaf_hash AS hash FROM events_leaf
  UNION ALL SELECT level, index, hash FROM events_node
)
SELECT n.level, n.index FROM events_node n
LEFT JOIN every a ON a.level = n.level - 1 AND a.index = n.index * 2
LEFT JOIN every b ON b.level = n.level - 1 AND b.index = n.index * 2 + 1
WHERE n.hash IS DISTINCT FROM sha256('\x01'::bytea || a.hash || b.hash) ORDER BY 1, 2
"""
_ABSENT_NODES = """
SELECT level, index FROM generate_series(1, 62) AS level, generate_series(0, (%s::bigint >> level) - 1) AS index
EXCEPT SELECT level, index FROM events_node ORDER BY 1, 2
"""
_STRAY = """
SELECT 'inserted', e.id, 'written without the outbox: the event has no place and waits for none'
FROM events_event e
WHERE NOT EXISTS (SELECT FROM events_leaf l WHERE l.event_pk = e.pk)
  AND NOT EXISTS (SELECT FROM events_outbox o WHERE o.event_pk = e.pk)
UNION ALL
SELECT 'removed', NULL, 'the event written as number ' || o.event_pk || ' was removed before it had its place'
FROM events_outbox o WHERE NOT EXISTS (SELECT FROM events_event e WHERE e.pk = o.event_pk)
UNION ALL
SELECT 'inserted', e.id, 'put into the outbox again: the event has its place already'
FROM events_outbox o JOIN events_event e ON e.pk = o.event_pk
WHERE EXISTS (SELECT FROM events_leaf l WHERE l.event_pk = o.event_pk)
"""

Progress = Callable[[int, int], None]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not agree.

    `kind` is changed, removed, re-ordered or inserted (of an event, at place `seq`), or node, head, signature (of the
    tree above them).
    """

    kind: str
    detail: str
    seq: int | None = None
    event: UUID | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` saw: the tree's size and root, how many signed heads, how many events wait, what is wrong."""

    size: int
    root: str
    heads: int
    waiting: int
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        return not self.findings


class _Wrong(msgspec.Struct, frozen=True):
    event: Recorded
    stored: bytes


def verify(progress: Progress | None = None) -> Report:
    """Recomputes leaves from rows, nodes from leaves, heads from nodes, and checks every signature.

    Reads one snapshot when it is not called inside a transaction. `progress(done, of)` is called now and then.
    """
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tree = Tree.objects.get(id=1)
        findings = [
            *_leaves(tree.size, progress or (lambda done, of: None)),
            *_strays(),
            *_nodes(tree.size),
            *_tree(tree),
            *_heads(tree.size),
        ]
        return Report(
            size=tree.size,
            root=bytes(tree.root).hex(),
            heads=Head.objects.count(),
            waiting=queries.waiting(),
            findings=findings,
        )


def _leaves(size: int, progress: Progress) -> list[Finding]:
    """Every place from 1 to `size` is taken by the event whose hash is there; no other place is."""
    findings: list[Finding] = []
    wrong: list[_Wrong] = []
    seq = 0
    while rows := _rows_after(seq):
        for row in rows:
            findings += [_empty(place) for place in range(seq + 1, row[0])]
            seq = row[0]
            if seq > size:
                findings.append(Finding(kind="inserted", seq=seq, event=row[1], detail="a place beyond the tree"))
            elif row[1] is None:
                findings.append(Finding(kind="removed", seq=seq, detail="the event at this place is gone"))
            elif _leaf(event := queries.recorded(row[:-1])) != (stored := bytes(row[-1])):
                wrong.append(_Wrong(event, stored))
        progress(min(seq, size), size)
    findings += [_empty(place) for place in range(seq + 1, size + 1)]
    return sorted(findings + _named(wrong), key=lambda finding: finding.seq or 0)


def _rows_after(seq: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [seq, CHUNK])
        return cursor.fetchall()


def _empty(place: int) -> Finding:
    return Finding(kind="removed", seq=place, detail="nothing is at this place")


def _leaf(event: Recorded) -> bytes | None:
    try:
        return leaf_of(event)
    except ValueError:  # a float, say: no emit wrote that
        return None


def _named(wrong: list[_Wrong]) -> list[Finding]:
    """Wrong rows that only stand at each other's places are re-ordered; the others are changed."""
    hashes = {row.stored for row in wrong}
    places = [row.event.seq for row in wrong] if len(wrong) <= UNTANGLE_MAX else []
    findings = []
    for row in wrong:
        event = row.event
        home = next(
            (place for place in places if _leaf(msgspec.structs.replace(event, seq=place)) in hashes),
            None,
        )
        kind = "changed" if home is None else "re-ordered"
        detail = "the row does not have its leaf's hash" if home is None else f"the event's own place is {home}"
        findings.append(Finding(kind=kind, seq=event.seq, event=event.id, detail=detail))
    return findings


def _strays() -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_STRAY)
        return [Finding(kind=kind, event=event, detail=detail) for kind, event, detail in cursor.fetchall()]


def _nodes(size: int) -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_NODES)
        wrong = cursor.fetchall()
        cursor.execute(_ABSENT_NODES, [size])
        absent = cursor.fetchall()
    return [_node(level, index, "does not follow from what is below it") for level, index in wrong] + [
        _node(level, index, "is missing") for level, index in absent
    ]


def _node(level: int, index: int, what: str) -> Finding:
    first, last = (index << level) + 1, (index + 1) << level
    return Finding(kind="node", seq=first, detail=f"the node over places {first} to {last} {what}")


def _tree(tree: Tree) -> list[Finding]:
    if _roots([tree.size]) == {tree.size: bytes(tree.root)}:
        return []
    return [Finding(kind="head", seq=tree.size, detail=f"the tree of {tree.size} has another root than is kept")]


def _heads(size: int) -> list[Finding]:
    """Every signed head is signed by a key of ours, and is the tree's root at its size; the last is of this size."""
    findings: list[Finding] = []
    last = 0
    while heads := list(Head.objects.filter(size__gt=last).order_by("size")[:CHUNK]):
        roots = _roots([head.size for head in heads if head.size <= size])
        for head in heads:
            last = head.size
            signed = _signed(head.note)
            if signed is None or (signed.size, signed.root) != (head.size, bytes(head.root)):
                detail = f"the head of {last} is not what a key of this log signed"
                findings.append(Finding(kind="signature", seq=last, detail=detail))
            if roots.get(last) != bytes(head.root):
                findings.append(
                    Finding(kind="head", seq=last, detail=f"the tree of {last} has another root than signed")
                )
    if last < size:
        findings.append(
            Finding(kind="signature", seq=size, detail=f"no head of {size} is signed; the last is of {last}")
        )
    return findings


def _signed(note: str) -> notes.Checkpoint | None:
    for key in verifier_keys():
        try:
            return notes.read(note, key)
        except ValueError:
            continue
    return None


def _roots(sizes: list[int]) -> dict[int, bytes]:
    """The roots at those sizes from stored nodes; sizes whose nodes are not all there are left out."""
    places = {size: merkle.peaks_of(0, size) for size in sizes}
    nodes = queries.nodes_at([place for peaks in places.values() for place in peaks])
    return {
        size: merkle.root_of_peaks(nodes[place] for place in peaks)
        for size, peaks in places.items()
        if all(place in nodes for place in peaks)
    }
