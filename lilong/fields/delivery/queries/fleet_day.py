"""A courier's day as his phone keeps it: stops in their order, goods, where to, whom to call."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import LockerBank
from lilong.fields.delivery.queries.runs import today
from lilong.fields.delivery.queries.shipments import ShipmentView
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.views import AddressView

WHY = "delivery"


class DayStop(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do: `kind` 'pickup', 'delivery' or (without a place in a run) 'aboard'."""

    kind: str
    shipment: UUID
    state: str
    latitude: float
    longitude: float
    earliest: datetime
    latest: datetime
    eta: datetime | None


class DayShipment(msgspec.Struct, frozen=True, kw_only=True):
    """Goods; `who`, `line` and `phone` are the recipient's, from the address book: empty, with `same`, where the phone has
    them already."""

    id: UUID
    state: str
    stopped: str
    proofs: list[str]
    contactless: bool
    instructions: str
    temperature: str
    parcels: int
    weight_g: int
    bank: str
    bank_id: UUID | None
    who: str
    line: str
    phone: str
    sender: str
    same: bool = False


class Day(msgspec.Struct, frozen=True, kw_only=True):
    vehicle: UUID
    state: str
    at: datetime
    stops: list[DayStop]
    shipments: list[DayShipment]


def day(actor: Actor, have: Collection[UUID] = ()) -> Day:
    """What the courier has to do, and everything for it. Addresses are read in his name, which their owners see; so those of
    the shipments that the phone has them of (`have`) are not read again. Raises Missing."""
    found = today(actor, actor.party)
    by = {each.id: each for each in found.shipments}
    stops = [
        DayStop(
            kind=stop.kind, shipment=stop.shipment, state=stop.state, latitude=stop.latitude_e6 / 1e6,
            longitude=stop.longitude_e6 / 1e6, earliest=stop.earliest, latest=stop.latest, eta=stop.eta,
        )
        for run in found.runs
        for stop in run.stops
        if stop.state in ("planned", "arrived")
    ]  # fmt: skip
    planned = {stop.shipment for stop in stops}
    stops += [_aboard(by[id]) for id in found.aboard if id in by and id not in planned]
    return Day(
        vehicle=found.vehicle, state=found.state, at=clock.now(), stops=stops, shipments=_shipments(actor, list(by.values()), have)
    )  # fmt: skip


def _aboard(view: ShipmentView) -> DayStop:
    back = view.state == "returning"
    return DayStop(
        kind="aboard", shipment=view.id, state="planned",
        latitude=(view.from_latitude_e6 if back else view.to_latitude_e6) / 1e6,
        longitude=(view.from_longitude_e6 if back else view.to_longitude_e6) / 1e6,
        earliest=view.earliest, latest=view.latest, eta=view.eta,
    )  # fmt: skip


def _shipments(actor: Actor, views: list[ShipmentView], have: Collection[UUID]) -> list[DayShipment]:
    books = _books(actor, {each.address for each in views if each.address and each.id not in have})
    banks = {row.id: row for row in LockerBank.objects.filter(id__in=[each.bank for each in views if each.bank])}
    names = parties.parties({each.shipper for each in views})
    made = []
    for each in views:
        book = books.get(each.address) if each.address else None
        bank = banks.get(each.bank) if each.bank else None
        sender = names.get(each.shipper)
        made.append(
            DayShipment(
                id=each.id, state=each.state, stopped=each.stopped, proofs=each.proofs, contactless=each.contactless,
                instructions=each.instructions, temperature=each.temperature, parcels=len(each.parcels),
                weight_g=each.weight_g, bank=str(Words.read(bank.name)) if bank else "", bank_id=each.bank,
                who=book.recipient if book else "", line=book.line if book else (bank.address if bank else ""),
                phone=book.phone if book else "", sender=str(sender.name) if sender else "", same=each.id in have,
            )
        )  # fmt: skip
    return made


def _books(actor: Actor, wanted: Collection[UUID]) -> dict[UUID, AddressView]:
    """Addresses by id; one that is gone for good does not keep the courier from the others."""
    try:
        return parties_services.read_addresses(actor, sorted(wanted), WHY)
    except Missing:
        found: dict[UUID, AddressView] = {}
        for id in sorted(wanted):
            with suppress(Missing):
                found[id] = parties_services.read_address(actor, id, WHY)
        return found
