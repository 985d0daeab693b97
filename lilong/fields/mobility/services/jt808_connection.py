"""One terminal's connection: what it says, in order, and what it is told. The gateway holds them all."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import telemetry, terminals
from lilong.fields.mobility.services.terminals import SignedIn
from lilong.fields.mobility.standard.jt808 import messages
from lilong.fields.mobility.standard.jt808.frames import Bad, Frame, Splitter, packages, written
from lilong.fields.mobility.standard.jt808.location import LOCKED, read_location
from lilong.fields.mobility.standard.jt808.messages import DONE, FAILED, UNSUPPORTED, WRONG, Malformed
from lilong.fields.mobility.standard.jt808.packages import Packages
from lilong.fields.mobility.standard.jt808.reading import SOURCE, reading_of
from lilong.fields.mobility.standard.vehicle_protocol import Command
from lilong.kernel.base import clock
from lilong.kernel.base.problems import TooMany
from lilong.kernel.parties.throttle import throttle

BAD_MAX = 20  # unreadable frames of one connection, then it ends
IDLE_SECONDS, STRANGER_SECONDS = 180.0, 30.0  # without a word; without having signed in
SESSION_SECONDS = 3600.0  # then it signs in again, or, revoked meanwhile, no longer can
CHUNK = 32_768
POINTS_MAX = 500  # of one batch
ASKED_MAX, TOLD_MAX = 100, 1_000
_KNOCKS, _ADDRESS_KNOCKS, _KNOCK_SECONDS = 20, 1_000, 600  # many terminals may share an operator's address

T = TypeVar("T")
log = structlog.get_logger("lilong.mobility.jt808")


class House(Protocol):
    """What a connection needs of its gateway. The calls to the database are answered after their commit."""

    async def take(self, readings: Sequence[Reading]) -> list[str] | None: ...
    async def run_at_desk(self, work: Callable[[], T]) -> T: ...
    async def answered(self, device: SignedIn, command: Command, why: str) -> None: ...
    async def signed_in(self, connection: "Connection") -> None: ...


class Connection:
    """`who` is None until it has signed in; `who` and `phone` never change afterwards."""

    def __init__(self, house: House, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        self.who: SignedIn | None = None
        self.phone = ""
        self._house, self._reader, self._writer, self._address = house, reader, writer, address
        self._version: int | None = None
        self._splitter, self._packages = Splitter(), Packages()
        self._bad = 0
        self._serial = 0
        self._asked: dict[int, tuple[int, Command]] = {}
        self._told: dict[UUID, None] = {}
        self._ends = time.monotonic() + STRANGER_SECONDS

    async def run(self) -> None:
        """Until it ends: the terminal left, was silent, or said too much that nobody can read."""
        while True:
            left = self._ends - time.monotonic()
            try:
                data = await asyncio.wait_for(self._reader.read(CHUNK), min(IDLE_SECONDS, max(left, 0.0)))
            except TimeoutError:
                return
            if not data:
                return
            for group in _together(self._splitter.feed(data)):
                if not all(await asyncio.gather(*(self._found(each) for each in group))):
                    return
                if self._bad > BAD_MAX:
                    log.info("terminal-sent-away", phone=self.phone, address=self._address)
                    return
            await self._writer.drain()

    def end(self) -> None:
        self._writer.close()

    async def tell(self, command: Command) -> None:
        """Says a command of the house; what JT/T 808 has no word for is answered at once."""
        assert self.who is not None
        if command.id in self._told:
            return  # a letter may come twice, and a door opened again is open
        self._told[command.id] = None
        if len(self._told) > TOLD_MAX:
            del self._told[next(iter(self._told))]
        versioned = self._version is not None
        if command.type in ("lock", "unlock"):
            id = messages.VEHICLE_CONTROL
            body = messages.write_vehicle_control(lock=command.type == "lock", versioned=versioned)
        elif command.type == "limit":
            kmh = command.body.get("kmh")
            id = messages.SET_PARAMETERS
            body = messages.write_parameters({messages.SPEED_MAX_KMH: kmh if isinstance(kmh, int) else 0xFFFF})
        else:
            await self._house.answered(self.who, command, "unsupported")
            return
        if len(self._asked) >= ASKED_MAX:
            self._asked.pop(next(iter(self._asked)))
        self._asked[self._next()] = (id, command)
        self._say(id, body, self._serial)
        await self._writer.drain()

    async def _found(self, found: Frame | Bad) -> bool:
        """False when the connection shall end."""
        if isinstance(found, Bad):
            await self._put_aside(found.reason, found.raw)
            return True
        return await self._framed(found)

    async def _framed(self, frame: Frame) -> bool:
        if self.phone and frame.phone != self.phone:
            await self._put_aside("phone", frame.body)
            return True
        self._version = frame.version
        whole = self._packages.add(frame, time.monotonic())
        if isinstance(whole, str):
            await self._put_aside(whole, frame.body)
        elif whole is not None:
            try:
                return await self._heard(whole, frame.total)
            except Malformed:
                await self._put_aside("body", whole.body)
                self._answer(whole, WRONG, frame.total)
        return True

    async def _heard(self, frame: Frame, parts: int) -> bool:
        if frame.id == messages.REGISTER:
            return await self._register(frame)
        if frame.id == messages.AUTHENTICATE:
            return await self._authenticate(frame)
        if self.who is None:  # nothing is taken from strangers
            self._answer(frame, FAILED, parts)
            return True
        if frame.id in (messages.LOCATION, messages.BATCH):
            self._answer(frame, await self._located(frame), parts)
        elif frame.id == messages.HEARTBEAT:
            self._answer(frame, DONE, parts)
        elif frame.id in (messages.ANSWER, messages.CONTROL_ANSWER):
            await self._answered(frame)
        elif frame.id == messages.DEREGISTER:
            device = self.who.device
            await self._house.run_at_desk(lambda: terminals.deregister(device))
            self._answer(frame, DONE, parts)
            return False
        else:
            self._answer(frame, UNSUPPORTED, parts)
        return True

    async def _register(self, frame: Frame) -> bool:
        asked = messages.read_registration(frame.body, versioned=frame.version is not None)
        result, code = await self._knock(frame, lambda: terminals.register(frame.phone, asked)) or (FAILED, "")
        self._say(
            messages.REGISTER_ANSWER, messages.write_register_answer(frame.serial, result, code), self._next(), frame
        )
        return True

    async def _authenticate(self, frame: Frame) -> bool:
        given = messages.read_authentication(frame.body, versioned=frame.version is not None)
        who = await self._knock(frame, lambda: terminals.sign_in(frame.phone, given.code))
        if who is None or (self.who is not None and self.who != who):
            self._answer(frame, FAILED)
            return self.who is not None
        self.who, self.phone = who, frame.phone
        self._ends = time.monotonic() + SESSION_SECONDS
        self._answer(frame, DONE)
        await self._house.signed_in(self)
        return True

    async def _knock(self, frame: Frame, work: Callable[[], T]) -> T | None:
        """Registering and signing in, so often as one terminal from one address, and from one address; None for more."""

        def knocked() -> T | None:
            try:
                throttle("jt808", f"{self._address} {frame.phone}", _KNOCKS, _KNOCK_SECONDS)
                throttle("jt808-address", self._address, _ADDRESS_KNOCKS, _KNOCK_SECONDS)
            except TooMany:
                return None
            return work()

        return await self._house.run_at_desk(knocked)

    async def _located(self, frame: Frame) -> int:
        assert self.who is not None
        if frame.id == messages.LOCATION:
            bodies = [frame.body]
        else:
            _, bodies = messages.read_batch(frame.body)
        if len(bodies) > POINTS_MAX:
            return WRONG
        vehicle, datum = self.who.vehicle, self.who.datum
        readings = [
            reading_of(read_location(body), vehicle=vehicle, serial=frame.serial, datum=datum) for body in bodies
        ]
        return FAILED if readings and await self._house.take(readings) is None else DONE

    async def _answered(self, frame: Frame) -> None:
        """0x0500 says how the doors are now; 0x0001 that a parameter is set, or that it will not obey."""
        assert self.who is not None
        if frame.id == messages.CONTROL_ANSWER:
            serial, body = messages.read_control_answer(frame.body)
            place = read_location(body)
            reading = reading_of(place, vehicle=self.who.vehicle, serial=frame.serial, datum=self.who.datum)
            await self._house.take([reading])
            _, command = self._asked.pop(serial, (0, None))
            if command is not None:
                obeyed = bool(place.status & LOCKED) == (command.type == "lock")
                await self._house.answered(self.who, command, "" if obeyed else "not-obeyed")
            return
        answer = messages.read_answer(frame.body)
        id, command = self._asked.get(answer.serial, (0, None))
        if command is None or (id == messages.VEHICLE_CONTROL and answer.result == DONE):
            return  # it obeys, and says with 0x0500 what came of it
        del self._asked[answer.serial]
        await self._house.answered(self.who, command, "" if answer.result == DONE else f"result-{answer.result}")

    async def _put_aside(self, reason: str, raw: bytes) -> None:
        self._bad += 1
        vehicle = self.who.vehicle if self.who else None
        await self._house.run_at_desk(lambda: telemetry.put_aside(SOURCE, reason, raw, vehicle=vehicle))

    def _answer(self, frame: Frame, result: int, parts: int = 1) -> None:
        """0x8001, once for each package that the message came in."""
        for n in range(parts):
            body = messages.write_answer(messages.Answer((frame.serial + n) & 0xFFFF, frame.id, result))
            self._say(messages.PLATFORM_ANSWER, body, self._next(), frame)

    def _say(self, id: int, body: bytes, serial: int, to: Frame | None = None) -> None:
        phone = to.phone if to else self.phone
        for frame in packages(Frame(id, phone, serial, body, self._version)):
            self._writer.write(written(frame))

    def _next(self) -> int:
        self._serial = self._serial % 0xFFFF + 1
        return self._serial


def _together(found: Sequence[Frame | Bad]) -> list[list[Frame | Bad]]:
    """In order; locations that came together are taken in together."""
    groups: list[list[Frame | Bad]] = []
    alone = True
    for each in found:
        location = isinstance(each, Frame) and each.id == messages.LOCATION and each.total == 1
        if alone or not location:
            groups.append([])
        groups[-1].append(each)
        alone = not location
    return groups


def expired(command: Command) -> bool:
    return command.expires_at <= clock.now()
