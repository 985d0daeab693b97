"""Publishing geofences: by operators for their own vehicles, by the city for everybody's."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.drafts import ZoneDraft
from lilong.fields.mobility.events.vehicles import ZonePublished, ZoneWithdrawn
from lilong.fields.mobility.models import VehicleType, Zone
from lilong.fields.mobility.rules import fleet, roles
from lilong.fields.mobility.rules import zones as rules
from lilong.fields.mobility.services import turns
from lilong.fields.mobility.services.fleet import own_operator
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.geo.points import E6
from lilong.kernel.geo.zones import Zone as Area
from lilong.kernel.geo.zones import validated
from lilong.kernel.parties.actor import Actor

_PRECEDENCE_MAX = 10_000


@transaction.atomic
def publish_zone(actor: Actor, draft: ZoneDraft) -> Zone:
    """A zone's first version, or one in place of the version that counts now. Again with the same id: the same answer.

    A trip under way is judged by what was published when it began, wherever that is kinder. Raises Invalid (geometry, rules,
    times, kinds that are another's), Forbidden, Missing, Conflict `id-taken`.
    """
    _authorise(actor, draft.operator)
    geometry = _multi(validated(draft.geometry, "/geometry"))
    rules.check_rules(draft.rules, "/rules")
    _check(draft)
    turns.wait_for("zone", draft.zone)
    known = Zone.objects.filter(id=draft.id).first()
    wanted = {
        "zone": draft.zone,
        "geometry": geometry,
        "rules": rules.stored(draft.rules),
        "precedence": draft.precedence,
    }
    if known is not None:
        if known.operator_id == draft.operator and all(getattr(known, key) == value for key, value in wanted.items()):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    last = Zone.objects.filter(zone=draft.zone).order_by("-version").first()
    if last is not None and last.operator_id != draft.operator:
        raise Conflict("id-taken", violations=[Violation(pointer="/zone", rule="same-operator")])
    now = clock.now()
    if draft.valid_from is not None and draft.valid_from < now:
        raise invalid("/valid_from", "not-in-the-past")
    if draft.valid_until is not None and draft.valid_until <= (draft.valid_from or now):
        raise invalid("/valid_until", "after-valid-from")
    Zone.objects.filter(zone=draft.zone, withdrawn_at=None).update(withdrawn_at=now)
    west, south, east, north = (round(each * E6) for each in Area.of_geojson(geometry).box)
    row = Zone.objects.create(
        id=draft.id,
        version=last.version + 1 if last else 1,
        operator_id=draft.operator,
        modes=list(draft.modes),
        name=draft.name.stored(),
        west_e6=west,
        south_e6=south,
        east_e6=east,
        north_e6=north,
        valid_from=draft.valid_from or now,
        valid_until=draft.valid_until,
        published_at=now,
        **wanted,
    )
    fact = ZonePublished(zone=row.zone, version=row.version, operator=row.operator_id, rules=len(row.rules))
    emit(fact, subject=row.zone, actor=actor.party)
    return row


@transaction.atomic
def withdraw_zone(actor: Actor, *, zone: UUID) -> Zone:
    """Ends a zone: it counts no longer. Again: the same answer. Raises Missing `no-such-zone`, Forbidden."""
    row = Zone.objects.select_for_update().filter(zone=zone).order_by("-version").first()
    if row is None:
        raise Missing("no-such-zone", violations=[Violation(pointer="/zone", rule="known")])
    _authorise(actor, row.operator_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        fact = ZoneWithdrawn(zone=zone, version=row.version, operator=row.operator_id)
        emit(fact, subject=zone, actor=actor.party)
    return row


def _authorise(actor: Actor, operator: UUID | None) -> None:
    if operator is None:
        actor.require_staff()
        actor.require_scope(roles.FLEET)
    else:
        own_operator(actor, operator)


def _check(draft: ZoneDraft) -> None:
    fleet.refuse(
        [
            ("/name", "required", bool(draft.name.within(None).strip())),
            ("/precedence", "range", 0 <= draft.precedence <= _PRECEDENCE_MAX),
            ("/modes", "unique", len(set(draft.modes)) == len(draft.modes)),
            ("/valid_from", "time-zone", draft.valid_from is None or draft.valid_from.tzinfo is not None),
            ("/valid_until", "time-zone", draft.valid_until is None or draft.valid_until.tzinfo is not None),
        ]
    )
    named = {kind for rule in draft.rules for kind in rule.vehicle_type_ids}
    own = set(VehicleType.objects.filter(id__in=named, operator=draft.operator).values_list("id", flat=True))
    for n, rule in enumerate(draft.rules):
        if not set(rule.vehicle_type_ids) <= own:
            raise invalid(f"/rules/{n}/vehicle_type_ids", "own")


def _multi(geometry: dict[str, object]) -> dict[str, object]:
    """GBFS knows MultiPolygons alone."""
    if geometry["type"] == "Polygon":
        return {"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]}
    return geometry
