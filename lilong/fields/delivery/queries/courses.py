"""Where a vehicle is to drive: spots on the local map through the streets, from its place to its stops."""

from uuid import UUID

from shapely.geometry import LineString

from lilong.fields.delivery.models import ControlledVehicle, Stop
from lilong.fields.delivery.rules.local_map import MAP, located, placed
from lilong.fields.delivery.rules.vda5050 import START_DEVIATION_MM, Act, Spot
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point

_BEND_MM = 5_000  # bends smaller than this are the vehicle's own affair
KINDS = {"pickup": "pick", "delivery": "drop"}


def start_of(vehicle: ControlledVehicle) -> tuple[int, int, str]:
    """Where it stands, as it says itself; before its first word, where the fleet has it; else at home."""
    if vehicle.x_mm is not None and vehicle.y_mm is not None and vehicle.map == MAP:
        return vehicle.x_mm, vehicle.y_mm, MAP
    fleet = vehicle.vehicle
    where = (fleet.latitude_e6, fleet.longitude_e6)
    latitude, longitude = where if None not in where else (fleet.home.latitude_e6, fleet.home.longitude_e6)
    return *placed(latitude, longitude), MAP


def load_type_of(vehicle: ControlledVehicle) -> str:
    """What it calls what it carries, by its factsheet; '' where it does not say."""
    sets = ((vehicle.factsheet or {}).get("loadSpecification") or {}).get("loadSets") or [{}]
    return str(sets[0].get("loadType", ""))[:100]


def spots_of(
    start: tuple[int, int, str], stops: list[Stop], tasks: dict[UUID, UUID], load_type: str = ""
) -> list[Spot]:
    """The way from `start` (x, y, map) along the stops, in their order; `tasks` names each stop's action."""
    x, y, name = start
    spots = [Spot(id="start", x_mm=x, y_mm=y, map=name, deviation_mm=START_DEVIATION_MM)]
    for place, stop in enumerate(stops):
        goal = placed(stop.latitude_e6, stop.longitude_e6)
        last = spots[-1]
        for bend, (bend_x, bend_y) in enumerate(_bends((last.x_mm, last.y_mm), goal)):
            spots.append(Spot(id=f"way-{place}-{bend}", x_mm=bend_x, y_mm=bend_y, map=MAP))
        spots.append(
            Spot(
                id=f"stop-{tasks[stop.id]}",
                x_mm=goal.x_mm,
                y_mm=goal.y_mm,
                map=MAP,
                acts=(_act(stop, tasks[stop.id], load_type),),
            )
        )
    return spots


def _act(stop: Stop, task: UUID, load_type: str) -> Act:
    """The shipment is the load. A vehicle whose factsheet names its load sets hears the first of them as the load's type."""
    parameters = [("stationType", "floor"), ("stationName", f"stop-{task}"), ("loadId", str(stop.shipment_id))]
    if load_type:
        parameters.append(("loadType", load_type))
    return Act(id=str(task), kind=KINDS[stop.kind], blocking="HARD", parameters=tuple(parameters))


def _bends(start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]]:
    """The street corners between two places; none where no street is known."""
    here, there = Point.of_e6(*located(*start)), Point.of_e6(*located(*goal))
    route = streets.city().route(here, there)
    if not route.exact:
        return []
    flat = [placed(point.latitude_e6, point.longitude_e6) for point in route.points]
    line = LineString([start, *flat[1:-1], goal]).simplify(_BEND_MM)
    return [(round(x), round(y)) for x, y in list(line.coords)[1:-1]]
