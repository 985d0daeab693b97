"""Booking a shared car, making it longer, calling it off."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.mobility.drafts import BookingDraft
from lilong.fields.mobility.events.rentals import RentalBooked, RentalCancelled, RentalExtended
from lilong.fields.mobility.models import Rental, RentalChange, Vehicle
from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.rules import tariffs
from lilong.fields.mobility.services import turns, vehicle_states
from lilong.fields.mobility.services.licences import require_licence
from lilong.fields.mobility.services.rentals import frame, money
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.calendar import services as calendar
from lilong.kernel.parties.actor import SYSTEM, Actor


def book(actor: Actor, draft: BookingDraft) -> Rental:
    """Books a shared car and holds its price and deposit. The same id with the same body: the same answer.

    Raises Forbidden, Missing, Invalid (`/start`, `/end`, `/foreseen_m`), Conflict: `licence-needed` (until the end of the
    booking), `fares-owed`, `price-changed` (with `price`), `insufficient-funds`, `id-taken`, and `vehicle-taken` with
    `alternatives`: the same car at other times, other cars nearby at the same time.
    """
    rider = frame.rider_of(actor)
    rules.check_times(draft.start, draft.end, draft.foreseen_m, clock.now())
    vehicle = finding.vehicle_of(draft.vehicle, "car-share")
    try:
        return _book(actor, draft, rider, vehicle)
    except Conflict as refused:
        if refused.code != "slot-taken":
            raise
        raise _taken(vehicle, draft, refused) from refused


@transaction.atomic
def _book(actor: Actor, draft: BookingDraft, rider: UUID, vehicle: Vehicle) -> Rental:
    turns.wait_for("rental", draft.id)
    body = _body(draft, rider)
    known = Rental.objects.filter(id=draft.id).first()
    if known is not None:
        if bytes(known.body) == body:
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if vehicle.state in finding.GONE:
        raise Conflict("vehicle-state", violations=[Violation(pointer="/vehicle", rule=vehicle.state)])
    require_paid_up(rider)
    require_licence(rider, vehicle.type.licence_class, draft.end)
    tariff = finding.tariff_of(vehicle.type)
    found = finding.price(tariff, tariffs.bill(finding.read_terms(tariff), draft.start, draft.end, draft.foreseen_m))
    if draft.price not in (None, found.total):
        wrong = [Violation(pointer="/price", rule="as-shown")]
        raise Conflict("price-changed", violations=wrong, extra={"price": found.total})
    row = Rental(
        id=draft.id,
        operator=vehicle.operator,
        vehicle=vehicle,
        type=vehicle.type,
        mode=vehicle.mode,
        rider=rider,
        tariff=tariff,
        state="booked",
        start=draft.start,
        end=draft.end,
        quoted=found.total,
        deposit=found.deposit,
        held=found.held,
        foreseen_m=draft.foreseen_m,
        booked_at=clock.now(),
        body=body,
    )
    row.save(force_insert=True)
    money.hold(row)
    place(row)
    tell_booked(actor, row, vehicle)
    return row


def place(row: Rental) -> None:
    """Takes the car's calendar for a rental. Raises Conflict `slot-taken`."""
    assert row.end is not None
    start = max(row.start, clock.now().replace(microsecond=0))  # a start that was just now
    calendar.book(SYSTEM, id=row.id, resource=row.vehicle_id, start=start, end=row.end, party=row.rider, ref=row.id)


def tell_booked(actor: Actor, row: Rental, vehicle: Vehicle) -> None:
    assert row.end is not None
    frame.tell(
        RentalBooked,
        row,
        vehicle,
        actor=actor,
        seconds=int((row.end - row.start).total_seconds()),
        ahead_seconds=max(0, int((row.start - row.booked_at).total_seconds())),
        quoted=row.quoted,
        deposit=row.deposit,
        replaces=row.replaces_id,
    )


def require_paid_up(rider: UUID) -> None:
    """Raises Conflict `fares-owed`, naming the rental, while something is left to pay."""
    owing = Rental.objects.filter(rider=rider, owed__gt=0).first()
    if owing is not None:
        raise Conflict("fares-owed", extra={"rental": str(owing.id), "owed": owing.owed})


def extend(actor: Actor, *, id: UUID, rental: UUID, end: datetime) -> Rental:
    """Makes a booking longer, also under way; the difference is held. The same id again: the same answer.

    Raises Missing, Invalid `/end`, Conflict: `next-booking` (with `free_until`: how long the car is free), `licence-needed`,
    `insufficient-funds`, `rental-over`, `id-taken`.
    """
    try:
        return _extend(actor, id, rental, end)
    except Conflict as refused:
        if refused.code != "slot-taken":
            raise
        free = refused.extra["free_until"]
        wrong = [Violation(pointer="/end", rule="next-booking", detail=free)]
        raise Conflict("next-booking", violations=wrong, extra={"free_until": free}) from refused


@transaction.atomic
def _extend(actor: Actor, id: UUID, rental: UUID, end: datetime) -> Rental:
    row = frame.locked(actor, rental)
    known = RentalChange.objects.filter(id=id).first()
    if known is not None:
        if (known.rental_id, known.end_after) == (row.id, end):
            return row
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if row.state not in ("booked", "unlocking", "started") or row.end is None:
        raise Conflict("rental-over", violations=[Violation(pointer="/rental", rule=row.state)])
    _check_end(row, end)
    require_licence(row.rider, row.type.licence_class, end)
    plan = finding.read_terms(row.tariff)
    before, after = (tariffs.bill(plan, row.start, until, row.foreseen_m).total for until in (row.end, end))
    change = RentalChange(id=id, rental=row, end_before=row.end, end_after=end, held=after - before, at=clock.now())
    number = row.changes.count() + 1
    change.save(force_insert=True)
    money.hold_more(row, number, change.held)
    calendar.change_end(SYSTEM, id=row.id, end=end)
    row.end, row.held = end, row.held + change.held
    row.save(update_fields=["end", "held"])
    seconds = int((end - change.end_before).total_seconds())
    frame.tell(RentalExtended, row, row.vehicle, actor=actor, seconds=seconds, held=change.held)
    return row


def _check_end(row: Rental, end: datetime) -> None:
    assert row.end is not None
    if end.tzinfo is None or end.microsecond:
        raise invalid("/end", "time-zone" if end.tzinfo is None else "whole-seconds")
    if end <= max(row.end, clock.now()):
        raise invalid("/end", "later")
    if end - row.start > rules.LONGEST:
        raise invalid("/end", "longest")


@transaction.atomic
def cancel(actor: Actor, *, rental: UUID) -> Rental:
    """Calls a booking off. The rider pays the tariff's fee for so short a time ahead; the operator's cancelling is free.

    Cancelling again answers the same. Raises Missing, Conflict `wrong-state` once the car was opened.
    """
    row = frame.locked(actor, rental, operator_may=True)
    if row.state == "cancelled":
        return row
    if row.state != "booked":
        raise Conflict("wrong-state", violations=[Violation(pointer="/rental", rule=row.state)])
    mine = actor.acts_for(row.rider)
    left = int((row.start - clock.now()).total_seconds())
    bill = tariffs.cancelling(finding.read_terms(row.tariff), row.quoted, left) if mine else tariffs.NOTHING
    row.state, row.total, row.ended_at = "cancelled", bill.total, clock.now()
    row.owed = money.capture(row, bill.total)
    row.save(update_fields=["state", "total", "ended_at", "owed"])
    if bill.total:
        frame.receipt(row, bill)
    calendar.release(SYSTEM, id=row.id, reason="cancelled")
    free_vehicle(row, "customer_cancellation" if mine else "provider_cancellation")
    frame.tell(
        RentalCancelled,
        row,
        row.vehicle,
        actor=actor,
        by="rider" if mine else "operator",
        left_seconds=left,
        fee=bill.total,
    )
    return row


def free_vehicle(row: Rental, event: str) -> None:
    """A vehicle that was kept for the rental is for everybody again."""
    vehicle = vehicle_states.locked(row.vehicle_id)
    if vehicle.state == "reserved" and vehicle.trip in (None, row.id) and keeps(vehicle, row.id):
        vehicle_states.move(vehicle, [event], trip=row.id)


def keeps(vehicle: Vehicle, rental: UUID) -> bool:
    """Whether a reserved vehicle is kept for that rental."""
    last = vehicle.events.filter(events__contains=["reservation_start"]).order_by("-sequence").first()
    return last is not None and rental in last.trips


def _taken(vehicle: Vehicle, draft: BookingDraft, refused: Conflict) -> Conflict:
    same = refused.extra.get("alternatives", ())
    free = finding.alternatives(vehicle, draft.start, draft.end, same_car=same)
    return Conflict(
        "vehicle-taken",
        violations=[Violation(pointer="/start", rule="vehicle-taken")],
        extra={"vehicle": str(vehicle.id), "alternatives": msgspec.to_builtins(free)},
    )


def _body(draft: BookingDraft, rider: UUID) -> bytes:
    """What tells the same request from another under its id. The price shown may differ: it is not what is asked for."""
    same = (draft.vehicle, int(draft.start.timestamp()), int(draft.end.timestamp()), draft.foreseen_m, rider)
    return hashlib.blake2b(msgspec.json.encode(same), digest_size=16).digest()
