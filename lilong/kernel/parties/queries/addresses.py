"""Reads of the address book, for its owner only; others use `services.read_address`."""

from uuid import UUID

from lilong.kernel.parties import refusals
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import Address
from lilong.kernel.parties.views import AddressView

READ = "parties:read"
ROLES = ("manager", "clerk")


def address_view(row: Address) -> AddressView:
    return AddressView(
        id=row.id,
        party=row.party_id,
        label=row.label,
        recipient=row.recipient,
        phone=row.phone,
        line=row.line,
        district=row.district,
        latitude_e6=row.latitude_e6,
        longitude_e6=row.longitude_e6,
        default=row.default,
        removed=row.removed_at is not None,
    )


def addresses(actor: Actor, party: UUID) -> list[AddressView]:
    """A party's addresses, the default first, then in the order they were made. Raises Forbidden for another's."""
    actor.require(party, *ROLES, scope=READ)
    rows = Address.objects.filter(party=party, removed_at=None).order_by("-default", "created_at", "id")
    return [address_view(row) for row in rows]


def address(actor: Actor, id: UUID) -> AddressView:
    """One of the actor's own (or its organisation's) that stands in the book. Raises Missing, for another's too."""
    actor.require_scope(READ)
    row = Address.objects.filter(id=id, removed_at=None).first()
    if row is None or not actor.acts_for(row.party_id, *ROLES):
        raise refusals.no_address()
    return address_view(row)
