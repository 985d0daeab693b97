"""What happens by the clock: offers that nobody answered, riders without a car, cars that fell silent, riders who do not come.

Each is one ride in a transaction of its own that looks again under the lock, so any number of workers may sweep.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q

from lilong.fields.mobility.models import Duty, Ride, RideOffer
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import duties, ending, frame, matching, offers, robotaxis, tariffs
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict
from lilong.kernel.events.loop import Line
from lilong.kernel.parties.actor import SYSTEM

ABANDONED = timedelta(hours=6)  # a trip that nobody has ended, of which nothing is heard
_AT_ONCE = 200
_PAUSE_SECONDS = 0.5

log = structlog.get_logger("lilong.mobility.rides")


async def run(stop: asyncio.Event) -> None:
    """Sweeps and matches until told to stop (a loop of the role `worker`); with others, whoever is first matches."""
    line = Line("rides")
    try:
        while not stop.is_set():
            try:
                await line.run(turn)
            except Exception:
                log.exception("rides-turn-failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    finally:
        await line.close()


def turn() -> matching.Round | None:
    sweep()
    return matching.match_round()


def sweep() -> int:
    """Everything whose time has come; answers how much that was."""
    answered = robotaxis.settle_answers()
    return answered + _lapse() + _give_up() + _replace_lost() + _no_shows() + _end_abandoned() + _end_shifts()


def _lapse() -> int:
    due = RideOffer.objects.filter(state="open", expires_at__lte=clock.now()).order_by("expires_at")
    return sum(offers.lapse(id) for id in list(due.values_list("id", flat=True)[:_AT_ONCE]))


def _give_up() -> int:
    """Riders for whom there was no car all that time are told so, and have their money back."""
    since = clock.now() - timedelta(seconds=states.GIVE_UP_SECONDS)
    due = Ride.objects.filter(state=states.REQUESTED, requested_at__lte=since)
    return _each(due.values_list("id", flat=True), _give_up_one)


def _give_up_one(ride: Ride) -> bool:
    if ride.state != states.REQUESTED:
        return False
    ending.call_off(SYSTEM, ride, "give-up", "house", "no-car")
    return True


def _replace_lost() -> int:
    """Cars on their way that have said nothing for too long, or do not come at all: another is sent."""
    since = clock.now() - timedelta(seconds=states.LOST_SECONDS)
    due = Ride.objects.filter(state__in=(states.ACCEPTED, states.ARRIVING), accepted_at__lte=since)
    overdue = Q(accepted_at__lte=clock.now() - timedelta(seconds=states.OVERDUE_SECONDS))
    return _each(due.filter(Q(vehicle__at__lte=since) | overdue).values_list("id", flat=True), _replace_one)


def _replace_one(ride: Ride) -> bool:
    now, vehicle = clock.now(), ride.vehicle
    if ride.state not in (states.ACCEPTED, states.ARRIVING) or vehicle is None or ride.accepted_at is None:
        return False
    silent = vehicle.at is not None and vehicle.at <= now - timedelta(seconds=states.LOST_SECONDS)
    overdue = ride.accepted_at + timedelta(seconds=states.OVERDUE_SECONDS + 2 * (ride.pickup_seconds or 0)) <= now
    if silent or overdue:
        ending.replace(SYSTEM, ride, "replace", "house", "silent" if silent else "overdue")
    return silent or overdue


def _no_shows() -> int:
    """Robotaxis leave by themselves when the time for coming is over."""
    due = Ride.objects.filter(state=states.ARRIVED, driver=None, arrived_at__isnull=False)
    return _each(due.values_list("id", flat=True), _no_show_one)


def _no_show_one(ride: Ride) -> bool:
    if ride.state != states.ARRIVED or ride.driver is not None or ride.arrived_at is None:
        return False
    wait = timedelta(seconds=tariffs.terms_of(ride.quote.tariff).no_show_seconds)
    if ride.arrived_at + wait > clock.now():
        return False
    ending.call_off(SYSTEM, ride, "no-show", "no-show", "no-show", side="house")
    return True


def _end_abandoned() -> int:
    since = clock.now() - ABANDONED
    due = Ride.objects.filter(state=states.UNDER_WAY, started_at__lte=since, last_at__lte=since)
    return _each(due.values_list("id", flat=True), _end_one)


def _end_one(ride: Ride) -> bool:
    if ride.state != states.UNDER_WAY:
        return False
    ending.end(SYSTEM, ride=ride.id)
    return True


def _end_shifts() -> int:
    """Shifts whose time is over and that have nothing to do."""
    due = Duty.objects.filter(state="free", until__lte=clock.now()).order_by(F("until"))
    return sum(_end_shift(id) for id in list(due.values_list("id", flat=True)[:_AT_ONCE]))


@transaction.atomic
def _end_shift(id: UUID) -> bool:
    duty = Duty.objects.select_for_update().get(id=id)
    if duty.state != "free" or duty.until is None or duty.until > clock.now():
        return False
    duties.free(duty)
    return True


def _each(due: Iterable[UUID], act: Callable[[Ride], bool]) -> int:
    done = 0
    for id in list(due)[:_AT_ONCE]:
        try:
            with transaction.atomic():
                done += act(frame.locked(id))
        except Conflict as problem:  # one ride that cannot be settled does not hold up the others
            log.warning("ride-not-settled", ride=str(id), why=problem.code)
    return done
