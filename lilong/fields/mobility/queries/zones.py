"""What geofences say of places."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from lilong.fields.mobility.models import Operator, Station, VehicleType, Zone
from lilong.fields.mobility.rules import zones as rules
from lilong.fields.mobility.rules.zones import Act, Verdict
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point, bearing, metres, moved
from lilong.kernel.geo.zones import Zone as Area

_MARGIN_E6 = 5_000  # some 500 m: a station's own area may reach that far from its point
_REACH_M = {"dock": 30.0, "virtual": 25.0, "lot": 80.0}
_RINGS_M, _STEP_DEGREES = (25, 50, 100, 200, 400, 800, 1600), 15
_STATIONS, _FAR_M, _INSIDE_M = 20, 5_000.0, 5.0
_AREAS_MAX = 5_000
_areas: dict[UUID, Area] = {}


class Ask(NamedTuple):
    """Who asks: a kind of vehicle of an operator in a mode."""

    operator: UUID
    mode: str
    type: UUID

    @classmethod
    def of(cls, type_: VehicleType) -> "Ask":
        return cls(type_.operator_id, type_.mode, type_.id)


class Fence:
    """The zones that concern a kind of vehicle, read once, in order of precedence, as they were published at a moment."""

    def __init__(self, ask: Ask, *, at: datetime | None = None, published: datetime | None = None) -> None:
        """`at` is the moment that time windows are looked at (now); `published` what was known then (the same)."""
        when = at or clock.now()
        known = published or when
        self.ask = ask
        self.everywhere = Operator.objects.values_list("global_rules", flat=True).get(id=ask.operator)
        rows = Zone.objects.filter(
            Q(operator=ask.operator) | Q(operator=None),
            Q(modes=[]) | Q(modes__contains=[ask.mode]),
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=known),
            Q(valid_until=None) | Q(valid_until__gt=when),
            published_at__lte=known,
            valid_from__lte=when,
        )
        self.zones = list(rows.order_by("precedence", "id"))

    def holding(self, p: Point) -> list[Zone]:
        lat, lon = p.latitude_e6, p.longitude_e6
        return [
            zone
            for zone in self.zones
            if zone.west_e6 <= lon <= zone.east_e6 and zone.south_e6 <= lat <= zone.north_e6 and area(zone).contains(p)
        ]

    def verdict(self, p: Point) -> Verdict:
        """What holds at a place."""
        return rules.verdict(((zone.zone, zone.rules) for zone in self.holding(p)), self.everywhere, self.ask.type)

    def require(self, p: Point, act: Act, *, pointer: str = "/position") -> tuple[Verdict, Station | None]:
        """What holds at `p`, and the station it is at. Raises Conflict `zone-forbids` naming zone and rule, with `nearest`."""
        found, station = self.verdict(p), self.station(p)
        refused = _refusal(found, act, station)
        if refused:
            raise self._forbids(p, act, refused, found, pointer)
        return found, station

    def station(self, p: Point) -> Station | None:
        """The operator's station that `p` is at: within its area, or within some metres of its point."""
        lat, lon = p.latitude_e6, p.longitude_e6
        rows = Station.objects.filter(
            operator=self.ask.operator,
            closed_at=None,
            latitude_e6__range=(lat - _MARGIN_E6, lat + _MARGIN_E6),
            longitude_e6__range=(lon - _MARGIN_E6, lon + _MARGIN_E6),
        )
        near = [(metres(p, Point.of_e6(row.latitude_e6, row.longitude_e6)), row) for row in rows]
        inside = [pair for pair in near if _within(pair[1], p, pair[0])]
        return min(inside, key=lambda pair: (pair[0], pair[1].id))[1] if inside else None

    def nearest(self, p: Point, act: Act) -> dict[str, Any] | None:
        """The nearest place found at which `act` is allowed: a point of a ring around `p`, a zone, or a station."""
        looks = (self._open_ground(p, act), self._open_zone(p, act), self._open_station(p, act))
        places = [found for found in looks if found]
        return min(places, key=lambda found: found["metres"]) if places else None

    def _open_ground(self, p: Point, act: Act) -> dict[str, Any] | None:
        for radius in _RINGS_M:
            for direction in range(0, 360, _STEP_DEGREES):
                there = moved(p, radius, direction)
                if self._good(there, act):
                    return _place(there, radius)
        return None

    def _open_zone(self, p: Point, act: Act) -> dict[str, Any] | None:
        """Just within the nearest zone that allows it there."""
        near = []
        for zone in self.zones:
            edge = area(zone).nearest(p)
            for there in (moved(edge, _INSIDE_M, bearing(p, edge)), area(zone).centre):
                if self._good(there, act):
                    near.append(_place(there, metres(p, there)))
                    break
        return min(near, key=lambda found: found["metres"]) if near else None

    def _good(self, p: Point, act: Act) -> bool:
        found = self.verdict(p)
        return found.allows(act) and not (act == "end" and found.station_parking)

    def _open_station(self, p: Point, act: Act) -> dict[str, Any] | None:
        rows = Station.objects.filter(operator=self.ask.operator, closed_at=None)
        near = sorted((metres(p, Point.of_e6(row.latitude_e6, row.longitude_e6)), row.id, row) for row in rows)
        for far, _, row in near[:_STATIONS]:
            there = Point.of_e6(row.latitude_e6, row.longitude_e6)
            if far <= _FAR_M and self.verdict(there).allows(act):
                return _place(there, far) | {"station": str(row.id), "name": row.name}
        return None

    def _forbids(self, p: Point, act: Act, rule: str, found: Verdict, pointer: str) -> Conflict:
        name = self.name(found.zone)
        return Conflict(
            "zone-forbids",
            detail=str(name) if name else "",
            violations=[Violation(pointer=pointer, rule=rule)],
            extra={
                "act": act,
                "zone": str(found.zone) if found.zone else None,
                "zone_name": name.stored() if name else None,
                "rule": rule,
                "nearest": self.nearest(p, act),
            },
        )

    def name(self, zone: UUID | None) -> Words | None:
        return next((Words.read(each.name) for each in self.zones if each.zone == zone), None)


def for_ending(ask: Ask, began: datetime, p: Point) -> tuple[Verdict, Station | None]:
    """Whether a trip that began then may end at `p` now. What was published since does not count against it.

    Raises Conflict `zone-forbids` (of the zones as they are now).
    """
    now, then = Fence(ask), Fence(ask, published=began)
    station = now.station(p)
    kind = rules.kinder(now.verdict(p), then.verdict(p))
    if _refusal(kind, "end", station):
        now.require(p, "end")
        then.require(p, "end")
    return kind, station


def _refusal(found: Verdict, act: Act, station: Station | None) -> str:
    """The rule that a verdict refuses by; '' when it does not."""
    if not found.allows(act):
        return f"ride_{act}_allowed"
    return "station_parking" if act == "end" and found.station_parking and station is None else ""


def _within(station: Station, p: Point, far: float) -> bool:
    if station.area is not None:
        return Area.of_geojson(station.area).contains(p)
    return far <= _REACH_M[station.kind]


def _place(p: Point, far: float) -> dict[str, Any]:
    return {"longitude": round(p.longitude, 6), "latitude": round(p.latitude, 6), "metres": round(far)}


def area(zone: Zone) -> Area:
    """A zone's geometry, built once for each version in a process."""
    if zone.id not in _areas:
        if len(_areas) >= _AREAS_MAX:
            _areas.clear()
        _areas[zone.id] = Area.of_geojson(zone.geometry)
    return _areas[zone.id]
