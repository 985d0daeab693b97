"""A journey for trying the engine: every lot received is sold again; and what a worker of the tests does."""

import os
import signal

from lilong.journeys.journey import Journey
from lilong.kernel.base.problems import Conflict
from lilong.kernel.events.follow import Recorded
from lilong.kernel.events.services import emit
from tests.kernel.events.city import LotSold

NEVER, NOT_YET, BROKEN = 1000, 2000, 3000  # quantities that are refused, refused for now, or a fault of ours
ready: set[int] = set()
dies_at = 0


def sell(event: Recorded) -> None:
    quantity = event.data["quantity"]
    emit(LotSold(lot=event.subject, quantity=quantity), subject=event.subject)
    if quantity == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    if quantity == NEVER:
        raise Conflict("wrong-state")
    if quantity == NOT_YET and NOT_YET not in ready:
        raise Conflict("wrong-step")
    if quantity == BROKEN:
        raise ZeroDivisionError


JOURNEY = Journey(
    name="testing",
    run_of=lambda event: event.subject if event.data["district"] == "huangpu" else None,
    reactions={"testing.lot.received": sell},
    waits=frozenset({"wrong-step"}),
)


def work(dies: int = 0) -> None:
    """Answers until nothing is due; killed in the middle of answering a lot of `dies`."""
    global dies_at  # noqa: PLW0603 (a process of its own)
    from lilong.journeys import journey, services

    dies_at = dies
    journey.register(JOURNEY)
    while services.answer_next():
        pass
