"""A small market: two sellers with their people, places, products; residents with money."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.market.drafts import LotDraft, PlaceDraft, ProductDraft, Received
from lilong.fields.market.services import lots, places, products
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

GTINS = ("6901234567892", "6901028075831", "4006381333931", "5000112637922", "8801234567893")
NOON = datetime(2030, 4, 8, 4, tzinfo=UTC)  # noon in Shanghai
TODAY = date(2030, 4, 8)


class Market:
    """What the tests play with; every part through services."""

    def __init__(self) -> None:
        self.seller, self.owner = self.firm("Fresh Lane")
        self.rival, self.rival_owner = self.firm("Other Lane")
        self.manager, self.clerk, self.picker = (self.member(role) for role in ("manager", "clerk", "picker"))
        self.warehouse = self.place("Jing'an warehouse", serves=("jingan", "huangpu"))
        self.machine = self.place("Lobby machine", kind="vending-machine")
        self.eggs = self.product("E10", "Eggs, ten", price=1290, gtin=GTINS[0], category="eggs", shelf_life_days=30)
        self.greens = self.product("V1", "Pak choi", price=1580, per=500, unit="g", category="vegetables")

    def person(self, name: str, district: str = "jingan") -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district=district)
        return parties.actor_of_party(id)

    def firm(self, name: str) -> tuple[UUID, Actor]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM,
            id=id,
            name=Words(en=name, zh=name, ko=name),
            owner=founder.party,
            kind="retailer",
            district="jingan",
        )
        return id, parties.actor_of_party(founder.party)

    def member(self, role: str) -> Actor:
        found = self.person(role)
        parties_services.add_member(self.owner, organisation=self.seller, person=found.party, roles=[role])
        return parties.actor_of_party(found.party)

    def buyer(self, name: str = "Wang Min", fen: int = 100_000) -> Actor:
        found = self.person(name)
        if fen:
            ledger_services.top_up(SYSTEM, id=ids.uuid7(), owner=found.party, amount=fen)
        return found

    def place(self, name: str, kind: str = "front-warehouse", **more: Any) -> UUID:
        draft = PlaceDraft(
            id=ids.uuid7(), owner=self.seller, kind=kind, name=Words(en=name, zh=f"{name}仓"), district="jingan", **more
        )  # type: ignore[arg-type]
        return places.open_place(self.owner, draft).id

    def draft(self, code: str, name: str, **more: Any) -> ProductDraft:
        given = {"seller": self.seller, "category": "eggs", "price": 1000} | more
        return ProductDraft(id=ids.uuid7(), code=code, name=Words(en=name, zh=name, ko=name), **given)

    def product(self, code: str, name: str, **more: Any) -> UUID:
        return products.register_product(self.owner, self.draft(code, name, **more)).id

    def arrival(self, product: UUID, quantity: int, code: str = "L1", days: int = 10, **more: Any) -> LotDraft:
        """A delivery to the warehouse, good for `days` more days after today."""
        given: dict[str, Any] = {"id": ids.uuid7(), "place": self.warehouse} | more
        best_before = given.pop("best_before", clock.today() + timedelta(days=days))
        return LotDraft(product=product, lot_code=code, best_before=best_before, quantity=quantity, **given)

    def receive(self, product: UUID, quantity: int, code: str = "L1", days: int = 10, **more: Any) -> Received:
        return lots.receive_lot(self.picker, self.arrival(product, quantity, code, days, **more))

    def facts(self, subject: UUID, name: str) -> list[dict[str, Any]]:
        return [event.data for event in events.history(subject).items if event.type == name]


def changed(draft: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(draft, **fields)
