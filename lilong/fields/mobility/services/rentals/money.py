"""A rental's money: held when booked, captured when it ends, the rest released. Moves have ids that follow from the rental's.

The price foreseen and each extension are held on their own, the deposit besides. What is to be paid is captured from the
holds in that order, then from the deposit, then from the wallet; what even that does not reach stands as owed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from lilong.fields.mobility.models import Rental
from lilong.kernel.base import clock, ids
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Conflict
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import PENDING, POST, POSTED, VOID, Move

_HOLD, _DEPOSIT, _KEPT = 0x100, 0x200, 0x202
_CAPTURE, _RELEASE, _DEPOSIT_END, _KEPT_END = 0x300, 0x400, 0x201, 0x203
_MORE, _OWED, _PAID, _CLEARED, _APOLOGY = 0x500, 0x501, 0x502, 0x503, 0x504
DEPOSIT_FOR = timedelta(days=7)  # so long is a deposit kept for a damage; then the ledger lets it go by itself


class _Accounts(NamedTuple):
    wallet: int
    sales: int
    owed: int
    receivable: int
    goodwill: int


def hold(rental: Rental) -> None:
    """Sets the price foreseen and the deposit aside. Raises Conflict `insufficient-funds`."""
    _post(_holds(rental), rental.quoted + rental.deposit)


def hold_more(rental: Rental, n: int, amount: int) -> None:
    """The same for extension number `n` (from 1)."""
    if amount:
        _post([_pending(rental, _HOLD + n, amount)], amount)


def hold_instead(old: Rental, new: Rental) -> None:
    """Another rental takes the place: what was held for the old one is held for the new one, in one stroke."""
    _post([*_voids(old), *_holds(new)], new.quoted + new.deposit)


def release(rental: Rental) -> None:
    """Everything that was held is the rider's again."""
    _post(_voids(rental))


def capture(rental: Rental, total: int, *, keep_deposit: bool = False) -> int:
    """Captures `total` and releases the rest; with `keep_deposit` the deposit is held for some days more. Answers what is
    owed."""
    accounts = _accounts(rental)
    rest, moves = total, []
    for n, amount in _held(rental):
        take = min(rest, amount)
        rest -= take
        moves.append(_settled(rental, _HOLD + n, (_CAPTURE if take else _RELEASE) + n, take, "mobility.fare"))
    if rental.deposit:
        take = min(rest, rental.deposit)
        rest -= take
        moves.append(_settled(rental, _DEPOSIT, _DEPOSIT_END, take, "mobility.fare"))
        if keep_deposit and take < rental.deposit:
            moves.append(_pending(rental, _KEPT, rental.deposit - take, clock.now() + DEPOSIT_FOR))
    settles = [move.of for move in moves if move.of]
    with ledger.batch(accounts=accounts, settles=settles) as sheet:
        _taken(sheet.add(_linked(moves)))
        more = min(rest, max(0, sheet.available(accounts.wallet)))
        if more:
            _taken(sheet.add([_posted(rental, _MORE, accounts.wallet, accounts.sales, more, "mobility.fare")]))
        if rest - more:
            owed = _posted(rental, _OWED, accounts.owed, accounts.receivable, rest - more, "mobility.owed")
            _taken(sheet.add([owed]))
    return rest - more


def pay_owed(rental: Rental) -> None:
    """What was owed is paid from the wallet. Raises Conflict `insufficient-funds`."""
    accounts, amount = _accounts(rental), rental.owed
    moves = [
        _posted(rental, _PAID, accounts.wallet, accounts.sales, amount, "mobility.fare"),
        _posted(rental, _CLEARED, accounts.receivable, accounts.owed, amount, "mobility.owed"),
    ]
    _post(moves, amount)


def settle_deposit(rental: Rental, kept: int) -> None:
    """Keeps so much of a deposit that is still held, and releases the rest.

    Raises Conflict `ledger-unknown-pending` where none is held, `ledger-expired` and `ledger-already-settled` afterwards.
    """
    _post([_settled(rental, _KEPT, _KEPT_END, kept, "mobility.damage")])


def apologise(rental: Rental, amount: int) -> None:
    """Money from the operator for a booking let down; its goodwill account may go below zero, and says how much it cost."""
    if amount:
        accounts = _accounts(rental)
        _post([_posted(rental, _APOLOGY, accounts.goodwill, accounts.wallet, amount, "mobility.apology")])


def purses(rentals: Sequence[Rental]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """Wallet and sales account of each rider and operator: (rider, operator) -> (wallet, sales)."""
    money = ledger.open_asset(CNY, kind="money", unit=CNY)
    pairs = list({(row.rider, row.operator_id) for row in rentals})
    wallets = ledger.open_accounts([(rider, money, "wallet", 0) for rider, _ in pairs])
    sales = ledger.open_accounts([(operator, money, "sales", 0) for _, operator in pairs])
    return dict(zip(pairs, zip(wallets, sales, strict=True), strict=True))


def _held(rental: Rental) -> list[tuple[int, int]]:
    """Number and amount of each hold for the price: 0 is the booking's, then the extensions'."""
    more = rental.changes.order_by("at", "id").values_list("held", flat=True)
    return [(n, amount) for n, amount in enumerate([rental.quoted, *more]) if amount]


def _holds(rental: Rental) -> list[Move]:
    given = ((_HOLD, rental.quoted), (_DEPOSIT, rental.deposit))
    return [_pending(rental, n, amount) for n, amount in given if amount]


def _voids(rental: Rental) -> list[Move]:
    moves = [_settled(rental, _HOLD + n, _RELEASE + n, 0, "mobility.release") for n, _ in _held(rental)]
    if rental.deposit:
        moves.append(_settled(rental, _DEPOSIT, _DEPOSIT_END, 0, "mobility.release"))
    return moves


def _pending(rental: Rental, n: int, amount: int, until: datetime | None = None) -> Move:
    accounts = _accounts(rental)
    code = "mobility.deposit" if n in (_DEPOSIT, _KEPT) else "mobility.hold"
    id = ids.child(rental.id, n)
    return Move(id, accounts.wallet, accounts.sales, amount, PENDING, ref=rental.id, code=code, expires_at=until)


def _settled(rental: Rental, held: int, n: int, amount: int, code: str) -> Move:
    kind = POST if amount else VOID
    return Move(ids.child(rental.id, n), 0, 0, amount, kind, of=ids.child(rental.id, held), ref=rental.id, code=code)


def _posted(rental: Rental, n: int, source: int, target: int, amount: int, code: str) -> Move:
    return Move(ids.child(rental.id, n), source, target, amount, POSTED, ref=rental.id, code=code)


def _accounts(rental: Rental) -> _Accounts:
    money = ledger.open_asset(CNY, kind="money", unit=CNY)
    rider, operator = rental.rider, rental.operator_id
    wanted: list[tuple[UUID, int, str, int | None]] = [
        (rider, money, "wallet", 0),
        (operator, money, "sales", 0),
        (rider, money, "mobility-owed", None),
        (operator, money, "receivable", None),
        (operator, money, "goodwill", None),
    ]
    return _Accounts(*ledger.open_accounts(wanted))


def _linked(moves: Sequence[Move]) -> list[Move]:
    return [move._replace(link=1) for move in moves] if len(moves) > 1 else list(moves)


def _post(moves: Sequence[Move], needed: int = 0) -> None:
    if not moves:
        return
    try:
        ledger.post_all(_linked(moves))
    except Conflict as refused:
        if refused.code != "ledger-insufficient":
            raise
        payer = next(move.source for move in moves if move.kind in (PENDING, POSTED))
        there = ledger_reads.balance(payer).available
        raise Conflict("insufficient-funds", extra={"needed": needed, "available": there}) from refused


def _taken(outcome: ledger.Outcome | None) -> None:
    if outcome is not None:
        raise Conflict(f"ledger-{outcome.status}", extra={"move": str(outcome.id)})
