"""Rentals, receipts and licences as their riders and operators see them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.mobility.models import DamagePhoto, Licence, Receipt, Rental, TripRule
from lilong.fields.mobility.models.rentals import RUNNING
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.rules import roles
from lilong.kernel.base import paging
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.parties.actor import Actor


class RentalView(msgspec.Struct, frozen=True, kw_only=True):
    """A rental for its rider and its operator. Money in fen; `free_until` is how long the car could be kept (None: nobody
    comes next), `rule` what the geofences say where it is now."""

    id: UUID
    operator: UUID
    vehicle: UUID
    plate: str
    name: Words
    mode: str
    form_factor: str
    state: str
    start: datetime
    end: datetime | None
    quoted: int
    deposit: int
    held: int
    total: int | None
    owed: int
    metres: int
    booked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    latitude_e6: int | None
    longitude_e6: int | None
    energy_pm: int | None
    locked: bool | None
    engine_on: bool | None
    replaces: UUID | None
    replacement: UUID | None
    district: str
    rule: dict[str, Any] | None = None
    free_until: datetime | None = None
    rider: UUID | None = None  # for the operator


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """`lines` sum to `total`, in minor units of `currency`."""

    id: UUID
    trip: UUID
    kind: str
    operator: UUID
    currency: str
    total: int
    lines: list[dict[str, Any]]
    seconds: int
    metres: int
    issued_at: datetime
    tariff: UUID
    plan: UUID
    version: int


class LicenceView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    classes: list[str]
    valid_until: date
    state: str
    reason: str
    submitted_at: datetime
    person: UUID


def rental(actor: Actor, id: UUID) -> RentalView:
    """One rental, for its rider and who works for its operator; Missing for others."""
    found = row(actor, id)
    return view(found, whole=True, rider=not actor.acts_for(found.rider))


def row(actor: Actor, id: UUID) -> Rental:
    """The same, with its vehicle, kind, tariff and stations."""
    rows = Rental.objects.select_related("vehicle__type", "type", "tariff", "end_station", "vehicle__home", "replaces")
    found = rows.filter(id=id).first()
    if found is None or not (actor.acts_for(found.rider) or actor.acts_for(found.operator_id, *roles.RUN)):
        raise missing()
    return found


def missing() -> Missing:
    return Missing("no-such-rental", violations=[Violation(pointer="/rental", rule="known")])


def shows_vehicle(row: Rental) -> bool:
    """Whether the rider may know where the vehicle is: from the booking to the end, but not while somebody else drives it."""
    return row.state in RUNNING and row.vehicle.trip in (None, row.id)


def rentals_of(actor: Actor, *, cursor: str = "", size: int = 20) -> paging.Slice:
    """The actor's own, newest first."""
    rows = everything().filter(rider=actor.party)
    return paged(rows, cursor, size, rider=False)


def receipt_row(actor: Actor, trip: UUID) -> Receipt:
    """The receipt of a rental or ride, for its rider and who works for its operator; Missing for others."""
    row = Receipt.objects.select_related("tariff").filter(trip=trip).first()
    if row is None or not (actor.acts_for(row.rider) or actor.acts_for(row.operator_id, *roles.RUN)):
        raise Missing("no-such-receipt", violations=[Violation(pointer="/trip", rule="known")])
    return row


def receipt(actor: Actor, trip: UUID) -> ReceiptView:
    """The same as it is told to other programs."""
    row = receipt_row(actor, trip)
    return ReceiptView(
        id=row.id,
        trip=row.trip,
        kind=row.kind,
        operator=row.operator_id,
        currency=row.currency,
        total=row.total,
        lines=row.lines,
        seconds=row.seconds,
        metres=row.metres,
        issued_at=row.issued_at,
        tariff=row.tariff_id,
        plan=row.tariff.plan,
        version=row.tariff.version,
    )


def licences_of(actor: Actor) -> list[LicenceView]:
    """The actor's own, newest first."""
    return [_licence(row) for row in Licence.objects.filter(person=actor.party).order_by("-submitted_at")]


def licences_to_decide(actor: Actor, *, size: int = 100) -> list[LicenceView]:
    """For the city's desk: those handed in, oldest first. Raises Forbidden."""
    actor.require_staff()
    return [_licence(row) for row in Licence.objects.filter(state="submitted").order_by("submitted_at")[:size]]


def photo(actor: Actor, id: UUID) -> tuple[str, bytes]:
    """A photograph's media type and content, for its rider and the operator; Missing for others."""
    row = DamagePhoto.objects.select_related("report__rental").filter(id=id).first()
    rental = row.report.rental if row else None
    if (
        row is None
        or rental is None
        or not (actor.acts_for(rental.rider) or actor.acts_for(rental.operator_id, *roles.RUN))
    ):
        raise Missing("no-such-report", violations=[Violation(pointer="/photo", rule="known")])
    return row.media_type, bytes(row.content)


def everything() -> QuerySet[Rental]:
    return Rental.objects.select_related("vehicle", "type")


def paged(rows: QuerySet[Rental], cursor: str, size: int, *, rider: bool) -> paging.Slice:
    found = paging.page(rows, by=("-booked_at", "-id"), cursor=cursor, size=size)
    return paging.Slice(items=[view(row, whole=False, rider=rider) for row in found.items], next=found.next)


def view(row: Rental, *, whole: bool, rider: bool) -> RentalView:
    vehicle = row.vehicle
    replacement = (
        Rental.objects.filter(replaces=row).values_list("id", flat=True).first() if row.state == "moved" else None
    )
    shown = shows_vehicle(row)
    return RentalView(
        id=row.id,
        operator=row.operator_id,
        vehicle=row.vehicle_id,
        plate=vehicle.plate,
        name=Words.read(row.type.name),
        mode=row.mode,
        form_factor=row.type.form_factor,
        state=row.state,
        start=row.start,
        end=row.end,
        quoted=row.quoted,
        deposit=row.deposit,
        held=row.held,
        total=row.total,
        owed=row.owed,
        metres=row.metres,
        booked_at=row.booked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        latitude_e6=vehicle.latitude_e6 if shown else row.end_latitude_e6,
        longitude_e6=vehicle.longitude_e6 if shown else row.end_longitude_e6,
        energy_pm=vehicle.energy_pm if shown else None,
        locked=vehicle.locked if shown else None,
        engine_on=vehicle.engine_on if shown else None,
        replaces=row.replaces_id,
        replacement=replacement,
        district=vehicle.district if shown else "",
        rule=_rule(row) if whole and row.state == "started" else None,
        free_until=_free_until(row) if whole and row.state in RUNNING else None,
        rider=row.rider if rider else None,
    )


def _rule(row: Rental) -> dict[str, Any] | None:
    found = TripRule.objects.filter(trip=row.id).first()
    if found is None:
        return None
    return {"zone": str(found.zone) if found.zone else None, "speed_kph": found.speed_kph, "through": found.through}


def _free_until(row: Rental) -> datetime | None:
    """When the next booking makes an end necessary, the turnaround taken off."""
    if row.end is None:
        return None
    following = [b for b in calendar.bookings(row.vehicle_id, row.end, row.start + rules.LONGEST) if b.id != row.id]
    if not following:
        return None
    buffer = calendar.resource(row.vehicle_id).buffer_seconds
    return max(row.end, datetime.fromtimestamp(following[0].start.timestamp() - buffer, row.end.tzinfo))


def _licence(row: Licence) -> LicenceView:
    return LicenceView(
        id=row.id,
        classes=list(row.classes),
        valid_until=row.valid_until,
        state=row.state,
        reason=row.reason,
        submitted_at=row.submitted_at,
        person=row.person,
    )
