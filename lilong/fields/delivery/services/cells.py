"""Which cell for which parcel, from when to when: the smallest free one that is large enough, booked in the calendar."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.models import LockerBank, LockerCell, LockerStay, Parcel, Shipment
from lilong.fields.delivery.rules import lockers as rules
from lilong.fields.delivery.rules.kinds import SIZES
from lilong.fields.delivery.rules.promises import SOON_SECONDS
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.calendar.drafts import BookingDraft
from lilong.kernel.calendar.services import book_many, release
from lilong.kernel.parties.actor import SYSTEM

TRIES = 6
_BATCH = calendar.RESOURCES_MAX


class _Taken(Exception):
    """Somebody was quicker with these cells."""

    def __init__(self, cells: set[UUID]) -> None:
        super().__init__()
        self.cells = cells


def take(
    shipment: Shipment, parcels: list[Parcel], bank: UUID, start: datetime, end: datetime, liked: dict[UUID, UUID]
) -> list[LockerStay]:
    """Reserves a cell for each parcel from `start` to `end`, the `liked` ones (parcel -> cell) where they are free.

    Raises Invalid `/parcels/n too-large`, Conflict `no-free-cell`. What others take meanwhile is tried around.
    """
    avoid: set[UUID] = set()
    for _try in range(TRIES):
        soon = clock.now().replace(microsecond=0) + timedelta(seconds=SOON_SECONDS)
        begin = max(start, soon)
        chosen = _choose(shipment, parcels, bank, begin, end, liked, avoid)
        try:
            with transaction.atomic():
                return _book(shipment, chosen, begin, end)
        except _Taken as taken:
            avoid |= taken.cells
    raise _none_free()


def give_up(stay: LockerStay, state: str) -> None:
    """The stay is over; what is left of its time in the calendar is free."""
    stay.state, stay.ended_at = state, clock.now()
    stay.save(update_fields=["state", "ended_at"])
    release(SYSTEM, id=stay.booking, reason=state)


def _choose(
    shipment: Shipment,
    parcels: list[Parcel],
    bank: UUID,
    start: datetime,
    end: datetime,
    liked: dict[UUID, UUID],
    avoid: set[UUID],
) -> dict[UUID, LockerCell]:
    """A cell for each parcel, the bulkiest parcels first; bigger cells if none of the right size is left."""
    free = _free(shipment, bank, start, end, avoid)
    found: dict[UUID, LockerCell] = {}
    for parcel in sorted(parcels, key=lambda p: -(p.length_mm * p.width_mm * p.height_mm)):
        sizes = rules.sizes_for(parcel.length_mm, parcel.width_mm, parcel.height_mm)
        if not sizes:
            raise invalid(f"/parcels/{parcel.number - 1}", "too-large")
        fitting = [cell for cell in free if cell.size in sizes]
        cell = next((each for each in fitting if each.id == liked.get(parcel.id)), fitting[0] if fitting else None)
        if cell is None:
            raise _none_free()
        free.remove(cell)
        found[parcel.id] = cell
    return found


def _free(shipment: Shipment, bank: UUID, start: datetime, end: datetime, avoid: set[UUID]) -> list[LockerCell]:
    """The bank's cells in order that are free in the calendar and empty, smallest first."""
    temperature = shipment.temperature if shipment.temperature in ("chilled", "frozen") else "ambient"
    occupied = LockerStay.objects.filter(cell__bank=bank, state="occupied").values("cell")
    rows = LockerCell.objects.filter(bank=bank, out_at=None, temperature=temperature).exclude(id__in=avoid)
    now_on = start <= clock.now() + timedelta(seconds=SOON_SECONDS)
    cells = list(rows.exclude(id__in=occupied)) if now_on else list(rows)
    cells.sort(key=lambda cell: (SIZES.index(cell.size), cell.number))
    length = max(1, int((end - start).total_seconds()) - 1)  # the calendar finds nothing before its next second
    free: set[UUID] = set()
    for at in range(0, len(cells), _BATCH):
        batch = [cell.id for cell in cells[at : at + _BATCH]]
        free |= {slot.resource for slot in calendar.find(batch, start, end, seconds=length)}
    return [cell for cell in cells if cell.id in free]


def _book(shipment: Shipment, chosen: dict[UUID, LockerCell], start: datetime, end: datetime) -> list[LockerStay]:
    stays = [
        LockerStay(
            id=ids.uuid7(), cell=cell, shipment=shipment, parcel=parcel, booking=ids.uuid7(), state="reserved",
            reserved_at=clock.now(), until=end,
        )
        for parcel, cell in chosen.items()
    ]  # fmt: skip
    drafts = [
        BookingDraft(
            id=stay.booking, resource=stay.cell_id, start=start, end=end, party=shipment.carrier_id, ref=shipment.id
        )
        for stay in stays
    ]
    outcomes = book_many(drafts)
    taken = {stay.cell_id for stay, outcome in zip(stays, outcomes, strict=True) if outcome.problem is not None}
    if taken:
        raise _Taken(taken)
    LockerStay.objects.bulk_create(stays)
    return stays


def _none_free() -> Conflict:
    return Conflict("no-free-cell", violations=[Violation(pointer="/bank", rule="free-cell")])


def bank_of(id: UUID) -> LockerBank:
    return LockerBank.objects.get(id=id)
