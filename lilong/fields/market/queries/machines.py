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
    MachineSlot,
    Product,
    SlotLot,
    Stock,
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
