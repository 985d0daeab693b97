"""An order of a batch on its way: what is known of it so far, and the problem once there is one."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from lilong.kernel.base.problems import Problem
from lilong.kernel.ledger.services import Move
from lilong.kernel.orders import rules
from lilong.kernel.orders.drafts import OrderDraft, Placed
from lilong.kernel.parties.actor import Actor


class PricedLine(NamedTuple):
    """A line at the offer's price: as its row will be."""

    offer: UUID
    quantity: int
    price: int
    per: int
    amount: int


NOBODY = UUID(int=0)  # the seller, until the first line has named one


class Candidate:
    """`later` means money and stock are held until completion; `standing` that it stood before; `twin` that an earlier
    one of the batch has the same id and body."""

    __slots__ = (
        "actor",
        "body",
        "buyer",
        "currency",
        "draft",
        "field",
        "guard",
        "held",
        "later",
        "lines",
        "moves",
        "problem",
        "seller",
        "standing",
        "total",
        "twin",
        "use_on",
    )

    def __init__(self, draft: OrderDraft, actor: Actor, guard: str = "") -> None:
        self.guard = guard
        self.draft = draft if draft.buyer else structs.replace(draft, buyer=actor.party)
        self.actor = actor
        self.buyer = draft.buyer or actor.party
        self.body = rules.fingerprint(self.draft)
        self.problem: Problem | None = None
        self.standing: Placed | None = None
        self.twin: Candidate | None = None
        self.lines: list[PricedLine] = []
        self.moves: list[Move] = []
        self.total = self.held = 0
        self.later = False
        self.field = self.currency = ""
        self.seller: UUID = NOBODY
        self.use_on: date | None = None
