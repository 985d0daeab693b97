"""Parcels in lockers: the right cell, in by courier or robot, out by code, overdue, doors that do not open."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from lilong.fields.delivery.drafts import ParcelDraft
from lilong.fields.delivery.models import HandOver, LockerCell, LockerStay, Parcel, PickupCode, Shipment
from lilong.fields.delivery.queries import lockers as queries
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.services import codes, journey, lockers, overdue, stopping, terminals
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Invalid, Missing, TooMany
from lilong.kernel.devices.inbox import Letter, Message
from lilong.kernel.devices.models import DeviceLetter
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor
from tests.fields.delivery.scene import NOON, Lane

SMALL = ParcelDraft(weight_g=500, length_mm=300, width_mm=200, height_mm=90)
MIDDLE = ParcelDraft(weight_g=900, length_mm=300, width_mm=200, height_mm=180)


def sent(lane: Lane, bank: UUID, *parcels: ParcelDraft, **more: Any) -> Shipment:
    """On its way to a locker, aboard the courier."""
    shipment = lane.ship(bank=bank, parcels=list(parcels or [SMALL]), **more)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    return shipment


def put_in(lane: Lane, bank: UUID, *parcels: ParcelDraft) -> Shipment:
    shipment = sent(lane, bank, *parcels)
    return lockers.put_in(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)


def sizes(shipment: Shipment, state: str = "reserved") -> list[str]:
    return sorted(shipment.stays.filter(state=state).values_list("cell__size", flat=True))


def code_of(lane: Lane, shipment: Shipment) -> str:
    return codes.code_of(lane.recipient, shipment=shipment.id).code


def test_in_by_the_courier_out_by_the_code(lane: Lane):
    bank = lane.bank()
    shipment = sent(lane, bank)
    assert sizes(shipment) == ["s"]
    with clock.at(NOON + timedelta(minutes=20)):
        assert lockers.put_in(lane.courier, shipment=shipment.id, vehicle=lane.courier.party).state == "in-locker"
    assert (lane.purse(), lane.earned()) == ((99_400, 0), 600)  # it was there in time: the carrier has done its part
    parcel = Parcel.objects.get(shipment=shipment)
    assert (parcel.holder_kind, parcel.holder) == ("cell", shipment.stays.get(state="occupied").cell_id)
    with clock.at(NOON + timedelta(hours=3)):
        opened = lockers.pick_up(lane.recipient, bank=bank, code=code_of(lane, shipment), request=ids.uuid7())
    assert (opened.cells, opened.opened) == ([1], True)
    shipment.refresh_from_db()
    assert shipment.state == "delivered"
    fact = lane.facts(shipment.id, "shipment.delivered")[0]
    assert (fact["way"], fact["unattended"], fact["on_time"], fact["minutes"], fact["kind"]) == (
        "locker",
        True,
        True,
        20,
        "courier",
    )
    path = [row.to_kind for row in HandOver.objects.filter(parcel=parcel).order_by("n")]
    assert path == ["sender", "vehicle", "cell", "recipient"]
    assert queries.bank(bank).empty["s"] == 2
    assert ledger.differences() == []


def test_a_bigger_cell_if_none_of_the_right_size_is_left(lane: Lane):
    bank = lane.bank(s=1, m=1)
    assert sizes(lane.ship(bank=bank, parcels=[SMALL])) == ["s"]
    assert sizes(lane.ship(bank=bank, parcels=[SMALL])) == ["m"]
    with pytest.raises(Conflict) as full:
        lane.ship(bank=bank, parcels=[SMALL])
    assert full.value.code == "no-free-cell"
    assert lane.purse() == (100_000 - 1200, 1200)


def test_the_bulky_parcel_gets_the_big_cell(lane: Lane):
    bank = lane.bank(s=1, m=1)
    shipment = lane.ship(bank=bank, parcels=[SMALL, MIDDLE])
    assert sizes(shipment) == ["m", "s"]


def test_what_fits_no_cell_is_refused(lane: Lane):
    bank = lane.bank(s=2)
    with pytest.raises(Conflict):
        lane.ship(bank=bank, parcels=[MIDDLE])
    with pytest.raises(Invalid) as refused:
        lane.ship(bank=bank, parcels=[ParcelDraft(weight_g=1, length_mm=1000)])
    assert refused.value.violations[0].rule == "too-large"


def test_a_code_opens_once(lane: Lane):
    bank = lane.bank()
    shipment = put_in(lane, bank)
    code, request = code_of(lane, shipment), ids.uuid7()
    assert len(code) == 8 and not PickupCode.objects.filter(digest__contains=code).exists()
    first = lockers.pick_up(lane.recipient, bank=bank, code=f"{code[:4]} {code[4:]}", request=request)
    assert lockers.pick_up(lane.recipient, bank=bank, code=code, request=request).cells == first.cells
    with pytest.raises(Invalid):
        lockers.pick_up(lane.recipient, bank=bank, code=code, request=ids.uuid7())


def test_codes_are_the_recipients_and_cannot_be_guessed(lane: Lane):
    bank = lane.bank()
    shipment = put_in(lane, bank)
    stranger = lane.person("Stranger")
    for actor in (stranger, lane.courier, lane.shop_owner, lane.owner):
        with pytest.raises(Missing):
            codes.code_of(actor, shipment=shipment.id)
    with pytest.raises(Invalid):  # even with the code, nobody opens another's cell from afar
        lockers.pick_up(stranger, bank=bank, code=code_of(lane, shipment), request=ids.uuid7())
    for _ in range(codes.PLACE_TRIES - 1):
        with pytest.raises(Invalid):
            lockers.pick_up(lane.recipient, bank=bank, code="00000000", request=ids.uuid7())
    with pytest.raises(TooMany):
        lockers.pick_up(lane.recipient, bank=bank, code=code_of(lane, shipment), request=ids.uuid7())


def test_nobody_comes_reminded_then_back(lane: Lane):
    bank = lane.bank(stay_hours=24)
    shipment = put_in(lane, bank)
    code = code_of(lane, shipment)
    with clock.at(NOON + timedelta(hours=18)):
        assert (overdue.remind(), overdue.remind(), overdue.end_stays()) == (1, 0, 0)
    with pytest.raises(Conflict) as early:
        lockers.take_back(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    assert early.value.code == "not-overdue"
    with clock.at(NOON + timedelta(hours=24, minutes=1)):
        assert (overdue.end_stays(), overdue.end_stays()) == (1, 0)
        shipment.refresh_from_db()
        assert shipment.state == "returning"
        with pytest.raises(Invalid):
            lockers.pick_up(lane.recipient, bank=bank, code=code, request=ids.uuid7())
        assert queries.bank(bank).empty["s"] == 1  # it still lies there
        lockers.take_back(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
        assert queries.bank(bank).empty["s"] == 2
        journey.hand_back(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    assert [each["over"] for each in lane.facts(shipment.id, "shipment.overdue")] == [False, True]
    assert lane.facts(shipment.id, "shipment.returned")[0]["fee"] == 600
    assert lane.earned() == 600


def test_an_overdue_cell_is_given_to_nobody(lane: Lane):
    bank = lane.bank(s=1)
    put_in(lane, bank)
    with clock.at(NOON + timedelta(hours=25)):
        overdue.end_stays()
        with pytest.raises(Conflict) as refused:
            lane.ship(bank=bank)
    assert refused.value.code == "no-free-cell"


def test_what_never_came_frees_its_cell(lane: Lane):
    bank = lane.bank(s=1, stay_hours=1)
    lane.ship(bank=bank)
    with clock.at(NOON + timedelta(hours=2)):
        assert (overdue.end_reservations(), overdue.end_reservations()) == (1, 0)
        assert lane.ship(bank=bank).state == "requested"


def test_late_to_the_bank_another_cell_does(lane: Lane):
    bank = lane.bank(s=1, m=1, stay_hours=1)
    late = sent(lane, bank)
    with clock.at(NOON + timedelta(hours=2)):
        overdue.end_reservations()
        put_in(lane, bank)
        lockers.put_in(lane.courier, shipment=late.id, vehicle=lane.courier.party)
    assert sizes(late, "occupied") == ["m"]


def test_a_stopped_shipment_opens_no_door_and_may_be_taken_back(lane: Lane):
    bank = lane.bank()
    shipment = put_in(lane, bank)
    code = code_of(lane, shipment)
    stopping.stop(lane.dispatcher, shipment=shipment.id, reason="recall")
    with pytest.raises(Conflict) as refused:
        lockers.pick_up(lane.recipient, bank=bank, code=code, request=ids.uuid7())
    assert refused.value.code == "shipment-stopped"
    back = lockers.take_back(lane.courier, shipment=shipment.id, vehicle=lane.courier.party, reason="recall")
    assert back.state == "returning"


class Terminal:
    """A bank's terminal, talking as the broker would deliver it."""

    def __init__(self, lane: Lane, **cells: int) -> None:
        self.id = ids.uuid7()
        self.bank = lane.bank(device=self.id, **cells)

    def say(self, **body: Any) -> list[Letter]:
        payload = msgspec.json.encode(body)
        return terminals.take_lockers([Message(self.id, f"lilong.{self.id}.up.locker", payload, clock.now())])

    def type(self, code: str) -> list[Letter]:
        return self.say(type="code", request=ids.uuid7(), code=code)

    def door(self, cell: int, door: str, **more: Any) -> list[Letter]:
        return self.say(type="door", cell=cell, door=door, at=clock.now(), **more)

    def told(self) -> list[Any]:
        """The cells it was told to open, in no order."""
        rows = DeviceLetter.objects.filter(subject=f"lilong.{self.id}.down.locker")
        return sorted(msgspec.json.decode(bytes(row.payload))["cells"] for row in rows)


@pytest.fixture
def terminal(lane: Lane) -> Terminal:
    return Terminal(lane, s=2)


def tag_of(shipment: Shipment) -> str:
    return code_rules.tag(key("tags"), Parcel.objects.get(shipment=shipment).id)


def test_a_terminal_takes_a_tag_and_a_code(lane: Lane, terminal: Terminal):
    shipment = sent(lane, terminal.bank)
    assert terminal.say(type="tag", request=ids.uuid7(), tag=tag_of(shipment)) == []
    assert terminal.told() == [[1]]
    assert terminal.door(1, "opened") == []
    assert terminal.door(1, "closed", full=True) == []
    shipment.refresh_from_db()
    assert shipment.state == "in-locker"
    assert terminal.type(code_of(lane, shipment)) == []
    assert terminal.told() == [[1], [1]]
    shipment.refresh_from_db()
    assert shipment.state == "in-locker"  # until the door has said that it opened
    terminal.door(1, "opened")
    shipment.refresh_from_db()
    assert shipment.state == "delivered"


def test_a_wrong_code_or_tag_is_answered_and_opens_nothing(lane: Lane, terminal: Terminal):
    shipment = sent(lane, terminal.bank)
    other = lane.ship()
    for letter in (*terminal.type("12345678"), *terminal.say(type="tag", request=ids.uuid7(), tag=tag_of(other))):
        assert msgspec.json.decode(letter.payload)["why"] == "invalid"
    assert terminal.told() == []
    assert Shipment.objects.get(id=shipment.id).state == "collected"


def test_a_door_that_does_not_open_is_out_of_order_and_the_parcel_stays(lane: Lane, terminal: Terminal):
    shipment = put_in(lane, terminal.bank)
    first = code_of(lane, shipment)
    terminal.type(first)
    terminal.door(1, "stuck")
    parcel = Parcel.objects.get(shipment=shipment)
    cell = LockerCell.objects.get(bank=terminal.bank, number=1)
    assert (parcel.holder_kind, parcel.holder, cell.out_reason) == ("cell", cell.id, "stuck")
    second = code_of(lane, shipment)
    assert second != first
    assert [msgspec.json.decode(each.payload)["why"] for each in terminal.type(first)] == ["invalid"]
    assert terminal.type(second) == []
    terminal.door(1, "opened")
    shipment.refresh_from_db()
    assert shipment.state == "delivered"


def test_a_door_that_stays_shut_for_the_courier_gives_another_cell(lane: Lane, terminal: Terminal):
    shipment = sent(lane, terminal.bank)
    lockers.open_to_put_in(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    terminal.door(1, "stuck")
    assert terminal.told() == [[1], [2]]
    terminal.door(2, "closed", full=True)
    assert shipment.stays.get(state="occupied").cell.number == 2
    assert Shipment.objects.get(id=shipment.id).state == "in-locker"


def test_a_silent_door_gives_a_new_code(lane: Lane, terminal: Terminal):
    shipment = put_in(lane, terminal.bank)
    first = code_of(lane, shipment)
    terminal.type(first)
    with clock.at(NOON + timedelta(minutes=9)):
        assert overdue.close_silent_doors() == 0
    with clock.at(NOON + timedelta(minutes=11)):
        assert (overdue.close_silent_doors(), overdue.close_silent_doors()) == (1, 0)
        assert code_of(lane, shipment) != first
    assert LockerStay.objects.get(state="occupied").opening_at is None


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b'{"type":"door","cell":0}', b"\xff", b"x" * 5000])
def test_rubbish_from_a_terminal_changes_nothing(lane: Lane, terminal: Terminal, payload: bytes):
    assert terminals.take_lockers([Message(terminal.id, "x", payload, NOON)]) == []
    assert terminals.take_lockers([Message(ids.uuid7(), "x", payload, NOON)]) == []
    assert terminals.take_lockers([Message(None, "x", payload, NOON)]) == []


def test_a_terminal_speaks_for_its_own_bank_only(lane: Lane, terminal: Terminal):
    other = Terminal(lane, s=1)
    shipment = put_in(lane, terminal.bank)
    other.type(code_of(lane, shipment))
    assert (other.told(), terminal.told()) == ([], [])
    device = Actor(party=other.id, kind="device")
    with pytest.raises(Missing):
        terminals.door(device, bank=terminal.bank, cell=1, said="stuck", at=datetime.now(NOON.tzinfo))
