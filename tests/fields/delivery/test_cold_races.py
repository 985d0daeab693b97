"""Real processes at once: no delivery after an excursion, no reading twice, no outcome of a vehicle twice."""

from typing import Any

import pytest

from lilong.fields.delivery.models import ColdExcursion, HandOver, Reading, Shipment, VehicleOrder
from lilong.fields.delivery.services import cold_loggers, journey
from lilong.kernel.base import clock, ids
from lilong.kernel.ledger import queries as ledger
from tests.fields.delivery.road import Road
from tests.fields.delivery.test_cold_chain import logger
from tests.races.crowd import let_in


@pytest.fixture
def road(fresh_database: str) -> Road:
    return Road()


def crowd(scenario: str, *, crowd: int, **arguments: Any) -> list[Any]:
    return let_in("tests.fields.delivery.cold_crowd", scenario, crowd=crowd, **arguments)


def test_no_delivery_commits_after_an_excursion_is_in_the_books(road: Road):
    robot = road.robot()
    goods = [road.shipment(temperature="chilled", value=10_000) for _ in range(15)]
    tags = [logger(road) for _ in goods]
    for each, tag in zip(goods, tags, strict=True):
        cold_loggers.place(road.office, id=ids.uuid7(), logger=tag, shipment=each)
        journey.collect(road.office, shipment=each, vehicle=robot.id)
    crowd("warm_or_deliver", crowd=30, goods=[str(each) for each in goods], loggers=[str(tag) for tag in tags],
        vehicle=str(robot.id), office=str(road.office.party),
    )  # fmt: skip
    for each in Shipment.objects.filter(id__in=goods):
        found = ColdExcursion.objects.filter(record_id=each.id).first()
        if each.state == "delivered":  # it was first: the reading came too late, or was of a moment after it
            assert (each.stopped, found is None or found.late) == ("", True)
        else:
            assert found is not None
            assert (each.state, each.stopped, found.late) == ("collected", "excursion", False)
    assert ledger.differences() == []


def test_the_same_readings_from_everybody_are_kept_once(road: Road):
    tag = logger(road)
    kept = crowd("same_readings", crowd=20, logger=str(tag), at=clock.now().isoformat())
    assert (sum(kept), Reading.objects.count()) == (1000, 1000)


def test_relays_that_hear_the_same_vehicle_settle_everything_once(road: Road):
    robot = road.robot()
    robot.connect()
    goods = [road.shipment(1000, 300 * n) for n in range(1, 4)]
    road.run(robot.id, *goods)
    crowd("watch", crowd=10)
    assert VehicleOrder.objects.count() == 1
    said = []
    for _ in range(12):
        robot.hears()
        robot.vehicle.tick(30)
        said.append(robot.state())
    crowd("hear", crowd=20, subject=said[0].subject, states=[each.payload.decode() for each in said])
    picked = Shipment.objects.filter(id__in=goods, state="collected").count()
    assert (picked, HandOver.objects.filter(to_kind="vehicle").count()) == (2, 2)
    for each in goods:
        assert len(road.facts(each, "delivery.shipment.collected")) <= 1
    assert ledger.differences() == []
