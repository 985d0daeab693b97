"""Reads of what people do at machines: purchases, visits, what was charged, weighings and coins."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Dispute, MachineSession, MachineSlot, Product, Purchase, Weighing
from lilong.fields.market.queries import products
from lilong.fields.market.queries.machines import SlotView, require_seller, shelves
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import machines as rules
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor


def _goods(slots: Iterable[MachineSlot]) -> dict[UUID | None, ProductView]:
    rows = Product.objects.filter(id__in={slot.product_id for slot in slots if slot.product_id})
    return {view.id: view for view in products.views(rows)}


class BoughtLine(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    slot: str
    product: ProductView | None
    quantity: int
    price: int
    taken: int | None


class PurchaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as its buyer sees it. `order` is what was charged (None: nothing); `instead` what else there is."""

    id: UUID
    place: UUID
    device: UUID
    state: str
    lines: list[BoughtLine]
    jammed: tuple[str, ...]
    order: UUID | None
    charged: int
    expires_at: datetime
    instead: list[SlotView]

    @property
    def waiting(self) -> bool:
        return self.state == "reserved"


def purchase(actor: Actor, id: UUID) -> PurchaseView:
    """Raises Missing for others."""
    row = Purchase.objects.select_related("machine").filter(id=id).first()
    if row is None or not actor.acts_for(row.buyer, "manager", "buyer"):
        raise Missing("no-such-purchase", violations=[Violation(pointer="/id", rule="known")])
    lines = list(row.lines.select_related("slot").order_by("n"))
    known = _goods(line.slot for line in lines)
    charged = row.late_order if row.state == "late" else row.id
    view = orders.orders_by([charged])[charged] if charged else None
    short = {line.slot.product_id for line in lines if line.taken is not None and line.taken < line.quantity}
    return PurchaseView(
        id=row.id,
        place=row.machine.place_id,
        device=row.machine_id,
        state=row.state,
        lines=[
            BoughtLine(
                n=line.n, slot=line.slot.code, product=known.get(line.slot.product_id),
                quantity=line.quantity, price=line.price, taken=line.taken,
            )
            for line in lines
        ],
        jammed=tuple(row.jammed),
        order=charged if view and view.captured else None,
        charged=view.captured if view else 0,
        expires_at=row.expires_at,
        instead=_instead(row.machine_id, short, known.values()) if short else [],
    )  # fmt: skip


def _instead(device: UUID, short: set[UUID | None], known: Iterable[ProductView]) -> list[SlotView]:
    """What the machine can still give in place of goods that did not come: the same, else the same kind."""
    kinds = {view.category for view in known if view.id in short}
    selling = [slot for slot in shelves([device])[device] if slot.sells and slot.product]
    same = [slot for slot in selling if slot.product and slot.product.id in short]
    return same or [slot for slot in selling if slot.product and slot.product.category in kinds][:3]


class VisitView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's session at a shop or collection machine."""

    id: UUID
    place: UUID
    state: str
    held: int
    order: UUID | None
    opened_at: datetime
    closed_at: datetime | None


def visit_at(person: UUID, place: UUID) -> VisitView | None:
    """The person's newest session there."""
    row = MachineSession.objects.filter(person=person, machine__place=place).order_by("-opened_at").first()
    if row is None:
        return None
    return VisitView(
        id=row.id, place=place, state=row.state, held=row.held, order=row.order, opened_at=row.opened_at,
        closed_at=row.closed_at,
    )  # fmt: skip


def contested(order: UUID, buyer: UUID) -> dict[int, str]:
    """What a buyer contested of an order: line -> state of the newest dispute."""
    rows = Dispute.objects.filter(order=order, buyer=buyer, kind="contested").order_by("opened_at")
    return {line: state for line, state in rows.values_list("line", "state") if line is not None}


class WeighingView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    device: UUID
    material: str
    grams: int
    coins: int
    state: str
    at: datetime


def weighings_of(person: UUID, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A person's own weighings, newest first. The caller has checked who asks."""
    found = page(Weighing.objects.filter(person=person), by=("-at", "-id"), cursor=cursor, size=size)
    return Slice(items=[_weighing(row) for row in found.items], next=found.next)


def coins_of(person: UUID) -> int:
    """The person's recycling coins."""
    return next((each.posted for each in ledger.accounts_of(person) if each.code == rules.COIN), 0)


def _weighing(row: Weighing) -> WeighingView:
    return WeighingView(
        id=row.id, device=row.machine_id, material=row.material, grams=row.grams, coins=row.coins, state=row.state,
        at=row.at,
    )  # fmt: skip


class ChargedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of what was charged; `contested` is the state of the buyer's dispute ('' for none)."""

    n: int
    title: str
    quantity: int
    amount: int
    contested: str


class Charged(msgspec.Struct, frozen=True, kw_only=True):
    """What a purchase or a visit cost. `open` while it can still be contested."""

    order: UUID
    at: datetime
    total: int
    open: bool
    lines: list[ChargedLine]


def charged(actor: Actor, order: UUID) -> Charged:
    """Raises Missing for anybody but the buyer, and for orders that were not made at a machine."""
    view = orders.order(actor, order)
    if view.channel not in (rules.VENDING, rules.UNMANNED) or not actor.acts_for(view.buyer, "manager", "buyer"):
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="known")])
    said = contested(order, view.buyer)
    return Charged(
        order=order,
        at=view.changed_at,
        total=view.captured - view.refunded,
        open=(clock.now() - view.changed_at).total_seconds() <= rules.CONTEST_SECONDS,
        lines=[
            ChargedLine(
                n=line.n, title=str(line.title), quantity=(line.actual or 0) - line.refunded,
                amount=line.price * ((line.actual or 0) - line.refunded), contested=said.get(line.n, ""),
            )
            for line in view.lines
            if line.actual
        ],
    )  # fmt: skip


def quarantined(actor: Actor, seller: UUID) -> list[WeighingView]:
    """Weights that wait for the operator, oldest first; Missing for others."""
    require_seller(actor, seller)
    rows = Weighing.objects.filter(machine__seller=seller, state="quarantined").order_by("at")[:100]
    return [_weighing(row) for row in rows]
