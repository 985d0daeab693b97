"""Facts of what buyers say and give back: ids, stars and numbers; what they wrote stays in the tables."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.review.written")
class ReviewWritten(Fact):
    """A buyer reviewed a product, or changed his review. Subject: the product."""

    review: UUID
    product: UUID
    seller: UUID
    stars: int


@fact("market.review.replied")
class ReviewReplied(Fact):
    """The seller answered a review. Subject: the review."""

    review: UUID
    product: UUID
    seller: UUID


@fact("market.review.reported")
class ReviewReported(Fact):
    """Somebody found a review abusive. Subject: the review."""

    review: UUID
    product: UUID
    reason: str


@fact("market.review.hidden")
class ReviewHidden(Fact):
    """An operator took a review down. Subject: the review."""

    review: UUID
    product: UUID
    stars: int


@fact("market.return.asked")
class ReturnAsked(Fact):
    """A buyer asked to give goods back. Subject: the order."""

    request: UUID
    order: UUID
    seller: UUID
    reason: str


@fact("market.return.approved")
class ReturnApproved(Fact):
    """The seller agreed, and wants the goods back first. Subject: the order."""

    request: UUID
    order: UUID
    seller: UUID


@fact("market.return.refused")
class ReturnRefused(Fact):
    """The seller refused. Subject: the order."""

    request: UUID
    order: UUID
    seller: UUID
    reason: str


@fact("market.return.refunded")
class ReturnRefunded(Fact):
    """The money of a return went back: `amount` in minor units. Subject: the order."""

    request: UUID
    order: UUID
    seller: UUID
    reason: str
    amount: int
