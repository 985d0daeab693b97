"""Telling riders what is out of use: alerts, shown in the public feeds until they are over or withdrawn."""

from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.drafts import AlertDraft
from lilong.fields.mobility.events.telemetry import AlertPublished, AlertWithdrawn
from lilong.fields.mobility.models import ServiceAlert, Station
from lilong.fields.mobility.models.alerts import ALERT_KINDS
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.services.fleet import own_operator
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

_SUMMARY_MAX, _TEXT_MAX, _STATIONS_MAX = 200, 2_000, 200


@transaction.atomic
def publish_alert(actor: Actor, draft: AlertDraft) -> ServiceAlert:
    """Raises Missing, Forbidden, Invalid (`/kind`, `/summary`, `/description`, `/stations`, `/end`), Conflict `id-taken`.
    The same draft again: the same answer."""
    operator = own_operator(actor, draft.operator)
    _check(draft)
    values = {
        "operator_id": operator.id,
        "kind": draft.kind,
        "summary": draft.summary.stored(),
        "description": draft.description.stored() if draft.description else None,
        "stations": list(draft.stations),
        "start": draft.start,
        "end": draft.end,
    }
    row, made = ServiceAlert.objects.get_or_create(id=draft.id, defaults=values | {"published_at": clock.now()})
    if not made and any(getattr(row, name) != value for name, value in values.items()):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if made:
        fact = AlertPublished(alert=row.id, operator=operator.id, kind=row.kind, stations=list(draft.stations))
        emit(fact, subject=row.id, actor=actor.party)
    return row


@transaction.atomic
def withdraw_alert(actor: Actor, *, id: UUID) -> ServiceAlert:
    """It is over. Again: nothing changes. Raises Missing."""
    row = ServiceAlert.objects.select_for_update().filter(id=id).first()
    if row is None or not actor.acts_for(row.operator_id, *roles.MANAGE):
        raise Missing("no-such-alert")
    actor.require_scope(roles.FLEET)
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        emit(AlertWithdrawn(alert=row.id, operator=row.operator_id), subject=row.id, actor=actor.party)
    return row


def _check(draft: AlertDraft) -> None:
    if draft.kind not in ALERT_KINDS:
        raise invalid("/kind", "one-of", ", ".join(ALERT_KINDS))
    if not draft.summary.within(None).strip():
        raise invalid("/summary", "required")
    for pointer, words, most in (
        ("/summary", draft.summary, _SUMMARY_MAX), ("/description", draft.description or Words(), _TEXT_MAX),
    ):  # fmt: skip
        if max(map(len, (words.en, words.zh, words.ko))) > most:
            raise invalid(pointer, "length", f"0..{most}")
        if "\0" in words.en + words.zh + words.ko:
            raise invalid(pointer, "characters")
    wanted = set(draft.stations)
    if len(draft.stations) > _STATIONS_MAX or len(wanted) != len(draft.stations):
        raise invalid("/stations", "unique")
    if Station.objects.filter(id__in=wanted, operator=draft.operator).count() != len(wanted):
        raise invalid("/stations", "known")
    if draft.start and draft.end and draft.end <= draft.start:
        raise invalid("/end", "after-start")
