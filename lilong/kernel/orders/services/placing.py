"""Placing orders: a batch, one transaction, each order on its own feet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from msgspec import structs

from lilong.kernel.base import clock, ids
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Forbidden, Problem, Violation, invalid
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.queries import accounts_by
from lilong.kernel.ledger.services import PENDING, POSTED, Batch, Move
from lilong.kernel.ledger.services.posting import Raced
from lilong.kernel.orders import queries, rules
from lilong.kernel.orders.drafts import OrderDraft, Placed, Refused
from lilong.kernel.orders.events import Item, OrderPlaced
from lilong.kernel.orders.services import limits, rows, slots
from lilong.kernel.orders.services.candidate import NOBODY, Candidate, PricedLine
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import SYSTEM, Actor

SCOPE = "orders:place"
_TRIES = 4

_Stocks = dict[tuple[UUID, UUID | None], list[rules.Stock]]  # by (offer, place), in the order they expire
_Accounts = dict[tuple[UUID, str, str], int]  # by (owner, currency, purpose)


class _MoreLots(Exception):
    """An order found nothing left in the lots that were locked, and there are others."""


def place(
    drafts: Sequence[OrderDraft], *, actor: Actor | Sequence[Actor] = SYSTEM, through: str = ""
) -> list[Placed | Refused]:
    """Places each draft or says why not; one answer for each, in order. Answers stand once the transaction commits.

    `actor` is who places them all, or one for each. `through` is the guard (`orders.guards`) that places them: its offers
    and no others are sold then. A racing duplicate of an id is settled by trying again.
    """
    actors = [actor] * len(drafts) if isinstance(actor, Actor) else list(actor)
    all_lots = False
    for last in range(_TRIES, 0, -1):
        try:
            with transaction.atomic():
                return _place(drafts, actors, through, all_lots=all_lots)
        except _MoreLots:
            all_lots = True
        except (IntegrityError, Raced, limits.Overtaken):
            if last == 1:
                raise
    raise AssertionError("unreachable")


def place_one(actor: Actor, draft: OrderDraft, *, through: str = "") -> Placed:
    """Places one order; raises the problem if it cannot stand."""
    (answer,) = place([draft], actor=actor, through=through)
    if isinstance(answer, Refused):
        raise answer.problem
    return answer


def _place(
    drafts: Sequence[OrderDraft], actors: Sequence[Actor], through: str, *, all_lots: bool
) -> list[Placed | Refused]:
    now = clock.now()
    orders = [Candidate(draft, actor, through) for draft, actor in zip(drafts, actors, strict=True)]
    for order in orders:
        order.problem = _may(order) or rules.check(order.draft, now, clock.CITY_ZONE)
    open_orders = [order for order in orders if order.problem is None]
    terms = catalog.terms({line.offer for order in open_orders for line in order.draft.lines})
    for order in open_orders:
        _price(order, terms, now)
    stocks, left_alone = _stocks(open_orders, terms, all_lots=all_lots)
    accounts = _accounts([order for order in open_orders if order.problem is None])
    with ledger.batch(accounts=_touched(accounts, stocks)) as batch:
        _recognise(orders)
        quotas = limits.read(open_orders, terms)
        taken = [order for order in open_orders if _fits(order, batch, stocks, accounts, terms, quotas)]
        for unlucky in slots.book(taken):  # an order without its slot gives back what it took
            batch.retract(unlucky.moves)
            limits.give_back(unlucky, quotas)
        if left_alone and any(order.problem and order.problem.code == "sold-out" for order in orders):
            raise _MoreLots
    created = [order for order in taken if order.problem is None]
    limits.write(quotas)
    _record(created, now)
    return [_answer(order, now) for order in orders]


def _may(order: Candidate) -> Problem | None:
    if not order.actor.may(SCOPE) or not order.actor.acts_for(order.buyer, "manager", "buyer"):
        return Forbidden("not-your-purse", violations=[Violation(pointer="/buyer", rule="acts-for")])
    return None


def _price(order: Candidate, terms: dict[UUID, catalog.Terms], now: datetime) -> None:
    """Checks each line against the offer's terms and computes what it costs and what is held for it."""
    for n, line in enumerate(order.draft.lines):
        offer = terms.get(line.offer)
        order.problem = _refusal(order, n, offer, now)
        if offer is None or order.problem:
            return
        amount = price_of(line.quantity, offer.price, offer.per)
        order.lines.append(PricedLine(line.offer, line.quantity, offer.price, offer.per, amount))
        order.total += amount
        order.held += price_of(rules.with_tolerance(line.quantity, offer.tolerance_percent), offer.price, offer.per)
        order.later |= offer.settle == "later"
        order.seller, order.field, order.currency = offer.seller, offer.field, offer.currency
    order.use_on = rules.use_on(order.draft, now, clock.CITY_ZONE)


def _refusal(order: Candidate, n: int, offer: catalog.Terms | None, now: datetime) -> Problem | None:
    at, line = f"/lines/{n}", order.draft.lines[n]
    if offer is None:
        return invalid(f"{at}/offer", "unknown-offer", line.offer)
    if closed := _closed(order, offer, f"{at}/offer", now):
        return closed
    if line.price != offer.price:
        return Conflict(
            "price-changed",
            violations=[Violation(pointer=f"{at}/price", rule="price-shown")],
            extra={"offer": str(line.offer), "price": offer.price, "per": offer.per, "currency": offer.currency},
        )
    if offer.place_bound and order.draft.place is None:
        return invalid("/place", "required")
    if order.seller not in (NOBODY, offer.seller):
        return invalid(f"{at}/offer", "one-seller")
    if order.currency not in ("", offer.currency):
        return invalid(f"{at}/offer", "one-currency")
    return None


def _closed(order: Candidate, offer: catalog.Terms, pointer: str, now: datetime) -> Problem | None:
    """Why the offer is not for sale now, or not this way."""
    if offer.state != "listed" or (offer.closes_at and offer.closes_at <= now):
        return Conflict("offer-closed", violations=[Violation(pointer=pointer, rule="listed")])
    if offer.released_at and offer.released_at > now:
        opens = {"released_at": offer.released_at.isoformat()}
        return Conflict("not-yet-released", violations=[Violation(pointer=pointer, rule="released")], extra=opens)
    if offer.guard != order.guard:
        rule = Violation(pointer=pointer, rule="sold-through", detail=offer.guard)
        return Conflict("not-sold-singly", violations=[rule], extra={"offer": str(offer.id), "through": offer.guard})
    return None


def _stocks(orders: list[Candidate], terms: dict[UUID, catalog.Terms], *, all_lots: bool) -> tuple[_Stocks, bool]:
    """The lots to lock and take from by (offer, place), in the order they expire; and whether some were left alone.

    Unless `all_lots`, only as many as the batch seems to need: every lock costs, and later lots are seldom reached.
    """
    needed: dict[tuple[UUID, UUID | None], int] = {}
    for order in orders:
        if order.problem is None:
            for line in order.lines:
                if terms[line.offer].stocked:
                    pair = (line.offer, order.draft.place)
                    most = rules.with_tolerance(line.quantity, terms[line.offer].tolerance_percent)
                    needed[pair] = needed.get(pair, 0) + most
    earliest = min((order.use_on for order in orders if order.use_on), default=None)
    latest = max((order.use_on for order in orders if order.use_on), default=None)
    found: _Stocks = {}
    left_alone = False
    for supply in catalog.stocked(needed):
        if supply.use_by is not None and earliest is not None and supply.use_by < earliest:
            continue
        pair = (supply.offer, None if supply.anywhere else supply.place)
        if needed[pair] <= 0 and not all_lots:
            left_alone = True
            continue
        found.setdefault(pair, []).append(rules.Stock(supply.place, supply.account, supply.sink, supply.use_by))
        if supply.use_by is None or latest is None or supply.use_by >= latest:  # good for every order of the batch
            needed[pair] -= supply.available
    return found, left_alone


def _accounts(orders: list[Candidate]) -> _Accounts:
    """Wallets of the buyers (only those that exist) and sales accounts of the sellers, by (owner, currency, purpose)."""
    currencies = {order.currency for order in orders}
    found: _Accounts = {}
    for currency in currencies:
        asset = ledger.open_asset(currency, kind="money", unit=currency)
        buyers = {order.buyer for order in orders if order.currency == currency}
        sellers = {order.seller for order in orders if order.currency == currency}
        for owner, account in accounts_by(buyers, asset, "wallet").items():
            found[owner, currency, "wallet"] = account
        opened = ledger.open_accounts([(seller, asset, "sales", 0) for seller in sellers])
        found |= {(seller, currency, "sales"): account for seller, account in zip(sellers, opened, strict=True)}
    return found


def _touched(accounts: _Accounts, stocks: _Stocks) -> set[int]:
    touched = set(accounts.values())
    for group in stocks.values():
        touched.update(account for stock in group for account in (stock.account, stock.sink))
    return touched


def _recognise(orders: list[Candidate]) -> None:
    """Finds those that stand already, in the table or earlier in the batch. The buyers' wallets are locked by now."""
    standing = queries.standing([order.draft.id for order in orders])
    first: dict[UUID, Candidate] = {}
    for order in orders:
        if isinstance(order.problem, Forbidden):
            continue
        known = standing.get(order.draft.id)
        twin = first.setdefault(order.draft.id, order)
        if known is None and twin is order:
            continue
        same = order.body == (known.body if known else twin.body)
        if not same:
            order.problem = Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
        elif known:
            order.problem, order.standing = None, known.placed
        else:
            order.twin = twin


def _fits(
    order: Candidate,
    batch: Batch,
    stocks: _Stocks,
    accounts: _Accounts,
    terms: dict[UUID, catalog.Terms],
    quotas: limits.Quotas,
) -> bool:
    """Takes the order's stock and money in the batch; False with the problem set when something lacks."""
    if order.problem or order.standing or order.twin:
        return False
    order.problem = limits.take(order, quotas)
    if order.problem:
        return False
    order.problem = _pay(order, accounts) or _take(order, batch, stocks, terms)
    refused = batch.add(order.moves) if order.moves and not order.problem else None
    if refused is not None and refused.status == "insufficient":
        short = {"needed": order.held, "available": refused.available}
        order.problem = Conflict("insufficient-funds", extra=short)
    elif refused is not None:
        order.problem = Conflict(f"ledger-{refused.status}")
    if order.problem:
        limits.give_back(order, quotas)
    return order.problem is None


def _pay(order: Candidate, accounts: _Accounts) -> Problem | None:
    """Plans the one move of money, from the buyer's wallet to the seller's sales."""
    if not order.held:
        return None
    wallet = accounts.get((order.buyer, order.currency, "wallet"))
    if wallet is None:
        return Conflict("insufficient-funds", extra={"needed": order.held, "available": 0})
    sales = accounts[order.seller, order.currency, "sales"]
    kind, id = PENDING if order.later else POSTED, order.draft.id
    order.moves.append(Move(ids.child(id, rules.PAY), wallet, sales, order.held, kind, ref=id, code="order.pay"))
    return None


def _take(order: Candidate, batch: Batch, stocks: _Stocks, terms: dict[UUID, catalog.Terms]) -> Problem | None:
    """Plans the moves of stock: each line from its lots, first expired first out."""
    assert order.use_on is not None
    kind, id = PENDING if order.later else POSTED, order.draft.id
    planned: dict[int, int] = {}  # what this order's own earlier lines take from an account

    def left(account: int) -> int:
        return batch.available(account) - planned.get(account, 0)

    for n, line in enumerate(order.lines):
        offer = terms[line.offer]
        if not offer.stocked:
            continue
        wanted = rules.with_tolerance(line.quantity, offer.tolerance_percent)
        stock = stocks.get((line.offer, order.draft.place), ())
        takes, missing = rules.allocate(wanted, stock, order.use_on, left)
        if missing > wanted - line.quantity:
            return rules.sold_out(f"/lines/{n}/quantity", line.offer, max(0, wanted - missing))
        for k, (account, sink, quantity) in enumerate(takes):
            planned[account] = planned.get(account, 0) + quantity
            order.moves.append(Move(rules.take_id(id, n, k), account, sink, quantity, kind, ref=id, code="order.take"))
    return None


def _record(orders: list[Candidate], now: datetime) -> None:
    """Writes the orders, their lines and their events: three statements, whatever the number."""
    if not orders:
        return
    districts = parties.districts({order.buyer for order in orders})
    rows.write(orders, districts, now)
    emit_many(
        [
            Emission(
                OrderPlaced(
                    buyer=order.buyer,
                    seller=order.seller,
                    field=order.field,
                    channel=order.draft.channel,
                    district=districts.get(order.buyer, ""),
                    currency=order.currency,
                    total=order.total,
                    place=order.draft.place,
                    lines=[Item(offer=line.offer, quantity=line.quantity, amount=line.amount) for line in order.lines],
                ),
                subject=order.draft.id,
                actor=order.actor.party,
                at=now,
            )
            for order in orders
        ]
    )


def _answer(order: Candidate, now: datetime) -> Placed | Refused:
    if order.twin is not None:
        first = _answer(order.twin, now)
        return structs.replace(first, created=False) if isinstance(first, Placed) else first
    if order.problem is not None:
        return Refused(id=order.draft.id, problem=order.problem)
    return order.standing or Placed(
        id=order.draft.id, state="placed", total=order.total, currency=order.currency, at=now
    )
