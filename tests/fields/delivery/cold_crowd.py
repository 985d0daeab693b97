"""Readings against deliveries, and relays that hear the same vehicle. Run as a program (see `tests.races.crowd`)."""

from datetime import datetime
from uuid import UUID

from tests.races import crowd

# Modules of the field are imported inside: Django is set up by then.


def warm_or_deliver(n: int, *, goods: list[str], loggers: list[str], vehicle: str, office: str) -> str:
    """Of two, one brings a reading that is far too warm, the other hands the same goods over."""
    from lilong.fields.delivery.services import cold_readings, delivering
    from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft
    from lilong.kernel.base import clock
    from lilong.kernel.base.problems import Conflict
    from lilong.kernel.parties import queries as parties

    which, actor = n // 2, parties.actor_of_party(UUID(office))
    if n % 2:
        warm = Batch(readings=[ReadingDraft(seq=1, at=clock.now(), mc=40_000)])
        cold_readings.report(actor, logger=UUID(loggers[which]), batch=warm)
        return "read"
    try:
        return delivering.deliver(actor, shipment=UUID(goods[which]), vehicle=UUID(vehicle)).state
    except Conflict as refused:
        return refused.code


def same_readings(n: int, *, logger: str, at: str) -> int:
    """Everybody brings the same thousand readings."""
    from lilong.fields.delivery.services import cold_readings
    from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft
    from lilong.kernel.parties.actor import SYSTEM

    moment = datetime.fromisoformat(at)
    batch = Batch(readings=[ReadingDraft(seq=seq, at=moment, mc=5000) for seq in range(1, 1001)])
    return cold_readings.report(SYSTEM, logger=UUID(logger), batch=batch).kept


def hear(n: int, *, subject: str, states: list[str]) -> int:
    """Everybody hears everything that a vehicle said, from another place on."""
    from lilong.fields.delivery.services import vehicles_inbox
    from lilong.kernel.base import clock
    from lilong.kernel.devices.inbox import Message

    for state in states[n % len(states) :] + states[: n % len(states)]:
        vehicles_inbox.take([Message(None, subject, state.encode(), clock.now())])
    return n


def watch(n: int) -> int:
    """Everybody looks after the vehicles at once."""
    from lilong.fields.delivery.services import vehicles_watch

    vehicles_watch.tick()
    return n


if __name__ == "__main__":
    crowd.be(warm_or_deliver, same_readings, hear, watch)
