"""Several orders taken through the warehouse together."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from lilong.fields.market.models import PickWave
from lilong.fields.market.queries import places
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.fulfilment import WAVE_MAX
from lilong.fields.market.services import fulfilment
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Problem, Violation, invalid
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def start_wave(
    actor: Actor, *, id: UUID, place: UUID, orders: Sequence[UUID]
) -> tuple[PickWave, list[tuple[UUID, Problem]]]:
    """Takes waiting orders of a place in hand at once; answers the wave, and those that others had taken, with why.

    The same id with the same orders: the same wave. Raises Invalid, Missing, Forbidden, Conflict (`id-taken`,
    `nothing-to-pick`: others had them all).
    """
    if not 0 < len(orders) <= WAVE_MAX:
        raise invalid("/orders", "length", f"1..{WAVE_MAX}")
    at = places.place(place)
    actor.require(at.owner, *roles.STOCK, scope=roles.MOVE)
    asked = sorted(str(order) for order in set(orders))
    wave, created = PickWave.objects.get_or_create(
        id=id,
        defaults={"seller": at.owner, "place": place, "picker": actor.party, "asked": asked, "at": clock.now()},
    )
    if not created:
        if (wave.place, wave.picker, wave.asked) != (place, actor.party, asked):
            raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
        return wave, []
    refused: list[tuple[UUID, Problem]] = []
    for order in map(UUID, asked):  # always in one order, so that two waves never wait for each other
        try:
            with transaction.atomic():
                found = fulfilment.start_picking(actor, order=order, wave=id)
                if found.place != place:
                    raise invalid("/orders", "of-place")
                if found.wave != id:  # already in the picker's hands
                    found.wave = id
                    found.save(update_fields=["wave"])
        except Problem as problem:
            refused.append((order, problem))
    if len(refused) == len(asked):
        raise Conflict("nothing-to-pick", violations=[Violation(pointer="/orders", rule="waiting")])
    return wave, refused
