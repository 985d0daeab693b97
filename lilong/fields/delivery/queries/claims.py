"""Reads of claims: for the claimant, the carrier's office, and the city's operators (who decide appeals)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import Claim
from lilong.fields.delivery.rules import roles
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.actor import Actor


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """A claim; money in fen."""

    id: UUID
    shipment: UUID
    parcel: UUID | None
    kind: str
    claimant: UUID
    asked: int
    granted: int
    text: str
    state: str
    answer: str
    appeal: str
    appealed_at: datetime | None
    opened_at: datetime
    assessed_at: datetime | None
    ended_at: datetime | None


def claim(actor: Actor, id: UUID) -> ClaimView:
    """One claim. Missing for others."""
    row = Claim.objects.select_related("shipment").filter(id=id).first()
    if row is None or not (
        actor.staff
        or actor.acts_for(row.claimant, *roles.SHIPPER, "buyer", "auditor")
        or actor.acts_for(row.shipment.carrier_id, *roles.LOOK)
    ):
        raise Missing("no-such-claim", violations=[Violation(pointer="/id", rule="known")])
    return view(row)


def of_claimant(actor: Actor, claimant: UUID, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """What a party claimed, newest first. Raises Forbidden."""
    actor.require(claimant, *roles.SHIPPER, "buyer", "auditor")
    found = page(Claim.objects.filter(claimant=claimant), by=("-opened_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_views(found.items), next=found.next)


def of_carrier(actor: Actor, carrier: UUID, *, state: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """What is claimed of a carrier, newest first. Raises Forbidden."""
    actor.require(carrier, *roles.LOOK)
    rows = Claim.objects.filter(shipment__carrier=carrier)
    rows = rows.filter(state=state) if state else rows
    found = page(rows, by=("-opened_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_views(found.items), next=found.next)


def appeals(actor: Actor) -> list[ClaimView]:
    """What the city's operators have to decide, oldest first. Raises Forbidden."""
    actor.require_staff()
    rows = Claim.objects.filter(appealed_at__isnull=False, state="assessed").order_by("appealed_at", "id")
    return _views(rows[:200])


def of_shipment(actor: Actor, shipment: UUID) -> list[ClaimView]:
    """The claims of a shipment that the actor may see. The caller has checked that it may see the shipment."""
    rows = Claim.objects.filter(shipment=shipment).order_by("opened_at", "id")
    return [view(row) for row in rows]


def _views(rows: Iterable[Claim]) -> list[ClaimView]:
    return [view(row) for row in rows]


def view(row: Claim) -> ClaimView:
    same = (
        "id", "parcel", "kind", "claimant", "asked", "granted", "text", "state", "answer", "appeal", "appealed_at",
        "opened_at", "assessed_at", "ended_at",
    )  # fmt: skip
    return ClaimView(shipment=row.shipment_id, **{name: getattr(row, name) for name in same})
