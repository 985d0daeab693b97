"""Real processes at once, each with connections and commits of its own: one wins, nothing is doubled, the books are right."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lilong.fields.delivery.drafts import ClientEventDraft
from lilong.fields.delivery.models import ClientEvent, HandOver, LockerStay, Shipment
from lilong.fields.delivery.services import claims, codes, journey, lockers
from lilong.kernel.base import clock, ids
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.scene import Lane
from tests.races.crowd import let_in

CROWD = 100


@pytest.fixture
def lane(fresh_database: str) -> Lane:
    return Lane()


def crowd(scenario: str, *, crowd: int = CROWD, **arguments: Any) -> list[Any]:
    return let_in("tests.fields.delivery.crowd", scenario, crowd=crowd, **arguments)


def wanted(lane: Lane, **more: Any) -> dict[str, Any]:
    return msgspec.to_builtins(lane.draft(**more))


def sound() -> None:
    assert ledger.differences() == []
    assert [each.code for each in ledger.trial_balance() if each.debits != each.credits] == []


def test_of_two_hundred_for_the_last_place_one_wins(lane: Lane):
    service = lane.service("last", seconds=1800, base_fee=600, per_hour=1)
    buyers = [lane.person(f"Buyer {n}", fen=10_000) for n in range(20)]
    drafts = [wanted(lane, service=service, recipient=each.party, payer=each.party) for each in buyers]
    answers = Counter(each for some in crowd("ask", lanes=drafts, times=2) for each in some)
    assert answers["requested"] == 1
    assert answers["slot-taken"] + answers["no-promise"] == 2 * CROWD - 1
    shipment = Shipment.objects.get()
    held = [ledger.wallet_of(each.party) for each in buyers]
    assert sorted(each.held for each in held if each)[-2:] == [0, 600]
    assert shipment.slot is not None
    assert len(calendar.bookings_of(shipment.id)) == 1
    sound()


def test_of_many_for_the_last_cell_one_wins(lane: Lane):
    bank = lane.bank(s=1)
    service = lane.service("wide", seconds=1800, base_fee=600, per_hour=200)
    lane_draft = wanted(lane, service=service, bank=bank)
    answers = Counter(each for some in crowd("ask", lanes=[lane_draft], times=1, crowd=40) for each in some)
    assert answers == {"requested": 1, "no-free-cell": 39}
    assert LockerStay.objects.count() == 1
    assert lane.purse() == (99_400, 600)


def test_one_shipment_asked_for_by_all_is_one(lane: Lane):
    draft = wanted(lane)
    assert crowd("ask_same", lane=draft, crowd=40) == [draft["id"]] * 40
    assert (Shipment.objects.count(), HandOver.objects.count(), lane.purse()) == (1, 1, (99_400, 600))


def test_a_code_opens_for_one_of_many(lane: Lane):
    bank = lane.bank(s=1)
    shipment = lane.ship(bank=bank)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    lockers.put_in(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    code = codes.code_of(lane.recipient, shipment=shipment.id).code
    answers = crowd("open_locker", bank=bank.hex, code=code, recipient=lane.recipient.party.hex, crowd=20)
    assert Counter(map(str, answers)) == {"[1]": 1, "invalid": 19}
    assert HandOver.objects.filter(to_kind="recipient").count() == 1
    assert len(lane.facts(shipment.id, "shipment.delivered")) == 1


def test_two_couriers_come_for_one_parcel(lane: Lane):
    shipment = lane.ship()
    both = [lane.courier.party.hex, lane.other.party.hex]
    answers = Counter(crowd("collect", shipment=shipment.id.hex, couriers=both, crowd=20))
    holder = HandOver.objects.get(n=1).to_holder
    assert answers == {str(holder): 10, "taken-by-other": 10}
    assert len(lane.facts(shipment.id, "shipment.collected")) == 1


def test_called_off_or_collected_never_both(lane: Lane):
    shipment = lane.ship()
    given = {"shipment": shipment.id.hex, "courier": lane.courier.party.hex, "recipient": lane.recipient.party.hex}
    answers = Counter(crowd("cancel_or_collect", **given, crowd=40))
    shipment.refresh_from_db()
    assert answers == {shipment.state: 20, "wrong-step": 20}
    assert lane.purse() == ((100_000, 0) if shipment.state == "cancelled" else (99_400, 600))
    assert HandOver.objects.count() == (1 if shipment.state == "cancelled" else 2)
    sound()


def test_two_claims_paid_at_once_stay_within_the_cover(lane: Lane):
    ledger_services.top_up(SYSTEM, id=ids.uuid7(), owner=lane.carrier, amount=100_000)
    shipment = lane.ship(value=20_000)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    journey.lose(lane.dispatcher, shipment=shipment.id, reason="fell off")
    made = []
    for kind in ("loss", "excursion"):
        one = claims.open_claim(lane.recipient, id=ids.uuid7(), shipment=shipment.id, kind=kind, asked=15_000)
        claims.assess(lane.owner, id=one.id, amount=15_000)
        made.append(one.id.hex)
    answers = Counter(crowd("settle", claims=made, crowd=20))
    assert answers == {"paid": 10, "beyond-cover": 10}
    assert Shipment.objects.get().claimed == 15_000
    assert lane.purse()[0] == 115_000
    sound()


def test_one_event_of_a_phone_from_everywhere_happens_once(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    event = ClientEventDraft(id=ids.uuid7(), shipment=shipment.id, kind="failed", at=clock.now(), outcome="no-answer")
    answers = crowd("say", vehicle=lane.courier.party.hex, event=msgspec.to_builtins(event), crowd=20)
    assert answers == [["applied", ""]] * 20
    assert (ClientEvent.objects.count(), shipment.attempts.count()) == (1, 1)


def test_custody_cannot_fork_even_past_the_services(lane: Lane):
    from django.db import IntegrityError, transaction

    shipment = lane.ship()
    parcel = shipment.parcels.get()
    now = clock.now()

    def forge(n: int, before: int, giver: tuple[str, UUID], taker: tuple[str, UUID]) -> None:
        with transaction.atomic():
            HandOver.objects.create(
                parcel=parcel, n=n, before=before, from_kind=giver[0], from_holder=giver[1], to_kind=taker[0],
                to_holder=taker[1], at=now, recorded_at=now, by=ids.uuid7(),
            )  # fmt: skip

    thief = ("recipient", ids.uuid7())
    for n, before, giver in ((1, 0, ("vehicle", lane.courier.party)), (2, 1, ("sender", lane.shop)), (0, 0, thief)):
        with pytest.raises(IntegrityError):
            forge(n, before, giver, thief)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(parcel).objects.filter(id=parcel.id).update(holder_kind="recipient", holder=thief[1])
        from django.db import connection

        connection.check_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.filter(parcel=parcel).update(to_holder=thief[1])
    parcel.refresh_from_db()
    assert (parcel.holder_kind, parcel.holder) == ("sender", lane.shop)
