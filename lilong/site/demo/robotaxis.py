"""The demo city's robotaxis at work: one simulated taxi each, with a secret of its own, until told to stop."""

import threading
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import connection

from lilong.fields.mobility.standard.simulated_taxi import SimulatedTaxi
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM

EVERY_TICKS = 8  # a point every two seconds on the way, every ten while standing
_AGAIN_SECONDS, _SESSION_SECONDS = 5, 3000

log = structlog.get_logger("lilong.demo")


def drive(fleet: Sequence[tuple[UUID, Point]], host: str, port: int, speed_mps: float, stop: threading.Event) -> None:
    """Each of `fleet` (device, where it stands) in a thread; returns when `stop` is set and all stand still."""
    threads = [
        threading.Thread(target=_keep_driving, args=(device, place, host, port, speed_mps, stop), daemon=True)
        for device, place in fleet
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join()


def _keep_driving(device: UUID, place: Point, host: str, port: int, speed_mps: float, stop: threading.Event) -> None:
    """A session with the broker lasts an hour at most: the taxi signs in anew before, when it has no rider."""
    while not stop.is_set():
        try:
            taxi = _signed_in(device, place, host, port, speed_mps)
        except Exception as error:
            log.warning("robotaxi-cannot-sign-in", device=str(device), why=repr(error)[:200])
            stop.wait(_AGAIN_SECONDS)
            continue
        taxi.start()
        stop.wait(_SESSION_SECONDS)
        while taxi.leg and not stop.is_set():
            stop.wait(1)
        place = taxi.place
        taxi.close()


def _signed_in(device: UUID, place: Point, host: str, port: int, speed_mps: float) -> SimulatedTaxi:
    try:
        secret = parties.issue_device_secret(SYSTEM, device=device)
    finally:
        connection.close()
    return SimulatedTaxi(device, secret, place, speed_mps=speed_mps, every_ticks=EVERY_TICKS, host=host, port=port)
