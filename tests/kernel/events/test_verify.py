"""What somebody with the database's owner rights does to the rows, `verify` names."""

from uuid import UUID

import pytest
from django.db import connection

from lilong.kernel.events import queries
from lilong.kernel.events.rules import merkle
from lilong.kernel.events.rules.envelope import leaf_of
from lilong.kernel.events.services import Finding, sequence, verify
from tests.kernel.events.city import received

TABLES = ("events_event", "events_leaf", "events_node", "events_head")


@pytest.fixture
def log(db: None) -> list[UUID]:
    """Eleven events in two signed steps; after that the guards are off."""
    made = received(*range(8))
    sequence()
    made += received(8, 9, 10)
    sequence()
    assert verify().findings == []
    sql(*(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES))
    return made


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def named(*kinds: str) -> list[tuple[str, int | None, UUID | None]]:
    found: list[Finding] = verify().findings
    return [(one.kind, one.seq, one.event) for one in found if not kinds or one.kind in kinds]


@pytest.mark.parametrize(
    "change",
    [
        "data = jsonb_set(data, '{quantity}', '99')",
        "data = jsonb_set(data, '{quantity}', '3.0')",
        "data = data || '{\"more\": null}'",
        "type = 'testing.lot.sold'",
        "version = 2",
        "subject = gen_random_uuid()",
        "actor = gen_random_uuid()",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 day'",
        "request = 'x'",
    ],
)
def test_a_changed_column_is_named(log: list[UUID], change: str) -> None:
    sql(f"UPDATE events_event SET {change} WHERE id = '{log[3]}'")
    assert named() == [("changed", 4, log[3])]


def test_a_changed_id_is_named_by_its_place(log: list[UUID]) -> None:
    sql(f"UPDATE events_event SET id = '{UUID(int=1)}' WHERE id = '{log[3]}'")
    assert named() == [("changed", 4, UUID(int=1))]


def test_a_removed_event_is_named(log: list[UUID]) -> None:
    sql(f"DELETE FROM events_event WHERE id = '{log[5]}'")
    assert named() == [("removed", 6, None)]


def test_an_event_removed_with_its_leaf_is_named(log: list[UUID]) -> None:
    sql("DELETE FROM events_event WHERE pk = (SELECT event_pk FROM events_leaf WHERE seq = 6)")
    sql("DELETE FROM events_leaf WHERE seq = 6")
    assert named("removed") == [("removed", 6, None)]
    assert named("node") == [("node", 5, None)]


def test_the_last_events_cut_off_are_named(log: list[UUID]) -> None:
    sql("DELETE FROM events_event WHERE pk IN (SELECT event_pk FROM events_leaf WHERE seq > 9)")
    sql("DELETE FROM events_leaf WHERE seq > 9")
    assert named("removed") == [("removed", 10, None), ("removed", 11, None)]


def test_two_events_that_changed_places_are_named(log: list[UUID]) -> None:
    sql("UPDATE events_leaf SET event_pk = -event_pk WHERE seq IN (2, 7)")
    sql("UPDATE events_leaf a SET event_pk = -b.event_pk FROM events_leaf b WHERE (a.seq, b.seq) IN ((2, 7), (7, 2))")
    assert named() == [("re-ordered", 2, log[6]), ("re-ordered", 7, log[1])]


def test_two_whole_leaves_that_changed_places_are_named(log: list[UUID]) -> None:
    sql(
        "UPDATE events_leaf SET seq = -seq WHERE seq IN (2, 7)",
        "UPDATE events_leaf SET seq = 9 + seq WHERE seq < 0",
    )
    assert named("re-ordered") == [("re-ordered", 2, log[6]), ("re-ordered", 7, log[1])]
    assert named("changed", "removed", "inserted") == []


def test_a_forged_event_beside_the_outbox_is_named(log: list[UUID]) -> None:
    forged = UUID(int=7)
    sql(
        "INSERT INTO events_event (id, type, version, subject, occurred_at, data)"
        f" VALUES ('{forged}', 'testing.lot.sold', 1, gen_random_uuid(), now(), '{{}}')"
    )
    assert named() == [("inserted", None, forged)]


def test_a_forged_event_with_a_place_of_its_own_is_named(log: list[UUID]) -> None:
    forged = UUID(int=7)
    sql(
        "INSERT INTO events_event (id, type, version, subject, occurred_at, data)"
        f" VALUES ('{forged}', 'testing.lot.sold', 1, gen_random_uuid(), now(), '{{}}')",
        f"INSERT INTO events_leaf SELECT 12, pk, sha256('x') FROM events_event WHERE id = '{forged}'",
    )
    assert named() == [("inserted", 12, forged)]


def test_an_event_removed_before_it_has_a_place_is_named_and_does_not_stop_the_others(log: list[UUID]) -> None:
    sql("ALTER TABLE events_event ENABLE TRIGGER USER")
    gone, stays = received(1, 2)
    sql("ALTER TABLE events_event DISABLE TRIGGER USER", f"DELETE FROM events_event WHERE id = '{gone}'")
    assert sequence() == 1
    assert queries.by_id(stays).seq == 12
    (finding,) = verify().findings
    assert (finding.kind, finding.seq) == ("removed", None)
    assert "before it had its place" in finding.detail


def test_a_changed_event_with_a_recomputed_leaf_breaks_the_node_above(log: list[UUID]) -> None:
    sql(f"UPDATE events_event SET version = 2 WHERE id = '{log[3]}'")
    _put_leaf(log[3])
    assert named() == [("node", 3, None)]


def test_a_log_rewritten_up_to_its_root_does_not_have_its_signed_heads(log: list[UUID]) -> None:
    """Everything recomputed as the software would; only the signatures cannot be made again."""
    sql(f"UPDATE events_event SET version = 2 WHERE id = '{log[3]}'")
    _put_leaf(log[3])
    _put_tree()
    assert named() == [("head", 8, None), ("head", 11, None)]
    sql("UPDATE events_head SET root = (SELECT root FROM events_tree) WHERE size = 11")
    assert named() == [("head", 8, None), ("signature", 11, None)]


def test_changed_nodes_heads_and_roots_are_named(log: list[UUID]) -> None:
    sql("UPDATE events_node SET hash = sha256('x') WHERE level = 2 AND index = 1")
    assert named("node") == [("node", 5, None), ("node", 1, None)]
    sql("DELETE FROM events_node WHERE level = 2 AND index = 1")
    assert ("node", 5, None) in named("node")


def test_a_moved_root_is_named(log: list[UUID]) -> None:
    sql("UPDATE events_tree SET root = sha256('x')")
    assert named() == [("head", 11, None)]


def test_a_note_by_another_key_is_named(log: list[UUID], settings) -> None:  # type: ignore[no-untyped-def]
    from lilong.kernel.events.signing import signer

    earlier = signer().verifier_key
    settings.LOG_KEY = "another seed"
    assert named() == [("signature", 8, None), ("signature", 11, None)]
    settings.LOG_VERIFIERS = [earlier]
    assert named() == []


def test_a_removed_head_is_named_when_it_was_the_last(log: list[UUID]) -> None:
    sql("DELETE FROM events_head WHERE size = 11")
    assert named() == [("signature", 11, None)]


def test_a_sound_log_verifies_in_a_snapshot_of_its_own(fresh_database: str) -> None:
    received(1, 2, 3)
    sequence()
    received(4)
    report = verify()
    assert (report.ok, report.size, report.heads, report.waiting) == (True, 3, 1, 1)
    assert report.root == queries.head().root.hex()
    assert queries.waiting() == 1


def test_progress_is_told(log: list[UUID]) -> None:
    told: list[tuple[int, int]] = []
    verify(lambda done, of: told.append((done, of)))
    assert told == [(11, 11)]


def _put_leaf(event: UUID) -> None:
    with connection.cursor() as cursor:
        found = queries.by_id(event)
        cursor.execute("UPDATE events_leaf SET leaf_hash = %s WHERE seq = %s", [leaf_of(found), found.seq])


def _put_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT leaf_hash FROM events_leaf ORDER BY seq")
        leaves = [bytes(row[0]) for row in cursor.fetchall()]
        nodes: list[tuple[merkle.Place, bytes]] = []
        peaks = merkle.extend(0, [], leaves, lambda place, node: nodes.append((place, node)))
        for (level, index), node in nodes:
            cursor.execute("UPDATE events_node SET hash = %s WHERE level = %s AND index = %s", [node, level, index])
        cursor.execute("UPDATE events_tree SET root = %s", [merkle.root_of_peaks(peaks)])
