"""What an operator sees of its connected vehicles: what was not believed and why, their terminals, their trips."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Count

from lilong.fields.mobility.models import Terminal, TrackQuarantine, Trip
from lilong.fields.mobility.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.parties.actor import Actor

DAY = timedelta(days=1)


def quarantine(
    actor: Actor, operator: UUID, *, vehicle: UUID | None = None, reason: str = "", cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:  # fmt: skip
    """The points and messages of its vehicles that were put aside, the newest first. Raises Forbidden, Invalid."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = TrackQuarantine.objects.filter(vehicle__operator=operator)
    if vehicle is not None:
        rows = rows.filter(vehicle=vehicle)
    if reason:
        rows = rows.filter(reason=reason)
    return page(rows, by=("-received_at", "-id"), cursor=cursor, size=size)


def reasons(actor: Actor, operator: UUID) -> dict[str, int]:
    """How many of each reason within the last day."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = TrackQuarantine.objects.filter(vehicle__operator=operator, received_at__gt=clock.now() - DAY)
    return dict(rows.values_list("reason").annotate(many=Count("id")).order_by("reason"))


def terminals(actor: Actor, operator: UUID) -> list[Terminal]:
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    return list(Terminal.objects.filter(vehicle__operator=operator).order_by("phone"))


def trips(
    actor: Actor, operator: UUID, *, vehicle: UUID | None = None, cursor: str = "", size: int = SIZE_DEFAULT
) -> Slice:
    """Its vehicles' trips, the newest first: how far and how long, not where. Raises Forbidden, Invalid."""
    actor.require(operator, *roles.RUN, scope=roles.FLEET)
    rows = Trip.objects.filter(operator=operator)
    return page(rows.filter(vehicle=vehicle) if vehicle else rows, by=("-started_at", "-id"), cursor=cursor, size=size)
