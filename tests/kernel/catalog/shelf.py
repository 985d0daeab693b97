"""Offers made through the services: what catalog tests start from."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import services
from lilong.kernel.catalog.drafts import OfferDraft, OfferView, Refused, SupplyDraft
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties.actor import SYSTEM, Actor

SELLER = ids.named("catalog", "seller")


def a_draft(title: Words | str = "Apple", **changes: Any) -> OfferDraft:
    given = {"id": ids.uuid7(), "field": "market", "seller": SELLER, "price": 500, "title": Words.read(title)}
    return OfferDraft(**(given | changes))


def put(*drafts: OfferDraft, actor: Actor = SYSTEM) -> list[OfferView]:
    answers = services.put_offers(actor, drafts)
    assert not [answer for answer in answers if isinstance(answer, Refused)], answers
    return [answer for answer in answers if isinstance(answer, OfferView)]


def member(*roles: str, of: UUID = SELLER, **more: Any) -> Actor:
    return Actor(party=ids.uuid7(), kind="person", roles={of: frozenset(roles)}, **more)


def supply(offer: UUID, place: UUID, quantity: int, *, use_by: date | None = None, rank: int = 0) -> tuple[int, int]:
    """Stock of its own for an offer at a place; answers the ledger accounts it leaves and is sold into."""
    asset = ledger.open_asset(f"lot:{ids.uuid7()}", kind="stock", unit="piece")
    wanted = [(SELLER, asset, "supplier", None), (SELLER, asset, "stock", 0), (SELLER, asset, "sold", 0)]
    supplier, stock, sold = ledger.open_accounts(wanted)
    if quantity:
        ledger.post_all([ledger.Move(ids.uuid7(), supplier, stock, quantity, code="receive")])
    draft = SupplyDraft(offer=offer, place=place, account=stock, sink=sold, use_by=use_by, rank=rank)
    services.set_supplies([draft])
    return stock, sold


def titles(found: Sequence[OfferView]) -> list[str]:
    return [str(offer.title.en or offer.title.zh or offer.title.ko) for offer in found]
