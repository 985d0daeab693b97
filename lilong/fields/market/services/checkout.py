"""From a basket to orders: one for each seller, each standing or falling by itself."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.market.models import LineWish
from lilong.fields.market.queries import places
from lilong.fields.market.queries.availability import require_window
from lilong.fields.market.queries.carriage import parcel_of
from lilong.fields.market.rules.baskets import checked_wish
from lilong.fields.market.services import baskets
from lilong.kernel.base.problems import Conflict, Problem, Violation, invalid
from lilong.kernel.orders import carriage
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.orders.drafts import OrderDraft, Placed, Refused
from lilong.kernel.parties.actor import Actor


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """How an order shall come: the token of a promise that the buyer was shown, and the entry of the buyer's address book."""

    token: str
    address: UUID


def place_all(
    actor: Actor,
    drafts: Sequence[OrderDraft],
    wishes: Mapping[UUID, str],
    carried: Mapping[UUID, Carried] | None = None,
) -> list[Placed | Refused]:
    """Places the orders of a basket, one a seller; one answer for each, in order. `wishes` are by offer, `carried` by order.

    What was ordered leaves the actor's basket. The same drafts again: the same answers, nothing ordered or carried twice.
    """
    answers: list[Placed | Refused] = []
    for draft in drafts:
        try:
            answers.append(place(actor, draft, wishes, (carried or {}).get(draft.id)))
        except Problem as problem:
            answers.append(Refused(id=draft.id, problem=problem))
    return answers


@transaction.atomic
def place(actor: Actor, draft: OrderDraft, wishes: Mapping[UUID, str], carried: Carried | None = None) -> Placed:
    """Places one order with what shall be done for each missing line, and books its carriage; both stand or neither.

    Raises what the lane's orders raise, Conflict `slot-closed`, `slot-in-the-past`, `slot-elsewhere` or `place-closed`, and what
    `carriage.book` has against it (at `/carriage`).
    """
    if draft.id not in orders.standing([draft.id]):
        _require_place(draft)
    kept = {n: checked_wish(wishes.get(line.offer, "match"), f"/lines/{n}/wish") for n, line in enumerate(draft.lines)}
    placed = order_services.place_one(actor, draft)
    if placed.created:
        LineWish.objects.bulk_create([LineWish(order=placed.id, n=n, wish=wish) for n, wish in kept.items()])
        baskets.take_out(draft.buyer or actor.party, [line.offer for line in draft.lines])
        if carried is not None:
            _carry(actor, draft, carried)
    return placed


def _carry(actor: Actor, draft: OrderDraft, carried: Carried) -> None:
    if draft.place is None:
        raise invalid("/place", "required")
    weight, temperature = parcel_of(draft.lines)
    carriage.book(
        actor,
        order=draft.id,
        token=carried.token,
        address=carried.address,
        place=draft.place,
        weight_g=weight,
        temperature=temperature,
    )


def _require_place(draft: OrderDraft) -> None:
    if draft.place is not None and not places.place(draft.place).open:
        raise Conflict("place-closed", violations=[Violation(pointer="/place", rule="open")])
    if draft.slot is not None and draft.place is not None:
        require_window(draft.place, draft.slot.resource, draft.slot.start)
