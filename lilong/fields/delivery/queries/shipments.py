"""Reads of shipments. Whoever neither sends, receives, pays nor carries it is told that there is none."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from lilong.fields.delivery.models import Attempt, ClientEvent, HandOver, Parcel, Shipment, Stop
from lilong.fields.delivery.rules import roles, states
from lilong.kernel.base.money import CNY
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation, invalid
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor

_DIGITS = 32  # of an id
SHARED = (states.OUT,)  # while its vehicle's position is shared with who waits for it


class ParcelView(msgspec.Struct, frozen=True, kw_only=True):
    """One piece and who has it: sender, depot, vehicle, cell, recipient or lost, by id."""

    id: UUID
    number: int
    weight_g: int
    line: int | None
    holder_kind: str
    holder: UUID


class ShipmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment as those see it who have to do with it. Money in fen; positions in millionths of a degree.

    `vehicle_*` is where its vehicle is, only while it is on its way, and never after. `stopped` says why it may not be
    handed over. `fee` is what was promised; what was taken of it is in the facts.
    """

    id: UUID
    shipper: UUID
    recipient: UUID
    payer: UUID
    carrier: UUID
    order: UUID | None
    service: str
    service_id: UUID
    depot: UUID | None
    bank: UUID | None
    address: UUID | None
    from_latitude_e6: int
    from_longitude_e6: int
    to_latitude_e6: int
    to_longitude_e6: int
    district: str
    earliest: datetime
    latest: datetime
    weight_g: int
    volume_ml: int
    temperature: str
    skills: list[str]
    instructions: str
    contactless: bool
    proofs: list[str]
    fee: int
    value: int
    cover: int
    currency: str
    state: str
    state_at: datetime
    stopped: str
    late: bool
    requested_at: datetime
    delivered_at: datetime | None
    vehicle: UUID | None
    vehicle_kind: str
    vehicle_latitude_e6: int | None
    vehicle_longitude_e6: int | None
    vehicle_heading: int | None
    eta: datetime | None
    parcels: list[ParcelView]


class HandOverView(msgspec.Struct, frozen=True, kw_only=True):
    """One link of a parcel's custody."""

    parcel: UUID
    n: int
    from_kind: str
    from_holder: UUID
    to_kind: str
    to_holder: UUID
    at: datetime
    recorded_at: datetime
    place: UUID | None
    evidence: UUID | None
    by: UUID


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """A try that failed."""

    outcome: str
    reason: str
    at: datetime


class KeptView(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone said that never fitted."""

    id: UUID
    vehicle: UUID
    shipment: UUID | None
    kind: str
    problem: str
    client_at: datetime
    received_at: datetime


def shipment(actor: Actor, id: UUID) -> ShipmentView:
    """One shipment. Missing for others."""
    return _views([seen(actor, id)])[0]


def seen(actor: Actor, id: UUID) -> Shipment:
    """Its row, for who may see it. Raises Missing."""
    row = Shipment.objects.filter(id=id).first()
    if row is None or not sees(actor, row):
        raise Missing("no-such-shipment", violations=[Violation(pointer="/shipment", rule="known")])
    return row


def sees(actor: Actor, row: Shipment) -> bool:
    """Its parties, the carrier's office, whoever has or is to fetch it, operators of the city."""
    return (
        actor.staff
        or any(
            actor.acts_for(party, *roles.SHIPPER, "buyer", "auditor")
            for party in (row.shipper, row.recipient, row.payer)
        )
        or actor.acts_for(row.carrier_id, *roles.LOOK)
        or actor.party == row.vehicle_id
        or Stop.objects.filter(shipment=row.id, run__vehicle=actor.party, state__in=["planned", "arrived"]).exists()
    )


def mine(
    actor: Actor, party: UUID, *, side: str = "recipient", state: str = "", query: str = "", cursor: str = "",
    size: int = SIZE_DEFAULT,
) -> Slice:  # fmt: skip
    """What a party receives or (`side` 'shipper') sends, newest first; `query`: the beginning of its number, or the whole one of
    its order. Raises Forbidden, Invalid."""
    actor.require(party, *roles.SHIPPER, "buyer", "auditor")
    if side not in ("recipient", "shipper"):
        raise invalid("/side", "one-of", "recipient, shipper")
    rows = Shipment.objects.filter(**{side: party})
    rows = rows.filter(state=state) if state else rows
    return _page(_numbered(rows, query) if query else rows, cursor, size)


def _numbered(rows: QuerySet[Shipment], query: str) -> QuerySet[Shipment]:
    """Those whose number begins like this (ids are ordered, so it is a range), or whose order has it."""
    digits = query.replace("-", "").lower()
    if not digits or len(digits) > _DIGITS or not set(digits) <= set("0123456789abcdef"):
        return rows.none()
    low, high = UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))
    return rows.filter(Q(id__gte=low, id__lte=high) | Q(order__gte=low, order__lte=high))


def of_carrier(
    actor: Actor, carrier: UUID, *, state: str = "", late: bool = False, cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """A carrier's shipments, newest first; 'open' are all that are not over. Raises Forbidden, Invalid."""
    actor.require(carrier, *roles.LOOK)
    rows = Shipment.objects.filter(carrier=carrier)
    if state == "open":
        rows = rows.filter(state__in=states.OPEN)
    elif state:
        if state not in states.STATES:
            raise invalid("/state", "one-of", ", ".join(states.STATES))
        rows = rows.filter(state=state)
    return _page(rows.filter(late_at__isnull=False) if late else rows, cursor, size)


def shipments_of_order(actor: Actor, order: UUID) -> list[ShipmentView]:
    """What was sent for an order, as far as the actor may see it. Raises Missing for an order that is none of the actor's."""
    rows = [row for row in Shipment.objects.filter(order=order).order_by("requested_at", "id") if sees(actor, row)]
    if not rows:
        orders.order(actor, order)
    return _views(rows)


def views(ids: Iterable[UUID]) -> dict[UUID, ShipmentView]:
    """Shipments by id. The caller has checked who asks."""
    return {view.id: view for view in _views(list(Shipment.objects.filter(id__in=list(ids))))}


def custody(actor: Actor, id: UUID) -> list[HandOverView]:
    """Who had which parcel of a shipment when, from the first on."""
    row = seen(actor, id)
    rows = HandOver.objects.filter(parcel__shipment=row).order_by("parcel__number", "n")
    names = ("n", "from_kind", "from_holder", "to_kind", "to_holder", "at", "recorded_at", "place", "evidence", "by")
    return [HandOverView(parcel=each.parcel_id, **{name: getattr(each, name) for name in names}) for each in rows]


def attempts(actor: Actor, id: UUID) -> list[AttemptView]:
    """The tries that failed, oldest first."""
    rows = Attempt.objects.filter(shipment=seen(actor, id)).order_by("at", "id")
    return [AttemptView(outcome=each.outcome, reason=each.reason, at=each.at) for each in rows]


def kept_events(actor: Actor, carrier: UUID) -> list[KeptView]:
    """What the phones of a carrier's couriers said that never fitted and nobody has looked at, oldest first; at most 200."""
    actor.require(carrier, *roles.LOOK)
    rows = ClientEvent.objects.filter(vehicle__carrier=carrier, state="kept", seen_by=None).order_by("received_at")
    return [
        KeptView(
            id=each.id, vehicle=each.vehicle_id, shipment=each.shipment, kind=each.kind, problem=each.problem,
            client_at=each.client_at, received_at=each.received_at,
        )
        for each in rows[:200]
    ]  # fmt: skip


def _page(rows: QuerySet[Shipment], cursor: str, size: int) -> Slice:
    found = page(rows, by=("-requested_at", "-id"), cursor=cursor, size=size)
    return Slice(items=_views(found.items), next=found.next)


_SAME = (
    "id", "shipper", "recipient", "payer", "order", "address", "from_latitude_e6", "from_longitude_e6", "to_latitude_e6",
    "to_longitude_e6", "district", "earliest", "latest", "weight_g", "volume_ml", "temperature", "skills", "instructions",
    "contactless", "proofs", "fee", "value", "cover", "state", "state_at", "stopped", "requested_at", "delivered_at",
)  # fmt: skip


def _views(rows: Sequence[Shipment]) -> list[ShipmentView]:
    found = Shipment.objects.filter(id__in=[row.id for row in rows]).select_related("service", "vehicle")
    known = {row.id: row for row in found.prefetch_related("parcels")}
    opened = Q(state__in=["planned", "arrived"], kind="delivery", shipment__in=list(known))
    etas = dict(Stop.objects.filter(opened).values_list("shipment", "eta"))
    return [_view(known[row.id], etas.get(row.id)) for row in rows if row.id in known]


def _view(row: Shipment, eta: datetime | None) -> ShipmentView:
    shown = row.vehicle if row.vehicle is not None and row.state in SHARED else None
    return ShipmentView(
        **{name: getattr(row, name) for name in _SAME},
        carrier=row.carrier_id, service=row.service.code, service_id=row.service_id, depot=row.depot_id, bank=row.bank_id,
        currency=CNY, late=row.late_at is not None, vehicle=row.vehicle_id,
        vehicle_kind=row.vehicle.kind if row.vehicle else "",
        vehicle_latitude_e6=shown.latitude_e6 if shown else None,
        vehicle_longitude_e6=shown.longitude_e6 if shown else None, vehicle_heading=shown.heading if shown else None,
        eta=eta if row.state in states.OPEN else None,
        parcels=[_parcel(each) for each in sorted(row.parcels.all(), key=lambda each: each.number)],
    )  # fmt: skip


def _parcel(row: Parcel) -> ParcelView:
    return ParcelView(
        id=row.id, number=row.number, weight_g=row.weight_g, line=row.line, holder_kind=row.holder_kind, holder=row.holder
    )  # fmt: skip
