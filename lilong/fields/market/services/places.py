"""Opening and closing places, and their delivery windows."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from lilong.fields.market.drafts import PlaceDraft
from lilong.fields.market.events.products import PlaceClosed, PlaceOpened
from lilong.fields.market.models import Place, PlaceDistrict, Stock
from lilong.fields.market.rules import places, roles
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import services as calendar
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.catalog import services as catalog
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor

_ZONE = "Asia/Shanghai"
_PLAIN = ("owner", "kind", "district", "address", "latitude_e6", "longitude_e6", "lead_seconds", "day_before")


@transaction.atomic
def open_place(actor: Actor, draft: PlaceDraft) -> Place:
    """Opens a place. The same id with the same draft answers the same place; with another, Conflict `id-taken`.

    Raises Invalid (every bad field), Forbidden.
    """
    actor.require(draft.owner, *roles.RANGE, scope=roles.WRITE)
    wanted = places.checked(draft)
    values = {name: getattr(wanted, name) for name in _PLAIN} | {"name": wanted.name.stored()}
    place, created = Place.objects.get_or_create(id=draft.id, defaults=values | {"opened_at": clock.now()})
    if not created:
        same = all(getattr(place, name) == value for name, value in values.items())
        if not same or set(place.serves.values_list("district", flat=True)) != set(wanted.serves):
            raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
        return place
    PlaceDistrict.objects.bulk_create([PlaceDistrict(place=place, district=slug) for slug in wanted.serves])
    emit(
        PlaceOpened(place=place.id, owner=place.owner, kind=place.kind, district=place.district),
        subject=place.id,
        actor=actor.party,
    )
    return place


@transaction.atomic
def open_slots(actor: Actor, *, place: UUID, openings: Sequence[Opening], capacity: int) -> UUID:
    """Gives a place its delivery windows: a calendar resource of `capacity` deliveries a window, open by `openings`.

    Called again it replaces the openings (bookings stay). Answers the resource's id. Raises Missing, Forbidden, and what
    the calendar refuses; another `capacity` than before is the Conflict `capacity-fixed`.
    """
    found = _locked(actor, place)
    resource = ids.named("market", "slots", found.id)
    calendar.create_resource(
        actor,
        id=resource,
        owner=found.owner,
        kind="delivery-slot",
        name=Words.read(found.name),
        zone=_ZONE,
        capacity=capacity,
    )
    calendar.set_opening(actor, resource=resource, rules=list(openings))
    found.slots = resource
    found.save(update_fields=["slots"])
    return resource


@transaction.atomic
def close_place(actor: Actor, *, id: UUID) -> Place:
    """Closes a place for good, once its stock is gone (Conflict `still-has-stock`). Again: the same answer."""
    place = _locked(actor, id, closed=True)
    if place.closed_at:
        return place
    accounts = list(Stock.objects.filter(place=place).values_list("account", flat=True))
    if any(balance.posted for balance in ledger.balances(accounts).values()):
        raise Conflict("still-has-stock", violations=[Violation(pointer="/id", rule="empty")])
    catalog.close_supplies(accounts)
    place.closed_at = clock.now()
    place.save(update_fields=["closed_at"])
    emit(
        PlaceClosed(place=place.id, owner=place.owner, kind=place.kind, district=place.district),
        subject=place.id,
        actor=actor.party,
    )
    return place


def _locked(actor: Actor, id: UUID, *, closed: bool = False) -> Place:
    place = Place.objects.select_for_update().filter(id=id).first()
    if place is None:
        raise Missing("no-such-place")
    actor.require(place.owner, *roles.RANGE, scope=roles.WRITE)
    if place.closed_at and not closed:
        raise Gone("place-closed")
    return place
