"""Carriers, their depots, zones, services and fleets over HTTP. Who carries and what it promises is public."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.drafts import CarrierDraft, DepotDraft, ServiceDraft, Spot, VehicleDraft, ZoneDraft
from lilong.fields.delivery.queries import carriers as queries
from lilong.fields.delivery.services import carriers, fleet
from lilong.kernel.base.documented import answers
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.get("/carriers", openapi_extra=answers(list[queries.CarrierView]), summary="Who carries")
def listed(request: HttpRequest) -> HttpResponse:
    return shapes.answered(queries.carriers())


@router.post(
    "/carriers", openapi_extra=answers(queries.CarrierView, 201), auth=ANY_CREDENTIAL, summary="Become a carrier"
)
def open_carrier(request: HttpRequest, body: shapes.CarrierIn) -> HttpResponse:
    made = carriers.open_carrier(actor_of_request(request), shapes.draft(body, CarrierDraft))
    return shapes.answered(queries.carrier(made.id), 201)


@router.get(
    "/carriers/{uuid:id}/services",
    openapi_extra=answers(list[queries.ServiceLevelView]),
    summary="What a carrier offers",
)
def services(request: HttpRequest, id: UUID) -> HttpResponse:
    queries.carrier(id)
    return shapes.answered(queries.services(id))


@router.post(
    "/services",
    openapi_extra=answers(queries.ServiceLevelView, 201),
    auth=ANY_CREDENTIAL,
    summary="Open a service level",
)
def open_service(request: HttpRequest, body: shapes.ServiceLevelIn) -> HttpResponse:
    made = carriers.open_service(actor_of_request(request), shapes.draft(body, ServiceDraft))
    return shapes.answered(queries.service_view(made), 201)


@router.post(
    "/services/{uuid:id}/close", openapi_extra=answers(queries.ServiceLevelView), auth=ANY_CREDENTIAL,
    summary="Promise nothing of a service any more",
)  # fmt: skip
def close_service(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.service_view(carriers.close_service(actor_of_request(request), id=id)))


@router.get(
    "/carriers/{uuid:id}/depots", openapi_extra=answers(list[queries.DepotView]), summary="The depots a carrier serves"
)
def depots(request: HttpRequest, id: UUID) -> HttpResponse:
    queries.carrier(id)
    return shapes.answered(queries.depots(id))


@router.post("/depots", openapi_extra=answers(queries.DepotView, 201), auth=ANY_CREDENTIAL, summary="Open a depot")
def open_depot(request: HttpRequest, body: shapes.DepotIn) -> HttpResponse:
    made = carriers.open_depot(actor_of_request(request), shapes.draft(body, DepotDraft))
    return shapes.answered(queries.depot_view(made), 201)


@router.post(
    "/depots/{uuid:id}/carrier", openapi_extra=answers(queries.DepotView), auth=ANY_CREDENTIAL,
    summary="Give a depot to a carrier",
)  # fmt: skip
def serve(request: HttpRequest, id: UUID, body: shapes.ServesIn) -> HttpResponse:
    made = carriers.serve_depot(actor_of_request(request), depot=id, carrier=body.carrier)
    return shapes.answered(queries.depot_view(made))


@router.get(
    "/carriers/{uuid:id}/zones", openapi_extra=answers(list[queries.CarrierZoneView]), summary="Where a carrier goes"
)
def zones(request: HttpRequest, id: UUID) -> HttpResponse:
    queries.carrier(id)
    return shapes.answered(queries.zones(id))


@router.post("/zones", openapi_extra=answers(queries.CarrierZoneView, 201), auth=ANY_CREDENTIAL, summary="Open a zone")
def open_zone(request: HttpRequest, body: shapes.CarrierZoneIn) -> HttpResponse:
    made = carriers.open_zone(actor_of_request(request), shapes.draft(body, ZoneDraft))
    return shapes.answered(queries.zone_view(made), 201)


@router.post(
    "/zones/{uuid:id}/close",
    openapi_extra=answers(queries.CarrierZoneView),
    auth=ANY_CREDENTIAL,
    summary="Close a zone",
)
def close_zone(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.zone_view(carriers.close_zone(actor_of_request(request), id=id)))


@router.get(
    "/carriers/{uuid:id}/vehicles", openapi_extra=answers(list[queries.FleetVehicleView]), auth=ANY_CREDENTIAL,
    summary="A carrier's couriers and vehicles",
)  # fmt: skip
def vehicles(request: HttpRequest, id: UUID, kind: str = "", state: str = "") -> HttpResponse:
    return shapes.answered(queries.vehicles(actor_of_request(request), id, kind=kind, state=state))


@router.post(
    "/vehicles", openapi_extra=answers(queries.FleetVehicleView, 201), auth=ANY_CREDENTIAL,
    summary="Take a courier or vehicle into the fleet",
)  # fmt: skip
def add_vehicle(request: HttpRequest, body: shapes.FleetVehicleIn) -> HttpResponse:
    made = fleet.add_vehicle(actor_of_request(request), shapes.draft(body, VehicleDraft))
    return shapes.answered(queries.vehicle_view(made), 201)


@router.get(
    "/vehicles/{uuid:id}",
    openapi_extra=answers(queries.FleetVehicleView),
    auth=ANY_CREDENTIAL,
    summary="One of the fleet",
)
def vehicle(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.vehicle(actor_of_request(request), id))


@router.post(
    "/vehicles/{uuid:id}/remove", openapi_extra=answers(queries.FleetVehicleView), auth=ANY_CREDENTIAL,
    summary="Take a courier or vehicle out of the fleet",
)  # fmt: skip
def remove_vehicle(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.vehicle_view(fleet.remove_vehicle(actor_of_request(request), id=id)))


@router.post(
    "/vehicles/{uuid:id}/state", openapi_extra=answers(queries.FleetVehicleView), auth=ANY_CREDENTIAL,
    summary="At work or not",
)  # fmt: skip
def set_state(request: HttpRequest, id: UUID, body: shapes.FleetStateIn) -> HttpResponse:
    made = fleet.set_state(actor_of_request(request), vehicle=id, state=body.state)
    return shapes.answered(queries.vehicle_view(made))


@router.post(
    "/vehicles/{uuid:id}/position", openapi_extra=answers(queries.FleetVehicleView), auth=ANY_CREDENTIAL,
    summary="Say where it is",
)  # fmt: skip
def set_position(request: HttpRequest, id: UUID, body: shapes.FleetPositionIn) -> HttpResponse:
    actor = actor_of_request(request)
    fleet.set_position(
        actor, vehicle=id, spot=Spot(**body.position.model_dump()), at=body.at, heading=body.heading,
        battery_percent=body.battery_percent,
    )  # fmt: skip
    return shapes.answered(queries.vehicle(actor, id))
