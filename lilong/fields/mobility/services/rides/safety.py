"""Safety: a link by which others see where a ride is, and the emergency button."""

import secrets
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rides import RideAlarmClosed, RideAlarmed
from lilong.fields.mobility.models import RideAlarm, RideShare
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.rules.rides import codes, states
from lilong.fields.mobility.services.rides import frame
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

SHARES_MAX = 10
OUTCOME_MAX = 500
_TOKEN_BYTES = 24


@transaction.atomic
def share(actor: Actor, *, ride: UUID) -> str:
    """The secret of a new link to the ride, shown this once; it ends with the ride. Raises Missing, Conflict
    (`wrong-state`, `too-many`)."""
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if found.state in states.CLOSED:
        raise Conflict("wrong-state", extra={"state": found.state})
    if RideShare.objects.filter(ride=found, ended_at=None).count() >= SHARES_MAX:
        raise Conflict("too-many")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    RideShare.objects.create(digest=codes.share_digest(token), ride=found, made_at=clock.now())
    return token


@transaction.atomic
def stop_sharing(actor: Actor, *, ride: UUID) -> int:
    """All links to the ride end. Answers how many. Raises Missing."""
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    return RideShare.objects.filter(ride=found, ended_at=None).update(ended_at=clock.now())


@transaction.atomic
def alarm(actor: Actor, *, id: UUID, ride: UUID) -> RideAlarm:
    """Rider or driver need help, now: an urgent fact, and the operator's desk and the city's operators see it until one of them
    has closed it. Also for some time after the end. The same id: the same answer. Raises Missing, Conflict `id-taken`."""
    found = frame.locked(ride)
    if actor.kind != "person" or actor.party not in (found.rider, found.driver):
        raise rides.missing()
    known = RideAlarm.objects.filter(id=id).first()
    if known is not None:
        if (known.ride_id, known.party) == (found.id, actor.party):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if found.vehicle is None:
        raise Conflict("wrong-state", extra={"state": found.state})
    by = "rider" if actor.party == found.rider else "driver"
    made = RideAlarm.objects.create(
        id=id, ride=found, party=actor.party, by=by, latitude_e6=found.vehicle.latitude_e6,
        longitude_e6=found.vehicle.longitude_e6, raised_at=clock.now(),
    )  # fmt: skip
    fact = RideAlarmed(operator=found.operator_id, vehicle=found.vehicle.id, district=found.vehicle.district, by=by)
    emit(fact, subject=found.id)
    tell(found)
    return made


@transaction.atomic
def take_alarm(actor: Actor, *, id: UUID) -> RideAlarm:
    """Somebody of the desk looks after it: one does. Again: the same answer. Raises Missing, Conflict `taken`."""
    found = _alarm(actor, id)
    if found.taken_by == actor.party:
        return found
    if found.taken_by is not None:
        raise Conflict("taken", extra={"at": found.taken_at.isoformat() if found.taken_at else ""})
    found.taken_by, found.taken_at = actor.party, clock.now()
    found.save(update_fields=["taken_by", "taken_at"])
    return found


@transaction.atomic
def close_alarm(actor: Actor, *, id: UUID, outcome: str) -> RideAlarm:
    """It is looked after, with what came of it. Again: the same answer. Raises Missing, Invalid."""
    found = _alarm(actor, id)
    if found.closed_at is not None:
        return found
    if not 1 <= len(outcome.strip()) <= OUTCOME_MAX:
        raise invalid("/outcome", "length", f"1..{OUTCOME_MAX}")
    now = clock.now()
    found.taken_by, found.taken_at = found.taken_by or actor.party, found.taken_at or now
    found.closed_at, found.outcome = now, outcome.strip()
    found.save()
    ride = found.ride
    seconds = round((now - found.raised_at).total_seconds())
    fact = RideAlarmClosed(operator=ride.operator_id, district=ride.quote.district, seconds=seconds)
    emit(fact, subject=ride.id, actor=actor.party)
    return found


def _alarm(actor: Actor, id: UUID) -> RideAlarm:
    """The alarm, locked, for the operator's desk and the city's operators. Raises Missing for others."""
    found = (
        RideAlarm.objects.select_for_update(of=("self",)).select_related("ride", "ride__quote").filter(id=id).first()
    )
    if found is None or not (actor.staff or actor.acts_for(found.ride.operator_id, *frame.DESK)):
        raise Missing("no-such-alarm", violations=[Violation(pointer="/alarm", rule="known")])
    actor.require_scope(roles.FLEET)
    return found
