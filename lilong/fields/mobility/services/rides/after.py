"""After a ride: rating each other, a tip, money back, something left in the car."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.events.rides import RideItemLost, RideRated, RideRefunded, RideTipped
from lilong.fields.mobility.models import LostItem, Ride, RideRating
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services.rides import frame, money, tariffs
from lilong.fields.mobility.services.rides.telling import tell
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

STARS_MAX, WORDS_MAX, WHAT_MAX = 5, 500, 300
TIP_MAX = 50_000
_FOUND = ("found", "not-found", "returned")


@transaction.atomic
def rate(actor: Actor, *, id: UUID, ride: UUID, stars: int, words: str = "") -> RideRating:
    """The rider of the driver (or of the robotaxi), the driver of the rider; once each.

    The same id with the same body: the same answer. Raises Missing, Invalid, Conflict (`wrong-state`, `already-rated`).
    """
    found = frame.locked(ride)
    by = _party(actor, found)
    if not 1 <= stars <= STARS_MAX:
        raise invalid("/stars", "range", f"1..{STARS_MAX}")
    if len(words) > WORDS_MAX:
        raise invalid("/words", "max-length", str(WORDS_MAX))
    known = RideRating.objects.filter(ride=found, by=by).first()
    if known is not None:
        if (known.id, known.stars, known.words) == (id, stars, words):
            return known
        raise Conflict("already-rated")
    if RideRating.objects.filter(id=id).exists():
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    _require_completed(found)
    made = RideRating.objects.create(id=id, ride=found, by=by, stars=stars, words=words, at=clock.now())
    fact = RideRated(
        operator=found.operator_id, district=found.quote.district, driverless=found.driver is None, by=by, stars=stars
    )
    emit(fact, subject=found.id)
    return made


@transaction.atomic
def tip(actor: Actor, *, ride: UUID, amount: int) -> Ride:
    """Something for the driver, once, all of it theirs. The same amount again: the same answer.

    Raises Missing, Invalid `/amount`, Conflict (`wrong-state`, `no-driver`, `already-paid`, `insufficient-funds`).
    """
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if not 0 < amount <= TIP_MAX:
        raise invalid("/amount", "range", f"1..{TIP_MAX}")
    _require_completed(found)
    if found.driver is None:
        raise Conflict("no-driver", violations=[Violation(pointer="/ride", rule="has-driver")])
    if found.tip:
        if found.tip == amount:
            return found
        raise Conflict("already-paid")
    money.tip(found, amount)
    found.tip = amount
    found.save(update_fields=["tip"])
    fact = RideTipped(operator=found.operator_id, district=found.quote.district, amount=amount)
    emit(fact, subject=found.id, actor=actor.party)
    tell(found)
    return found


@transaction.atomic
def refund(actor: Actor, *, ride: UUID, reason: str) -> Ride:
    """The operator gives back what was paid, by reversals: fare, commission and the driver's part. Again: the same answer.

    Raises Missing, Conflict (`wrong-state`, `nothing-paid`, `ledger-insufficient` where it has been spent since).
    """
    found = frame.locked(ride)
    if not actor.acts_for(found.operator_id, *roles.MANAGE):
        raise rides.missing()
    actor.require_scope(roles.FLEET)
    if found.refunded:
        return found
    if found.state not in states.CLOSED:
        raise Conflict("wrong-state", extra={"state": found.state})
    if not found.total:
        raise Conflict("nothing-paid")
    money.take_back(found, tariffs.terms_of(found.quote.tariff))
    found.refunded = True
    found.save(update_fields=["refunded"])
    fact = RideRefunded(
        operator=found.operator_id, district=found.quote.district, amount=found.total, reason=_known_reason(reason)
    )
    emit(fact, subject=found.id, actor=actor.party)
    tell(found)
    return found


@transaction.atomic
def report_lost(actor: Actor, *, id: UUID, ride: UUID, what: str) -> LostItem:
    """The rider left something in the car. The same id with the same words: the same answer. Raises Missing, Invalid,
    Conflict (`wrong-state`, `id-taken`)."""
    found = frame.locked(ride)
    frame.require_rider(actor, found)
    if not 1 <= len(what.strip()) <= WHAT_MAX:
        raise invalid("/what", "length", f"1..{WHAT_MAX}")
    known = LostItem.objects.filter(id=id).first()
    if known is not None:
        if (known.ride_id, known.what) == (found.id, what.strip()):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    _require_completed(found)
    made = LostItem.objects.create(id=id, ride=found, what=what.strip(), reported_at=clock.now())
    emit(RideItemLost(operator=found.operator_id, district=found.quote.district), subject=found.id)
    return made


@transaction.atomic
def answer_lost(actor: Actor, *, id: UUID, state: str, answer: str = "") -> LostItem:
    """What the operator found of it. Raises Missing, Invalid."""
    found = LostItem.objects.select_for_update(of=("self",)).select_related("ride").filter(id=id).first()
    if found is None or not actor.acts_for(found.ride.operator_id, *frame.DESK):
        raise Missing("no-such-item", violations=[Violation(pointer="/item", rule="known")])
    actor.require_scope(roles.FLEET)
    if state not in _FOUND:
        raise invalid("/state", "one-of", ", ".join(_FOUND))
    if len(answer) > WORDS_MAX:
        raise invalid("/answer", "max-length", str(WORDS_MAX))
    found.state, found.answer, found.answered_at = state, answer, clock.now()
    found.save(update_fields=["state", "answer", "answered_at"])
    return found


def _party(actor: Actor, ride: Ride) -> str:
    """Which of the two. Raises Missing for anybody else."""
    if actor.kind == "person" and actor.party == ride.rider:
        actor.require_scope(frame.RIDE)
        return "rider"
    if actor.kind == "person" and ride.driver is not None and actor.party == ride.driver:
        actor.require_scope(frame.DRIVE)
        return "driver"
    raise rides.missing()


def _require_completed(ride: Ride) -> None:
    if ride.state != states.COMPLETED:
        raise Conflict("wrong-state", extra={"state": ride.state})


REFUND_REASONS = frozenset({"wrong-fare", "bad-service", "safety", "goodwill"})


def _known_reason(reason: str) -> str:
    """A fact holds no words of people: only reasons that are known."""
    return reason if reason in REFUND_REASONS else "other"
