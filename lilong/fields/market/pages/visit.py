"""A buyer's visit: who it is, where it shall be delivered, which basket is his. Kept in the session."""

from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest

from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import baskets as basket_queries
from lilong.fields.market.queries import places
from lilong.fields.market.queries.places import PlaceView
from lilong.fields.market.services import baskets
from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

_DISTRICT, _PLACE, _BASKET = "market.district", "market.place", "market.basket"


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """`district` is '' and `place` None until one is known; `near` are the warehouses that deliver to the district."""

    actor: Actor | None
    district: str
    near: list[PlaceView]
    place: PlaceView | None
    basket: UUID | None

    @property
    def place_id(self) -> UUID | None:
        return self.place.id if self.place else None


def visit(request: HttpRequest) -> Visit:
    """The visit behind a request. A browser's basket becomes that of the person who signed in there."""
    actor = reader(request)
    district = _district(request, actor)
    near = places.places_serving(district) if district else []
    chosen = request.session.get(_PLACE, "")
    place = next((each for each in near if str(each.id) == chosen), near[0] if near else None)
    return Visit(actor=actor, district=district, near=near, place=place, basket=_basket(request, actor))


def own_basket(request: HttpRequest, found: Visit) -> UUID:
    """The visit's basket, made now if there was none."""
    if found.basket:
        return found.basket
    made = baskets.open_basket(found.actor, id=uuid4())
    if found.actor is None:
        request.session[_BASKET] = str(made)
    return made


def choose(request: HttpRequest, district: str, place: str) -> None:
    """Remembers where to deliver to. Raises Invalid for a district there is not."""
    if district not in BY_SLUG:
        raise invalid("/district", "unknown", district[:40])
    request.session[_DISTRICT] = district
    request.session[_PLACE] = place[:36]


def _district(request: HttpRequest, actor: Actor | None) -> str:
    chosen = request.session.get(_DISTRICT, "")
    if not chosen and actor is not None:
        chosen = parties.districts({actor.party}).get(actor.party, "")
    return chosen if chosen in BY_SLUG else ""


def _basket(request: HttpRequest, actor: Actor | None) -> UUID | None:
    kept = request.session.get(_BASKET)
    left = UUID(kept) if kept else None
    if actor is None:
        return left
    if left is not None:
        del request.session[_BASKET]
        return baskets.merge(actor, basket=left)
    return basket_queries.id_of(actor.party)
