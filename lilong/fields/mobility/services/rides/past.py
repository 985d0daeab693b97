"""Rides that took place elsewhere, or before: brought in set-based, with their money, receipts and facts, as they happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.mobility.events.rides import (
    RideAccepted,
    RideArrived,
    RideCancelled,
    RideCompleted,
    RideRated,
    RideRequested,
    RideStarted,
)
from lilong.fields.mobility.models import Duty, Receipt, Ride, RideQuote, RideRating, Tariff
from lilong.fields.mobility.rules.rides import fares
from lilong.fields.mobility.services.rides import money, quotes, tariffs
from lilong.fields.mobility.services.rides.quotes import Way
from lilong.kernel.base import ids
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.actor import Actor

_FOUND_SECONDS, _STOOD_SECONDS = 20, 60


class PastRide(msgspec.Struct, frozen=True, kw_only=True):
    """A ride with a car of `duty`, or one that its rider called off before it came. `stars` 0: not rated."""

    id: UUID
    rider: UUID
    duty: UUID
    start: Point
    end: Point
    requested_at: datetime
    wait_seconds: int
    pickup_m: int
    outcome: Literal["completed", "cancelled"] = "completed"
    stars: int = 0


@transaction.atomic
def record(actor: Actor, past: Sequence[PastRide]) -> int:
    """Writes them; answers how many. For the house alone. All have their fares by the tariff of their duty's plan that stands.

    Raises Forbidden, Invalid, Conflict `insufficient-funds`.
    """
    actor.require_staff()
    duties = {row.id: row for row in Duty.objects.select_related("vehicle").filter(id__in={each.duty for each in past})}
    standing = {plan: tariffs.current(plan) for plan in {row.plan for row in duties.values()}}
    rows = [_Rows(each, duties[each.duty], standing[duties[each.duty].plan]) for each in past]
    RideQuote.objects.bulk_create([row.quote for row in rows])
    Ride.objects.bulk_create([row.ride for row in rows])
    Receipt.objects.bulk_create([row.receipt() for row in rows if row.completed])
    RideRating.objects.bulk_create([row.rating() for row in rows if row.past.stars])
    money.pay_past([(row.ride, row.terms) for row in rows if row.completed])
    emit_many([emission for row in rows for emission in row.facts()])
    return len(rows)


class _Rows:
    """One past ride's rows and facts."""

    def __init__(self, past: PastRide, duty: Duty, tariff: Tariff) -> None:
        self.past, self.duty, self.terms = past, duty, tariffs.terms_of(tariff)
        self.completed = past.outcome == "completed"
        way = Way(start=past.start, end=past.end)
        self.district = quotes.checked(way)
        route = quotes.routed([past.start, past.end])
        self.arrived = past.requested_at + timedelta(seconds=past.wait_seconds)
        self.started = self.arrived + timedelta(seconds=_STOOD_SECONDS)
        self.ended = self.started + timedelta(seconds=round(route.seconds))
        self.fare = fares.quoted(
            self.terms, metres=round(route.metres), seconds=round(route.seconds), at=past.requested_at
        )
        self.quote = quotes.built(past.id, past.rider, tariff, way, route, self.fare, self.district, past.requested_at)
        self.ride = self._ride(round(route.metres))

    def _ride(self, metres: int) -> Ride:
        past, done = self.past, self.completed
        return Ride(
            id=past.id, rider=past.rider, operator_id=self.duty.operator_id, plan=self.duty.plan, quote=self.quote,
            state=past.outcome, version=6 if done else 2, duty=self.duty if done else None,
            vehicle=self.duty.vehicle if done else None, driver=self.duty.driver if done else None, hold=past.id, held=0,
            pickup_seconds=past.wait_seconds if done else None, pickup_metres=past.pickup_m if done else None,
            requested_at=past.requested_at,
            accepted_at=past.requested_at + timedelta(seconds=_FOUND_SECONDS) if done else None,
            arrived_at=self.arrived if done else None, started_at=self.started if done else None,
            ended_at=self.ended if done else self.arrived, metres=metres if done else 0,
            how=fares.ARRIVED if done else "", by="car" if done else "rider", reason="" if done else "changed-plans",
            total=self.fare.total if done else 0,
        )  # fmt: skip

    def receipt(self) -> Receipt:
        return Receipt(
            id=ids.named("mobility", "receipt", self.past.id), trip=self.past.id, kind="ride",
            operator_id=self.duty.operator_id, rider=self.past.rider, tariff=self.quote.tariff, currency="CNY",
            total=self.fare.total, lines=msgspec.to_builtins(self.fare.lines), seconds=self.quote.seconds,
            metres=self.ride.metres, issued_at=self.ended,
        )  # fmt: skip

    def rating(self) -> RideRating:
        id = ids.named("mobility", "rating", self.past.id)
        return RideRating(id=id, ride=self.ride, by="rider", stars=self.past.stars, at=self.ended)

    def facts(self) -> list[Emission]:
        past, operator, district = self.past, self.duty.operator_id, self.district
        asked = RideRequested(
            operator=operator, plan=self.duty.plan, district=district, people=1, quoted=self.fare.total,
            metres=self.quote.metres,
        )  # fmt: skip
        if not self.completed:
            gone = RideCancelled(
                operator=operator, district=district, by="rider", state="requested", reason="changed-plans",
                after_seconds=past.wait_seconds, fee=0,
            )  # fmt: skip
            return [self._at(asked, past.requested_at), self._at(gone, self.arrived)]
        car = {"operator": operator, "vehicle": self.duty.vehicle_id, "driverless": self.duty.driver is None}
        found = RideAccepted(**car, district=district, found_seconds=_FOUND_SECONDS, pickup_m=past.pickup_m)
        here = RideArrived(**car, district=district, wait_seconds=past.wait_seconds, deadhead_m=past.pickup_m)
        begun = RideStarted(**car, district=district, stood_seconds=_STOOD_SECONDS)
        done = RideCompleted(
            **car, district=district, how="arrived", wait_seconds=past.wait_seconds, deadhead_m=past.pickup_m,
            metres=self.ride.metres, seconds=self.quote.seconds, bridged_m=0,
            detour=False, total=self.fare.total,
        )  # fmt: skip
        rated = RideRated(
            operator=operator, district=district, driverless=self.duty.driver is None, by="rider", stars=past.stars
        )
        told = [
            (asked, past.requested_at),
            (found, past.requested_at + timedelta(seconds=_FOUND_SECONDS)),
            (here, self.arrived),
            (begun, self.started),
            (done, self.ended),
        ]
        return [self._at(fact, at) for fact, at in told] + ([self._at(rated, self.ended)] if past.stars else [])

    def _at(self, fact: object, at: datetime) -> Emission:
        return Emission(fact, self.past.id, at=at)  # type: ignore[arg-type]
