"""Resources: their lanes, their hours, whether they can be booked at all."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, connection, transaction

from lilong.kernel.base import clock
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import refusals
from lilong.kernel.calendar.drafts import CAPACITY_MAX, STEP_MAX, Hours, Opening, ResourceView
from lilong.kernel.calendar.models import DayException, Resource
from lilong.kernel.calendar.models import Opening as OpeningRow
from lilong.kernel.calendar.queries.bookings import ROLES, view
from lilong.kernel.calendar.rules.opening import check_hours, rule_of
from lilong.kernel.parties.actor import Actor

SCOPE = "calendar:manage"
NAME_MAX, KIND_MAX, RULES_MAX = 200, 40, 100

_LANES = "INSERT INTO calendar_unit (resource_id, number) SELECT %s, n FROM generate_series(%s, %s) AS n"


def create_resource(
    actor: Actor,
    *,
    id: UUID,
    owner: UUID,
    kind: str,
    name: Words,
    zone: str = "Asia/Shanghai",
    capacity: int = 1,
    step_seconds: int = 0,
    buffer_seconds: int = 0,
) -> ResourceView:
    """Creates a resource of `capacity` lanes, always open until it has rules.

    `step_seconds` is the grid free bookings keep to (0: none), `buffer_seconds` the turnaround after each. Raises
    Forbidden unless the actor acts for the owner, Invalid, Conflict `id-taken` for the same id with another body.
    """
    actor.require(owner, *ROLES, scope=SCOPE)
    given = {
        "owner": owner, "kind": kind, "name": name.stored(), "zone": zone, "capacity": capacity,
        "step_seconds": step_seconds, "buffer_seconds": buffer_seconds,
    }  # fmt: skip
    _check_resource(kind, name, zone, capacity, step_seconds, buffer_seconds)
    try:
        with transaction.atomic():
            row = Resource(id=id, created_at=clock.now(), **given)
            row.save(force_insert=True)
            _add_lanes(id, 0, capacity)
    except IntegrityError:
        row = Resource.objects.get(id=id)
        if any(getattr(row, key) != value for key, value in given.items()):
            raise refusals.id_taken() from None
    return view(row)


@transaction.atomic
def set_opening(actor: Actor, *, resource: UUID, rules: Sequence[Opening]) -> None:
    """Sets the weekly hours in place of those there were; no rules: always open. What is booked stands.

    Raises Missing for others' resources, Invalid naming the rule and field.
    """
    _locked(actor, resource)
    _check_rules(rules, "/rules")
    OpeningRow.objects.filter(resource=resource).delete()
    made = [(given, rule_of(given)) for given in rules]
    OpeningRow.objects.bulk_create(
        OpeningRow(
            resource_id=resource,
            weekdays=sorted(rule.weekdays),
            start=rule.start,
            end=rule.end,
            slot_seconds=rule.slot,
            capacity=rule.capacity,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )
        for _, rule in made
    )


@transaction.atomic
def set_exception(
    actor: Actor, *, resource: UUID, day: date, closed: bool = False, hours: Sequence[Hours] = ()
) -> None:
    """Sets what holds on one date in place of the weekly rules: closed, or these hours; neither: the rules again."""
    _locked(actor, resource)
    if closed and hours:
        raise refusals.broken([("/hours", "empty-when-closed", "")])
    _check_rules(hours, "/hours")
    if not (closed or hours):
        DayException.objects.filter(resource=resource, day=day).delete()
        return
    stored = [rule_of(given)[:4] for given in hours]
    DayException.objects.update_or_create(resource_id=resource, day=day, defaults={"hours": stored})


@transaction.atomic
def set_capacity(actor: Actor, *, resource: UUID, capacity: int) -> ResourceView:
    """Opens more lanes, or fewer: what is booked on a lane above the new capacity stands, and no more is booked there."""
    row = _locked(actor, resource)
    if not 1 <= capacity <= CAPACITY_MAX:
        raise refusals.broken([("/capacity", "range", f"1..{CAPACITY_MAX}")])
    _add_lanes(resource, row.units.count(), capacity)
    row.capacity = capacity
    row.save(update_fields=["capacity"])
    return view(row)


@transaction.atomic
def set_active(actor: Actor, *, resource: UUID, active: bool) -> ResourceView:
    """Takes a resource out of booking, or back in. What is booked stands."""
    row = _locked(actor, resource)
    row.active = active
    row.save(update_fields=["active"])
    return view(row)


def _locked(actor: Actor, id: UUID) -> Resource:
    row = Resource.objects.select_for_update(no_key=True).filter(id=id).first()
    if row is None or not (actor.staff or actor.acts_for(row.owner, *ROLES)):
        raise refusals.unknown_resource()
    actor.require_scope(SCOPE)
    return row


def _add_lanes(resource: UUID, there: int, wanted: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LANES, [resource, there, wanted - 1])


def _check_resource(kind: str, name: Words, zone: str, capacity: int, step_seconds: int, buffer_seconds: int) -> None:
    found = []
    if not 0 < len(kind) <= KIND_MAX or "\x00" in kind:
        found.append(("/kind", "length", f"1..{KIND_MAX}"))
    texts = (name.en, name.zh, name.ko)
    if not any(texts):
        found.append(("/name", "required", ""))
    if any(len(text) > NAME_MAX or "\x00" in text for text in texts):
        found.append(("/name", "max-length", str(NAME_MAX)))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.append(("/zone", "iana-time-zone", ""))
    for field, value, least, most in (
        ("/capacity", capacity, 1, CAPACITY_MAX),
        ("/step_seconds", step_seconds, 0, STEP_MAX),
        ("/buffer_seconds", buffer_seconds, 0, STEP_MAX),
    ):
        if not least <= value <= most:
            found.append((field, "range", f"{least}..{most}"))
    if found:
        raise refusals.broken(found)


def _check_rules(rules: Sequence[Hours], at: str) -> None:
    if len(rules) > RULES_MAX:
        raise refusals.broken([(at, "max-length", str(RULES_MAX))])
    found = [(f"{at}/{n}/{field}", rule, "") for n, hours in enumerate(rules) for field, rule in check_hours(hours)]
    if found:
        raise refusals.broken(found)
