"""Small cities for the tests of the parties."""

from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM, Actor

PASSWORD = "plum-river-482"


def person(name: str = "Mei", *, password: str | None = None, staff: bool = False, district: str = "") -> Actor:
    """Somebody new, acting with all their rights."""
    id = ids.uuid7()
    services.create_person(
        SYSTEM, id=id, name=name, email=address(id), password=password, staff=staff, district=district
    )
    return queries.actor_of_party(id)


def address(id: UUID) -> str:
    return f"{id.hex}@example.org"


def firm(owner: Actor, name: str = "Lane Grocer") -> UUID:
    return services.create_organisation(owner, id=ids.uuid7(), name=Words(en=name), owner=owner.party).id


def again(actor: Actor) -> Actor:
    """The same person with the roles held now."""
    return queries.actor_of_party(actor.party)


def types(subject: UUID) -> list[str]:
    """The types of the events about that subject, in order."""
    from lilong.kernel.events.models import Event

    return list(Event.objects.filter(subject=subject).order_by("id").values_list("type", flat=True))
