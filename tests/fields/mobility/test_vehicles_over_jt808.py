"""Terminals of software, real TCP, a real NATS server, the relay in a process of its own."""

import random
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections

from lilong.fields.mobility.models import Terminal, VehicleCommand
from lilong.fields.mobility.services import terminals, vehicle_commands
from lilong.fields.mobility.services.jt808_connection import BAD_MAX
from lilong.fields.mobility.standard.jt808 import messages
from lilong.fields.mobility.standard.jt808.frames import Frame, written
from lilong.fields.mobility.standard.jt808.location import BATTERY, ENGINE, LOCATED, LOCKED, MILEAGE, Location
from lilong.fields.mobility.standard.jt808.messages import DONE, FAILED, Registration
from lilong.fields.mobility.standard.jt808.simulated_terminal import SimulatedTerminal
from lilong.host.nats import Nats
from lilong.kernel.base import clock
from lilong.kernel.geo.gcj02 import to_gcj02
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.device_claims import issuer
from tests.fields.mobility.road import LATITUDE, LONGITUDE, METRE_E6
from tests.fields.mobility.road_relay import Relay, until
from tests.fields.mobility.standard.test_jt808 import REAL


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
    terminals.await_terminal(house.road.owner, vehicle=house.road.car.id, phone=f"0{house.phone}", terminal="T1")
    return house


def asked(relay: Relay, **more: str) -> Registration:
    return Registration(
        31, 115, "LILON", "TBOX", more.get("terminal", "T1"), 4, more.get("plate", relay.road.car.plate)
    )


def here(metres: int = 0, at: datetime | None = None, status: int = LOCATED, **more) -> Location:
    moment = (at or clock.now()).replace(microsecond=0)
    return Location(0, status, LATITUDE + metres * METRE_E6, LONGITUDE, 4, 363, 90, moment, more.get("extras", {}))


def signed_in(relay: Relay, version: int | None = None) -> tuple[SimulatedTerminal, str]:
    terminal = relay.terminal(version=version)
    result, code = terminal.register(asked(relay))
    assert (result, terminal.authenticate(code)) == (messages.REGISTERED, DONE)
    return terminal, code


@pytest.mark.parametrize("version", [None, 1])
def test_from_registration_to_the_map(relay: Relay, version: int | None):
    terminal, code = signed_in(relay, version)
    extras = {MILEAGE: 123, BATTERY: 77}
    assert terminal.locate(here(status=LOCATED | LOCKED | ENGINE, extras=extras)) == DONE
    car = relay.road.row()
    assert (car.latitude_e6, car.speed_mms, car.heading, car.odometer_m) == (LATITUDE, 10_083, 90, 12_300)
    assert (car.energy_pm, car.locked, car.engine_on) == (770, True, True)
    assert terminal.ask(messages.HEARTBEAT) == DONE
    assert terminal.ask(0x0900, b"whatever") == messages.UNSUPPORTED
    again = relay.terminal(version=version)
    assert (again.register(asked(relay)), again.authenticate(code)) == ((messages.TERMINAL_TAKEN, ""), DONE)
    with pytest.raises(ConnectionError):
        terminal.next(messages.PLATFORM_ANSWER)  # the newest connection counts
    assert again.ask(messages.DEREGISTER) == DONE
    last = relay.terminal(version=version)
    assert last.authenticate(code) == FAILED


def test_strangers_are_not_heard(relay: Relay):
    terminal = relay.terminal()
    assert terminal.locate(here()) == FAILED
    assert terminal.register(asked(relay, terminal="T2")) == (messages.NO_SUCH_TERMINAL, "")
    assert terminal.register(asked(relay, plate="沪A00000")) == (messages.NO_SUCH_VEHICLE, "")
    assert relay.terminal("13999999999").register(asked(relay)) == (messages.NO_SUCH_TERMINAL, "")
    for _ in range(20):
        guessing = relay.terminal()
        assert guessing.authenticate("ld_guess") == FAILED
    with pytest.raises(ConnectionError):
        guessing.ask(messages.HEARTBEAT)
    assert relay.terminal().register(asked(relay)) == (FAILED, "")  # it has knocked too often
    assert (len(relay.road.stored()), Terminal.objects.get(phone=relay.phone).registered_at) == (0, None)


def test_one_terminal_cannot_speak_for_another(relay: Relay):
    terminal, _ = signed_in(relay)
    other = written(Frame(messages.LOCATION, "13800000002", 9, bytes(28)))
    terminal.say_raw(other)
    assert terminal.locate(here()) == DONE
    assert relay.road.aside() == [(None, "phone")]


def test_a_batch_twice_changes_nothing_whatever_its_serial_number(relay: Relay):
    terminal, _ = signed_in(relay)
    start = clock.now() - timedelta(minutes=5)
    way = [here(n * 100, start + timedelta(seconds=10 * n)) for n in range(20)]
    assert terminal.batch(way) == DONE
    assert terminal.batch(way, supplement=True) == DONE
    assert terminal.batch(way[3:9], supplement=True) == DONE
    assert (len(relay.road.stored()), len(relay.road.aside())) == (20, 0)
    assert relay.road.row().at == way[-1].at


def test_a_long_batch_in_packages_out_of_order(relay: Relay):
    terminal, _ = signed_in(relay)
    start = clock.now() - timedelta(minutes=9)
    way = [here(n * 10, start + timedelta(seconds=5 * n)) for n in range(90)]
    assert terminal.batch(way) == DONE
    assert len(relay.road.stored()) == 90


def test_points_that_cannot_be_are_answered_and_put_aside(relay: Relay):
    terminal, _ = signed_in(relay)
    nowhere = here()._replace(latitude_e6=0, longitude_e6=0)
    for place in (here(), here(90_000), here(5, status=0), nowhere, here(at=clock.now() + timedelta(minutes=5))):
        assert terminal.locate(place) == DONE
    assert sorted(reason for _, reason in relay.road.aside()) == ["future", "no-fix", "teleport", "zero-zero"]
    assert len(relay.road.stored()) == 1


def test_bad_frames_are_put_aside_and_the_line_lives_until_there_are_too_many(relay: Relay):
    terminal, _ = signed_in(relay)
    terminal.say_raw(REAL[0])  # a real terminal's, with a wrong checksum
    terminal.say(messages.LOCATION, b"short")
    assert terminal.locate(here()) == DONE
    assert sorted(reason for _, reason in relay.road.aside()) == ["body", "checksum"]
    terminal.say_raw(b"\x7e\x01\x7e" * (BAD_MAX + 5))
    with pytest.raises(ConnectionError):
        while True:
            terminal.next(0xFFFF)
    assert len(relay.road.aside()) <= BAD_MAX + 10


def test_noise_never_stops_the_door(relay: Relay):
    relay.terminal().close()
    chance = random.Random(808)
    for n in range(20):
        with socket.create_connection(("127.0.0.1", relay.port), 5) as line:
            noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 3000)))
            if n % 2:
                noise = bytes(chance.choice(b"\x7e\x7d\x01\x02\x00\x81") for _ in range(2000))
            try:
                line.sendall(noise)
            except ConnectionError:
                continue
    terminal, _ = signed_in(relay)
    assert terminal.locate(here()) == DONE


def test_coordinates_of_maps_are_turned_once(relay: Relay):
    terminals.await_terminal(
        relay.road.owner, vehicle=relay.road.car.id, phone=relay.phone, terminal="T1", datum="gcj02"
    )
    terminal, _ = signed_in(relay)
    shifted = to_gcj02(Point.of_e6(LATITUDE, LONGITUDE))
    place = here()._replace(latitude_e6=shifted.latitude_e6, longitude_e6=shifted.longitude_e6)
    assert terminal.locate(place) == DONE
    assert (relay.road.row().latitude_e6, relay.road.row().longitude_e6) == (LATITUDE, LONGITUDE)


@pytest.mark.parametrize("version", [None, 1])
def test_commands_reach_the_terminal_and_its_answer_the_house(relay: Relay, version: int | None):
    terminal, _ = signed_in(relay, version)
    unlock = vehicle_commands.tell(relay.road.row(), "unlock", seconds=60)
    assert terminal.obey(here(status=LOCATED)) is False
    until(lambda: VehicleCommand.objects.get(id=unlock.id).state == "done")
    lock = vehicle_commands.tell(relay.road.row(), "lock", seconds=60)
    assert terminal.obey(here(status=LOCATED)) is True  # and yet it stands open
    until(lambda: VehicleCommand.objects.get(id=lock.id).answer == "not-obeyed")
    limit = vehicle_commands.tell(relay.road.row(), "limit", {"kmh": 15}, seconds=60)
    told = terminal.accept(messages.SET_PARAMETERS)
    assert messages.read_parameters(told.body) == {messages.SPEED_MAX_KMH: 15}
    honk = vehicle_commands.tell(relay.road.row(), "honk", seconds=60)
    until(lambda: VehicleCommand.objects.get(id=limit.id).state == "done")
    until(lambda: VehicleCommand.objects.get(id=honk.id).answer == "unsupported")


def test_killed_between_commit_and_answer_and_a_second_relay_takes_over(relay: Relay):
    terminal, code = signed_in(relay)
    assert terminal.locate(here()) == DONE
    unlock = vehicle_commands.tell(relay.road.row(), "unlock", seconds=120)
    relay.kill()  # perhaps before the letter went out, perhaps after
    place = here(50)
    relay.process = relay.start()
    again = relay.terminal()
    assert again.authenticate(code) == DONE
    assert (again.locate(place), again.locate(place)) == (DONE, DONE)
    assert again.obey(here(50, clock.now() + timedelta(seconds=1), status=LOCATED)) is False
    until(lambda: VehicleCommand.objects.get(id=unlock.id).state == "done")
    assert len(relay.road.stored()) == 3
    waiting = relay.start()  # the same port: it waits, and nothing breaks
    assert again.ask(messages.HEARTBEAT) == DONE
    assert (waiting.poll(), Terminal.objects.get(vehicle=relay.road.car).phone) == (None, relay.phone)
    waiting.kill()
    waiting.wait(10)
