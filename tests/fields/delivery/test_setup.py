"""Setting up carriers, depots, zones, services, fleets and lockers: the same again, bad input, other people's."""

from typing import Any

import pytest

from lilong.fields.delivery.drafts import (
    BankDraft,
    CarrierDraft,
    CellDraft,
    DepotDraft,
    ServiceDraft,
    VehicleDraft,
    ZoneDraft,
)
from lilong.fields.delivery.models import Carrier, Depot, LockerBank, LockerCell, ServiceLevel, Vehicle, Zone
from lilong.fields.delivery.queries import carriers as queries
from lilong.fields.delivery.queries import lockers as locker_queries
from lilong.fields.delivery.services import banks, carriers, fleet, journey
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Invalid, Missing, Problem
from lilong.kernel.base.words import Words
from tests.fields.delivery.scene import DEPOT, NOON, Lane, changed, words

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[121.4, 31.2], [121.5, 31.2], [121.5, 31.3], [121.4, 31.3], [121.4, 31.2]]],
}


def pointers(problem: Problem) -> set[str]:
    return {violation.pointer for violation in problem.violations}


def test_an_organisation_becomes_a_carrier_once(lane: Lane):
    firm, owner = lane.firm("New Wheels")
    draft = CarrierDraft(id=firm, name=words("New Wheels"), district="jingan", attempts=3)
    assert carriers.open_carrier(owner, draft) == carriers.open_carrier(owner, draft)
    assert [each["district"] for each in lane.facts(firm, "carrier.opened")] == ["jingan"]
    with pytest.raises(Conflict):
        carriers.open_carrier(owner, changed(draft, attempts=1))
    with pytest.raises(Forbidden):
        carriers.open_carrier(lane.rival_owner, changed(draft, id=lane.shop))
    person = lane.person("Somebody")
    with pytest.raises(Missing):
        carriers.open_carrier(person, changed(draft, id=person.party))
    for more in (
        {"attempts": 0},
        {"attempts": 10},
        {"district": "atlantis"},
        {"name": Words()},
        {"name": words("a\0")},
    ):
        with pytest.raises(Invalid):
            carriers.open_carrier(lane.shop_owner, changed(draft, id=lane.shop, **more))
    assert Carrier.objects.filter(id=lane.shop).count() == 0


def test_a_closed_carrier_takes_nothing_on(lane: Lane):
    Carrier.objects.filter(id=lane.carrier).update(closed_at=NOON)
    with pytest.raises(Gone):
        lane.service("another", seconds=1800, base_fee=1)
    with pytest.raises(Missing):
        lane.ship()


def test_services_are_checked_whole(lane: Lane):
    good = ServiceDraft(
        id=ids.uuid7(), carrier=lane.carrier, code="day", name=words("Day"), temperatures=("ambient",), base_fee=1,
        per_hour=1, cover=0, window_seconds=3600,
    )  # fmt: skip
    bad: list[tuple[dict[str, Any], str]] = [
        ({"code": "Day!"}, "/code"),
        ({"temperatures": ()}, "/temperatures"),
        ({"temperatures": ("ambient", "ambient")}, "/temperatures"),
        ({"seconds": 1800}, "/seconds"),
        ({"window_seconds": None}, "/seconds"),
        ({"window_seconds": 60}, "/window_seconds"),
        ({"seconds": 1800, "window_seconds": None, "cut_off": "10:00"}, "/cut_off"),
        ({"per_hour": 0}, "/per_hour"),
        ({"base_fee": -1}, "/base_fee"),
        ({"cover": 10**10}, "/cover"),
        ({"late_percent": 101}, "/late_percent"),
        ({"starts": "8 o'clock"}, "/starts"),
        ({"cut_off": "25:00"}, "/cut_off"),
        ({"radius_m": 0}, "/radius_m"),
        ({"zone": ids.uuid7()}, "/zone"),
        ({"proofs": ("code", "code")}, "/proofs"),
    ]
    for more, pointer in bad:
        with pytest.raises(Invalid) as refused:
            carriers.open_service(lane.owner, changed(good, **more))
        assert pointer in pointers(refused.value), more
    for actor in (lane.dispatcher, lane.rival_owner, lane.recipient):
        with pytest.raises(Forbidden):
            carriers.open_service(actor, good)
    assert ServiceLevel.objects.filter(id=good.id).count() == 0
    assert carriers.open_service(lane.owner, good) == carriers.open_service(lane.owner, good)
    with pytest.raises(Conflict) as taken:
        carriers.open_service(lane.owner, changed(good, id=ids.uuid7()))
    assert taken.value.code == "code-taken"
    for _ in range(2):
        carriers.close_service(lane.owner, id=good.id)
    assert len(lane.facts(good.id, "service.closed")) == 1
    assert carriers.open_service(lane.owner, changed(good, id=ids.uuid7())).code == "day"
    assert {each.code for each in queries.services(lane.carrier)} == {"rapid", "standard", "day"}


def test_zones_are_closed_not_changed(lane: Lane):
    draft = ZoneDraft(id=ids.uuid7(), carrier=lane.carrier, name=words("Inner city"), geometry=SQUARE)
    assert carriers.open_zone(lane.owner, draft) == carriers.open_zone(lane.owner, draft)
    open_ring = {"type": "Polygon", "coordinates": [SQUARE["coordinates"][0][:-1]]}  # type: ignore[index]
    for geometry in (
        {},
        {"type": "Point", "coordinates": [121, 31]},
        open_ring,
        {"type": "Polygon", "coordinates": "no"},
    ):
        with pytest.raises(Invalid):
            carriers.open_zone(lane.owner, changed(draft, id=ids.uuid7(), geometry=geometry))
    for actor in (lane.rival_owner, lane.dispatcher):
        with pytest.raises(Forbidden):
            carriers.close_zone(actor, id=draft.id)
    for _ in range(2):
        assert carriers.close_zone(lane.owner, id=draft.id).closed_at == NOON
    assert (queries.zones(lane.carrier), Zone.objects.count()) == ([], 1)
    with pytest.raises(Missing):
        carriers.close_zone(lane.owner, id=ids.uuid7())


def test_a_depot_is_its_owners(lane: Lane):
    draft = DepotDraft(
        id=ids.uuid7(), owner=lane.shop, name=words("Second"), district="huangpu", latitude_e6=DEPOT.latitude_e6,
        longitude_e6=DEPOT.longitude_e6,
    )  # fmt: skip
    for actor in (lane.owner, lane.recipient):
        with pytest.raises(Forbidden):
            carriers.open_depot(actor, draft)
    for more in ({"latitude_e6": 90_000_001}, {"district": "x"}, {"address": "x" * 201}, {"name": Words()}):
        with pytest.raises(Invalid):
            carriers.open_depot(lane.shop_owner, changed(draft, **more))
    with pytest.raises(Missing):
        carriers.open_depot(lane.shop_owner, changed(draft, carrier=ids.uuid7()))
    assert carriers.open_depot(lane.shop_owner, draft) == carriers.open_depot(lane.shop_owner, draft)
    with pytest.raises(Forbidden):  # a carrier does not take somebody's place
        carriers.serve_depot(lane.owner, depot=draft.id, carrier=lane.carrier)
    carriers.serve_depot(lane.shop_owner, depot=draft.id, carrier=lane.carrier)
    assert {each.id for each in queries.depots(lane.carrier)} == {lane.depot, draft.id}
    assert Depot.objects.count() == 2


def test_a_fleet_takes_its_own_people_and_devices(lane: Lane):
    good = VehicleDraft(
        id=ids.uuid7(), carrier=lane.carrier, kind="unmanned", name=words("Van"), home=lane.depot, capacity_g=1,
        capacity_ml=1, capacity_parcels=1, range_m=1000, speed_kmh=10,
    )  # fmt: skip
    for more, pointer in (
        ({"home": ids.uuid7()}, "/home"), ({"zones": (ids.uuid7(),)}, "/zones"), ({"capacity_g": 0}, "/capacity_g"),
        ({"temperatures": ()}, "/temperatures"), ({"skills": ("A",)}, "/skills"), ({"shift_starts": "x"}, "/shift_starts"),
        ({"kind": "courier", "id": lane.recipient.party}, "/id"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            fleet.add_vehicle(lane.owner, changed(good, **more))
        assert pointer in pointers(refused.value)
    with pytest.raises(Forbidden):
        fleet.add_vehicle(lane.rival_owner, good)
    assert fleet.add_vehicle(lane.owner, good) == fleet.add_vehicle(lane.owner, good)
    with pytest.raises(Conflict):
        fleet.add_vehicle(lane.owner, changed(good, capacity_g=2))
    device = lane.facts(good.id, "vehicle.added")[0]
    assert (device["unattended"], device["kind"], device["district"]) == (True, "unmanned", "huangpu")


def test_another_carriers_device_is_not_taken(lane: Lane):
    depot = DepotDraft(
        id=ids.uuid7(), owner=lane.rival, carrier=lane.rival, name=words("Yard"), district="huangpu",
        latitude_e6=DEPOT.latitude_e6, longitude_e6=DEPOT.longitude_e6,
    )  # fmt: skip
    carriers.open_depot(lane.rival_owner, depot)
    stolen = VehicleDraft(
        id=lane.robot, carrier=lane.rival, kind="robot", name=words("Mine"), home=depot.id, capacity_g=1, capacity_ml=1,
        capacity_parcels=1, range_m=1000, speed_kmh=10,
    )  # fmt: skip
    with pytest.raises(Forbidden):
        fleet.add_vehicle(lane.rival_owner, stolen)


def test_who_has_something_aboard_stays_in_the_fleet(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    with pytest.raises(Conflict) as refused:
        fleet.remove_vehicle(lane.owner, id=lane.courier.party)
    assert refused.value.code == "not-empty"
    for _ in range(2):
        assert fleet.remove_vehicle(lane.owner, id=lane.robot).removed_at == NOON
    assert lane.robot not in {each.id for each in queries.vehicles(lane.owner, lane.carrier)}
    with pytest.raises(Forbidden):
        queries.vehicles(lane.rival_owner, lane.carrier)
    with pytest.raises(Missing):
        queries.vehicle(lane.rival_owner, lane.courier.party)


def test_only_oneself_or_the_office_sets_a_state(lane: Lane):
    assert fleet.set_state(lane.courier, vehicle=lane.courier.party, state="idle").state == "idle"
    assert fleet.set_state(lane.dispatcher, vehicle=lane.courier.party, state="off").state == "off"
    for actor in (lane.other, lane.rival_owner, lane.recipient):
        with pytest.raises(Missing):
            fleet.set_state(actor, vehicle=lane.courier.party, state="idle")
    with pytest.raises(Invalid):
        fleet.set_state(lane.courier, vehicle=lane.courier.party, state="asleep")
    assert Vehicle.objects.get(id=lane.courier.party).state == "off"


def test_lockers_are_set_up_whole(lane: Lane):
    good = BankDraft(
        id=ids.uuid7(), carrier=lane.carrier, name=words("Lobby"), district="huangpu", latitude_e6=DEPOT.latitude_e6,
        longitude_e6=DEPOT.longitude_e6, cells=[CellDraft(size="s", count=2), CellDraft(size="xl", count=1)],
    )  # fmt: skip
    for more in ({"cells": []}, {"cells": [CellDraft(size="s", count=401)]}, {"stay_hours": 0}, {"latitude_e6": 10**8}):
        with pytest.raises(Invalid):
            banks.open_bank(lane.owner, changed(good, **more))
    with pytest.raises(Forbidden):
        banks.open_bank(lane.rival_owner, good)
    with pytest.raises(Forbidden):  # a terminal of somebody else's
        banks.open_bank(lane.rival_owner, changed(good, carrier=lane.rival, device=lane.robot))
    assert banks.open_bank(lane.owner, good) == banks.open_bank(lane.owner, good)
    view = locker_queries.bank(good.id)
    assert (view.cells, view.empty) == ({"s": 2, "m": 0, "l": 0, "xl": 1},) * 2
    cell = LockerCell.objects.get(bank=good.id, number=1)
    for actor in (lane.rival_owner, lane.recipient):
        with pytest.raises(Missing):
            banks.take_out_of_order(actor, cell=cell.id, reason="broken")
    with pytest.raises(Invalid):
        banks.take_out_of_order(lane.courier, cell=cell.id, reason="ugly")
    for _ in range(2):
        banks.take_out_of_order(lane.courier, cell=cell.id, reason="broken")
    assert locker_queries.bank(good.id).empty["s"] == 1
    with pytest.raises(Forbidden):
        banks.put_back_in_order(lane.courier, cell=cell.id)
    for _ in range(2):
        banks.put_back_in_order(lane.dispatcher, cell=cell.id)
    assert (len(lane.facts(cell.id, "cell.out")), len(lane.facts(cell.id, "cell.back"))) == (1, 1)
    with pytest.raises(Missing):
        locker_queries.cells(lane.rival_owner, good.id)
    assert LockerBank.objects.count() == 1
