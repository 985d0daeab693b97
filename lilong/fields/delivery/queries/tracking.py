"""Following a shipment: what its parties may see of its way, and what anybody may who has the link."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import (
    Depot,
    LockerCell,
    Proof,
    Shipment,
    Stop,
    Vehicle,
)
from lilong.fields.delivery.queries.shipments import HandOverView, custody, seen
from lilong.fields.delivery.rules import links, states
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor


class PublicView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the link shows: no place, no name, no goods."""

    state: str
    state_at: datetime
    service: str
    earliest: datetime
    latest: datetime
    eta: datetime | None
    delivered_at: datetime | None
    late: bool
    to_locker: bool


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """A proof of the hand-over; `photo`: there is a picture of it."""

    id: UUID
    kind: str
    at: datetime
    metres: int | None
    photo: bool


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link of the custody with names in place of ids."""

    to_kind: str
    to_name: Words | None
    at: datetime


def link(actor: Actor, id: UUID) -> str:
    """The token of the shipment's link, for who may see it anyhow. Raises Missing."""
    return links.token(key("links"), seen(actor, id).id)


def followed(token: str) -> PublicView:
    """What the link shows. Raises Missing for a token that is none."""
    id = links.read(key("links"), token)
    row = Shipment.objects.select_related("service").filter(id=id).first() if id else None
    if row is None:
        raise Missing("no-such-shipment", violations=[Violation(pointer="/token", rule="known")])
    return PublicView(
        state=row.state, state_at=row.state_at, service=row.service.code, earliest=row.earliest, latest=row.latest,
        eta=_eta(row), delivered_at=row.delivered_at, late=row.late_at is not None, to_locker=row.bank_id is not None,
    )  # fmt: skip


def _eta(row: Shipment) -> datetime | None:
    stop = Stop.objects.filter(shipment=row, kind="delivery", state__in=["planned", "arrived"]).first()
    return stop.eta if stop and row.state in states.OPEN else None


def stops_before(row: Shipment) -> int | None:
    """How many stops the vehicle makes before this one; None while it is not out, or nothing is planned."""
    if row.state != states.OUT:
        return None
    mine = Stop.objects.filter(shipment=row, kind="delivery", state__in=["planned", "arrived"]).first()
    if mine is None:
        return None
    ahead = Stop.objects.filter(run=mine.run_id, state__in=["planned", "arrived"], sequence__lt=mine.sequence)
    return ahead.values("latitude_e6", "longitude_e6").distinct().count()


def now(row: Shipment) -> dict[str, Any]:
    """The shipment as the live page needs it: the position only while it is out."""
    eta = _eta(row)
    found: dict[str, Any] = {
        "state": row.state, "stopped": row.stopped, "late": row.late_at is not None,
        "eta": eta.isoformat() if eta else None, "before": stops_before(row), "position": None, "heading": None,
    }  # fmt: skip
    vehicle = row.vehicle if row.state == states.OUT else None
    if vehicle is not None and vehicle.latitude_e6 is not None and vehicle.longitude_e6 is not None:
        found["position"] = [vehicle.longitude_e6 / 1e6, vehicle.latitude_e6 / 1e6]
        found["heading"] = vehicle.heading
    return found


def now_of(actor: Actor, id: UUID) -> dict[str, Any]:
    """The same by id. Raises Missing for who has nothing to do with it."""
    return now(seen(actor, id))


def proofs(actor: Actor, id: UUID) -> list[ProofView]:
    """What shows that it was handed over, to its parties and the carrier's office. Raises Missing."""
    rows = Proof.objects.filter(shipment=seen(actor, id)).order_by("at", "id")
    return [
        ProofView(id=each.id, kind=each.kind, at=each.at, metres=each.metres, photo=bool(each.file)) for each in rows
    ]


def photo(actor: Actor, id: UUID) -> tuple[str, str]:
    """(file name, media type) of a proof's picture, for who may see the shipment. Raises Missing."""
    row = Proof.objects.filter(id=id).exclude(file="").first()
    if row is None:
        raise Missing("no-such-proof", violations=[Violation(pointer="/id", rule="known")])
    seen(actor, row.shipment_id)
    return row.file, row.media_type


def chain(actor: Actor, id: UUID) -> list[Link]:
    """Who had it when, by name: of parcels that went together one line. Raises Missing."""
    given = custody(actor, id)
    names = _names(given)
    found: list[Link] = []
    told: set[tuple[Any, ...]] = set()
    for each in sorted(given, key=lambda one: (one.at, one.n)):
        mark = (each.to_kind, each.to_holder, each.at)
        if mark not in told:
            told.add(mark)
            found.append(Link(to_kind=each.to_kind, to_name=names.get(each.to_holder), at=each.at))
    return found


def _names(given: list[HandOverView]) -> dict[UUID, Words]:
    by: dict[str, set[UUID]] = {}
    for each in given:
        by.setdefault(each.to_kind, set()).add(each.to_holder)
    found = {
        row.id: Words.read(row.name)
        for model, kind in ((Depot, "depot"), (Vehicle, "vehicle"))
        for row in model.objects.filter(id__in=by.get(kind, ()))
    }
    for cell in LockerCell.objects.select_related("bank").filter(id__in=by.get("cell", ())):
        name = Words.read(cell.bank.name)
        found[cell.id] = Words(**{lang: f"{text} #{cell.number}" for lang, text in name.stored().items()})
    senders = parties.parties(by.get("sender", set()))
    return found | {id: view.name for id, view in senders.items() if view.kind == "organisation"}
