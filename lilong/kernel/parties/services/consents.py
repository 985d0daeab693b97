"""Consents: given and withdrawn by the person alone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.base.problems import invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.events import ConsentGiven, ConsentWithdrawn
from lilong.kernel.parties.models import Consent, Party
from lilong.kernel.parties.views import ConsentView

WRITE = "parties:write"


@transaction.atomic
def give_consent(
    actor: Actor, *, id: UUID, to: UUID, purpose: str, categories: Iterable[str], until: datetime | None = None
) -> ConsentView:
    """The actor lets `to` use its data of these categories (slugs) for this purpose (a slug), until then or withdrawal."""
    actor.require_scope(WRITE)
    wanted = rules.roles(categories, "/categories")
    slug = rules.category(purpose, "/purpose")
    if not slug:
        raise invalid("/purpose", "required")
    rules.until(until, clock.now(), "/until")
    if not Party.objects.filter(id=to, closed_at=None).exists():
        raise refusals.no_party("/to", "party")
    giver = Party.objects.select_for_update(no_key=True).filter(id=actor.party, closed_at=None)
    if not giver.exists():
        raise refusals.no_party()
    asked = Consent(id=id, party_id=actor.party, to_id=to, purpose=slug, categories=wanted, until=until)
    known = Consent.objects.filter(id=id).first()
    if known is not None:
        members = ("party_id", "to_id", "purpose", "categories", "until")
        if any(getattr(known, member) != getattr(asked, member) for member in members):
            raise refusals.id_taken(id)
        return queries.consent_view(known)
    asked.save(force_insert=True)
    fact = ConsentGiven(consent=id, party=actor.party, to=to, purpose=slug, categories=wanted, until=until)
    emit(fact, subject=actor.party, actor=actor.party)
    return queries.consent_view(asked)


@transaction.atomic
def withdraw_consent(actor: Actor, *, id: UUID) -> ConsentView:
    """Ends a consent from now on. Only the giver may; done again it changes nothing."""
    actor.require_scope(WRITE)
    found = Consent.objects.select_for_update().filter(id=id, party=actor.party).first()
    if found is None:
        raise refusals.no_consent()
    if found.withdrawn_at is None:
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        fact = ConsentWithdrawn(consent=id, party=found.party_id, to=found.to_id)
        emit(fact, subject=found.party_id, actor=actor.party)
    return queries.consent_view(found)
