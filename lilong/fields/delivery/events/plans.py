"""Facts of planning: what was planned, who got what, what found no place."""

from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("delivery.plan.made")
class PlanMade(Fact):
    """A plan became the one that counts. Subject: the plan. `moved` shipments are with another vehicle than was said before;
    `day` is YYYY-MM-DD."""

    plan: UUID
    carrier: UUID
    depot: UUID | None
    day: str
    vehicles: int
    shipments: int
    unplaced: int
    moved: int
    metres: int


class _Of(Fact):
    shipment: UUID
    carrier: UUID
    vehicle: UUID
    kind: str
    unattended: bool
    district: str


@fact("delivery.stop.assigned")
class StopAssigned(_Of):
    """A vehicle is to bring a shipment. Subject: the shipment. `late_seconds` after what was promised, as planned;
    `waited_seconds` since it was asked for."""

    how: Literal["plan", "dispatch", "reassign"]
    plan: UUID | None
    late_seconds: int
    waited_seconds: int


@fact("delivery.stop.reassigned")
class StopReassigned(_Of):
    """Another vehicle than before is to bring it. Subject: the shipment."""

    before: UUID
    why: str
    plan: UUID | None
    late_seconds: int


@fact("delivery.shipment.unplaced")
class ShipmentUnplaced(Fact):
    """No vehicle can bring it as things stand, and why. Subject: the shipment."""

    shipment: UUID
    carrier: UUID
    code: str
    district: str


@fact("delivery.offer.answered")
class OfferAnswered(Fact):
    """A courier took or refused what was given to him, or did not answer in time. Subject: the shipment."""

    shipment: UUID
    carrier: UUID
    vehicle: UUID
    answer: Literal["accepted", "declined", "expired"]
    seconds: int
