"""Looking behind a number: what an operator reads of others is written into their access logs first."""

from datetime import date

from django.db import transaction

from lilong.kernel.base.manifest import Indicator
from lilong.kernel.base.paging import SIZE_DEFAULT
from lilong.kernel.parties import rules as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.services import Access, record_accesses
from lilong.plan import queries
from lilong.plan.queries import Drill


@transaction.atomic
def opened(
    actor: Actor,
    indicator: Indicator,
    start: date,
    slice: str = "",
    *,
    why: str = "",
    cursor: str = "",
    size: int = SIZE_DEFAULT,
) -> Drill:
    """A page of the events behind a number: the actor's own, or, for an operator who says why, all of them.

    An operator's reason (5 to 500 characters) stands in the access log of every party that the page's events name.
    Raises Forbidden for a credential without the scope `plan:events`, Invalid for a reason too short or long.
    """
    actor.require_scope(queries.READ)
    if not why:
        return queries.behind(indicator, start, slice, queries.concerned(actor), cursor=cursor, size=size)
    actor.require_staff()
    why = parties.why(why)
    drill = queries.behind(indicator, start, slice, None, cursor=cursor, size=size)
    named = sorted({party for event in drill.items for party in event.parties})
    record_accesses(actor, [Access(party, f"events behind {indicator.id}", why) for party in named])
    return drill
