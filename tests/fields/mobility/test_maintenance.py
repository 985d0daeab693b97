"""Maintenance in the calendar, charging."""

from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.mobility.models import Vehicle
from lilong.fields.mobility.services import maintenance
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.calendar import queries as calendar
from tests.fields.mobility.scene import SQUARE, Town, later

TWO, FOUR = later(hours=2), later(hours=4)
pytestmark = pytest.mark.usefixtures("noon")


def plan(town: Town, **more: Any) -> Any:
    given = {"id": ids.uuid7(), "vehicle": town.car.id, "kind": "repair", "start": TWO, "end": FOUR} | more
    return maintenance.plan(more.pop("actor", town.clerk), **{k: v for k, v in given.items() if k != "actor"})


def test_a_maintenance_takes_the_cars_time(town: Town):
    made = plan(town)
    assert plan(town, id=made.id).id == made.id
    assert [booking.party for booking in calendar.bookings(town.car.id, TWO, FOUR)] == [town.operator]
    with pytest.raises(Conflict, match="vehicle-taken"):
        town.book(town.driver(), later(hours=3), later(hours=5))
    town.book(town.driver(), later(hours=5), later(hours=6))
    with pytest.raises(Conflict, match="slot-taken"):
        plan(town, start=later(hours=5), end=later(hours=7))
    with clock.at(TWO):
        maintenance.begin(town.clerk, id=made.id)
        assert Vehicle.objects.get(id=town.car.id).state == "non_operational"
    with clock.at(later(hours=3)):
        assert maintenance.finish(town.clerk, id=made.id).done_at == clock.now()
        maintenance.finish(town.clerk, id=made.id)
        assert Vehicle.objects.get(id=town.car.id).state == "available"
        with pytest.raises(Conflict, match="wrong-state"):
            maintenance.begin(town.clerk, id=made.id)
    assert calendar.bookings(town.car.id, TWO, FOUR) == []
    assert [fact["done"] for fact in town.facts(town.car.id, "maintenance.ended")] == [True]


def test_a_bikes_maintenance_needs_no_calendar(town: Town):
    bike = town.bike("B1")
    made = plan(town, vehicle=bike.id)
    maintenance.begin(town.clerk, id=made.id)
    assert Vehicle.objects.get(id=bike.id).state == "non_operational"
    maintenance.finish(town.clerk, id=made.id, done=False)
    assert Vehicle.objects.get(id=bike.id).state == "available"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"kind": "painting"}, "/kind"),
        ({"note": "x" * 501}, "/note"),
        ({"end": TWO}, "/end"),
        ({"end": TWO + timedelta(days=61)}, "/end"),
        ({"start": TWO.replace(tzinfo=None)}, "/start"),
    ],
)
def test_a_maintenance_that_cannot_be(town: Town, more: dict[str, Any], pointer: str):
    with pytest.raises(Invalid) as refused:
        plan(town, **more)
    assert refused.value.violations[0].pointer == pointer


def test_riders_and_rivals_plan_nothing(town: Town):
    made = plan(town)
    for actor in (town.rival_owner, town.driver()):
        with pytest.raises(Forbidden):
            plan(town, actor=actor)
        with pytest.raises(Forbidden):
            maintenance.finish(actor, id=made.id)
    with pytest.raises(Missing):
        maintenance.begin(town.clerk, id=ids.uuid7())
    with pytest.raises(Missing):
        plan(town, report=ids.uuid7())


def test_charging_is_kept_from_how_much_to_how_much(town: Town):
    charger = town.stand("Chargers", SQUARE, charging=True)
    id = ids.uuid7()
    maintenance.plug_in(town.clerk, id=id, vehicle=town.car.id, station=charger.id)
    assert maintenance.plug_in(town.clerk, id=id, vehicle=town.car.id, station=charger.id).began_pm == 800
    with pytest.raises(Conflict, match="wrong-state"):
        maintenance.plug_in(town.clerk, id=ids.uuid7(), vehicle=town.car.id)
    with pytest.raises(Missing):
        maintenance.plug_in(town.clerk, id=ids.uuid7(), vehicle=town.car.id, station=town.station.id)
    with pytest.raises(Forbidden):
        maintenance.unplug(town.rival_owner, id=id)
    with clock.at(later(hours=1)):
        with pytest.raises(Invalid):
            maintenance.unplug(town.clerk, id=id, energy_pm=1001)
        assert maintenance.unplug(town.clerk, id=id, energy_pm=950).ended_pm == 950
    (told,) = town.facts(town.car.id, "vehicle.charged")
    assert (told["seconds"], told["gained_pm"], told["station"]) == (3600, 150, str(charger.id))
