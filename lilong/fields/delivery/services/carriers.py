"""Setting up: carriers, zones, depots, service levels. The same id with the same draft answers the same; else Conflict."""

from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.drafts import CarrierDraft, DepotDraft, ServiceDraft, ZoneDraft
from lilong.fields.delivery.events.carriers import CarrierOpened, DepotOpened, ServiceClosed, ServiceOpened
from lilong.fields.delivery.models import Carrier, Depot, ServiceLevel, Zone
from lilong.fields.delivery.rules import checks, clocks, promises, roles
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Gone, Missing, Violation, invalid
from lilong.kernel.calendar import services as calendar
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.events.services import emit
from lilong.kernel.geo import zones as areas
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

_HOUR = 3600


@transaction.atomic
def open_carrier(actor: Actor, draft: CarrierDraft) -> Carrier:
    """An organisation becomes a carrier. Raises Forbidden, Invalid, Missing, Conflict `id-taken`."""
    actor.require(draft.id, *roles.SET_UP, scope=roles.WRITE)
    checks.carrier(draft)
    party = parties.parties([draft.id]).get(draft.id)
    if party is None or party.kind != "organisation":
        raise Missing("no-such-party", violations=[Violation(pointer="/id", rule="known")])
    values = {"name": draft.name.stored(), "district": draft.district, "attempts": draft.attempts}
    made, created = _once(Carrier, draft, values)
    if created:
        emit(CarrierOpened(carrier=made.id, district=made.district), subject=made.id, actor=actor.party)
    return made


@transaction.atomic
def open_zone(actor: Actor, draft: ZoneDraft) -> Zone:
    """An area of a carrier's. Raises Forbidden, Missing, Invalid (also what is wrong with the geometry), Conflict."""
    carrier = carrier_of(actor, draft.carrier)
    checks.zone(draft)
    geometry = areas.validated(draft.geometry, "/geometry")
    values = {"carrier": carrier, "kind": draft.kind, "name": draft.name.stored(), "geometry": geometry}
    return _once(Zone, draft, values)[0]


@transaction.atomic
def close_zone(actor: Actor, *, id: UUID) -> Zone:
    """What is planned in it stands; services and vehicles that name it keep it. Again: the same answer."""
    zone = Zone.objects.select_for_update().filter(id=id).first()
    if zone is None:
        raise Missing("no-such-zone", violations=[Violation(pointer="/id", rule="known")])
    carrier_of(actor, zone.carrier_id)
    if zone.closed_at is None:
        zone.closed_at = clock.now()
        zone.save(update_fields=["closed_at"])
    return zone


@transaction.atomic
def open_depot(actor: Actor, draft: DepotDraft) -> Depot:
    """A place that shipments start from. Its owner opens it, and says which carrier serves it; the carrier its own.

    Raises Forbidden, Missing, Invalid, Conflict `id-taken`.
    """
    actor.require(draft.owner, *roles.SET_UP, "clerk", scope=roles.WRITE)
    checks.depot(draft)
    if draft.carrier is not None:
        _known_carrier(draft.carrier)
    plain = ("owner", "district", "address", "latitude_e6", "longitude_e6")
    values = {name: getattr(draft, name) for name in plain} | {
        "name": draft.name.stored(),
        "carrier_id": draft.carrier,
    }
    made, created = _once(Depot, draft, values)
    if created:
        fact = DepotOpened(depot=made.id, owner=made.owner, carrier=draft.carrier, district=made.district)
        emit(fact, subject=made.id, actor=actor.party)
    return made


@transaction.atomic
def serve_depot(actor: Actor, *, depot: UUID, carrier: UUID | None) -> Depot:
    """The owner of the place gives it to another carrier (None: to none). What is under way stands."""
    found = Depot.objects.select_for_update().filter(id=depot).first()
    if found is None:
        raise Missing("no-such-depot", violations=[Violation(pointer="/depot", rule="known")])
    actor.require(found.owner, *roles.SET_UP, scope=roles.WRITE)
    if carrier is not None:
        _known_carrier(carrier)
    found.carrier_id = carrier
    found.save(update_fields=["carrier"])
    return found


@transaction.atomic
def open_service(actor: Actor, draft: ServiceDraft) -> ServiceLevel:
    """A service level with its places an hour in the calendar. Raises Forbidden, Missing, Invalid, Conflict `id-taken`,
    `code-taken` (close the other one first)."""
    carrier = carrier_of(actor, draft.carrier)
    checks.service(draft)
    if draft.zone is not None and not Zone.objects.filter(id=draft.zone, carrier=carrier, closed_at=None).exists():
        raise invalid("/zone", "known")
    starts, ends = clocks.span(draft.starts, draft.ends)
    plain = (
        "code", "seconds", "window_seconds", "lead_seconds", "per_hour", "radius_m", "weight_g", "base_fee", "km_fee",
        "kg_fee", "cover", "late_percent", "speed_kmh", "contactless",
    )  # fmt: skip
    slots = ids.named("delivery", "slots", draft.id)
    values: dict[str, Any] = {name: getattr(draft, name) for name in plain} | {
        "carrier": carrier, "name": draft.name.stored(), "temperatures": list(draft.temperatures), "zone_id": draft.zone,
        "proofs": list(draft.proofs), "starts": starts, "ends": ends, "slots": slots,
        "cut_off": clocks.minutes(draft.cut_off, "/cut_off") if draft.cut_off else None,
    }  # fmt: skip
    known = ServiceLevel.objects.filter(id=draft.id).first()
    taken = ServiceLevel.objects.filter(carrier=carrier, code=draft.code, closed_at=None).exclude(id=draft.id)
    if known is None and taken.exists():
        raise Conflict("code-taken", violations=[Violation(pointer="/code", rule="unique")])
    made, created = _once(ServiceLevel, draft, values)
    if created:
        _open_slots(actor, made, draft)
        fact = ServiceOpened(
            service=made.id, carrier=carrier.id, code=made.code, seconds=made.seconds or 0, per_hour=made.per_hour,
            base_fee=made.base_fee,
        )  # fmt: skip
        emit(fact, subject=made.id, actor=actor.party)
    return made


def _open_slots(actor: Actor, service: ServiceLevel, draft: ServiceDraft) -> None:
    """The lanes of its hour or window. What is rapid takes a lane for an hour from now, so that it is open an hour longer."""
    length = service.window_seconds or _HOUR
    calendar.create_resource(
        actor,
        id=service.slots,
        owner=draft.carrier,
        kind="delivery-capacity",
        name=draft.name,
        capacity=max(1, service.per_hour * length // _HOUR),
    )
    ends = service.ends if service.window_seconds else service.ends + promises.HOLD_SECONDS // 60
    if ends - service.starts >= clocks.DAY and not service.window_seconds:
        return  # always open
    opening = Opening(
        start=clocks.text(service.starts), end=clocks.text(ends), slot_seconds=service.window_seconds or 0
    )
    calendar.set_opening(actor, resource=service.slots, rules=[opening])


@transaction.atomic
def close_service(actor: Actor, *, id: UUID) -> ServiceLevel:
    """Promises nothing of it any more; what was promised stands. Again: the same answer."""
    service = ServiceLevel.objects.select_for_update(of=("self",)).filter(id=id).first()
    if service is None:
        raise Missing("no-such-service", violations=[Violation(pointer="/id", rule="known")])
    carrier_of(actor, service.carrier_id)
    if service.closed_at is None:
        service.closed_at = clock.now()
        service.save(update_fields=["closed_at"])
        fact = ServiceClosed(service=id, carrier=service.carrier_id, code=service.code)
        emit(fact, subject=id, actor=actor.party)
    return service


def carrier_of(actor: Actor, id: UUID, *who: str) -> Carrier:
    """The carrier that the actor may set up (or act for in the roles `who`). Raises Missing, Gone, Forbidden."""
    carrier = _known_carrier(id)
    actor.require(id, *(who or roles.SET_UP), scope=roles.WRITE)
    return carrier


def _known_carrier(id: UUID) -> Carrier:
    carrier = Carrier.objects.filter(id=id).first()
    if carrier is None:
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    if carrier.closed_at is not None:
        raise Gone("carrier-closed")
    return carrier


def _once(model: Any, draft: Any, values: dict[str, Any]) -> tuple[Any, bool]:
    """The row of the draft's id, made if there is none. Raises Conflict when it was made of another draft."""
    asked = checks.fingerprint(draft)
    made, created = model.objects.get_or_create(
        id=draft.id, defaults=values | {"fingerprint": asked, "opened_at": clock.now()}
    )
    if made.fingerprint != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return made, created


def own_device(carrier: UUID, device: UUID, pointer: str) -> None:
    """Raises Missing unless it is a device, Forbidden when it is somebody else's."""
    found = parties.parties([device]).get(device)
    if found is None or found.kind != "device":
        raise Missing("no-such-party", violations=[Violation(pointer=pointer, rule="known")])
    if parties.device(device).owner != carrier:
        raise Forbidden("not-yours", violations=[Violation(pointer=pointer, rule="own-device")])
