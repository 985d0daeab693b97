"""A robotaxi made of nothing but software: it takes rides over real MQTT, drives the street graph and says where it is.

`accepts` answers why not, or '' to take an offered ride. Everything else is as the commands say: it sets out when it is told to,
waits, lets in whoever types the right code (the house judges it), drives to the end over the stops, and never obeys what was said
before something it has heard. What it has to say it says again until it hears what comes next.
"""

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.fields.mobility.standard.simulated_vehicle import SimulatedVehicle
from lilong.fields.mobility.standard.vehicle_protocol import Command
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point, along, bearing, length

TICK_SECONDS = 0.25
AGAIN_TICKS = 8

Phase = Literal["departed", "arrived", "ended"]


class SimulatedTaxi:
    """`speed_mps` is how fast it drives; it says where it is `every_ticks` ticks, five times as seldom while it has nothing to
    do; `more` goes to the vehicle (port, host, clock, memory).

    `leg` is what it is doing ('' for nothing), `ride` for which ride, `place` where it is, `shown` the code at its door,
    `refused` how often a typed code was wrong, `legs` everything it has obeyed as (ride, version, leg).
    """

    def __init__(
        self, device: UUID, secret: str, place: Point, *, speed_mps: float = 10.0,
        accepts: Callable[[dict[str, Any]], str] = lambda _: "", every_ticks: int = 1, **more: Any,
    ) -> None:  # fmt: skip
        self.place, self.speed_mps, self.accepts, self.every_ticks = place, speed_mps, accepts, every_ticks
        self.leg, self.ride, self.shown, self.refused = "", None, "", 0
        self.legs: list[tuple[str, int, str]] = []
        self.battery = 90
        self._versions: dict[str, int] = {}
        self._way: list[Point] = [place]
        self._gone = 0.0
        self._says: Phase | None = None
        self._heading: int | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self.vehicle = SimulatedVehicle(device, secret, obeys=self._obeys, **more)
        self._wheel = threading.Thread(target=self._drive, name=f"taxi-{device}", daemon=True)

    def start(self) -> None:
        """Begins to say where it is, and to drive."""
        self._wheel.start()

    def close(self) -> None:
        self._stop.set()
        if self._wheel.is_alive():
            self._wheel.join(5)
        self.vehicle.close()

    def type_code(self, code: str) -> None:
        """Somebody types at the door."""
        with self._lock:
            if self.ride is not None:
                self.vehicle.say_report(protocol.Ride(ride=self.ride, phase="code", code=code))

    def break_down(self) -> None:
        """It cannot go on."""
        with self._lock:
            ride, self._way, self._says = self.ride, [self.place], None
            if ride is not None:
                self.vehicle.say_report(protocol.Ride(ride=ride, phase="broken"))

    def _obeys(self, command: Command) -> str:
        """'' when it does what it is told, else why not."""
        if command.type != "ride":
            return ""
        body = command.body
        ride, version, leg = body["ride"], body["version"], body["leg"]
        with self._lock:
            if version < self._versions.get(ride, 0):
                return "stale"
            self._versions[ride] = version
            if leg == "offer":
                return "busy" if self.ride is not None else self.accepts(body)
            if leg in ("stop", "cancelled") and self.ride is not None and ride != str(self.ride):
                return ""  # of a ride it has not
            self.legs.append((ride, version, leg))
            self._begin(UUID(ride), leg, body)
        return ""

    def _begin(self, ride: UUID, leg: str, body: dict[str, Any]) -> None:
        self.leg, self.ride, self._says = leg, ride, None
        if leg == "pick-up":
            self._go([_point(body)], "departed")
        elif leg == "wait":
            self.shown, self.refused = body.get("door", ""), self.refused + bool(body.get("refused"))
            self._way, self._gone = [self.place], 0.0
        elif leg == "drop-off":
            numbers = iter(body.get("stops", []))
            stops = [Point.of_e6(latitude, longitude) for longitude, latitude in zip(numbers, numbers, strict=True)]
            self._go([*stops, _point(body)], None)
        else:
            self.leg, self.ride, self.shown = "", None, ""
            self._way, self._gone = [self.place], 0.0

    def _go(self, goals: list[Point], says: Phase | None) -> None:
        points = [self.place, *goals]
        self._way = [point for a, b in pairwise(points) for point in streets.city().route(a, b).points]
        self._gone, self._says = 0.0, says

    def _drive(self) -> None:
        tick = 0
        while not self._stop.wait(TICK_SECONDS):
            with self._lock:
                self._advance()
                if self._says is not None and self.ride is not None and tick % AGAIN_TICKS == 0:
                    self.vehicle.say_report(protocol.Ride(ride=self.ride, phase=self._says))
                if tick % (self.every_ticks if self.leg else 5 * self.every_ticks) == 0:
                    self._say_where()
            tick += 1

    def _say_where(self) -> None:
        self.vehicle.drive(
            self.place.latitude_e6, self.place.longitude_e6, heading=self._heading, battery=self.battery,
            speed=round(self.speed_mps * 36) if self._moving() else 0,
        )  # fmt: skip

    def _moving(self) -> bool:
        return self._gone < length(self._way)

    def _advance(self) -> None:
        if self._moving():
            before = self.place
            self._gone += self.speed_mps * TICK_SECONDS
            self.place = along(self._way, self._gone)
            self._heading = round(bearing(before, self.place)) % 360
        elif self.leg == "pick-up":
            self._says = "arrived"
        elif self.leg == "drop-off":
            self._says = "ended"


def _point(body: dict[str, Any]) -> Point:
    return Point.of_e6(body["latitude_e6"], body["longitude_e6"])
