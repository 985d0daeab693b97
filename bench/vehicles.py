"""Points a second from vehicles to the database, over MQTT and over JT/T 808, next to a bare COPY of as many rows.

Prints one JSON line. The relay is the role as it runs in earnest, one process; broker and database are real and write to the
disk. A point counts when it is committed and believed: held against its neighbours, its vehicle moved on the map. Load generator,
broker, relay and database share the machine. `one` is a message or frame for each point, `batch` is 50 points in one.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import django

BATCH, STEP_SECONDS, STEP_E6 = 50, 1, 90  # a second and ten metres between two points
IN_FLIGHT = 32
PATIENCE_SECONDS = 180


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench vehicles", description=__doc__)
    parser.add_argument("--vehicles", type=int, default=50)
    parser.add_argument("--points", type=int, default=400, help="of each vehicle, in each measurement; at most 500")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.vehicles, options.points)))
    return 0


def run(vehicles: int, points: int) -> dict[str, Any]:
    from django.conf import settings

    from lilong.host.nats import Nats
    from lilong.host.ports import answers, free_port
    from lilong.kernel.parties.device_claims import issuer

    fleets = [_fleet(vehicles) for _ in range(4)]
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="lilong-bench-nats-") as folder:
        Path(folder).chmod(0o755)
        server = Nats(Path(folder) / "nats", issuer=issuer(settings.TOKEN_KEY))
        server.start()
        environment = os.environ | {
            "NATS_URL": server.url, "LILONG_TOKEN_KEY": settings.TOKEN_KEY, "LILONG_JT808_PORT": str(port),
            "LILONG_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        relay = subprocess.Popen([sys.executable, "-m", "lilong.site.cli", "relay"], env=environment)
        try:
            assert answers("127.0.0.1", port, within_seconds=60)
            found = {
                "mqtt_one": _mqtt(fleets[0], points, 1, server.mqtt_port),
                "mqtt_batch": _mqtt(fleets[1], points, BATCH, server.mqtt_port),
                "jt808_one": _jt808(fleets[2], points, 1, port),
                "jt808_batch": _jt808(fleets[3], points, BATCH, port),
            }
        finally:
            relay.terminate()
            relay.wait(20)
            server.stop()
    return {"bench": "vehicles", "vehicles": vehicles, "points": vehicles * points} | found | {"copy": _copy()}


def _fleet(size: int) -> list[tuple[UUID, UUID, str, str]]:
    """Vehicle, device, secret, phone of each; one operator for all."""
    from lilong.fields.mobility.drafts import OperatorDraft, VehicleDraft, VehicleTypeDraft
    from lilong.fields.mobility.services import fleet, terminals
    from lilong.kernel.base import ids
    from lilong.kernel.base.words import Words
    from lilong.kernel.parties import services as parties
    from lilong.kernel.parties.actor import SYSTEM

    owner, operator, kind = ids.uuid7(), ids.uuid7(), ids.uuid7()
    parties.create_person(SYSTEM, id=owner, name="Owner", email=f"{owner}@example.org", district="huangpu")
    parties.create_organisation(
        SYSTEM, id=operator, name=Words(en="Wheels"), owner=owner, kind="operator", district="huangpu"
    )
    fleet.register_operator(SYSTEM, OperatorDraft(id=operator, modes=("micromobility",)))
    fleet.put_type(SYSTEM, VehicleTypeDraft(
        id=kind, operator=operator, mode="micromobility", name=Words(en="Moped"), form_factor="moped",
        propulsion_type="electric", max_range_m=80_000,
    ))  # fmt: skip
    made = []
    for n in range(size):
        id, phone = ids.uuid7(), str(13_000_000_000 + ids.uuid7().int % 10**9)
        row = fleet.register_vehicle(SYSTEM, VehicleDraft(
            id=id, type=kind, plate=f"{n}-{id.hex[-6:]}", latitude_e6=31_230_000, longitude_e6=121_470_000 + n,
        ))  # fmt: skip
        assert row.device is not None
        terminals.await_terminal(SYSTEM, vehicle=id, phone=phone, terminal="T")
        secret = parties.issue_device_secret(SYSTEM, device=row.device)
        made.append((id, row.device, secret, phone))
    return made


def _moment(start: datetime, n: int) -> datetime:
    return start + timedelta(seconds=STEP_SECONDS * n)


def _mqtt(fleet: list[tuple[UUID, UUID, str, str]], points: int, size: int, port: int) -> int:
    """Points a second from the first publish until the last one is committed. Every vehicle has a connection."""
    from lilong.fields.mobility.standard import vehicle_protocol as protocol
    from lilong.fields.mobility.standard.simulated_vehicle import SimulatedVehicle

    cars = [_signed_in(SimulatedVehicle, device, secret, port) for _, device, secret, _ in fleet]
    start = datetime.now(UTC) - timedelta(seconds=STEP_SECONDS * points)
    letters = [
        protocol.encode(protocol.Points(points=[
            protocol.Point(seq=n + 1, at=_moment(start, n), latitude_e6=31_230_000 + STEP_E6 * n,
                           longitude_e6=121_470_000, speed=360, heading=0, battery=80, locked=False, engine=True)
            for n in range(first, min(first + size, points))
        ]))
        for first in range(0, points, size)
    ]  # fmt: skip
    began = time.monotonic()
    for letter in letters:
        for car in cars:
            car.say_raw(letter)
    took = _until_stored([vehicle for vehicle, *_ in fleet], points * len(fleet), began)
    for car in cars:
        car.close()
    return round(points * len(fleet) / took)


def _signed_in(kind: Any, device: UUID, secret: str, port: int) -> Any:
    """The relay may still be starting: it is tried again."""
    for _ in range(50):
        car = kind(device, secret, port=port)
        if car.answers.get(timeout=20) == "Success":
            return car
        car.close()
        time.sleep(0.2)
    sys.exit("vehicles cannot sign in")


def _jt808(fleet: list[tuple[UUID, UUID, str, str]], points: int, size: int, port: int) -> int:
    """The same over TCP, until the last answer: each frame is answered after its commit."""
    took = asyncio.run(_drive_all(fleet, points, size, port))
    _until_stored([vehicle for vehicle, *_ in fleet], points * len(fleet), time.monotonic())
    return round(points * len(fleet) / took)


async def _drive_all(fleet: list[tuple[UUID, UUID, str, str]], points: int, size: int, port: int) -> float:
    start = datetime.now(UTC) - timedelta(seconds=STEP_SECONDS * points)
    lines = [await _terminal(phone, secret, port) for _, _, secret, phone in fleet]
    began = time.monotonic()
    drives = [_drive(line, phone, start, points, size) for line, (*_, phone) in zip(lines, fleet, strict=True)]
    await asyncio.gather(*drives)
    took = time.monotonic() - began
    for _, writer in lines:
        writer.close()
    return took


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _terminal(phone: str, secret: str, port: int) -> Line:
    from lilong.fields.mobility.standard.jt808 import messages
    from lilong.fields.mobility.standard.jt808.frames import Frame, written

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    code = messages.write_authentication(messages.Authentication(secret), versioned=False)
    writer.write(written(Frame(messages.AUTHENTICATE, phone, 0, code)))
    await reader.readuntil(b"\x7e")
    answer = await reader.readuntil(b"\x7e")
    assert answer[-3] == messages.DONE, answer
    return reader, writer


async def _drive(line: Line, phone: str, start: datetime, points: int, size: int) -> None:
    from lilong.fields.mobility.standard.jt808 import messages
    from lilong.fields.mobility.standard.jt808.frames import Frame, packages, written
    from lilong.fields.mobility.standard.jt808.location import ENGINE, LOCATED, Location, write_location

    reader, writer = line
    free = asyncio.Semaphore(IN_FLIGHT)
    bodies = [
        write_location(Location(0, LOCATED | ENGINE, 31_230_000 + STEP_E6 * n, 121_470_000, 4, 360, 0, _moment(start, n), {}))
        for n in range(points)
    ]  # fmt: skip

    async def answered(frames: int) -> None:
        for _ in range(frames):
            await reader.readuntil(b"\x7e")
            await reader.readuntil(b"\x7e")
            free.release()

    sent = [
        frame
        for first in range(0, points, size)
        for frame in packages(
            Frame(messages.LOCATION, phone, 1 + first, bodies[first])
            if size == 1
            else Frame(
                messages.BATCH, phone, 1 + first, messages.write_batch(bodies[first : first + size], supplement=False)
            )
        )
    ]
    waiting = asyncio.create_task(answered(len(sent)))
    for frame in sent:
        await free.acquire()
        writer.write(written(frame))
    await waiting


def _until_stored(vehicles: list[UUID], wanted: int, began: float) -> float:
    """How long it took until all of them were committed. Ends with an error when some never come."""
    from lilong.fields.mobility.models import TrackPoint

    rows = TrackPoint.objects.filter(vehicle__in=vehicles)
    deadline = began + PATIENCE_SECONDS
    while True:
        stored, now = rows.count(), time.monotonic()
        if stored >= wanted:
            return now - began
        if now > deadline:
            sys.exit(f"only {stored} of {wanted} points arrived")
        time.sleep(0.1)


def _copy() -> int:
    """Rows a second that COPY alone puts into such a table with its indexes, 256 a transaction, from the rows there are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE mobility_trackpoint INCLUDING ALL)")
        cursor.execute("SELECT * FROM mobility_trackpoint LIMIT 20000")
        rows = cursor.fetchall()
        cursor.execute("SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                       " WHERE attrelid = 'mobility_trackpoint'::regclass AND attnum > 0 ORDER BY attnum")  # fmt: skip
        types = [name for (name,) in cursor.fetchall()]
        began = time.monotonic()
        for first in range(0, len(rows), 256):
            with cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(types)
                for row in rows[first : first + 256]:
                    copy.write_row(row)
        took = time.monotonic() - began
        cursor.execute("DROP TABLE bare")
    return round(len(rows) / took)
