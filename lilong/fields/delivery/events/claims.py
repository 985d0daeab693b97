"""Facts of claims. Money in fen."""

from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class _Told(Fact):
    claim: UUID
    shipment: UUID
    carrier: UUID
    order: UUID | None
    kind: str
    district: str


@fact("delivery.claim.opened")
class ClaimOpened(_Told):
    """Something was lost, damaged, late or too warm. Subject: the claim."""

    asked: int


@fact("delivery.claim.assessed")
class ClaimAssessed(_Told):
    """The carrier said what it would pay."""

    amount: int


@fact("delivery.claim.appealed")
class ClaimAppealed(_Told):
    """The claimant does not agree: the city's operators decide."""


@fact("delivery.claim.decided")
class ClaimDecided(_Told):
    """Paid or refused."""

    outcome: Literal["paid", "refused"]
    amount: int
    appealed: bool
