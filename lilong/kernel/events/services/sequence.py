"""Giving committed events their place: leaves, nodes, the head and its signature, in one transaction."""

from collections.abc import Iterable

from django.db import connection, transaction

from lilong.kernel.base import clock
from lilong.kernel.base.arrays import numbers
from lilong.kernel.events import queries
from lilong.kernel.events.rules import merkle
from lilong.kernel.events.rules.envelope import leaf_of
from lilong.kernel.events.signing import signer

_WAITING = f"""
SELECT o.event_pk, {queries.COLUMNS} FROM events_outbox o JOIN events_event e ON e.pk = o.event_pk
ORDER BY o.event_pk LIMIT %s
"""  # noqa: S608 (constants only)
_ADD_LEAVES = """
INSERT INTO events_leaf (seq, event_pk, leaf_hash)
SELECT seq, event_pk, decode(hash, 'hex') FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS w (seq, event_pk, hash)
"""
_ADD_NODES = """
INSERT INTO events_node (level, index, hash)
SELECT level, index, decode(hash, 'hex') FROM unnest(%s::smallint[], %s::bigint[], %s::text[]) AS w (level, index, hash)
"""


def sequence(limit: int = 5000) -> int:
    """Gives up to `limit` committed events the next places in the log; answers how many.

    The lock on the tree's one row makes it safe from any number of processes. What waits is taken in the order of
    writing, but a transaction that commits late comes after those that did not wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM events_outbox)")
        if not cursor.fetchone()[0]:  # an idle log is asked often: no lock, which would write, for nothing
            return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT size FROM events_tree WHERE id = 1 FOR UPDATE")
        size = cursor.fetchone()[0]
        cursor.execute(_WAITING, [limit])
        rows = cursor.fetchall()
        if not rows:
            return 0
        keys = [row[0] for row in rows]
        leaves = [leaf_of(queries.recorded((seq, *row[1:]))) for seq, row in enumerate(rows, size + 1)]
        root = _grow(size, keys, leaves)
        cursor.execute("DELETE FROM events_outbox WHERE event_pk = ANY(%s::bigint[])", [numbers(keys)])
        size += len(leaves)
        cursor.execute("UPDATE events_tree SET size = %s, root = %s WHERE id = 1", [size, root])
        cursor.execute(
            "INSERT INTO events_head (size, root, at, note) VALUES (%s, %s, %s, %s)",
            [size, root, clock.now(), signer().note(size, root)],
        )
    return len(leaves)


def _grow(size: int, keys: list[int], leaves: list[bytes]) -> bytes:
    """Appends the leaves and the nodes that they complete; answers the new root."""
    places = merkle.peaks_of(0, size)
    stored = queries.nodes_at(places)
    nodes: list[tuple[merkle.Place, bytes]] = []
    peaks = merkle.extend(
        size, [stored[place] for place in places], leaves, lambda place, node: nodes.append((place, node))
    )
    places_taken = range(size + 1, size + len(keys) + 1)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_LEAVES, [numbers(places_taken), numbers(keys), _hex(leaves)])
        cursor.execute(
            _ADD_NODES,
            [
                numbers(level for (level, _), _ in nodes),
                numbers(index for (_, index), _ in nodes),
                _hex(node for _, node in nodes),
            ],
        )
    return merkle.root_of_peaks(peaks)


def _hex(hashes: Iterable[bytes]) -> str:
    """For `%s::text[]`."""
    return f"{{{','.join(hash.hex() for hash in hashes)}}}"
