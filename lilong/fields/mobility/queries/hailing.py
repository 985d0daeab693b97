"""What the pages of a ride and of a driver's shift draw: the way ahead, the code, who is who. Others' rides are Missing."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from lilong.fields.mobility.models import Duty, Receipt, Ride, RideAlarm, RideOffer, RideQuote, RideRating, Vehicle
from lilong.fields.mobility.queries import rides
from lilong.fields.mobility.rules.rides import codes, states
from lilong.kernel.base import clock
from lilong.kernel.base.paging import Slice, page
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

RIDER, CAR, OFFICE = "rider", "car", "desk"


class Seen(NamedTuple):
    """A ride and who looks at it. `eta_seconds` is how long the car needs to the pick-up, or under way to the end."""

    ride: Ride
    side: str
    eta_seconds: int | None
    way: list[Point]


def ride(actor: Actor, id: UUID) -> Seen:
    """For its rider, its driver, and the operator's desk. Raises Missing."""
    return seen(*rides.row(actor, id))


def seen(found: Ride, side: str) -> Seen:
    way = rides.ahead(found)
    return Seen(found, side, None if way is None else round(way.seconds), [] if way is None else way.points)


def path_of(quote: RideQuote) -> list[Point]:
    numbers = list(quote.path)
    return [Point.of_e6(numbers[n + 1], numbers[n]) for n in range(0, len(numbers), 2)]


def rider_code(found: Ride) -> str:
    """What the rider tells the driver (or types at the robotaxi's door). For the rider's own page alone."""
    return codes.code_of(settings.TOKEN_KEY, found.id, found.turn, "rider")


def driver_name(found: Ride) -> str:
    """What the driver is called; '' for a car without."""
    if found.driver is None:
        return ""
    known = parties.parties([found.driver]).get(found.driver)
    return str(known.name) if known else ""


def rating(found: Ride, by: str) -> RideRating | None:
    return found.ratings.filter(by=by).first()


def receipt(found: Ride) -> Receipt | None:
    return Receipt.objects.filter(trip=found.id).first()


def quotes(actor: Actor, ids: list[UUID]) -> list[RideQuote]:
    """The actor's own, cheapest first."""
    rows = RideQuote.objects.select_related("tariff").filter(id__in=ids, rider=actor.party)
    return list(rows.order_by("total", "id"))


def duty(driver: UUID) -> Duty | None:
    """The driver's running shift, with its car."""
    return Duty.objects.select_related("vehicle__type").filter(driver=driver).exclude(state="ended").first()


def offer(duty: Duty) -> RideOffer | None:
    """What the shift is offered right now."""
    rows = RideOffer.objects.select_related("ride__quote").filter(duty=duty, state="open", expires_at__gt=clock.now())
    return rows.first()


def ride_of(duty: Duty) -> Ride | None:
    """The ride that the shift is on."""
    rows = Ride.objects.select_related("quote", "vehicle__type", "quote__tariff", "duty")
    return rows.filter(duty=duty, state__in=states.WITH_CAR).first()


def cars_for(driver: Actor) -> list[Vehicle]:
    """Cars for rides, of the operators that the person drives for, that nobody has a shift with."""
    operators = [operator for operator, held in driver.roles.items() if held & {"driver", "owner", "manager"}]
    rows = Vehicle.objects.select_related("type").filter(
        operator__in=operators, mode="passenger-services", type__driverless=False, retired_at=None
    )
    busy = Duty.objects.exclude(state="ended").values("vehicle")
    return list(
        rows.exclude(id__in=busy).exclude(state__in=("removed", "missing", "elsewhere")).order_by("plate")[:100]
    )


def earned_today(driver: UUID) -> list[Ride]:
    """Rides that the driver has ended since midnight, the newest first."""
    since = clock.now().astimezone(clock.CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Ride.objects.select_related("quote").filter(driver=driver, state=states.COMPLETED, ended_at__gte=since)
    return list(rows.order_by("-ended_at")[:50])


def at_work(operator: UUID) -> list[Seen]:
    """An operator's open rides, the longest waiting first. Edges check who asks."""
    rows = Ride.objects.select_related("quote", "vehicle__type", "duty").filter(
        operator=operator, state__in=states.OPEN
    )
    return [Seen(row, OFFICE, row.pickup_seconds, []) for row in rows.order_by("requested_at", "id")[:200]]


def over(operator: UUID, cursor: str = "") -> Slice:
    rows = Ride.objects.select_related("quote", "vehicle").filter(operator=operator, state__in=sorted(states.CLOSED))
    return page(rows, by=("-requested_at", "-id"), cursor=cursor)


def alarms(operator: UUID) -> list[RideAlarm]:
    """Those that nobody has closed, the oldest first."""
    rows = RideAlarm.objects.select_related("ride").filter(ride__operator=operator, closed_at=None)
    return list(rows.order_by("raised_at"))


def shifts(operator: UUID) -> list[Duty]:
    """Cars on line now."""
    rows = Duty.objects.select_related("vehicle__type").filter(operator=operator).exclude(state="ended")
    return list(rows.order_by("since"))
