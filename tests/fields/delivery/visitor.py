"""Browsers of people of the lane, and what they often do."""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import AddressDraft
from tests.fields.delivery.scene import DEPOT, DOOR


def browser(person: Actor | UUID | None, language: str = "en") -> Client:
    """Signed in as the person, or nobody."""
    found = Client(headers={"accept-language": language})
    if person is not None:
        party = person.party if isinstance(person, Actor) else person
        user = get_user_model().objects.get(party=party)
        found.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return found


def address(actor: Actor, *, at: Any = DOOR, recipient: str = "王敏", line: str = "Fuzhou Road 8") -> UUID:
    draft = AddressDraft(
        id=ids.uuid7(), party=actor.party, label="", recipient=recipient, phone="13800000000", line=line,
        district="huangpu", latitude_e6=at.latitude_e6, longitude_e6=at.longitude_e6,
    )  # fmt: skip
    return parties.put_address(actor, draft).id


def parcel(actor: Actor, **changes: Any) -> dict[str, Any]:
    """The form of sending, filled in."""
    given = {
        "id": str(ids.uuid7()), "from": str(address(actor, at=DEPOT, recipient="Me")), "to": str(address(actor)), "box": "small",
        "weight": "1.5", "temperature": "ambient", "value": "80", "instructions": "Second floor", "email": "",
    }  # fmt: skip
    return given | changes
