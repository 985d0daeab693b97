"""Offers as they stand, and what they cost before."""

from collections.abc import Sequence
from uuid import UUID

from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import refusals
from lilong.kernel.catalog.drafts import OfferView, PriceView
from lilong.kernel.catalog.models import Offer, Price
from lilong.kernel.parties.actor import Actor

ROLES = ("manager", "clerk")  # of the seller, beside its owner


def offer(id: UUID, *, actor: Actor | None = None) -> OfferView:
    """One offer. A draft is shown only to those who act for its seller; to others there is none (Missing)."""
    found = Offer.objects.defer("search").filter(id=id).first()
    if found is None or (found.state == "draft" and not _sees_drafts(actor, found.seller)):
        raise refusals.unknown_offer()
    return view(found)


def offers_of(actor: Actor, seller: UUID, *, state: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A seller's own offers as OfferViews, drafts and withdrawn ones too, newest change first; Missing for others."""
    if not _sees_drafts(actor, seller):
        raise refusals.unknown_seller(seller)
    rows = Offer.objects.defer("search").filter(seller=seller)
    if state:
        rows = rows.filter(state=state)
    found = page(rows, by=("-changed_at", "-id"), cursor=cursor, size=size)
    found.items = [view(row) for row in found.items]
    return found


def price_history(id: UUID, *, actor: Actor | None = None) -> list[PriceView]:
    """Every price the offer has had, oldest first. Missing where `offer` would be."""
    offer(id, actor=actor)
    return [
        PriceView(version=row.version, price=row.price, per=row.per, currency=row.currency, at=row.at)
        for row in Price.objects.filter(offer=id).order_by("version")
    ]


def views(ids: Sequence[UUID]) -> list[OfferView]:
    """Those of `ids` that exist, in that order, whatever their state."""
    rows = Offer.objects.defer("search").in_bulk(ids)
    return [view(rows[id]) for id in ids if id in rows]


def view(row: Offer) -> OfferView:
    return OfferView(
        title=Words.read(row.title),
        summary=Words.read(row.summary),
        tags=tuple(row.tags),
        **{name: getattr(row, name) for name in _SAME},
    )


_SAME = set(OfferView.__struct_fields__) - {"title", "summary", "tags"}


def _sees_drafts(actor: Actor | None, seller: UUID) -> bool:
    return actor is not None and (actor.staff or actor.acts_for(seller, *ROLES, "auditor"))
