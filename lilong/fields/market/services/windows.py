"""Changing delivery windows once a place has them: hours, capacity, single days."""

from datetime import date
from uuid import UUID

from django.db import transaction

from lilong.fields.market.queries import places as queries
from lilong.fields.market.rules import roles
from lilong.fields.market.services import places
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.calendar import queries as calendar_queries
from lilong.kernel.calendar import services as calendar
from lilong.kernel.calendar.drafts import Opening
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def set_windows(actor: Actor, *, place: UUID, hours: Opening, capacity: int) -> UUID:
    """The weekly hours of a place's deliveries and how many a window takes. What is booked stands.

    Answers the calendar's resource. Raises Missing, Forbidden, and what the calendar refuses.
    """
    view = queries.place(place)
    actor.require(view.owner, *roles.RANGE, scope=roles.WRITE)
    if view.slots is None:
        return places.open_slots(actor, place=place, openings=[hours], capacity=capacity)
    if calendar_queries.resource(view.slots).capacity != capacity:
        calendar.set_capacity(actor, resource=view.slots, capacity=capacity)
    calendar.set_opening(actor, resource=view.slots, rules=[hours])
    return view.slots


def set_day(actor: Actor, *, place: UUID, day: date, closed: bool) -> None:
    """Nothing is delivered from a place on one day; or (`closed` false) as every week again. Raises Missing, Conflict."""
    view = queries.place(place)
    actor.require(view.owner, *roles.RANGE, scope=roles.WRITE)
    if view.slots is None:
        raise Conflict("no-windows", violations=[Violation(pointer="/place", rule="has-windows")])
    calendar.set_exception(actor, resource=view.slots, day=day, closed=closed)
