"""A ride's money: held at the request, captured at the end and shared out, the rest released; taken back by reversals.

Moves have ids that follow from the ride's: the holds count up from 1, their releases lie beside them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lilong.fields.mobility.models import Ride
from lilong.fields.mobility.rules.rides.shares import Shares, shares
from lilong.fields.mobility.rules.rides.tariffs import RideTariff
from lilong.kernel.base import ids
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Conflict
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import PENDING, POST, VOID, Move

_HOLD, _RELEASE = 0x100, 0x200
_CAPTURE, _PLATFORM, _DRIVER, _TIP = 0x10, 0x11, 0x12, 0x20
CITY = ids.named("lilong", "city")  # the platform's part goes to the city


class _Accounts(NamedTuple):
    rider: int
    operator: int
    platform: int
    driver: int


def hold(ride: Ride, amount: int) -> None:
    """Sets money of the rider's aside. Raises Conflict `insufficient-funds`."""
    accounts = _accounts(ride)
    ride.hold, ride.held = ids.child(ride.id, _HOLD + ride.holds), amount
    _post([Move(ride.hold, accounts.rider, accounts.operator, amount, PENDING, ref=ride.id, code="ride.hold")], amount)


def hold_anew(ride: Ride, amount: int) -> None:
    """The same for another price: the old hold goes, in the same stroke. Raises Conflict `insufficient-funds`."""
    accounts = _accounts(ride)
    release = _release(ride)
    ride.holds += 1
    ride.hold, ride.held = ids.child(ride.id, _HOLD + ride.holds), amount
    new = Move(ride.hold, accounts.rider, accounts.operator, amount, PENDING, ref=ride.id, code="ride.hold")
    _post([release, new], amount)


def settle(ride: Ride, terms: RideTariff, total: int) -> Shares:
    """Captures `total` of what is held and shares it out; the rest is the rider's again."""
    parts = shares(terms, total, driven=ride.driver is not None)
    if not total:
        _post([_release(ride)])
        return parts
    accounts = _accounts(ride)
    moves = [Move(ids.child(ride.id, _CAPTURE), 0, 0, total, POST, of=ride.hold, ref=ride.id, code="ride.fare")]
    for n, amount, target, code in (
        (_PLATFORM, parts.platform, accounts.platform, "ride.commission"),
        (_DRIVER, parts.driver, accounts.driver, "ride.driver"),
    ):
        if amount:
            moves.append(Move(ids.child(ride.id, n), accounts.operator, target, amount, ref=ride.id, code=code))
    _post(moves)
    return parts


def pay_past(rides: Sequence[tuple[Ride, RideTariff]]) -> None:
    """Pays for rides that are long over, all by a handful of statements: the fare at once, and its parts."""
    moves: list[Move] = []
    for ride, terms in rides:
        accounts, parts = _accounts(ride), shares(terms, ride.total or 0, driven=ride.driver is not None)
        sides = [
            (_CAPTURE, ride.total or 0, accounts.rider, accounts.operator, "ride.fare"),
            (_PLATFORM, parts.platform, accounts.operator, accounts.platform, "ride.commission"),
            (_DRIVER, parts.driver, accounts.operator, accounts.driver, "ride.driver"),
        ]
        moves += [
            Move(ids.child(ride.id, n), source, target, amount, ref=ride.id, code=code)
            for n, amount, source, target, code in sides
            if amount
        ]
    if moves:
        ledger.post_all(moves)


def tip(ride: Ride, amount: int) -> None:
    """From the rider to the driver, nobody between. Raises Conflict `insufficient-funds`."""
    accounts = _accounts(ride)
    move = Move(ids.child(ride.id, _TIP), accounts.rider, accounts.driver, amount, ref=ride.id, code="ride.tip")
    _post([move], amount)


def take_back(ride: Ride, terms: RideTariff) -> None:
    """Reverses the fare and what it was shared into; a tip stays. Raises Conflict `ledger-insufficient` where it is spent."""
    parts = shares(terms, ride.total or 0, driven=ride.driver is not None)
    posted = [(_CAPTURE, ride.total), (_PLATFORM, parts.platform), (_DRIVER, parts.driver)]
    ledger.reverse([ids.child(ride.id, n) for n, amount in posted if amount])


def _release(ride: Ride) -> Move:
    release = ids.child(ride.id, _RELEASE + ride.holds)
    return Move(release, 0, 0, 0, VOID, of=ride.hold, ref=ride.id, code="ride.hold")


def _post(moves: Sequence[Move], needed: int = 0) -> None:
    linked = [move._replace(link=1) for move in moves] if len(moves) > 1 else moves
    try:
        ledger.post_all(linked)
    except Conflict as refused:
        if refused.code != "ledger-insufficient":
            raise
        available = refused.extra.get("available")
        raise Conflict("insufficient-funds", extra={"needed": needed, "available": available}) from refused


def _accounts(ride: Ride) -> _Accounts:
    money = ledger.open_asset(CNY, kind="money", unit=CNY)
    driver = ride.driver or ride.operator_id
    return _Accounts(
        *ledger.open_accounts(
            [
                (ride.rider, money, "wallet", 0),
                (ride.operator_id, money, "sales", 0),
                (CITY, money, "commission", 0),
                (driver, money, "wallet", 0),
            ]
        )
    )
