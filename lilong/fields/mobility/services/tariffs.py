"""Publishing prices. A version never changes; what is booked keeps the one it was booked at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.drafts import TariffDraft
from lilong.fields.mobility.events.vehicles import TariffPublished
from lilong.fields.mobility.models import Tariff
from lilong.fields.mobility.rules import terms
from lilong.fields.mobility.services import offers, turns
from lilong.fields.mobility.services.fleet import own_operator
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor


def publish_tariff(actor: Actor, draft: TariffDraft) -> Tariff:
    """A new version of a rental's price plan. Again with the same id: the same answer.

    Raises Invalid (every bad field of the terms, `/currency`, `/valid_from` in the past), Forbidden, Conflict `id-taken`.
    """
    return publish(
        actor,
        id=draft.id,
        plan=draft.plan,
        operator=draft.operator,
        mode=draft.mode,
        name=draft.name,
        description=draft.description,
        currency=draft.currency,
        terms=terms.stored(terms.checked(draft.terms)),
        valid_from=draft.valid_from,
    )


@transaction.atomic
def publish(
    actor: Actor,
    *,
    id: UUID,
    plan: UUID,
    operator: UUID,
    mode: str,
    name: Words,
    description: Words,
    currency: str,
    terms: Mapping[str, Any],
    valid_from: datetime | None = None,
) -> Tariff:
    """The same for terms of any mode, which the caller has checked."""
    owner = own_operator(actor, operator)
    if mode not in owner.modes:
        raise invalid("/mode", "operated")
    if not (name.within(None).strip() and description.within(None).strip()):
        raise invalid("/name" if not name.within(None).strip() else "/description", "required")
    if currency != owner.currency:
        raise invalid("/currency", "operators", owner.currency)
    turns.wait_for("plan", plan)
    values: dict[str, Any] = {
        "plan": plan,
        "mode": mode,
        "name": name.stored(),
        "description": description.stored(),
        "currency": currency,
        "terms": dict(terms),
    }
    known = Tariff.objects.filter(id=id).first()
    if known is not None:
        if known.operator_id == owner.id and all(getattr(known, key) == value for key, value in values.items()):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    now = clock.now()
    if valid_from is not None and (valid_from.tzinfo is None or valid_from < now):
        raise invalid("/valid_from", "not-in-the-past")
    last = Tariff.objects.filter(plan=plan).order_by("-version").first()
    if last is not None and (last.operator_id, last.mode) != (owner.id, mode):
        raise Conflict("id-taken", violations=[Violation(pointer="/plan", rule="same-operator")])
    starts = max(valid_from or now, last.valid_from if last else now)
    row = Tariff.objects.create(
        id=id,
        operator=owner,
        version=last.version + 1 if last else 1,
        valid_from=starts,
        published_at=now,
        **values,
    )
    fact = TariffPublished(plan=plan, version=row.version, operator=owner.id, mode=mode)
    emit(fact, subject=plan, actor=actor.party)
    if row.valid_from <= now and mode != "passenger-services":
        offers.reprice(row)
    return row
