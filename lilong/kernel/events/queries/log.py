"""Reading the log: events, their places, heads and proofs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, invalid
from lilong.kernel.events.models import Cursor, Event, Head, Leaf, Tree
from lilong.kernel.events.rules import merkle
from lilong.kernel.events.rules.envelope import Recorded

COLUMNS = "e.id, e.type, e.version, e.subject, e.actor, e.occurred_at, e.recorded_at, e.data::text, e.request"

_AFTER = f"""
SELECT l.seq, {COLUMNS} FROM events_leaf l JOIN events_event e ON e.pk = l.event_pk
WHERE l.seq > %s AND l.seq <= %s AND (%s::text[] IS NULL OR e.type = ANY(%s)) ORDER BY l.seq
"""  # noqa: S608 (constants only)
_NODES = """
SELECT 0, seq - 1, leaf_hash FROM events_leaf WHERE seq = ANY(%s)
UNION ALL
SELECT n.level, n.index, n.hash FROM unnest(%s::smallint[], %s::bigint[]) AS w (level, index)
JOIN events_node n ON n.level = w.level AND n.index = w.index
"""


class SignedHead(msgspec.Struct, frozen=True, kw_only=True):
    """A head as it was signed: `note` is the C2SP checkpoint, `root` its SHA-256 root."""

    size: int
    root: bytes
    at: datetime
    note: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """An audit path, and what it leads to."""

    size: int
    root: bytes
    path: list[bytes]
    leaf: int = 0
    leaf_hash: bytes = b""


def by_id(id: UUID) -> Recorded:
    """The event of that id. Raises Missing."""
    found = _with_place(Event.objects.filter(id=id)).first()
    if found is None:
        raise Missing("no-such-event", _("There is no such event."))
    return _recorded(found)


def history(subject: UUID, *, cursor: str = "", size: int = SIZE_DEFAULT, newest_first: bool = False) -> Slice:
    """A page of all events about one subject, in the order they were written."""
    return _page(Event.objects.filter(subject=subject), ("-key" if newest_first else "key",), cursor, size)


def between(type: str, start: datetime, end: datetime, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of the events of one type that happened from `start` until before `end`, by the moment they happened."""
    rows = Event.objects.filter(type=type, occurred_at__gte=start, occurred_at__lt=end)
    return _page(rows, ("occurred_at", "key"), cursor, size)


def visible_to(parties: frozenset[UUID] | None, *, type: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of the events whose subject or actor is one of `parties` (None: all events), newest first."""
    rows = Event.objects.all()
    if parties is not None:
        rows = rows.filter(Q(subject__in=parties) | Q(actor__in=parties))
    return _page(rows.filter(type=type) if type else rows, ("-key",), cursor, size)


def after(seq: int, limit: int, types: Sequence[str] = ()) -> list[Recorded]:
    """The events at the places seq+1 .. seq+limit, of these types only if any are given, in order."""
    wanted = list(types) or None
    with connection.cursor() as cursor:
        cursor.execute(_AFTER, [seq, seq + limit, wanted, wanted])
        return [recorded(row) for row in cursor.fetchall()]


def recorded(row: Sequence[Any]) -> Recorded:
    """A row of (seq, COLUMNS) as an event."""
    return Recorded(
        seq=row[0],
        id=row[1],
        type=row[2],
        version=row[3],
        subject=row[4],
        actor=row[5],
        at=row[6],
        recorded_at=row[7],
        data=msgspec.json.decode(row[8]),
        request=row[9],
    )


def tree_size() -> int:
    """How many events have their place."""
    return Tree.objects.values_list("size", flat=True).get(id=1)


def waiting() -> int:
    """How many committed events have no place yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_outbox")
        return int(cursor.fetchone()[0])


def cursors() -> dict[str, int]:
    """How far each follower of the log has come."""
    return dict(Cursor.objects.values_list("name", "seq"))


def head() -> SignedHead:
    """The newest signed head. Raises Missing while nothing has been logged."""
    found = Head.objects.order_by("-size").first()
    if found is None:
        raise Missing("no-head-yet", _("Nothing has been logged yet."))
    return SignedHead(size=found.size, root=bytes(found.root), at=found.at, note=found.note)


def inclusion(event: UUID, size: int | None = None) -> Proof:
    """The proof that the event's leaf is in the tree of `size` leaves (default: now), from about log2(size) rows.

    Raises Missing for an event without a place in that tree, Invalid for a size the tree has not reached.
    """
    size = _sized(size, "/size")
    found = Leaf.objects.filter(event_pk=Subquery(Event.objects.filter(id=event).values("key")), seq__lte=size).first()
    if found is None:
        raise Missing(
            "not-in-the-log",
            _("The event has no place in the log of that size."),
            extra={"event": str(event), "size": size},
        )
    spans = merkle.inclusion_spans(found.seq - 1, size)
    nodes = nodes_at([*merkle.places_of(spans), *merkle.peaks_of(0, size)])
    return Proof(
        leaf=found.seq - 1,
        leaf_hash=bytes(found.leaf_hash),
        size=size,
        root=_root(size, nodes),
        path=merkle.proof(spans, nodes),
    )


def consistency(first: int, second: int | None = None) -> Proof:
    """The proof that the tree of `second` leaves (default: now) extends the tree of `first`."""
    second = _sized(second, "/second")
    if not 0 <= first <= second:
        raise invalid("/first", "range", f"0..{second}")
    spans = merkle.consistency_spans(first, second)
    nodes = nodes_at([*merkle.places_of(spans), *merkle.peaks_of(0, second)])
    return Proof(size=second, root=_root(second, nodes), path=merkle.proof(spans, nodes))


def nodes_at(places: Iterable[merkle.Place]) -> dict[merkle.Place, bytes]:
    """Stored nodes (level 0: leaf hashes), by one statement."""
    wanted = set(places)
    above = [place for place in wanted if place[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            _NODES,
            [
                [index + 1 for level, index in wanted if level == 0],
                [level for level, _ in above],
                [index for _, index in above],
            ],
        )
        return {(level, index): bytes(hash) for level, index, hash in cursor.fetchall()}


def _root(size: int, nodes: dict[merkle.Place, bytes]) -> bytes:
    return merkle.root_of_peaks(nodes[place] for place in merkle.peaks_of(0, size))


def _sized(size: int | None, pointer: str) -> int:
    reached = tree_size()
    if size is None:
        return reached
    if not 0 <= size <= reached:
        raise invalid(pointer, "range", f"0..{reached}")
    return size


def _with_place(rows: QuerySet[Event]) -> QuerySet[Any]:
    return rows.annotate(seq=Subquery(Leaf.objects.filter(event_pk=OuterRef("key")).values("seq")))


def _page(rows: QuerySet[Event], by: tuple[str, ...], cursor: str, size: int) -> Slice:
    found = page(_with_place(rows), by=by, cursor=cursor, size=size)
    return Slice(items=[_recorded(row) for row in found.items], next=found.next)


def _recorded(row: Any) -> Recorded:
    return Recorded(
        seq=row.seq,
        id=row.id,
        type=row.type,
        version=row.version,
        subject=row.subject,
        actor=row.actor,
        at=row.occurred_at,
        recorded_at=row.recorded_at,
        data=row.data,
        request=row.request,
    )
