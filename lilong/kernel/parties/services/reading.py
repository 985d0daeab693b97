"""Operators reading a person's page: the reading and its record are one transaction."""

from uuid import UUID

from django.db import transaction

from lilong.kernel.parties import queries, refusals
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import Party
from lilong.kernel.parties.services.access import record_access
from lilong.kernel.parties.views import PersonFile

READ = "parties:read"


@transaction.atomic
def read_person(actor: Actor, *, person: UUID, why: str) -> PersonFile:
    """What the house holds of a person, for the person or for an operator who gives a reason; it enters the access log.

    Raises Missing for everybody else and for who there is not, Invalid without a reason.
    """
    actor.require_scope(READ)
    if not (actor.acts_for(person) or actor.staff):
        raise refusals.no_party()
    found = Party.objects.filter(id=person, kind=Party.Kind.PERSON).first()
    if found is None:
        raise refusals.no_party()
    record_access(actor, subject=person, what="profile", why=why)
    return PersonFile(
        id=found.id,
        name=queries.viewed(found).name.en,
        email=queries.email_of(person),
        district=found.district,
        language=found.language,
        joined=found.created_at,
        organisations=queries.organisations_of(person),
    )
