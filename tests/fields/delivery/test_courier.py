"""A courier's phone that loses its connection: what it tells late, twice, or in the wrong order."""

from datetime import timedelta
from typing import Any

import pytest

from lilong.fields.delivery.drafts import ClientEventDraft, Spot
from lilong.fields.delivery.models import ClientEvent, Run, Shipment, Stop
from lilong.fields.delivery.queries import runs, shipments
from lilong.fields.delivery.services import codes, courier, fleet, journey, proofs
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Forbidden, Invalid, Missing
from lilong.kernel.parties.actor import Actor
from tests.fields.delivery.scene import DEPOT, DOOR, NOON, Lane
from tests.fields.delivery.test_proofs import PNG

LATER = NOON + timedelta(hours=2)


def event(shipment: Shipment, kind: str, minute: int, **more: Any) -> ClientEventDraft:
    return ClientEventDraft(
        id=ids.uuid7(), shipment=shipment.id, kind=kind, at=NOON + timedelta(minutes=minute), **more  # type: ignore[arg-type]
    )  # fmt: skip


def say(lane: Lane, *events: ClientEventDraft, actor: Actor | None = None) -> list[tuple[str, str]]:
    told = courier.take(actor or lane.courier, vehicle=lane.courier.party, events=events)
    assert [each.id for each in told] == [each.id for each in events]
    return [(each.state, each.problem) for each in told]


def test_two_hours_without_a_connection(lane: Lane):
    shipment = lane.ship()
    with clock.at(LATER):
        told = say(
            lane, event(shipment, "collected", 5), event(shipment, "departed", 6), event(shipment, "delivered", 25)
        )
    assert told == [("applied", "")] * 3
    shipment.refresh_from_db()
    assert (shipment.state, shipment.delivered_at) == ("delivered", NOON + timedelta(minutes=25))
    assert lane.facts(shipment.id, "shipment.delivered")[0]["on_time"] is True  # by the clock at the door


def test_in_the_wrong_order_within_a_batch_and_over_batches(lane: Lane):
    shipment = lane.ship()
    delivered, collected = event(shipment, "delivered", 25), event(shipment, "collected", 5)
    with clock.at(LATER):
        assert say(lane, delivered) == [("kept", "other-holder")]
        assert say(lane, collected) == [("applied", "")]
        assert say(lane, delivered) == [("applied", "")]  # it was tried again when the other came
    assert Shipment.objects.get(id=shipment.id).state == "delivered"
    second = lane.ship()
    with clock.at(LATER):
        both = say(lane, event(second, "delivered", 25), event(second, "collected", 5))
    assert both == [("applied", ""), ("applied", "")]


def test_said_twice_it_happens_once(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    failed = event(shipment, "failed", 0, outcome="no-answer")
    assert say(lane, failed) == say(lane, failed) == [("applied", "")]
    assert shipment.attempts.count() == 1
    changed = ClientEventDraft(id=failed.id, shipment=shipment.id, kind="failed", at=failed.at, outcome="refused")
    assert say(lane, changed) == [("kept", "id-taken")]


def test_what_never_fits_is_kept_and_looked_at(lane: Lane):
    shipment = lane.ship()
    journey.cancel(lane.recipient, shipment=shipment.id, reason="changed my mind")
    collected = event(shipment, "collected", 0)
    assert say(lane, collected) == [("kept", "wrong-step")]
    (kept,) = shipments.kept_events(lane.dispatcher, lane.carrier)
    assert (kept.id, kept.problem) == (collected.id, "wrong-step")
    with pytest.raises(Missing):
        courier.look_at_kept(lane.courier, id=collected.id)
    courier.look_at_kept(lane.dispatcher, id=collected.id)
    assert shipments.kept_events(lane.dispatcher, lane.carrier) == []
    with pytest.raises(Forbidden):
        shipments.kept_events(lane.rival_owner, lane.carrier)


def test_clocks_that_cannot_be_right_are_not_believed(lane: Lane):
    shipment = lane.ship()
    with clock.at(NOON + timedelta(days=4)):
        assert say(lane, event(shipment, "collected", 0)) == [("kept", "invalid")]
    assert say(lane, event(shipment, "collected", 6)) == [("kept", "invalid")]
    assert say(lane, event(shipment, "collected", 4)) == [("applied", "")]  # a little fast: it counts as now
    shipment.refresh_from_db()
    assert shipment.state_at == NOON


def test_a_photo_that_comes_after_its_delivery(lane: Lane):
    service = lane.service("proved", seconds=1800, base_fee=100, proofs=("photo",))
    shipment = lane.ship(service=service)
    assert say(lane, event(shipment, "collected", 0), event(shipment, "delivered", 1)) == [
        ("applied", ""),
        ("kept", "proof-needed"),
    ]
    proofs.add_photo(lane.courier, id=ids.uuid7(), shipment=shipment.id, vehicle=lane.courier.party, content=PNG)
    courier.try_kept(lane.courier, vehicle=lane.courier.party, shipment=shipment.id)
    assert Shipment.objects.get(id=shipment.id).state == "delivered"


def test_a_code_is_kept_only_as_long_as_it_may_be_needed(lane: Lane):
    service = lane.service("proved", seconds=1800, base_fee=100, proofs=("code",))
    shipment = lane.ship(service=service)
    code = codes.code_of(lane.recipient, shipment=shipment.id).code
    delivered = event(shipment, "delivered", 1, code=code)
    with clock.at(LATER):
        assert say(lane, delivered) == [("kept", "other-holder")]
        assert ClientEvent.objects.get().body["code"] == code
        assert say(lane, event(shipment, "collected", 0)) == [("applied", "")]
        assert say(lane, delivered) == [("applied", "")]
    assert ClientEvent.objects.get(id=delivered.id).body["code"] == ""


def test_only_for_oneself(lane: Lane):
    shipment = lane.ship()
    for actor in (lane.other, lane.rival_owner, lane.recipient):
        with pytest.raises(Missing):
            say(lane, event(shipment, "collected", 0), actor=actor)
    with pytest.raises(Invalid):
        say(lane, *[event(shipment, "collected", 0)] * (courier.AT_ONCE + 1))
    assert ClientEvent.objects.count() == 0


def run_of(lane: Lane, shipment: Shipment) -> Run:
    """A run with the shipment's pickup and delivery, as a plan makes it."""
    run = Run.objects.create(
        id=ids.uuid7(), vehicle_id=lane.courier.party, state="under-way", starts_at=NOON, made_at=NOON
    )
    for n, (kind, spot) in enumerate((("pickup", DEPOT), ("delivery", DOOR))):
        Stop.objects.create(
            id=ids.uuid7(), run=run, shipment=shipment, kind=kind, sequence=n, latitude_e6=spot.latitude_e6,
            longitude_e6=spot.longitude_e6, earliest=shipment.earliest, latest=shipment.latest, eta=shipment.latest,
        )  # fmt: skip
    return run


def test_todays_run_and_its_stops(lane: Lane):
    shipment = lane.ship()
    run_of(lane, shipment)
    today = runs.today(lane.courier, lane.courier.party)
    assert [stop.kind for stop in today.runs[0].stops] == ["pickup", "delivery"]
    assert [each.id for each in today.shipments] == [shipment.id]
    told = say(
        lane, *(event(shipment, kind, n) for n, kind in enumerate(("arrived", "collected", "arrived", "delivered")))
    )
    assert told == [("applied", "")] * 4
    assert list(Stop.objects.order_by("sequence").values_list("state", flat=True)) == ["done", "done"]
    assert Run.objects.get().state == "done"
    assert runs.today(lane.courier, lane.courier.party).runs == []
    for actor in (lane.other, lane.recipient, lane.rival_owner):
        with pytest.raises(Missing):
            runs.today(actor, lane.courier.party)


def test_positions_move_forward_only_and_end_with_the_delivery(lane: Lane):
    shipment = lane.ship()
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    here = Spot(latitude_e6=31_233_000, longitude_e6=121_476_000)
    given: dict[str, Any] = {"vehicle": lane.courier.party, "spot": here}
    with clock.at(NOON + timedelta(minutes=2)):
        assert fleet.set_position(lane.courier, **given, at=NOON + timedelta(minutes=1), heading=90) is True
        assert fleet.set_position(lane.courier, **given, at=NOON + timedelta(seconds=30)) is False
    before = shipments.shipment(lane.recipient, shipment.id)
    assert (before.vehicle_latitude_e6, before.vehicle_heading) == (None, None)  # collected, not out yet
    journey.depart(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    seen = shipments.shipment(lane.recipient, shipment.id)
    assert (seen.vehicle_latitude_e6, seen.vehicle_heading) == (31_233_000, 90)
    say(lane, event(shipment, "delivered", 0))
    after = shipments.shipment(lane.recipient, shipment.id)
    assert (after.vehicle_latitude_e6, after.vehicle_longitude_e6, after.vehicle_heading) == (None, None, None)
    with pytest.raises(Missing):
        fleet.set_position(lane.other, **given)
    with pytest.raises(Invalid):
        fleet.set_position(lane.courier, vehicle=lane.courier.party, spot=Spot(latitude_e6=91_000_000, longitude_e6=0))
    with pytest.raises(Missing):
        shipments.shipment(lane.person("Stranger"), shipment.id)
