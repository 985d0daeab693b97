"""Reads of lockers: where they are and what is free is public; what is in which cell is the carrier's."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import LockerBank, LockerCell, LockerStay
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.kinds import SIZES
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import Actor


class BankView(msgspec.Struct, frozen=True, kw_only=True):
    """A bank; `cells` and `empty` by size (empty now and in order)."""

    id: UUID
    carrier: UUID
    name: Words
    district: str
    address: str
    latitude_e6: int
    longitude_e6: int
    stay_hours: int
    terminal: bool
    open: bool
    cells: dict[str, int]
    empty: dict[str, int]


class CellView(msgspec.Struct, frozen=True, kw_only=True):
    """A cell as the carrier's office sees it."""

    id: UUID
    number: int
    size: str
    temperature: str
    door: str
    out: bool
    out_reason: str
    shipment: UUID | None
    until: datetime | None
    overdue: bool


def banks(*, district: str = "", carrier: UUID | None = None) -> list[BankView]:
    """Open banks, of a district or a carrier where given."""
    rows = LockerBank.objects.filter(closed_at=None)
    rows = rows.filter(district=district) if district else rows
    rows = rows.filter(carrier=carrier) if carrier else rows
    return _views(list(rows.order_by("opened_at", "id")))


def bank(id: UUID) -> BankView:
    """Raises Missing."""
    row = LockerBank.objects.filter(id=id).first()
    if row is None:
        raise _missing()
    return _views([row])[0]


def cells(actor: Actor, bank: UUID) -> list[CellView]:
    """What is in which cell, for the carrier's office. Raises Missing."""
    row = LockerBank.objects.filter(id=bank).first()
    if row is None or not actor.acts_for(row.carrier_id, *roles.LOOK):
        raise _missing()
    inside = {
        stay.cell_id: stay
        for stay in LockerStay.objects.filter(cell__bank=bank, state__in=["reserved", "occupied"]).order_by("state")
    }
    return [_cell(cell, inside.get(cell.id)) for cell in LockerCell.objects.filter(bank=bank).order_by("number")]


def _cell(row: LockerCell, stay: LockerStay | None) -> CellView:
    return CellView(
        id=row.id, number=row.number, size=row.size, temperature=row.temperature, door=row.door, out=row.out_at is not None,
        out_reason=row.out_reason, shipment=stay.shipment_id if stay else None, until=stay.until if stay else None,
        overdue=stay is not None and stay.state == "occupied" and stay.until <= clock.now(),
    )  # fmt: skip


def _views(rows: list[LockerBank]) -> list[BankView]:
    every = LockerCell.objects.filter(bank__in=rows).values_list("id", "bank", "size", "out_at")
    busy = set(
        LockerStay.objects.filter(cell__bank__in=rows, state__in=["reserved", "occupied"]).values_list(
            "cell", flat=True
        )
    )
    counts: dict[UUID, dict[str, int]] = {row.id: dict.fromkeys(SIZES, 0) for row in rows}
    empty: dict[UUID, dict[str, int]] = {row.id: dict.fromkeys(SIZES, 0) for row in rows}
    for id, bank, size, out_at in every:
        counts[bank][size] += 1
        empty[bank][size] += out_at is None and id not in busy
    return [
        BankView(
            id=row.id, carrier=row.carrier_id, name=Words.read(row.name), district=row.district, address=row.address,
            latitude_e6=row.latitude_e6, longitude_e6=row.longitude_e6, stay_hours=row.stay_hours,
            terminal=row.device is not None, open=row.closed_at is None, cells=counts[row.id], empty=empty[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _missing() -> Missing:
    return Missing("no-such-bank", violations=[Violation(pointer="/bank", rule="known")])
