"""Asking for a ride, changing where it goes, asking for a new start code."""

from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.mobility.events.rides import RideRedirected, RideRequested
from lilong.fields.mobility.models import Ride, RideQuote
from lilong.fields.mobility.rules.rides import codes, fares, states
from lilong.fields.mobility.services.rides import commands, frame, money, tariffs
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def request(actor: Actor, *, id: UUID, quote: UUID) -> Ride:
    """Asks for the ride of a quote and holds its money; the next round of matching looks for a car.

    The same id with the same quote: the same answer. Raises Missing `no-such-quote`, Forbidden, Conflict (`quote-expired`,
    `quote-used`, `ride-open`: one at a time, `insufficient-funds`, `id-taken`).
    """
    actor.require_scope(frame.RIDE)
    known = Ride.objects.filter(id=id).first()
    if known is not None:
        if (known.rider, known.quote_id) == (actor.party, quote):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    offered = _quote(actor, quote)
    if offered.changes is not None:
        raise Missing("no-such-quote", violations=[Violation(pointer="/quote", rule="for-a-new-ride")])
    ride = Ride(
        id=id,
        rider=actor.party,
        operator_id=offered.operator_id,
        plan=offered.plan,
        quote=offered,
        requested_at=clock.now(),
        hold=id,
        held=0,
    )
    _save_new(ride)
    money.hold(ride, fares.held_for(tariffs.terms_of(offered.tariff), offered.total))
    ride.save(update_fields=["hold", "held"])
    fact = RideRequested(
        operator=ride.operator_id, plan=ride.plan, district=offered.district, people=offered.people,
        quoted=offered.total, metres=offered.metres,
    )  # fmt: skip
    emit(fact, subject=id, actor=actor.party)
    tell(ride)
    return ride


def _save_new(ride: Ride) -> None:
    """Raises Conflict `ride-open` for who has one (named, so that a lost answer is found again), `quote-used`."""
    try:
        with transaction.atomic():
            ride.save(force_insert=True)
    except IntegrityError:
        opened = Ride.objects.filter(rider=ride.rider, state__in=states.OPEN).first()
        if opened is not None:
            raise Conflict("ride-open", extra={"ride": str(opened.id)}) from None
        raise Conflict("quote-used", violations=[Violation(pointer="/quote", rule="once")]) from None


@transaction.atomic
def redirect(actor: Actor, *, ride: UUID, quote: UUID) -> Ride:
    """Takes a quote of `requote`: the ride goes there, at that price; the hold follows. Again: the same answer.

    Raises Missing, Conflict (`wrong-state`, `quote-expired`, `insufficient-funds`).
    """
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if found.quote_id == quote:
        return found
    offered = _quote(actor, quote)
    if offered.changes != found.id:
        raise Missing("no-such-quote", violations=[Violation(pointer="/quote", rule="of-ride")])
    if found.state in states.CLOSED:
        raise Conflict("wrong-state", extra={"state": found.state})
    money.hold_anew(found, fares.held_for(tariffs.terms_of(offered.tariff), offered.total))
    found.quote = offered
    found.version += 1
    found.save(update_fields=["quote", "version", "hold", "held", "holds"])
    if found.state in states.WITH_CAR:
        commands.lead(found, frame.bound(found).vehicle)
    fact = RideRedirected(
        operator=found.operator_id, district=offered.district, quoted=offered.total, metres=offered.metres
    )
    emit(fact, subject=found.id, actor=actor.party)
    tell(found, found.duty_id)
    return found


@transaction.atomic
def new_code(actor: Actor, *, ride: UUID) -> Ride:
    """Another start code for the rider: the old one was seen, or tried too often. Raises Missing, Conflict `too-late`."""
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if found.state not in states.BEFORE_START or found.turn + 1 >= codes.TURNS_MAX:
        raise Conflict("too-late", extra={"state": found.state})
    found.turn, found.tries = found.turn + 1, 0
    found.save(update_fields=["turn", "tries"])
    tell(found)
    return found


def _quote(actor: Actor, quote: UUID) -> RideQuote:
    """A quote of the actor's that still holds, locked: nobody forgets it meanwhile."""
    found = RideQuote.objects.select_for_update(of=("self",)).select_related("tariff").filter(id=quote).first()
    if found is None or found.rider != actor.party:
        raise Missing("no-such-quote", violations=[Violation(pointer="/quote", rule="known")])
    if found.expires_at <= clock.now():
        raise Conflict("quote-expired", violations=[Violation(pointer="/quote", rule="in-time")])
    return found
