"""A basket as it stands against what there is now: prices, stock at the place, what would be held."""

from datetime import date
from uuid import UUID

import msgspec

from lilong.fields.market.models import Basket, BasketLine
from lilong.fields.market.queries import availability, products
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import weight
from lilong.kernel.base.money import price_of
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.views import PartyView


class BasketLineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `was` is the price when it was put in, where that differs from now (else None). `amount` at today's price;
    `most` what is held for it at most (goods by weight), else the same. `available` is None where no place is chosen.

    `trouble`: '' | 'gone' (sold no more) | 'sold-out' | 'short' (`available` are left).
    """

    product: ProductView
    quantity: int
    wish: str
    was: int | None
    amount: int
    most: int
    available: int | None
    first_use_by: date | None
    trouble: str

    @property
    def weighed(self) -> bool:
        return self.product.unit == "g" and self.most > self.amount

    @property
    def later(self) -> bool:
        return self.product.settle == "later"


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What one seller would deliver: an order of its own. `later`: money is held first and settled on delivery."""

    seller: UUID
    party: PartyView | None
    lines: list[BasketLineView]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines if line.trouble != "gone")

    @property
    def most(self) -> int:
        return sum(line.most for line in self.lines if line.trouble != "gone")

    @property
    def later(self) -> bool:
        return any(line.later for line in self.lines)


class BasketView(msgspec.Struct, frozen=True, kw_only=True):
    """A basket, a parcel a seller."""

    parcels: list[Parcel]

    @property
    def lines(self) -> list[BasketLineView]:
        return [line for parcel in self.parcels for line in parcel.lines]

    @property
    def total(self) -> int:
        return sum(parcel.total for parcel in self.parcels)

    @property
    def most(self) -> int:
        return sum(parcel.most for parcel in self.parcels)

    @property
    def ready(self) -> bool:
        """Whether all of it can be ordered as it stands."""
        return bool(self.lines) and not any(line.trouble for line in self.lines)


def id_of(person: UUID) -> UUID | None:
    """A person's basket, if there is one."""
    return Basket.objects.filter(person=person).values_list("id", flat=True).first()


def count(basket: UUID | None) -> int:
    """How many different things are in a basket."""
    return BasketLine.objects.filter(basket=basket).count() if basket else 0


def quantities(basket: UUID | None) -> dict[UUID, int]:
    """Offer -> quantity in the basket."""
    return dict(BasketLine.objects.filter(basket=basket).values_list("offer", "quantity")) if basket else {}


def basket(id: UUID | None, *, place: UUID | None, on: date | None = None) -> BasketView:
    """The basket against prices and stock of now; `on` is the day of handing over. The caller has checked whose it is."""
    rows = list(BasketLine.objects.filter(basket=id).order_by("added_at", "offer")) if id else []
    known = products.products_by_offer({row.offer for row in rows})
    stock = availability.availability([row.offer for row in rows], place, on=on) if place and rows else {}
    sellers: dict[UUID, list[BasketLineView]] = {}
    for row in rows:
        if row.offer in known:
            sellers.setdefault(known[row.offer].seller, []).append(_line(row, known[row.offer], stock.get(row.offer)))
    named = parties.parties(sellers)
    return BasketView(
        parcels=[Parcel(seller=id, party=named.get(id), lines=lines) for id, lines in sellers.items()],
    )


def _line(row: BasketLine, product: ProductView, stock: "availability.Available | None") -> BasketLineView:
    amount = price_of(row.quantity, product.price, product.per)
    return BasketLineView(
        product=product,
        quantity=row.quantity,
        wish=row.wish,
        was=row.price if row.price != product.price else None,
        amount=amount,
        most=weight.held(row.quantity, product.tolerance_percent, product.price, product.per),
        available=stock.quantity if stock else None,
        first_use_by=stock.first_use_by if stock else None,
        trouble=_trouble(row.quantity, product, stock),
    )


def _trouble(quantity: int, product: ProductView, stock: "availability.Available | None") -> str:
    if product.state != "listed":
        return "gone"
    if stock is None or stock.quantity >= quantity:
        return ""
    return "short" if stock.quantity else "sold-out"
