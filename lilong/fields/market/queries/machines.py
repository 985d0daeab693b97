"""Reads of machines: what is in them, how they are, what is going on at them; coins and weighings."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import (
    Dispute,
    Machine,
    MachineBin,
    MachineSession,
    MachineSlot,
    Product,
    Purchase,
    SlotLot,
    Stock,
    Weighing,
)
from lilong.fields.market.queries import places, products
from lilong.fields.market.queries.places import PlaceView
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.actor import Actor


class MachineView(msgspec.Struct, frozen=True, kw_only=True):
    """A machine at its place. `online` by its last word, `warm` when its goods are outside the range they may have."""

    device: UUID
    place: PlaceView
    seller: UUID
    online: bool
    seen_at: datetime | None
    temperature_mc: int | None
    coldest_mc: int | None
    warmest_mc: int | None
    attention: str
    full_bins: tuple[str, ...]
    faulty_slots: int

    @property
    def troubled(self) -> bool:
        return bool(self.attention or self.faulty_slots or self.full_bins or self.warm)

    @property
    def kind(self) -> str:
        return self.place.kind

    @property
    def degrees(self) -> str:
        return "" if self.temperature_mc is None else f"{self.temperature_mc / 1000:.1f} °C"

    @property
    def warm(self) -> bool:
        now = self.temperature_mc
        if now is None:
            return False
        above = self.warmest_mc is not None and now > self.warmest_mc
        return above or (self.coldest_mc is not None and now < self.coldest_mc)


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """A slot: `count` pieces stand in it, `available` of them can be had; `good_until` the day of what comes first."""

    code: str
    product: ProductView | None
    count: int
    available: int
    capacity: int
    par: int
    fault: str
    good_until: date | None

    @property
    def sells(self) -> bool:
        return self.product is not None and not self.fault and self.available > 0

    @property
    def most(self) -> int:
        return min(self.available, rules.QUANTITY_MAX)

    @property
    def lacks(self) -> int:
        return max(0, self.par - self.count)


def at(place: UUID) -> MachineView:
    """The machine of a place; public. Raises Missing."""
    found = _views(Machine.objects.filter(place=place, place__closed_at=None))
    if not found:
        raise Missing("no-such-machine", violations=[Violation(pointer="/place", rule="known")])
    return found[0]


def near(district: str) -> list[MachineView]:
    """Machines of a district, vending machines first; public."""
    found = _views(Machine.objects.filter(place__district=district, place__closed_at=None))
    return sorted(found, key=lambda view: (rules.MACHINES.index(view.kind), view.place.id))


def of_seller(actor: Actor, seller: UUID) -> list[MachineView]:
    """A seller's machines, those that need somebody first; Missing for others."""
    require_seller(actor, seller)
    found = _views(Machine.objects.filter(seller=seller, place__closed_at=None))
    return sorted(found, key=lambda view: (not view.troubled, view.online, view.place.id))


def of_seller_one(actor: Actor, seller: UUID, device: UUID) -> MachineView:
    require_seller(actor, seller)
    found = _views(Machine.objects.filter(seller=seller, device=device))
    if not found:
        raise Missing("no-such-machine", violations=[Violation(pointer="/machine", rule="known")])
    return found[0]


def require_seller(actor: Actor, seller: UUID) -> None:
    if not (actor.staff or actor.acts_for(seller, *roles.STOCK)):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])


def shelves(devices: Iterable[UUID]) -> dict[UUID, list[SlotView]]:
    """The slots of machines, by their codes, with what the ledger says is in them."""
    wanted = list(devices)
    rows = list(MachineSlot.objects.filter(machine__in=wanted).order_by("code"))
    known = {view.id: view for view in products.views(_products(rows))}
    loads = _loads(rows)
    found: dict[UUID, list[SlotView]] = {device: [] for device in wanted}
    for row in rows:
        lots = [each for each in loads.get(row.pk, []) if each[1]]
        found[row.machine_id].append(
            SlotView(
                code=row.code,
                product=known.get(row.product_id),
                count=sum(each[1] for each in lots),
                available=sum(each[2] for each in lots),
                capacity=row.capacity,
                par=row.par,
                fault=row.fault,
                good_until=min((each[0] for each in lots), default=None),
            )
        )
    return found


def _products(rows: list[MachineSlot]) -> list[Product]:
    return list(Product.objects.filter(id__in={row.product_id for row in rows if row.product_id}))


def _loads(rows: list[MachineSlot]) -> dict[int, list[tuple[date, int, int]]]:
    """By slot: last day of sale, posted, available of each lot that may still be sold."""
    loads = list(
        SlotLot.objects.filter(slot__in=[row.pk for row in rows]).values_list("slot_id", "lot_id", "machine__place_id")
    )
    stocks = Stock.objects.filter(
        lot__in={lot for _, lot, _ in loads}, place__in={place for *_, place in loads}, lot__state="active"
    ).select_related("lot")
    by_pair = {(stock.lot_id, stock.place_id): stock for stock in stocks}
    balances = ledger.balances([stock.account for stock in by_pair.values()])
    found: dict[int, list[tuple[date, int, int]]] = {}
    for slot, lot, place in loads:
        stock = by_pair.get((lot, place))
        if stock is not None:
            good = stock.lot.last_day >= clock.today()
            balance = balances[stock.account]
            found.setdefault(slot, []).append((stock.lot.last_day, balance.posted, balance.available if good else 0))
    return found


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
    known = {view.id: view for view in products.views(_products([line.slot for line in lines]))}
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


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute, as its seller sees it."""

    id: UUID
    device: UUID
    place: UUID
    order: UUID | None
    kind: str
    slot: str
    quantity: int
    amount: int
    reason: str
    state: str
    opened_at: datetime


def disputes_of(
    actor: Actor, seller: UUID, *, state: str = "open", cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """A seller's disputes, newest first; Missing for others."""
    require_seller(actor, seller)
    rows = Dispute.objects.filter(machine__seller=seller).select_related("machine", "slot")
    if state:
        rows = rows.filter(state=state)
    found = page(rows, by=("-opened_at", "-id"), cursor=cursor, size=size)
    return Slice(items=[_dispute(row) for row in found.items], next=found.next)


def contested(order: UUID, buyer: UUID) -> dict[int, str]:
    """What a buyer contested of an order: line -> state of the newest dispute."""
    rows = Dispute.objects.filter(order=order, buyer=buyer, kind="contested").order_by("opened_at")
    return {line: state for line, state in rows.values_list("line", "state") if line is not None}


def _dispute(row: Dispute) -> DisputeView:
    return DisputeView(
        id=row.id, device=row.machine_id, place=row.machine.place_id, order=row.order, kind=row.kind,
        slot=row.slot.code, quantity=row.quantity, amount=row.amount, reason=row.reason, state=row.state,
        opened_at=row.opened_at,
    )  # fmt: skip


class RefillLine(msgspec.Struct, frozen=True, kw_only=True):
    """Bring `quantity` of a lot (first to expire first) to a slot; `short` is what no warehouse has."""

    device: UUID
    slot: str
    product: ProductView
    lot: str
    best_before: date | None
    quantity: int
    short: int


def refill(actor: Actor, seller: UUID) -> list[RefillLine]:
    """What to bring to which slot of a seller's machines, by lots of its front warehouses. A lot is promised once."""
    require_seller(actor, seller)
    devices = list(Machine.objects.filter(seller=seller, place__closed_at=None).values_list("device", flat=True))
    slots = [(device, slot) for device, each in shelves(devices).items() for slot in each]
    lacking = [(device, slot) for device, slot in slots if slot.product and slot.lacks and not slot.fault]
    left = _in_warehouses(seller, {slot.product.id for _, slot in lacking if slot.product})
    found = []
    for device, slot in lacking:
        assert slot.product is not None
        wanted = slot.lacks
        for lot in left.get(slot.product.id, []):
            part = min(wanted, lot[2])
            if part:
                lot[2] -= part
                wanted -= part
                found.append(
                    RefillLine(device=device, slot=slot.code, product=slot.product, lot=lot[0], best_before=lot[1],
                               quantity=part, short=0)
                )  # fmt: skip
        if wanted:
            found.append(
                RefillLine(device=device, slot=slot.code, product=slot.product, lot="", best_before=None, quantity=0,
                           short=wanted)
            )  # fmt: skip
    return found


def _in_warehouses(seller: UUID, wanted: set[UUID]) -> dict[UUID, list[list]]:  # type: ignore[type-arg]
    stocks = Stock.objects.filter(
        lot__product__in=wanted, lot__product__seller=seller, lot__state="active", lot__last_day__gte=clock.today(),
        place__kind="front-warehouse",
    ).select_related("lot").order_by("lot__last_day", "account")  # fmt: skip
    balances = ledger.balances([stock.account for stock in stocks])
    found: dict[UUID, list[list]] = {}  # type: ignore[type-arg]
    for stock in stocks:
        lot = [stock.lot.code, stock.lot.best_before, balances[stock.account].available]
        found.setdefault(stock.lot.product_id, []).append(lot)
    return found


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


def quarantined(actor: Actor, seller: UUID) -> list[WeighingView]:
    """Weights that wait for the operator, oldest first; Missing for others."""
    require_seller(actor, seller)
    rows = Weighing.objects.filter(machine__seller=seller, state="quarantined").order_by("at")[:100]
    return [_weighing(row) for row in rows]


def coins_of(person: UUID) -> int:
    """The person's recycling coins."""
    return next((each.posted for each in ledger.accounts_of(person) if each.code == rules.COIN), 0)


def _weighing(row: Weighing) -> WeighingView:
    return WeighingView(
        id=row.id, device=row.machine_id, material=row.material, grams=row.grams, coins=row.coins, state=row.state,
        at=row.at,
    )  # fmt: skip


def _views(rows: Iterable[Machine]) -> list[MachineView]:
    machines = list(rows)
    known = places.places([row.place_id for row in machines])
    full: dict[UUID, list[str]] = {}
    for machine, material in MachineBin.objects.filter(machine__in=machines).values_list("machine_id", "material"):
        full.setdefault(machine, []).append(material)
    faulty = Counter(
        MachineSlot.objects.filter(machine__in=machines).exclude(fault="").values_list("machine_id", flat=True)
    )
    now = clock.now()
    return [
        MachineView(
            device=row.device, place=known[row.place_id], seller=row.seller, online=rules.online(row.seen_at, now),
            seen_at=row.seen_at, temperature_mc=row.temperature_mc, coldest_mc=row.coldest_mc,
            warmest_mc=row.warmest_mc, attention=row.attention, faulty_slots=faulty[row.device], full_bins=tuple(sorted(full.get(row.device, []))),
        )
        for row in machines
    ]  # fmt: skip


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
