"""What purchases at machines and visits to unmanned shops share: the offers, the guard, charging, the right lots."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from lilong.fields.market.models import MachineSlot, Product, Selling, SlotLot, Stock
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.services import supplies
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Problem
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog_reads
from lilong.kernel.catalog import services as catalog
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import POST, POSTED, Move
from lilong.kernel.orders import guards
from lilong.kernel.orders.models import Order
from lilong.kernel.parties.actor import SYSTEM, Actor


class MachineGuard:
    """Orders at machines are settled by what the machine reports; buyer and seller wait for that. Refunds are free."""

    def refusal(self, actor: Actor, order: Order, act: str) -> Problem | None:
        return None if act == "refund" else Conflict("machine-at-work")

    def completing(self, order: Order, total: int, moves: Sequence[Move]) -> list[Move]:
        return []

    def refunding(self, order: Order, refund: UUID, amount: int, moves: Sequence[Move]) -> list[Move]:
        return []

    def cancelled(self, order: Order) -> None:
        return


def watch() -> None:
    """Makes the guard known; called when the app is ready."""
    guards.register(rules.GUARD, MachineGuard())


def keep_offers(products: Iterable[Product]) -> dict[UUID, UUID]:
    """The offers by which machines sell these products, made or brought to the list price; by product.

    Such an offer holds money until the machine has reported, and is sold through the machines alone.
    """
    found = {product.id: product for product in products}
    own = catalog_reads.terms({product.offer for product in found.values()})
    there = catalog_reads.terms({rules.offer_of(id) for id in found})
    for product in found.values():
        terms, offer = own[product.offer], rules.offer_of(product.id)
        known = there.get(offer)
        if known is None or (known.price, known.per, known.state) != (terms.price, terms.per, terms.state):
            _put(product, terms, offer)
        if known is None or not Selling.objects.filter(offer=offer).exists():
            supplies.sell_also(SYSTEM, offer=offer, product=product.id)
    return {id: rules.offer_of(id) for id in found}


def _put(product: Product, terms: catalog_reads.Terms, offer: UUID) -> None:
    if terms.state == "withdrawn":
        raise Conflict("offer-closed")
    draft = OfferDraft(
        id=offer,
        field="market",
        seller=product.seller,
        title=Words.read(product.name),
        price=terms.price,
        per=terms.per,
        unit="piece",
        settle="later",
        place_bound=True,
        guard=rules.GUARD,
        image=product.image,
        state="listed" if terms.state == "listed" else "draft",
    )
    catalog.put_offer(SYSTEM, draft)


def counts(slots: Iterable[MachineSlot]) -> dict[int, tuple[int, int]]:
    """What stands in each slot (by its key), and how much of that no order holds; by the ledger."""
    return {slot: (sum(b[0] for b in each), sum(b[1] for b in each)) for slot, each in _loads(slots).items()}


def _loads(slots: Iterable[MachineSlot]) -> dict[int, list[tuple[int, int]]]:
    wanted = list(slots)
    found: dict[int, list[tuple[int, int]]] = {slot.pk: [] for slot in wanted}
    rows = list(SlotLot.objects.filter(slot__in=found).values_list("slot_id", "lot_id", "machine__place_id"))
    accounts = {
        (lot, place): account
        for lot, place, account in Stock.objects.filter(
            lot__in={row[1] for row in rows}, place__in={row[2] for row in rows}, lot__state="active"
        ).values_list("lot_id", "place_id", "account")
    }
    balances = ledger_reads.balances(accounts.values())
    for slot, lot, place in rows:
        account = accounts.get((lot, place))
        if account is not None:
            found[slot].append((balances[account].posted, balances[account].available))
    return found


def right_lots(order: UUID, place: UUID, left: Mapping[int, int]) -> None:
    """Books the lots that really went out: an order takes the lot that expires first anywhere at the place, a machine
    the one in its slot. `left` is what left each slot (by key). A recall then finds exactly whom a lot reached.

    The exchange is made where the other lot's stock allows it, and named so that it happens once.
    """
    stocks = {
        stock.lot_id: stock for stock in Stock.objects.filter(place=place).select_related("lot").order_by("account")
    }
    booked = _booked(order)
    by_lot = {lot: booked.get(stock.account, 0) for lot, stock in stocks.items()}
    real: dict[UUID, int] = {}
    for slot, quantity in left.items():
        rest = quantity
        for lot in SlotLot.objects.filter(slot=slot).order_by("since", "id").values_list("lot_id", flat=True):
            if lot in stocks:
                there = ledger_reads.balance(stocks[lot].account).available + by_lot[lot] - real.get(lot, 0)
                part = min(rest, max(0, there))
                real[lot] = real.get(lot, 0) + part
                rest -= part
    if sum(real.values()) != sum(by_lot.values()):
        return
    moves = []
    for n, (lot, stock) in enumerate(stocks.items()):
        more = real.get(lot, 0) - by_lot[lot]
        source, target = (stock.account, stock.lot.sold) if more > 0 else (stock.lot.sold, stock.account)
        if more:
            id = ids.named("market", "right-lot", order, n)
            moves.append(Move(id, source, target, abs(more), ref=order, code="market.right-lot", link=1))
    if moves:
        ledger.post(moves)


def _booked(order: UUID) -> dict[int, int]:
    """What an order took out of each account for good."""
    found: dict[int, int] = {}
    for move in ledger_reads.moves_of(order):
        if move.kind in (POSTED, POST):
            found[move.source] = found.get(move.source, 0) + move.amount
    return found
