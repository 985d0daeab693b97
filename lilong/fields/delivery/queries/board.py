"""Plans as the office sees them: the latest, and what has no place in it."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import Plan, Unplaced
from lilong.fields.delivery.queries.desk import require
from lilong.fields.delivery.rules import states
from lilong.kernel.parties.actor import Actor


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: str
    asked_at: datetime
    ended_at: datetime | None
    vehicles: int
    shipments: int
    unplaced: int
    moved: int
    metres: int


class UnplacedView(msgspec.Struct, frozen=True, kw_only=True):
    """An open shipment on no run, and why."""

    shipment: UUID
    service: str
    earliest: datetime
    latest: datetime
    district: str
    code: str
    late_seconds: int
    at: datetime


def latest(actor: Actor, carrier: UUID) -> PlanView | None:
    require(actor, carrier)
    row = Plan.objects.filter(carrier=carrier).order_by("-asked_at").first()
    return _view(row) if row else None


def plan(actor: Actor, carrier: UUID, id: UUID) -> PlanView | None:
    require(actor, carrier)
    row = Plan.objects.filter(carrier=carrier, id=id).first()
    return _view(row) if row else None


def unplaced(actor: Actor, carrier: UUID) -> list[UnplacedView]:
    """The most urgent first, at most two hundred."""
    require(actor, carrier)
    rows = Unplaced.objects.filter(shipment__carrier=carrier, shipment__state__in=states.OPEN)
    rows = rows.select_related("shipment", "shipment__service").order_by("shipment__latest")[:200]
    return [
        UnplacedView(
            shipment=row.shipment_id, service=row.shipment.service.code, earliest=row.shipment.earliest,
            latest=row.shipment.latest, district=row.shipment.district, code=row.code, late_seconds=row.late_seconds, at=row.at,
        )
        for row in rows
    ]  # fmt: skip


def _view(row: Plan) -> PlanView:
    return PlanView(**{name: getattr(row, name) for name in PlanView.__struct_fields__})
