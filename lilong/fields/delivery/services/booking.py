"""Asking for a shipment: its promise checked, its fee held, its place in the calendar taken, its parcels with the sender.

All in one transaction; whatever is refused undoes the rest. Within an order's own transaction the same is called by
`services.carriage`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from lilong.fields.delivery.drafts import ShipmentDraft
from lilong.fields.delivery.events.shipments import ShipmentRequested
from lilong.fields.delivery.models import Depot, HandOver, LockerBank, Parcel, ServiceLevel, Shipment
from lilong.fields.delivery.queries import promises as queries
from lilong.fields.delivery.rules import checks, promises, proofs, roles, states
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.services import codes, lockers, money, steps
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.calendar.drafts import BookingDraft
from lilong.kernel.calendar.services import book_many
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import Point
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

SLOT = 3  # `ids.child(shipment, SLOT)` is the booking of the service's capacity


@transaction.atomic
def request_shipment(actor: Actor, draft: ShipmentDraft) -> Shipment:
    """Asks for a shipment. The same id with the same draft answers the same; else Conflict `id-taken`.

    The payer pays: who may spend its money, and sends or receives; a recipient asks for what it ordered from the shipper.
    Raises Forbidden, Missing, Invalid, Gone, Conflict `promise-expired`, `promise-differs`, `slot-taken`, `insufficient-funds`, `no-free-cell`.
    """
    _require_may(actor, draft)
    return make(actor, draft)


def _require_may(actor: Actor, draft: ShipmentDraft) -> None:
    actor.require(draft.payer or draft.shipper, *roles.PAYER, scope=roles.SHIP)
    if actor.acts_for(draft.shipper, *roles.SHIPPER):
        return
    actor.require(draft.recipient, *roles.SHIPPER, "buyer")
    if draft.order is None:
        raise invalid("/order", "required")
    order = orders.order(actor, draft.order)  # Missing for others
    if (order.seller, order.buyer) != (draft.shipper, draft.recipient):
        raise invalid("/order", "between-these-two")


def make(actor: Actor, draft: ShipmentDraft) -> Shipment:
    """The same for callers who have checked who asks. Inside a transaction."""
    asked = checks.fingerprint(draft)
    standing = Shipment.objects.filter(id=draft.id).first()
    if standing is None:
        checks.shipment(draft)
        try:
            with transaction.atomic():
                return _make(actor, draft, asked)
        except IntegrityError:  # the same id at the same moment
            standing = Shipment.objects.filter(id=draft.id).first()
            if standing is None:
                raise
    if standing.fingerprint != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return standing


def _make(actor: Actor, draft: ShipmentDraft, asked: str) -> Shipment:
    _require_parties(draft)
    depot, bank = _depot(draft), _bank(draft)
    terms = _terms(draft, depot, bank)
    _require_own_address(draft)
    service = ServiceLevel.objects.select_related("carrier", "zone").get(id=terms.service)
    if bank is not None and bank.carrier_id != service.carrier_id:
        raise invalid("/bank", "same-carrier")
    made = Shipment(
        service=service, depot=depot, bank=bank, fingerprint=asked, **_values(draft, service, terms, clock.now())
    )  # fmt: skip
    made.save(force_insert=True)
    money.hold(made.id, made.payer, made.fee)
    _take_slot(made, terms)
    _hand_in(actor, made, draft)
    if bank is not None:
        lockers.reserve(made, steps.parcels(made), made.earliest, made.latest)
    elif "code" in made.proofs:
        codes.make(made, codes.DOOR, made.id, made.latest + timedelta(days=states.CODE_DAYS))
    promised = int((made.latest - made.requested_at).total_seconds()) // 60
    fact = ShipmentRequested(
        **steps.told(made), parcels=len(draft.parcels), weight_g=made.weight_g, fee=made.fee,
        contactless=made.contactless, to_locker=bank is not None, promised_minutes=promised,
    )  # fmt: skip
    steps.tell(actor, made, fact)
    return made


def _require_parties(draft: ShipmentDraft) -> None:
    known = parties.parties([draft.shipper, draft.recipient])
    for name in ("shipper", "recipient"):
        if getattr(draft, name) not in known:
            raise Missing("no-such-party", violations=[Violation(pointer=f"/{name}", rule="known")])


def _require_own_address(draft: ShipmentDraft) -> None:
    """The entry that couriers will read is the recipient's own: nobody's book is opened by asking for a shipment."""
    if draft.address is None:
        return
    view = parties_services.read_address(SYSTEM, draft.address, "delivery")
    if view.party != draft.recipient or view.removed:
        raise Missing("no-such-address", violations=[Violation(pointer="/address", rule="the-recipients")])


def _depot(draft: ShipmentDraft) -> Depot | None:
    if draft.depot is None:
        return None
    found = Depot.objects.filter(id=draft.depot).first()
    if found is None:
        raise Missing("no-such-depot", violations=[Violation(pointer="/depot", rule="known")])
    if found.closed_at is not None:
        raise Gone("place-closed")
    return found


def _bank(draft: ShipmentDraft) -> LockerBank | None:
    if draft.bank is None:
        return None
    found = LockerBank.objects.filter(id=draft.bank).first()
    if found is None:
        raise Missing("no-such-bank", violations=[Violation(pointer="/bank", rule="known")])
    if found.closed_at is not None:
        raise Gone("place-closed")
    return found


def _terms(draft: ShipmentDraft, depot: Depot | None, bank: LockerBank | None) -> queries.Terms:
    """The promise that was shown, if it still stands and is for these goods; without a token the service's next one."""
    start, goal = depot or draft.origin, bank or draft.to
    assert start is not None
    assert goal is not None
    weight = sum(parcel.weight_g for parcel in draft.parcels)
    origin = Point.of_e6(start.latitude_e6, start.longitude_e6)
    to = Point.of_e6(goal.latitude_e6, goal.longitude_e6)
    if not draft.token:
        return _next(draft, depot, origin, to, weight)
    terms = queries.read_token(draft.token)
    shown = (terms.origin, terms.to, terms.temperature, terms.weight_g)
    asked = ((start.latitude_e6, start.longitude_e6), (goal.latitude_e6, goal.longitude_e6), draft.temperature, weight)
    if shown != asked or draft.service not in (None, terms.service):
        raise Conflict("promise-differs", violations=[Violation(pointer="/token", rule="for-these-goods")])
    service = ServiceLevel.objects.filter(id=terms.service, closed_at=None).first()
    if service is None:
        raise queries.expired()
    needed = timedelta(seconds=promises.HANDLING_SECONDS + terms.way_seconds)
    if clock.now() + needed > terms.latest:
        raise queries.expired()
    return terms


def _next(draft: ShipmentDraft, depot: Depot | None, origin: Point, to: Point, weight: int) -> queries.Terms:
    service = ServiceLevel.objects.select_related("zone", "carrier").filter(id=draft.service, closed_at=None).first()
    if service is None or service.carrier.closed_at is not None:
        raise Missing("no-such-service", violations=[Violation(pointer="/service", rule="known")])
    if depot is not None and depot.carrier_id != service.carrier_id:
        raise invalid("/depot", "same-carrier")
    if draft.temperature not in service.temperatures:
        raise invalid("/temperature", "carried", ", ".join(service.temperatures))
    if weight > service.weight_g:
        raise invalid("/parcels", "weight", service.weight_g)
    found = queries.promised([service], origin, to, weight, draft.temperature, clock.now())
    if not found:
        raise Conflict("no-promise", violations=[Violation(pointer="/service", rule="reaches-in-time")])
    return queries.read_token(found[0].token)


def _values(draft: ShipmentDraft, service: ServiceLevel, terms: queries.Terms, now: datetime) -> dict[str, Any]:
    volume = sum(p.length_mm * p.width_mm * p.height_mm for p in draft.parcels)
    district = district_of(Point.of_e6(*terms.to))
    if not district:
        raise invalid("/to", "in-the-city")
    return {
        "id": draft.id, "shipper": draft.shipper, "recipient": draft.recipient, "payer": draft.payer or draft.shipper,
        "carrier": service.carrier, "order": draft.order, "address": draft.address,
        "from_latitude_e6": terms.origin[0], "from_longitude_e6": terms.origin[1],
        "to_latitude_e6": terms.to[0], "to_longitude_e6": terms.to[1], "district": district,
        "earliest": terms.earliest, "latest": terms.latest, "weight_g": terms.weight_g,
        "volume_ml": max(1, volume // 1000), "temperature": draft.temperature, "skills": list(draft.skills),
        "instructions": draft.instructions, "contactless": draft.contactless or service.contactless,
        "proofs": proofs.needed(service.proofs, draft.value, contactless=draft.contactless or service.contactless),
        "fee": terms.fee, "value": draft.value, "cover": min(draft.value or service.cover, service.cover),
        "slot": ids.child(draft.id, SLOT), "state": states.REQUESTED, "state_at": now, "requested_at": now,
    }  # fmt: skip


def _take_slot(made: Shipment, terms: queries.Terms) -> None:
    """One lane of the service's capacity; a rapid one's hour runs from now. Raises what the calendar refuses."""
    since, until = terms.slot
    if made.service.seconds is not None:
        since = max(since, int(clock.now().timestamp()) + promises.SOON_SECONDS)
        until = since + promises.HOLD_SECONDS
    assert made.slot is not None
    draft = BookingDraft(
        id=made.slot, resource=made.service.slots, start=datetime.fromtimestamp(since, UTC),
        end=datetime.fromtimestamp(until, UTC), party=made.carrier_id, ref=made.id,
    )  # fmt: skip
    (outcome,) = book_many([draft])
    if outcome.problem is not None:
        raise outcome.problem


def _hand_in(actor: Actor, made: Shipment, draft: ShipmentDraft) -> None:
    """The parcels, with their sender: the first link of each one's custody."""
    rows = [
        Parcel(
            id=ids.named("delivery", "parcel", made.id, n), shipment=made, number=n, weight_g=given.weight_g,
            length_mm=given.length_mm, width_mm=given.width_mm, height_mm=given.height_mm, line=given.line, n=0,
            holder_kind="sender", holder=made.shipper, tag_digest="",
        )
        for n, given in enumerate(draft.parcels, 1)
    ]  # fmt: skip
    for row in rows:
        row.tag_digest = code_rules.tag_digest(key("tags"), code_rules.tag(key("tags"), row.id))
    Parcel.objects.bulk_create(rows)
    HandOver.objects.bulk_create(
        [
            HandOver(
                parcel=row, n=0, before=None, from_kind="sender", from_holder=made.shipper, to_kind="sender",
                to_holder=made.shipper, at=made.requested_at, recorded_at=made.requested_at, place=made.depot_id,
                by=actor.party,
            )
            for row in rows
        ]
    )  # fmt: skip
