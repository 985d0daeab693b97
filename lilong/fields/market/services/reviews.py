"""Reviews by those who bought; a seller's replies; reports, and what operators take down."""

from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.buyers import ReviewHidden, ReviewReplied, ReviewReported, ReviewWritten
from lilong.fields.market.models import Product, Review, ReviewReport
from lilong.fields.market.queries import reviews as queries
from lilong.fields.market.rules import reviews as rules
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Forbidden, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def write_review(actor: Actor, *, id: UUID, product: UUID, stars: int, text: str = "") -> Review:
    """A buyer's review of a product of which he completed an order; written again, it replaces his earlier one.

    `id` names the first one; a later one keeps that. Raises Invalid, Missing, Forbidden `not-bought`.
    """
    rules.check(stars, text)
    found = Product.objects.select_for_update(no_key=True).filter(id=product).first()
    if found is None:
        raise Missing("no-such-product", violations=[Violation(pointer="/product", rule="known")])
    if not queries.may_review(actor.party, product):
        raise Forbidden("not-bought", violations=[Violation(pointer="/product", rule="bought")])
    now = clock.now()
    mine = Review.objects.filter(product=found, buyer=actor.party).first()
    if mine is not None and (mine.stars, mine.text) == (stars, text):
        return mine
    if mine is None:
        mine = Review(id=id, product=found, buyer=actor.party, written_at=now)
    mine.stars, mine.text, mine.changed_at = stars, text, now
    mine.save()
    emit(
        ReviewWritten(review=mine.id, product=product, seller=found.seller, stars=stars),
        subject=product,
        actor=actor.party,
    )
    return mine


@transaction.atomic
def reply_to_review(actor: Actor, *, id: UUID, text: str) -> Review:
    """The seller's public answer; a later one replaces it. Raises Invalid, Missing (also for other sellers)."""
    found = Review.objects.select_for_update(of=("self",)).select_related("product").filter(id=id).first()
    if found is None or not actor.acts_for(found.product.seller, *roles.RANGE):
        raise _unknown()
    rules.check_reply(text)
    if found.reply == text:
        return found
    found.reply, found.replied_at = text, clock.now()
    found.save(update_fields=["reply", "replied_at"])
    emit(ReviewReplied(review=id, product=found.product_id, seller=found.product.seller), subject=id, actor=actor.party)
    return found


@transaction.atomic
def report_review(actor: Actor, *, id: UUID, reason: str) -> None:
    """Tells the city's operators of a review. Once a reader; again changes nothing."""
    found = Review.objects.filter(id=id, hidden_at=None).first()
    if found is None:
        raise _unknown()
    if reason not in rules.REPORT_REASONS:
        raise invalid("/reason", "one-of", ", ".join(rules.REPORT_REASONS))
    _, new = ReviewReport.objects.get_or_create(
        review=found, reporter=actor.party, defaults={"reason": reason, "at": clock.now()}
    )
    if new:
        emit(ReviewReported(review=id, product=found.product_id, reason=reason), subject=id, actor=actor.party)


@transaction.atomic
def hide_review(actor: Actor, *, id: UUID) -> Review:
    """An operator takes a review down: it shows no more and counts no more."""
    actor.require_staff()
    found = Review.objects.select_for_update().filter(id=id).first()
    if found is None:
        raise _unknown()
    if found.hidden_at is None:
        found.hidden_at = clock.now()
        found.save(update_fields=["hidden_at"])
        emit(ReviewHidden(review=id, product=found.product_id, stars=found.stars), subject=id, actor=actor.party)
    return found


def _unknown() -> Missing:
    return Missing("no-such-review", violations=[Violation(pointer="/id", rule="known")])
