"""What the clock does by itself: broken promises are told once; photos, codes and reservations end; nothing twice."""

from datetime import timedelta

import pytest

from lilong.fields.delivery.services import journey, overdue, stopping
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.delivery.scene import NOON, Lane


def test_whoever_waits_longer_than_promised_is_told_once(lane: Lane):
    late, early = lane.ship(), lane.ship()
    journey.cancel(lane.recipient, shipment=early.id, reason="no more")
    with clock.at(late.latest):
        assert overdue.tell_late() == 0
    with clock.at(late.latest + timedelta(seconds=1)):
        assert (overdue.tell_late(), overdue.tell_late()) == (1, 0)
    assert [each["state"] for each in lane.facts(late.id, "shipment.late")] == ["requested"]
    late.refresh_from_db()
    assert (late.late_at, late.state) == (NOON + timedelta(minutes=30, seconds=1), "requested")


def test_one_that_is_refused_keeps_none_of_the_others(lane: Lane):
    first, second = lane.ship(), lane.ship()
    seen = []

    def step(id: object) -> bool:
        seen.append(id)
        if id == first.id:
            raise Conflict("wrong-step")
        return True

    assert overdue._each([first.id, second.id], step) == 1
    assert seen == [first.id, second.id]


def test_stopped_goods_go_to_nobody_until_the_office_has_looked(lane: Lane):
    shipment = lane.ship()
    who = {"shipment": shipment.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **who)
    for _ in range(2):
        assert stopping.stop(SYSTEM, shipment=shipment.id, reason="recall").stopped == "recall"
    with pytest.raises(Conflict) as refused:
        journey.depart(lane.courier, **who)
    assert (refused.value.code, refused.value.extra) == ("shipment-stopped", {"reason": "recall"})
    with pytest.raises(Forbidden):
        stopping.go_on(lane.courier, shipment=shipment.id)
    for actor in (lane.recipient, lane.rival_owner):
        with pytest.raises(Missing):
            stopping.go_on(actor, shipment=shipment.id)
        with pytest.raises(Missing):
            stopping.stop(actor, shipment=shipment.id, reason="recall")
    with pytest.raises(Invalid):
        stopping.stop(lane.dispatcher, shipment=shipment.id, reason="mood")
    for _ in range(2):
        assert stopping.go_on(lane.dispatcher, shipment=shipment.id).stopped == ""
    assert journey.depart(lane.courier, **who).state == "out"
    assert [each["reason"] for each in lane.facts(shipment.id, "shipment.stopped")] == ["recall", ""]


def test_a_shipment_that_is_over_is_not_stopped(lane: Lane):
    shipment = lane.ship()
    journey.cancel(lane.recipient, shipment=shipment.id, reason="no more")
    assert stopping.stop(SYSTEM, shipment=shipment.id, reason="recall").stopped == ""
