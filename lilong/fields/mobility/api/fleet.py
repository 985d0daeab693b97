"""Operators' work over HTTP: kinds, stations, vehicles and their states, prices, geofences. Scope `mobility:fleet`."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from lilong.fields.mobility import drafts
from lilong.fields.mobility.api import fleet_shapes as shapes
from lilong.fields.mobility.api.rental_shapes import answered
from lilong.fields.mobility.queries import listing as queries
from lilong.fields.mobility.queries.zones import Ask, Fence
from lilong.fields.mobility.services import fleet, tariffs, vehicle_states, zones
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import parse
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()
_theirs: dict[str, Any] = {"auth": ANY_CREDENTIAL}


class FenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What holds at a place for a kind of vehicle; `zone` is whose rule it is (null: the operator's rule for everywhere)."""

    start: bool
    end: bool
    through: bool
    speed_kph: int | None
    station_parking: bool
    zone: UUID | None
    zone_name: Words | None
    station: UUID | None


@router.get("/operators", openapi_extra=answers(list[queries.OperatorView]), summary="Operators")
def operators(request: HttpRequest) -> HttpResponse:
    return answered(queries.operators())


@router.get("/operators/{uuid:id}", openapi_extra=answers(queries.OperatorView), summary="One operator")
def operator(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.operator(id))


@router.put("/operators", openapi_extra=answers(queries.OperatorView), summary="Run vehicles, as a firm", **_theirs)
def put_operator(request: HttpRequest, body: shapes.FleetOperatorIn) -> HttpResponse:
    made = fleet.register_operator(actor_of_request(request), _draft(body, drafts.OperatorDraft))
    return answered(queries.operator(made.id))


@router.get("/operators/{uuid:id}/types", openapi_extra=answers(list[queries.KindView]), summary="An operator's kinds")
def kinds(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.kinds(queries.operator(id).id))


@router.put("/types", openapi_extra=answers(queries.KindView), summary="Put a kind of vehicle", **_theirs)
def put_kind(request: HttpRequest, body: shapes.FleetKindIn) -> HttpResponse:
    made = fleet.put_type(actor_of_request(request), _draft(body, drafts.VehicleTypeDraft))
    return answered(queries.kind(made.id))


@router.get("/stations", openapi_extra=answers(list[queries.StationView]), summary="Stations")
def stations(request: HttpRequest, operator: UUID | None = None) -> HttpResponse:
    return answered(queries.stations(operator))


@router.put("/stations", openapi_extra=answers(queries.StationView), summary="Put a station", **_theirs)
def put_station(request: HttpRequest, body: shapes.FleetStationIn) -> HttpResponse:
    made = fleet.open_station(actor_of_request(request), _draft(body, drafts.StationDraft))
    return answered(queries.station(made.id))


@router.post("/vehicles", openapi_extra=answers(queries.FleetVehicleView, 201), summary="Bring a vehicle", **_theirs)
def register(request: HttpRequest, body: shapes.SharedVehicleIn) -> HttpResponse:
    actor = actor_of_request(request)
    made = fleet.register_vehicle(actor, _draft(body, drafts.VehicleDraft))
    return answered(queries.one(actor, made.id), 201)


@router.get(
    "/operators/{uuid:id}/vehicles",
    openapi_extra=answers(list[queries.FleetVehicleView]),
    summary="An operator's fleet, for its people",
    **_theirs,
)
def vehicles(
    request: HttpRequest,
    id: UUID,
    mode: str = Query("", max_length=20),
    state: str = Query("", max_length=20),
) -> HttpResponse:
    return answered(queries.vehicles(actor_of_request(request), id, mode=mode, state=state))


@router.get("/vehicles/{uuid:id}", openapi_extra=answers(queries.FleetVehicleView), summary="One vehicle", **_theirs)
def vehicle(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.one(actor_of_request(request), id))


@router.get(
    "/vehicles/{uuid:id}/events", openapi_extra=pages(queries.VehicleEventView), summary="What happened", **_theirs
)
def events(request: HttpRequest, id: UUID, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> HttpResponse:
    return answered(queries.events(actor_of_request(request), id, cursor=cursor, size=size))


@router.post(
    "/vehicles/{uuid:id}/events",
    openapi_extra=answers(queries.VehicleEventView, 201),
    summary="Move a state",
    **_theirs,
)
def happens(request: HttpRequest, id: UUID, body: shapes.HappeningIn) -> HttpResponse:
    """409 `vehicle-state` names the state, the event, and what may happen in that state (MDS 2.0)."""
    actor = actor_of_request(request)
    made = vehicle_states.change(actor, id=body.id, vehicle=id, events=body.events, state=body.state, at=body.at)
    return answered(queries.event_view(made), 201)


@router.post("/vehicles/{uuid:id}/retire", openapi_extra=answers(queries.FleetVehicleView), summary="Retire", **_theirs)
def retire(request: HttpRequest, id: UUID) -> HttpResponse:
    """409: `vehicle-on-trip`, `still-booked`."""
    actor = actor_of_request(request)
    fleet.retire_vehicle(actor, vehicle=id)
    return answered(queries.one(actor, id))


@router.get("/operators/{uuid:id}/tariffs", openapi_extra=answers(list[queries.TariffView]), summary="Price plans")
def plans(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(queries.tariffs(queries.operator(id).id))


@router.post("/tariffs", openapi_extra=answers(queries.TariffView, 201), summary="Publish a price", **_theirs)
def publish_tariff(request: HttpRequest, body: shapes.RentalTariffIn) -> HttpResponse:
    made = tariffs.publish_tariff(actor_of_request(request), _draft(body, drafts.TariffDraft))
    return answered(queries.tariff_view(made), 201)


@router.get(
    "/zones", openapi_extra=answers(list[queries.FenceZoneView]), summary="Geofences: the city's and an operator's"
)
def all_zones(request: HttpRequest, operator: UUID | None = None) -> HttpResponse:
    return answered(queries.zones(operator))


@router.post("/zones", openapi_extra=answers(queries.FenceZoneView, 201), summary="Publish a geofence", **_theirs)
def publish_zone(request: HttpRequest, body: shapes.FenceZoneIn) -> HttpResponse:
    """A trip under way is judged by what was published when it began, wherever that is kinder."""
    made = zones.publish_zone(actor_of_request(request), _draft(body, drafts.ZoneDraft))
    return answered(queries.zone_view(made), 201)


@router.post(
    "/zones/{uuid:zone}/withdraw", openapi_extra=answers(queries.FenceZoneView), summary="End a geofence", **_theirs
)
def withdraw_zone(request: HttpRequest, zone: UUID) -> HttpResponse:
    return answered(queries.zone_view(zones.withdraw_zone(actor_of_request(request), zone=zone)))


@router.get("/types/{uuid:id}/rules", openapi_extra=answers(FenceView), summary="What holds at a place")
def rules_at(request: HttpRequest, id: UUID, latitude: float, longitude: float) -> HttpResponse:
    kind, at = queries.kind(id), parse({"latitude": latitude, "longitude": longitude}, "")
    fence = Fence(Ask(kind.operator, kind.mode, kind.id))
    found, station = fence.verdict(at), fence.station(at)
    said = {name: getattr(found, name) for name in ("start", "end", "through", "speed_kph", "station_parking", "zone")}
    view = FenceView(zone_name=fence.name(found.zone), station=station.id if station else None, **said)
    return answered(view)


def _draft(body: Any, shape: Any) -> Any:
    return msgspec.convert(body.model_dump(), shape)
