"""Giving goods back: the buyer asks, the seller agrees or refuses, and the money comes back exactly once."""

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.market.events.buyers import ReturnApproved, ReturnAsked, ReturnRefunded, ReturnRefused
from lilong.fields.market.models import ReturnRequest
from lilong.fields.market.queries import returns as queries
from lilong.fields.market.rules import returns as rules
from lilong.fields.market.rules import roles
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def ask_return(
    actor: Actor, *, id: UUID, order: UUID, lines: Mapping[int, int], reason: str, text: str = ""
) -> ReturnRequest:
    """A buyer asks to give back `lines` (line number -> units) of a completed order, within 7 days.

    The same id with the same body answers the same. Raises Invalid (names each line), Missing (not his order), Conflict
    (`wrong-state`, `return-too-late`, `return-open`: one undecided request an order, `id-taken`).
    """
    view = orders.order(actor, order)
    if not actor.acts_for(view.buyer):
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="known")])
    known = ReturnRequest.objects.filter(id=id).first()
    if known is not None:
        wanted = {str(n): units for n, units in sorted(lines.items())}
        if (known.order, known.lines, known.reason, known.text) == (order, wanted, reason, text):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    handed_over = queries.handed_over(view)
    if view.field != "market" or handed_over is None:
        raise Conflict("wrong-state", violations=[Violation(pointer="/order", rule="handed-over")])
    rules.require_in_time(handed_over, clock.now())
    wanted = rules.asked(lines, queries.left(view), reason, text)
    try:
        with transaction.atomic():
            made = ReturnRequest.objects.create(
                id=id, order=order, buyer=view.buyer, seller=view.seller, lines=wanted, reason=reason, text=text,
                asked_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("return-open", violations=[Violation(pointer="/order", rule="one-at-a-time")]) from None
    emit(
        ReturnAsked(request=id, order=order, seller=view.seller, reason=reason),
        subject=order,
        actor=actor.party,
    )
    return made


@transaction.atomic
def approve_return(
    actor: Actor, *, id: UUID, lines: Mapping[int, int] | None = None, goods_back: bool = False, restock: bool = False
) -> ReturnRequest:
    """The seller agrees, for all that was asked or for `lines` of it, and the money goes back at once.

    With `goods_back` it does so only once `receive_return` says that the goods are here. Twice, also at the same time:
    one refund. Raises Invalid, Missing, Forbidden, Conflict `wrong-state`.
    """
    found = _locked(actor, id)
    wanted = rules.granted(lines, found.lines)
    if found.state in ("refunded", "approved") and found.granted == wanted:
        return found
    _require_state(found, "asked")
    found.granted, found.decided_by, found.decided_at = wanted, actor.party, clock.now()
    if not goods_back:
        return _refund(actor, found, restock)
    found.state = "approved"
    found.save()
    emit(ReturnApproved(request=id, order=found.order, seller=found.seller), subject=found.order, actor=actor.party)
    return found


@transaction.atomic
def receive_return(actor: Actor, *, id: UUID, restock: bool = False) -> ReturnRequest:
    """The goods of an approved return are back: the money follows; with `restock` they can be sold again."""
    found = _locked(actor, id)
    if found.state == "refunded":
        return found
    _require_state(found, "approved")
    return _refund(actor, found, restock)


@transaction.atomic
def refuse_return(actor: Actor, *, id: UUID, reason: str) -> ReturnRequest:
    """The seller refuses, and says why. Raises Invalid, Missing, Forbidden, Conflict `wrong-state`."""
    found = _locked(actor, id)
    if not reason.strip() or len(reason) > rules.ANSWER_MAX or "\0" in reason:
        raise invalid("/reason", "length", f"1..{rules.ANSWER_MAX}")
    if found.state == "refused" and found.answer == reason:
        return found
    _require_state(found, "asked")
    found.state, found.answer, found.decided_by, found.decided_at = "refused", reason, actor.party, clock.now()
    found.save()
    emit(
        ReturnRefused(request=id, order=found.order, seller=found.seller, reason=found.reason),
        subject=found.order,
        actor=actor.party,
    )
    return found


def _refund(actor: Actor, found: ReturnRequest, restock: bool) -> ReturnRequest:
    refund = order_services.refund(
        actor,
        id=found.order,
        refund_id=ids.named("market.return", found.id),
        lines={int(n): units for n, units in found.granted.items()},
        reason=found.reason,
        restock=restock,
    )
    found.state, found.amount = "refunded", refund.amount
    found.save()
    emit(
        ReturnRefunded(
            request=found.id, order=found.order, seller=found.seller, reason=found.reason, amount=refund.amount
        ),
        subject=found.order,
        actor=actor.party,
    )
    return found


def _locked(actor: Actor, id: UUID) -> ReturnRequest:
    found = ReturnRequest.objects.select_for_update().filter(id=id).first()
    if found is None or not actor.acts_for(found.seller, *roles.RANGE):
        raise Missing("no-such-return", violations=[Violation(pointer="/id", rule="known")])
    return found


def _require_state(found: ReturnRequest, state: str) -> None:
    if found.state != state:
        raise Conflict(
            "wrong-state", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": found.state}
        )
