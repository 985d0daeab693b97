"""Money from outside: the city's bank account stands for the world, wallets for what residents and firms can spend."""

from uuid import UUID

from django.db import transaction

from lilong.kernel.base import ids
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import invalid
from lilong.kernel.events.services import emit
from lilong.kernel.ledger.events import ToppedUp
from lilong.kernel.ledger.rules import Move
from lilong.kernel.ledger.services.accounts import BANK, open_account, open_asset, wallet
from lilong.kernel.ledger.services.posting import post_all
from lilong.kernel.parties.actor import Actor

SCOPE = "ledger:top-up"
CITY = ids.named("lilong", "city")
TOP_UP_MAX = 100_000_000_00  # a hundred million yuan at once, in fen


def top_up(actor: Actor, *, id: UUID, owner: UUID, amount: int) -> int:
    """Brings `amount` fen from the city's bank account into the owner's wallet; returns the wallet's account id.

    For operators and the house. The same id with the same body changes nothing more; with another it is a Conflict.
    Raises Forbidden, Invalid (`/amount` outside 1..10^10).
    """
    actor.require_staff()
    actor.require_scope(SCOPE)
    if type(amount) is not int or not 0 < amount <= TOP_UP_MAX:
        raise invalid("/amount", "range", f"1..{TOP_UP_MAX}")
    with transaction.atomic():
        target = wallet(owner)
        post_all([Move(id, bank(), target, amount, ref=owner, code="top-up")])
        fact = ToppedUp(move=id, owner=owner, amount=amount, currency=CNY)
        emit(fact, subject=owner, actor=actor.party, id=id)
    return target


def bank() -> int:
    """The city's account at its bank (CNY, without a floor): where money enters and leaves the city."""
    return open_account(CITY, open_asset(CNY, kind="money", unit=CNY), BANK, floor=None)
