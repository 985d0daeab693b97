"""Places in the log, the tree as it is stored, and proofs read from it."""

import msgspec
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Invalid, Missing
from lilong.kernel.events import queries
from lilong.kernel.events.rules import merkle, notes
from lilong.kernel.events.rules.canonical import canonical
from lilong.kernel.events.rules.envelope import cloud_event
from lilong.kernel.events.services import sequence, verify
from lilong.kernel.events.signing import signer
from tests.kernel.events.city import received

pytestmark = pytest.mark.django_db


def rows(statement: str) -> list[tuple]:  # type: ignore[type-arg]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_events_get_their_places_in_order_without_gaps() -> None:
    made = received(1, 2, 3, 4, 5)
    assert [sequence(2), sequence(2), sequence(2), sequence(2)] == [2, 2, 1, 0]
    assert [(event.seq, event.id) for event in queries.after(0, 100)] == list(enumerate(made, 1))
    assert queries.waiting() == 0
    assert queries.by_id(made[3]).seq == 4


def test_the_leaves_are_the_hashes_of_the_canonical_cloud_events() -> None:
    received(1, 2, 3)
    sequence()
    leaves = [merkle.leaf_hash(canonical(cloud_event(event))) for event in queries.after(0, 10)]
    assert [bytes(row[0]) for row in rows("SELECT leaf_hash FROM events_leaf ORDER BY seq")] == leaves
    assert bytes(rows("SELECT root FROM events_tree")[0][0]) == merkle.root(leaves)


def test_the_head_is_signed_and_kept_for_each_step() -> None:
    received(1, 2, 3)
    sequence(2)
    sequence(2)
    assert rows("SELECT size FROM events_head ORDER BY size") == [(2,), (3,)]
    head = queries.head()
    assert notes.read(head.note, signer().verifier_key) == notes.Checkpoint("lilong/city", 3, head.root)


def test_an_empty_log_has_no_head_and_verifies() -> None:
    assert sequence() == 0
    with pytest.raises(Missing):
        queries.head()
    report = verify()
    assert (report.size, report.root, report.findings) == (0, merkle.EMPTY_ROOT.hex(), [])


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.integers(1, 9), min_size=1, max_size=6), data=st.data())
def test_proofs_from_the_tables_verify_at_every_size(steps: list[int], data: st.DataObject) -> None:
    made = []
    for step in steps:
        made += received(*range(step))
        sequence()
    base = queries.tree_size() - len(made)  # examples share one transaction
    size = base + data.draw(st.integers(1, len(made)))
    number = data.draw(st.integers(0, size - base - 1))
    proof = queries.inclusion(made[number], size)
    assert proof.leaf == base + number
    assert merkle.verify_inclusion(proof.leaf_hash, proof.leaf, size, proof.path, proof.root)
    older = size - data.draw(st.integers(0, size - base))
    between = queries.consistency(older, size)
    assert merkle.verify_consistency(older, size, between.path, queries.consistency(older, older).root, between.root)
    assert between.root == proof.root


def test_a_proof_reads_few_rows_by_one_statement_each(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    made = received(*range(300))
    sequence()
    with django_assert_num_queries(3):
        proof = queries.inclusion(made[77])
    assert len(proof.path) == 9


def test_proofs_of_what_is_not_there_are_refused() -> None:
    (first,) = received(1)
    sequence()
    (second,) = received(2)
    with pytest.raises(Missing):
        queries.inclusion(second)
    sequence()
    with pytest.raises(Missing):
        queries.inclusion(second, 1)
    with pytest.raises(Missing):
        queries.inclusion(ids.uuid7())
    for size in (-1, 3):
        with pytest.raises(Invalid) as refusal:
            queries.inclusion(first, size)
        assert refusal.value.violations[0].pointer == "/size"
    with pytest.raises(Invalid):
        queries.consistency(2, 1)


def test_a_cloud_event_is_complete() -> None:
    actor = ids.named("testing", "actor")
    (id,) = received(7, actor=actor)
    sequence()
    event = queries.by_id(id)
    shown = cloud_event(event)
    assert {key: shown[key] for key in ("specversion", "id", "source", "type", "seq", "datacontenttype")} == {
        "specversion": "1.0",
        "id": str(id),
        "source": "/lilong",
        "type": "lilong.testing.lot.received",
        "seq": "1",
        "datacontenttype": "application/json",
    }
    assert (shown["subject"], shown["actor"], shown["data"]) == (str(event.subject), str(actor), event.data)
    assert shown["dataschema"] == "urn:lilong:fact:testing.lot.received:1"
    assert msgspec.convert(shown["time"], type(event.at)) == event.at


def test_five_thousand_events_are_sequenced_by_a_handful_of_statements(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    received(*range(5000))
    with django_assert_max_num_queries(11):
        assert sequence() == 5000
    assert rows("SELECT count(*), max(seq) FROM events_leaf") == [(5000, 5000)]
    assert rows("SELECT count(*) FROM events_node") == [(5000 - (5000).bit_count(),)]
    assert verify().ok
