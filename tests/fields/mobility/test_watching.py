"""Watching a rental while it lasts: who may, what is told, and that nobody follows a stranger's drive."""

from typing import Any
from uuid import UUID

import pytest
from django.test import TestCase

from lilong.fields.mobility.queries import rentals
from lilong.fields.mobility.services.rentals import driving, ending
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Missing
from lilong.kernel.geo.points import moved
from lilong.kernel.live import hub, topics
from lilong.kernel.parties.actor import Actor
from tests.fields.mobility.scene import SQUARE, Town, later

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What reaches this process' watchers."""
    found: list[tuple[str, bytes]] = []
    monkeypatch.setattr(hub, "deliver", lambda topic, body: found.append((topic, body)))
    return found


def looked(actor: Actor | None, rental: UUID | str) -> dict[str, Any]:
    return topics.snapshot(actor, topics.read(f"mobility.rental:{rental}"))


def test_its_rider_and_the_operators_people_see_it_and_nobody_else(town: Town):
    rider = town.driver()
    rental = town.book(rider, later(), later(hours=2))
    town.unlock(rider, rental)
    town.answers(town.car.id)
    with clock.at(later(minutes=10)):
        seen = looked(rider, rental.id)
        assert looked(town.clerk, rental.id) == looked(town.owner, rental.id) == seen
    price = seen.pop("so_far")
    place = {"latitude_e6": SQUARE.latitude_e6, "longitude_e6": SQUARE.longitude_e6, "heading": None}
    assert price > 0 and seen == {
        "state": "started", "start": later().isoformat(), "end": later(hours=2).isoformat(), "minutes": 10, "total": None,
        "owed": 0, "locked": town.car.locked, "car": place,
    }  # fmt: skip
    strange: Actor | None
    for strange in (town.driver(), town.rival_owner, None):
        with pytest.raises(Missing):
            looked(strange, rental.id)
    for wrong in (ids.uuid7(), "x", rental.id.hex[:-1]):
        with pytest.raises(Missing):
            looked(rider, wrong)


def test_each_change_and_the_vehicles_way_are_told(town: Town, told: list[tuple[str, bytes]]):
    rider, topic = town.driver(), "mobility.rental:"
    with TestCase.captureOnCommitCallbacks(execute=True):
        rental = town.book(rider, later(), later(hours=2))
    assert told == [(topic + str(rental.id), b'{"state":"booked"}')]
    with TestCase.captureOnCommitCallbacks(execute=True):
        town.unlock(rider, rental)
    assert told[1:] == [(topic + str(rental.id), b'{"state":"unlocking"}')]
    with TestCase.captureOnCommitCallbacks(execute=True):
        town.answers(town.car.id)
    assert [body for _, body in told[2:]] == [b'{"command":"unlock","outcome":"done"}', b'{"state":"started"}']
    told.clear()
    for seconds, metres in ((60, 50), (62, 80), (70, 200)):  # the second too soon after the first
        with clock.at(later(seconds=seconds)), TestCase.captureOnCommitCallbacks(execute=True):
            town.reports(town.car.id, moved(SQUARE, metres, 90), engine=True, locked=False)
    assert [(each, b'"car":{' in body) for each, body in told] == [(topic + str(rental.id), True)] * 2
    told.clear()
    with clock.at(later(seconds=80)), TestCase.captureOnCommitCallbacks(execute=True):
        ending.end(town.owner, rental=rental.id)
        town.reports(town.car.id, moved(SQUARE, 300, 90))
    assert told == [(topic + str(rental.id), b'{"state":"ended"}')]
    assert looked(rider, rental.id)["car"] is None


def test_who_comes_next_does_not_follow_who_has_the_car_now(town: Town):
    first, second = town.driver(), town.driver()
    now = town.book(first, later(), later(hours=1))
    after = town.book(second, later(hours=2), later(hours=3))
    assert looked(second, after.id)["car"] is not None
    driving.unlock(first, id=ids.uuid7(), rental=now.id, position=SQUARE)
    town.answers(town.car.id)
    assert looked(first, now.id)["car"] is not None
    assert looked(second, after.id)["car"] is None
    assert rentals.rental(second, after.id).latitude_e6 is None
