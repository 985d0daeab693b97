"""What the clock does: promises broken, lockers nobody came to, doors that never opened. Jobs; safe to kill and to run twice."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction

from lilong.fields.delivery.events import shipments as facts
from lilong.fields.delivery.models import LockerStay, Shipment
from lilong.fields.delivery.rules import states
from lilong.fields.delivery.rules.lockers import REMIND_HOURS
from lilong.fields.delivery.rules.promises import SOON_SECONDS
from lilong.fields.delivery.services import cells, codes, lockers, steps
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.calendar.drafts import BookingDraft
from lilong.kernel.calendar.services import book_many
from lilong.kernel.parties.actor import SYSTEM

LIMIT = 500
log = structlog.get_logger("lilong.delivery")
MORE_HOURS = 24  # a cell that nobody emptied stays taken for another day


def tell_late(limit: int = LIMIT) -> int:
    """Shipments whose promise passed while they were not there; each is told once. Answers how many."""
    open_states = [state for state in states.OPEN if state not in (states.IN_LOCKER, states.RETURNING)]
    due = Shipment.objects.filter(state__in=open_states, latest__lt=clock.now(), late_at=None).order_by("latest")
    return _each(list(due.values_list("id", flat=True)[:limit]), _late)


def _late(id: UUID) -> bool:
    found = steps.locked(id)
    if found.late_at is not None or found.state in (*states.FINAL, states.IN_LOCKER):
        return False
    found.late_at = clock.now()
    found.save(update_fields=["late_at"])
    steps.tell(SYSTEM, found, facts.ShipmentLate(**steps.told(found), state=found.state))
    return True


def remind(limit: int = LIMIT) -> int:
    """Tells once that the time in a locker ends soon."""
    soon = clock.now() + timedelta(hours=REMIND_HOURS)
    due = LockerStay.objects.filter(state="occupied", until__lte=soon, reminded_at=None).order_by("until")
    return _each(list(dict.fromkeys(due.values_list("shipment", flat=True)[:limit])), _remind)


def _remind(id: UUID) -> bool:
    found = steps.locked(id)
    if not found.stays.filter(state="occupied", reminded_at=None).update(reminded_at=clock.now()):
        return False
    assert found.bank_id is not None
    steps.tell(SYSTEM, found, facts.ShipmentOverdue(**steps.told(found), bank=found.bank_id, over=False))
    return True


def end_stays(limit: int = LIMIT) -> int:
    """Whose time in a locker is over goes back; its cell stays taken until somebody has emptied it."""
    due = LockerStay.objects.filter(state="occupied", until__lte=clock.now()).order_by("until")
    return _each(list(dict.fromkeys(due.values_list("shipment", flat=True)[:limit])), _end_stay)


def _end_stay(id: UUID) -> bool:
    found = steps.locked(id)
    stays = list(found.stays.filter(state="occupied", until__lte=clock.now()))
    if not stays:
        return False
    if found.state == states.IN_LOCKER:
        assert found.bank_id is not None
        lockers.begin_return(SYSTEM, found, "overdue")
        steps.tell(SYSTEM, found, facts.ShipmentOverdue(**steps.told(found), bank=found.bank_id, over=True))
    for stay in stays:
        _longer(found, stay)
    return True


def _longer(shipment: Shipment, stay: LockerStay) -> None:
    """Books the cell on, if nobody has it: whoever reserved it meanwhile is given another cell when he comes."""
    start = (max(stay.until, clock.now()) + timedelta(seconds=SOON_SECONDS)).replace(microsecond=0)
    until = start + timedelta(hours=MORE_HOURS)
    draft = BookingDraft(
        id=ids.uuid7(), resource=stay.cell_id, start=start, end=until, party=shipment.carrier_id, ref=shipment.id
    )
    (outcome,) = book_many([draft])
    if outcome.problem is None:
        stay.booking = draft.id
    stay.until = until
    stay.save(update_fields=["until", "booking"])


def end_reservations(limit: int = LIMIT) -> int:
    """Cells reserved for what never came are free again."""
    due = LockerStay.objects.filter(state="reserved", until__lte=clock.now()).order_by("until")
    return _each(list(dict.fromkeys(due.values_list("shipment", flat=True)[:limit])), _end_reserved)


def _end_reserved(id: UUID) -> bool:
    found = steps.locked(id)
    stays = list(found.stays.filter(state="reserved", until__lte=clock.now()))
    for stay in stays:
        cells.give_up(stay, "expired")
    return bool(stays)


def close_silent_doors(limit: int = LIMIT) -> int:
    """A code was accepted and the door never said that it opened: the parcel is where it was, and there is a new code."""
    since = clock.now() - timedelta(minutes=lockers.OPENING_MINUTES)
    due = LockerStay.objects.filter(state="occupied", opening_at__lte=since).order_by("opening_at")
    return _each(list(dict.fromkeys(due.values_list("shipment", flat=True)[:limit])), _close_silent)


def _close_silent(id: UUID) -> bool:
    found = steps.locked(id)
    stays = list(found.stays.filter(state="occupied", opening_at__isnull=False))
    if not stays:
        return False
    renew(found, stays)
    return True


def renew(shipment: Shipment, stays: list[LockerStay]) -> None:
    """A new code in place of one that was used in vain. The shipment is locked."""
    LockerStay.objects.filter(id__in=[stay.id for stay in stays]).update(opening_at=None)
    if shipment.state == states.IN_LOCKER and shipment.bank_id is not None:
        codes.make(shipment, codes.LOCKER, shipment.bank_id, min(stay.until for stay in stays))


def _each(found: list[UUID], step: Callable[[UUID], bool]) -> int:
    """Each in a transaction of its own; one that is refused is left for the next time and keeps none of the others."""
    done = 0
    for id in found:
        try:
            with transaction.atomic():
                done += step(id)
        except Problem as problem:
            log.warning("delivery-overdue-refused", shipment=str(id), why=problem.code)
    return done
