"""Trips and their routes. A route is a person's way through the city: it is shown to that person, and to the operator's managers
with a reason that the person can read."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from lilong.fields.mobility.models import Rental, Ride, TrackPoint, Trip
from lilong.fields.mobility.rules import points as rules
from lilong.fields.mobility.rules import roles
from lilong.kernel.base.problems import Missing
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor


class Measured(NamedTuple):
    metres: int
    points: int


def spots(vehicle: UUID, start: datetime, end: datetime | None) -> list[rules.Spot]:
    """A vehicle's believed points from `start` to `end` (open: until now), in time."""
    within = Q(vehicle=vehicle, at__gte=start) & (Q(at__lte=end) if end else Q())
    rows = TrackPoint.objects.filter(within).order_by("at").values_list("at", "latitude_e6", "longitude_e6")
    return [rules.Spot(*row) for row in rows]


def measured(vehicle: UUID, start: datetime, end: datetime | None = None) -> Measured:
    """How far a vehicle went by its points, standing still left out. For meters too."""
    found = spots(vehicle, start, end)
    return Measured(rules.length_m(found), len(found))


def route(actor: Actor, trip: UUID, *, why: str = "") -> dict[str, Any]:
    """The way of a trip as a GeoJSON Feature (empty once it is forgotten). The rider may; the operator's managers with a
    reason, which is recorded for the rider to see. Raises Missing for everybody else, Invalid without a reason."""
    row = Trip.objects.filter(id=trip).first()
    rider = rider_of(row) if row is not None else None
    if row is None or not (actor.party == rider or actor.acts_for(row.operator_id, *roles.MANAGE)):
        raise Missing("no-such-trip")
    if rider is not None and actor.party != rider:
        parties.record_access(actor, subject=rider, what="route of a trip", why=why)
    line = rules.moving(spots(row.vehicle_id, row.started_at, row.ended_at)) if row.erased_at is None else []
    geometry = {"type": "LineString", "coordinates": [[s.longitude_e6 / 1e6, s.latitude_e6 / 1e6] for s in line]}
    properties = {
        "trip": str(row.id),
        "metres": row.metres,
        "restated": row.restated,
        "erased": row.erased_at is not None,
    }
    return {"type": "Feature", "geometry": geometry if len(line) > 1 else None, "properties": properties}


def rider_of(row: Trip) -> UUID | None:
    """Whose trip it was; nobody's for one that the engine told of."""
    if row.kind == "rental":
        return Rental.objects.filter(id=row.id).values_list("rider", flat=True).first()
    if row.kind == "ride":
        return Ride.objects.filter(id=row.id).values_list("rider", flat=True).first()
    return None
