"""Promises shown before buying, and shipments asked for: fees, windows, capacity, bad input, who may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lilong.fields.delivery.drafts import ParcelDraft, Spot, ZoneDraft
from lilong.fields.delivery.models import HandOver, Shipment
from lilong.fields.delivery.queries import promises
from lilong.fields.delivery.services import booking, carriers
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Invalid, Missing
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.drafts import AddressDraft
from tests.fields.delivery.scene import DOOR, LOCKER, NOON, Lane, words

TO = Point.of_e6(DOOR.latitude_e6, DOOR.longitude_e6)
FAR = Spot(latitude_e6=31_405_200, longitude_e6=121_489_600)


def shown(lane: Lane, **more: Any) -> list[promises.PromiseView]:
    given: dict[str, Any] = {
        "place": lane.depot,
        "to": TO,
        "weight_g": 800,
        "temperature": "ambient",
        "at": clock.now(),
    }
    return promises.at_depot(**(given | more))


def test_promises_are_shown_earliest_first_with_their_fees(lane: Lane):
    found = shown(lane)
    assert [each.code for each in found] == ["rapid", "standard", "standard", "standard"]
    rapid, standard, *_rest = found
    assert (rapid.earliest, rapid.latest, rapid.fee) == (NOON, NOON + timedelta(minutes=30), 600)
    assert (standard.earliest, standard.latest) == (NOON + timedelta(hours=2), NOON + timedelta(hours=4))
    # 300 + 100 for each begun km of 1.3 km or more by road + 50 for the one begun kg
    assert standard.fee in (300 + 200 + 50, 300 + 300 + 50)


def test_where_nobody_goes_nothing_is_promised(lane: Lane):
    assert shown(lane, temperature="frozen") == []
    assert shown(lane, weight_g=31_000) == []
    assert shown(lane, place=ids.uuid7()) == []
    far = Point.of_e6(FAR.latitude_e6, FAR.longitude_e6)
    assert shown(lane, to=far) == []


def test_a_zone_bounds_a_service(lane: Lane):
    west, east = DOOR.longitude_e6 / 1e6 + 0.01, DOOR.longitude_e6 / 1e6 + 0.05
    ring = [[west, 31.2], [east, 31.2], [east, 31.3], [west, 31.3], [west, 31.2]]
    zone = carriers.open_zone(
        lane.owner,
        ZoneDraft(
            id=ids.uuid7(),
            carrier=lane.carrier,
            name=words("East"),
            geometry={"type": "Polygon", "coordinates": [ring]},
        ),
    )
    lane.service("night", window_seconds=28_800, starts="22:00", ends="06:00", zone=zone.id, base_fee=100)
    assert "night" not in {each.code for each in shown(lane)}
    inside = Point((west + east) / 2, 31.23)
    assert "night" in {each.code for each in shown(lane, to=inside)}


def test_cut_off_and_lead_keep_windows_that_could_not_be_met(lane: Lane):
    carriers.close_service(lane.owner, id=lane.standard)
    carriers.close_service(lane.owner, id=lane.rapid)
    lane.service(
        "day", window_seconds=7200, starts="08:00", ends="20:00", cut_off="11:30", lead_seconds=3600, base_fee=1
    )
    tomorrow = datetime(2030, 4, 9, 0, tzinfo=UTC)
    assert shown(lane)[0].earliest == tomorrow  # noon is past the cut-off of today
    with clock.at(NOON - timedelta(hours=1)):
        assert shown(lane)[0].earliest == NOON
    with clock.at(NOON - timedelta(minutes=31)):
        assert shown(lane)[0].earliest == NOON + timedelta(hours=2)  # the window at noon needs an hour before it


def test_a_night_service_is_open_past_midnight(lane: Lane):
    carriers.close_service(lane.owner, id=lane.rapid)
    lane.service("rapid", seconds=1800, base_fee=900, starts="20:00", ends="02:00")
    opens = {hour: "rapid" in {each.code for each in _at(lane, hour)} for hour in (12, 20, 23, 25, 26)}
    assert opens == {12: False, 20: True, 23: True, 25: True, 26: False}


def _at(lane: Lane, hour: int) -> list[promises.PromiseView]:
    with clock.at(NOON + timedelta(hours=hour - 12)):
        return shown(lane)


def test_what_was_shown_is_what_is_booked(lane: Lane):
    promise = shown(lane)[1]
    shipment = lane.ship(token=promise.token, service=None)
    assert (shipment.service_id, shipment.fee, shipment.earliest, shipment.latest) == (
        promise.service, promise.fee, promise.earliest, promise.latest,
    )  # fmt: skip
    assert lane.purse() == (100_000 - promise.fee, promise.fee)


def test_a_promise_ends_after_ten_minutes_and_is_for_these_goods_only(lane: Lane):
    promise = shown(lane)[1]
    given: dict[str, Any] = {"token": promise.token, "service": None}
    for more in ({"parcels": [ParcelDraft(weight_g=801)]}, {"to": FAR}, {"temperature": "chilled"}):
        with pytest.raises(Conflict) as refused:
            lane.ship(**(given | more))
        assert refused.value.code == "promise-differs"
    with pytest.raises(Invalid):
        lane.ship(**given | {"token": promise.token[:-3] + "abc"})
    with clock.at(NOON + timedelta(minutes=11)), pytest.raises(Conflict) as late:
        lane.ship(**given)
    assert late.value.code == "promise-expired"
    assert Shipment.objects.count() == 0
    assert lane.purse() == (100_000, 0)


def test_thirty_minutes_are_counted_from_what_was_shown(lane: Lane):
    promise = shown(lane)[0]
    with clock.at(NOON + timedelta(minutes=9)):
        assert lane.ship(token=promise.token, service=None).latest == NOON + timedelta(minutes=30)


def test_an_hour_is_never_oversold_and_free_again_when_called_off(lane: Lane):
    from lilong.fields.delivery.services import journey

    first = [lane.ship() for _ in range(4)]
    with pytest.raises(Conflict) as full:
        lane.ship()
    assert full.value.code == "no-promise"
    assert "rapid" not in {each.code for each in shown(lane)}
    journey.cancel(lane.recipient, shipment=first[0].id, reason="changed my mind")
    assert lane.ship().state == "requested"
    with clock.at(NOON + timedelta(hours=1, seconds=1)):
        assert "rapid" in {each.code for each in shown(lane)}


def test_without_money_nothing_stands(lane: Lane):
    poor = lane.person("Poor", fen=500)
    with pytest.raises(Conflict) as refused:
        lane.ship(recipient=poor.party, payer=poor.party)
    assert (refused.value.code, refused.value.extra) == ("insufficient-funds", {"needed": 600, "available": 500})
    assert (Shipment.objects.count(), HandOver.objects.count()) == (0, 0)
    assert "rapid" in {each.code for each in shown(lane)}
    assert ledger.differences() == []


def test_the_same_again_is_the_same_and_another_is_a_conflict(lane: Lane):
    draft = lane.draft()
    first = booking.request_shipment(SYSTEM, draft)
    assert booking.request_shipment(SYSTEM, draft).id == first.id
    assert lane.purse() == (99_400, 600)
    with pytest.raises(Conflict) as refused:
        lane.ship(id=draft.id, instructions="ring twice")
    assert refused.value.code == "id-taken"


def test_who_may_ask(lane: Lane):
    stranger = lane.person("Stranger", fen=10_000)
    draft = lane.draft()
    with pytest.raises(Forbidden):  # the shop may not spend the recipient's money
        booking.request_shipment(lane.shop_owner, draft)
    with pytest.raises(Invalid) as refused:  # without an order nobody has things fetched from somebody's depot
        booking.request_shipment(lane.recipient, draft)
    assert refused.value.violations[0].pointer == "/order"
    with pytest.raises(Missing):
        booking.request_shipment(lane.recipient, lane.draft(order=ids.uuid7()))
    with pytest.raises(Forbidden):
        booking.request_shipment(stranger, draft)
    sent = lane.draft(shipper=lane.recipient.party, recipient=stranger.party, depot=None, origin=LOCKER)
    assert booking.request_shipment(lane.recipient, sent).shipper == lane.recipient.party


BAD: list[tuple[dict[str, Any], str]] = [
    ({"parcels": []}, "/parcels"),
    ({"parcels": [ParcelDraft(weight_g=0)]}, "/parcels/0/weight_g"),
    ({"parcels": [ParcelDraft(weight_g=1, height_mm=5001)]}, "/parcels/0/height_mm"),
    ({"parcels": [ParcelDraft(weight_g=1)] * 51}, "/parcels"),
    ({"to": None}, "/to"),
    ({"to": Spot(latitude_e6=91_000_000, longitude_e6=0)}, "/to/latitude_e6"),
    ({"to": Spot(latitude_e6=31_230_000, longitude_e6=121_480_000), "origin": DOOR}, "/origin"),
    ({"service": None}, "/service"),
    ({"payer": ids.named("nobody")}, "/payer"),
    ({"value": -1}, "/value"),
    ({"skills": ("Not A Slug",)}, "/skills"),
    ({"instructions": "x" * 501}, "/instructions"),
    ({"instructions": "a\0b"}, "/instructions"),
    ({"temperature": "frozen"}, "/temperature"),
    ({"parcels": [ParcelDraft(weight_g=30_001)]}, "/parcels"),
]


def test_bad_input_names_the_field(lane: Lane):
    for more, pointer in BAD:
        with pytest.raises(Invalid) as refused:
            lane.ship(**more)
        assert pointer in {violation.pointer for violation in refused.value.violations}, more
    for name in ("service", "depot", "bank", "shipper"):
        with pytest.raises(Missing):
            lane.ship(**{name: ids.named("nothing")})
    assert Shipment.objects.count() == 0


def test_a_closed_service_promises_nothing(lane: Lane):
    promise = shown(lane)[0]
    carriers.close_service(lane.owner, id=lane.rapid)
    with pytest.raises(Conflict) as refused:
        lane.ship(token=promise.token, service=None)
    assert refused.value.code == "promise-expired"
    with pytest.raises(Missing):
        lane.ship()


def test_a_closed_depot_sends_nothing(lane: Lane):
    from lilong.fields.delivery.models import Depot

    Depot.objects.filter(id=lane.depot).update(closed_at=NOON)
    assert shown(lane) == []
    with pytest.raises(Gone):
        lane.ship()


def test_a_shipment_opens_nobodys_address_book(lane: Lane):
    neighbour = lane.person("Neighbour")
    drafts = {
        who.party: AddressDraft(
            id=ids.uuid7(), party=who.party, recipient="Somebody", phone="021 5555 0101", line="Fuzhou Road 1",
            latitude_e6=DOOR.latitude_e6, longitude_e6=DOOR.longitude_e6,
        )
        for who in (lane.recipient, neighbour)
    }  # fmt: skip
    for who in (lane.recipient, neighbour):
        parties.put_address(who, drafts[who.party])
    for address in (drafts[neighbour.party].id, ids.uuid7()):
        with pytest.raises(Missing) as refused:
            lane.ship(address=address)
        assert refused.value.code == "no-such-address"
    own = drafts[lane.recipient.party].id
    assert lane.ship(address=own).address == own
    parties.remove_address(lane.recipient, id=own)
    with pytest.raises(Missing):
        lane.ship(address=own)
