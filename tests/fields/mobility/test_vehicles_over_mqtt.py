"""Vehicles of software, real MQTT, a real NATS server, the relay in a process of its own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.mobility.drafts import BookingDraft, TariffDraft
from lilong.fields.mobility.models import Rental, TrackPoint, Trip, VehicleCommand, VehicleType
from lilong.fields.mobility.rules.terms import Band, Terms
from lilong.fields.mobility.services import fleet, tariffs, vehicle_commands
from lilong.fields.mobility.services.rentals import booking, driving, ending
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.host.nats import Nats
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.device_claims import issuer
from tests.fields.mobility.road import LATITUDE, LONGITUDE, METRE_E6
from tests.fields.mobility.road_relay import Relay, until


@pytest.fixture(scope="module")
def house(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    folder = tmp_path_factory.mktemp("house")
    folder.chmod(0o755)
    server = Nats(folder / "nats", issuer=issuer(settings.TOKEN_KEY))
    server.start()
    made = Relay(server)
    yield made
    made.kill()
    server.stop()
    connections.close_all()


@pytest.fixture
def relay(house: Relay) -> Relay:
    house.anew()
    return house


def test_points_receipts_and_what_is_not_believed(relay: Relay):
    vehicle = relay.vehicle()
    vehicle.drive(LATITUDE, LONGITUDE, battery=64, odometer=12_000)
    vehicle.drive(LATITUDE + 2_000_000, LONGITUDE)
    until(lambda: vehicle.memory.kept == {})
    said = [vehicle.receipts.get(timeout=30) for _ in range(2)]
    assert sorted((receipt.seqs, receipt.quarantined) for receipt in said) == [([1], 0), ([2], 1)]
    car = relay.road.row()
    assert (car.latitude_e6, car.energy_pm, car.odometer_m, car.locked) == (LATITUDE, 640, 12_000, True)
    assert relay.road.aside() == [(2, "teleport")]
    vehicle.say_raw(b"{}")
    vehicle.say_raw(b"\xff\x00")
    vehicle.drive(LATITUDE, LONGITUDE)
    until(lambda: vehicle.memory.kept == {})
    until(lambda: [why for _, why in relay.road.aside()].count("unreadable") == 2)
    vehicle.close()


def test_a_batch_twice_and_a_relay_killed_in_between(relay: Relay):
    """Trips are in the tables alone: begun before the kill, ended after it, each point counted once."""
    vehicle = relay.vehicle()
    start = clock.now() - timedelta(seconds=400)
    way = [
        vehicle.point(LATITUDE + n * 90 * METRE_E6, LONGITUDE, start + timedelta(seconds=10 * n), engine=True)
        for n in range(20)
    ]
    vehicle.say(*way[:10])
    until(lambda: Trip.objects.filter(vehicle=relay.road.car, ended_at=None).exists())
    relay.kill()
    vehicle.say(*way[5:])
    vehicle.say(vehicle.point(LATITUDE + 20 * 90 * METRE_E6, LONGITUDE, engine=False))
    relay.process = relay.start()
    for _ in range(3):
        vehicle.resend()
    until(
        lambda: (
            vehicle.memory.kept == {} and Trip.objects.filter(vehicle=relay.road.car, ended_at__isnull=False).exists()
        )
    )
    trip = relay.road.trip()
    assert (trip.points, len(relay.road.stored()), len(relay.road.aside())) == (21, 21, 0)
    assert trip.metres == pytest.approx(20 * 90, abs=5)
    assert len(relay.road.facts(trip.id, "mobility.trip.measured")) == 1
    vehicle.close()


def test_commands_are_obeyed_once_and_answered(relay: Relay):
    vehicle = relay.vehicle()
    done = vehicle_commands.tell(relay.road.row(), "unlock", seconds=60)
    assert vehicle.told.get(timeout=60).id == done.id
    until(lambda: VehicleCommand.objects.get(id=done.id).state == "done")
    assert vehicle.locked is False
    assert vehicle_commands.tell(relay.road.row(), "unlock", seconds=60, id=done.id).state == "done"
    vehicle.obeys = lambda command: "door-ajar"
    refused = vehicle_commands.tell(relay.road.row(), "lock", seconds=60)
    until(lambda: VehicleCommand.objects.get(id=refused.id).state == "refused")
    assert VehicleCommand.objects.get(id=refused.id).answer == "door-ajar"
    vehicle.close()


def test_what_was_said_while_it_was_away_is_said_again_unless_it_is_over(relay: Relay):
    over = vehicle_commands.tell(relay.road.row(), "unlock", seconds=0)
    still = vehicle_commands.tell(relay.road.row(), "lock", seconds=600)
    vehicle = relay.vehicle()
    assert vehicle.told.get(timeout=60).id == still.id
    until(lambda: VehicleCommand.objects.get(id=still.id).state == "done")
    assert (vehicle_commands.expire() > 0, VehicleCommand.objects.get(id=over.id).state) == (True, "expired")
    assert list(vehicle.memory.obeyed) == [still.id]
    vehicle.close()


def test_one_vehicle_cannot_speak_or_answer_for_another(relay: Relay):
    device, _ = relay.road.unit()
    victim = relay.road.vehicle(device=device)
    told = vehicle_commands.tell(victim, "unlock", seconds=600)
    thief = relay.vehicle()
    point = protocol.Point(seq=1, at=clock.now(), latitude_e6=LATITUDE, longitude_e6=LONGITUDE)
    thief.say_raw(protocol.encode(protocol.Points(points=[point])), protocol.up_topic(device))  # the broker drops it
    thief.say_report(protocol.Answer(command=told.id, outcome="done"))  # and so does the house
    thief.drive(LATITUDE, LONGITUDE)
    until(lambda: thief.memory.kept == {})
    assert VehicleCommand.objects.get(id=told.id).state == "sent"
    assert (relay.road.stored(), TrackPoint.objects.filter(vehicle=victim).count()) == ([(1, False)], 0)
    thief.close()


def test_the_broker_restarts_and_nothing_is_lost(relay: Relay):
    vehicle = relay.vehicle()
    vehicle.drive(LATITUDE, LONGITUDE)
    until(lambda: vehicle.memory.kept == {})
    relay.server.stop()
    lost = vehicle.point(LATITUDE + 20 * METRE_E6, LONGITUDE)
    vehicle.say(lost)
    vehicle.close()
    relay.server.start()
    again = relay.vehicle(vehicle.memory)
    until(lambda: again.memory.kept == {})
    assert relay.road.stored() == [(1, False), (2, False)]
    again.close()


def test_a_rented_car_opens_by_its_own_word_and_is_given_back(relay: Relay):
    """Booked, opened, locked and ended: every word of the car comes over the real line."""
    road, vehicle = relay.road, relay.vehicle()
    plan, start = ids.uuid7(), clock.now().replace(microsecond=0)
    words, terms = Words(en="By the hour"), Terms(bands=(Band(per_hour=2400),), deposit=1000)
    draft = TariffDraft(
        id=ids.uuid7(), plan=plan, operator=road.operator, mode="car-share", name=words, description=words, terms=terms
    )
    tariffs.publish_tariff(road.owner, draft)
    VehicleType.objects.filter(id=road.type.id).update(plan=plan)
    fleet.keep_calendar(road.row(), 900)
    rider = road.person("Wang Min")
    ledger.top_up(SYSTEM, id=ids.uuid7(), owner=rider.party, amount=10_000)
    vehicle.drive(LATITUDE, LONGITUDE, odometer=5000)
    until(lambda: vehicle.memory.kept == {})
    wanted = BookingDraft(id=ids.uuid7(), vehicle=road.car.id, start=start, end=start + timedelta(hours=1))
    rental = booking.book(rider, wanted).id
    driving.unlock(rider, id=ids.uuid7(), rental=rental, position=Point.of_e6(LATITUDE, LONGITUDE))
    until(lambda: Rental.objects.get(id=rental).state == "started")
    assert vehicle.locked is False
    driving.lock(rider, id=ids.uuid7(), rental=rental)
    until(lambda: vehicle.locked)
    vehicle.drive(LATITUDE + 50 * METRE_E6, LONGITUDE, odometer=7500)
    until(lambda: vehicle.memory.kept == {})
    ended = ending.end(rider, rental=rental)
    assert (ended.state, ended.metres) == ("ended", 2500)
    assert road.row().state == "available"
    vehicle.close()
