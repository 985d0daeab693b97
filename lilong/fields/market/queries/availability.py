"""What can be had where, and when it can be delivered."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from lilong.fields.market.queries import places
from lilong.fields.market.rules import expiry, slots
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.ledger import queries as ledger


class Available(msgspec.Struct, frozen=True, kw_only=True):
    """How many units of an offer can be had, and the first day on which some of them are past (None: undated)."""

    offer: UUID
    quantity: int
    first_use_by: date | None


def availability(offers: Iterable[UUID], place: UUID, *, on: date | None = None) -> dict[UUID, Available]:
    """What of `offers` can be had at a place for handing over on the day `on` (the city's today).

    Every offer asked for is answered; lots that would be past their last day then do not count. Further offers of one
    product share its stock: their quantities do not add up.
    """
    return _available(list(offers), [place], on or clock.today())


def availability_anywhere(offers: Iterable[UUID], *, on: date | None = None) -> dict[UUID, Available]:
    """The same over all places together: whether an offer can be had in the city at all."""
    return _available(list(offers), None, on or clock.today())


def _available(wanted: list[UUID], at: list[UUID] | None, day: date) -> dict[UUID, Available]:
    rows = [row for row in catalog.supplies(wanted, at) if expiry.sellable(row.use_by, day)]
    balances = ledger.balances({row.account for row in rows})
    found = {offer: Available(offer=offer, quantity=0, first_use_by=None) for offer in wanted}
    for row in rows:
        units = balances[row.account].available
        if units > 0:
            have = found[row.offer]
            found[row.offer] = Available(
                offer=row.offer, quantity=have.quantity + units, first_use_by=have.first_use_by or row.use_by
            )
    return found


def availability_near(
    offers: Collection[UUID], district: str, *, on: date | None = None
) -> list[tuple[places.PlaceView, dict[UUID, Available]]]:
    """The front warehouses that deliver to a district, with what of `offers` each has: the fullest basket first."""
    found = [(place, availability(offers, place.id, on=on)) for place in places.places_serving(district)]
    return sorted(found, key=lambda pair: -sum(each.quantity > 0 for each in pair[1].values()))


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery window: the calendar `resource` to book, `free` deliveries left, and until when it can be chosen."""

    resource: UUID
    start: datetime
    end: datetime
    free: int
    closes_at: datetime


def windows(place: UUID, *, days: int = 2, now: datetime | None = None) -> list[Window]:
    """The delivery windows of a place that can be chosen now, within the next `days` days. [] where it has none."""
    view, moment = places.place(place), now or clock.now()
    if view.slots is None or not view.open:
        return []
    found = calendar.find([view.slots], moment, moment + timedelta(days=days))
    return [
        Window(
            resource=slot.resource,
            start=slot.start,
            end=slot.end,
            free=slot.free,
            closes_at=slots.closes_at(slot.start, view.cut_off, clock.CITY_ZONE),
        )
        for slot in found
        if slot.free > 0 and slots.choosable(slot.start, moment, view.cut_off, clock.CITY_ZONE)
    ]


def require_window(place: UUID, resource: UUID, start: datetime) -> None:
    """Raises Conflict when a delivery window cannot be chosen now: `slot-in-the-past`, `slot-closed`, or `slot-elsewhere`
    (a resource that is not the place's). Whether it is free, the order itself decides."""
    view = places.place(place)
    if view.slots != resource:
        raise Conflict("slot-elsewhere", violations=[Violation(pointer="/slot/resource", rule="of-place")])
    slots.require_choosable(start, clock.now(), view.cut_off, clock.CITY_ZONE)
