"""A collection machine: weights become coins, once, up to the day's limit, and never for what nobody carries."""

import pytest

from lilong.fields.market.models import MachineSession, Weighing
from lilong.fields.market.services import recycling
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor
from tests.fields.market.machine_park import Park, later
from tests.fields.market.scene import Market


@pytest.fixture
def point(market: Market) -> Park:
    return Park(market, "collection-point")


def weigh(point: Park, session: object, material: str, grams: int) -> protocol.Weighed:
    return protocol.Weighed(session=session, material=material, grams=grams, **point.next())  # type: ignore[arg-type]


def coins(person: Actor) -> int:
    return ledger.balance(recycling.coin_account(person.party)).posted


def test_weighed_once_is_credited_once(point: Park) -> None:
    person = point.market.buyer(fen=0)
    session = point.entered(person)
    first, second = weigh(point, session, "paper", 2_590), weigh(point, session, "pet", 1_000)
    end = protocol.Exit(session=session, parts=[first.seq, second.seq], **point.next())
    heard = [point.say(each).outcome for each in (first, first, end, second, second)]
    assert heard == ["taken", "duplicate", "taken", "taken", "duplicate"]
    assert (coins(person), MachineSession.objects.get().state) == (25 + 30, "closed")
    assert [
        fact["coins"] for fact in point.market.facts(Weighing.objects.get(seq=first.seq).id, "market.recycling.weighed")
    ] == [25]
    assert ledger.differences() == []


def test_a_day_has_a_limit_and_the_next_begins_anew(point: Park, noon: object) -> None:
    person = point.market.buyer(fen=0)
    session = point.entered(person)
    for _ in range(2):
        point.say(weigh(point, session, "pet", 7_000))
    assert coins(person) == 300
    assert [row.coins for row in Weighing.objects.order_by("seq")] == [210, 90]
    with clock.at(later(86_400)):
        point.say(weigh(point, session, "pet", 1_000))
        assert coins(person) == 330


def test_a_doubtful_weight_waits_for_the_operator(point: Park) -> None:
    person = point.market.buyer(fen=0)
    session = point.entered(person)
    point.say(weigh(point, session, "pet", 8_001))
    point.say(weigh(point, session, "metal", 900_000))
    assert (coins(person), {row.state for row in Weighing.objects.all()}) == (0, {"quarantined"})
    pet, metal = Weighing.objects.order_by("seq")
    for actor in (person, point.market.rival_owner, point.market.picker):
        with pytest.raises(Missing):
            recycling.review(actor, id=pet.id, accept=True)
    for _ in range(2):
        recycling.review(point.market.clerk, id=pet.id, accept=True)
    recycling.review(point.market.clerk, id=metal.id, accept=False)
    assert coins(person) == 240
    with pytest.raises(Conflict):
        recycling.review(point.market.clerk, id=metal.id, accept=True)


def test_a_full_bin_takes_nothing_until_it_is_emptied(point: Park) -> None:
    person = point.market.buyer(fen=0)
    session = point.entered(person)
    point.say(protocol.Bin(material="glass", full=True, **point.next()))
    assert point.say(weigh(point, session, "glass", 1_000)).outcome == "bin-full"
    point.say(protocol.Bin(material="glass", full=False, **point.next()))
    assert point.say(weigh(point, session, "glass", 1_000)).outcome == "taken"
    assert coins(person) == 2


def test_only_at_a_collection_machine_and_for_its_own_sessions(point: Park) -> None:
    person = point.market.buyer()
    other = Park(point.market, "collection-point")
    shop = Park(point.market, "unmanned-shop")
    session = point.entered(person)
    assert other.say(weigh(other, session, "pet", 1_000)).outcome == "no-such-session"
    assert point.say(weigh(point, ids.uuid7(), "pet", 1_000)).outcome == "no-such-session"
    assert shop.say(protocol.Bin(material="pet", full=True, **shop.next())).outcome == "invalid"
    point.say(protocol.Exit(session=session, parts=[], **point.next()))
    inside = shop.entered(person)
    assert shop.say(weigh(shop, inside, "pet", 1_000)).outcome == "no-such-session"
    assert (Weighing.objects.count(), coins(person)) == (0, 0)


def test_a_weighing_from_the_journal_counts_after_the_session(point: Park) -> None:
    person = point.market.buyer(fen=0)
    session = point.entered(person)
    late = weigh(point, session, "metal", 1_000)
    point.say(protocol.Exit(session=session, parts=[], **point.next()))
    with clock.at(later(7 * 86_400 - 10)):
        assert point.say(late).outcome == "taken"
    with clock.at(later(7 * 86_400 + 10)):
        assert point.say(weigh(point, session, "metal", 1_000)).outcome == "session-over"
    assert coins(person) == 40
