"""Operators' desks over HTTP: who has what, how the fleet is used, reports, deposits, maintenance, charging."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from lilong.fields.mobility.api import fleet_shapes as shapes
from lilong.fields.mobility.api.rental_shapes import DepositIn, answered
from lilong.fields.mobility.queries import listing, operating
from lilong.fields.mobility.queries import rentals as rental_queries
from lilong.fields.mobility.queries.operating import FleetUse, MaintenanceView, VehicleReportView
from lilong.fields.mobility.queries.rentals import RentalView
from lilong.fields.mobility.services import maintenance
from lilong.fields.mobility.services.rentals import reports
from lilong.kernel.base.documented import answers, pages
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_SPAN_DAYS = 400


@router.get("/operators/{uuid:id}/rentals", openapi_extra=pages(RentalView), summary="An operator's rentals")
def rentals(
    request: HttpRequest,
    id: UUID,
    state: str = Query("", max_length=10),
    cursor: str = "",
    size: int = Query(20, ge=1, le=100),
) -> HttpResponse:
    return answered(operating.rentals_for(actor_of_request(request), id, state=state, cursor=cursor, size=size))


@router.get("/operators/{uuid:id}/overdue", openapi_extra=answers(list[RentalView]), summary="Trips beyond their end")
def overdue(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(operating.overdue(actor_of_request(request), id))


@router.get("/operators/{uuid:id}/use", openapi_extra=answers(list[FleetUse]), summary="How the fleet was used")
def use(request: HttpRequest, id: UUID, start: AwareDatetime, end: AwareDatetime) -> HttpResponse:
    if not 0 < (end - start).total_seconds() <= _SPAN_DAYS * 86_400:
        raise invalid("/end", "span", f"1..{_SPAN_DAYS} days")
    return answered(operating.use(actor_of_request(request), id, start, end))


@router.get(
    "/operators/{uuid:id}/reports", openapi_extra=answers(list[VehicleReportView]), summary="What riders reported"
)
def reported(request: HttpRequest, id: UUID, damaged: bool = True) -> HttpResponse:
    return answered(operating.reports_for(actor_of_request(request), id, damaged=damaged))


@router.post("/rentals/{uuid:id}/deposit", openapi_extra=answers(RentalView), summary="Decide about a deposit")
def deposit(request: HttpRequest, id: UUID, body: DepositIn) -> HttpResponse:
    actor = actor_of_request(request)
    reports.settle_deposit(actor, rental=id, kept=body.kept)
    return answered(rental_queries.rental(actor, id))


@router.get("/operators/{uuid:id}/maintenance", openapi_extra=answers(list[MaintenanceView]), summary="Maintenance")
def planned(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(operating.maintenance_for(actor_of_request(request), id))


@router.post("/vehicles/{uuid:id}/maintenance", openapi_extra=answers(MaintenanceView, 201), summary="Plan maintenance")
def plan(request: HttpRequest, id: UUID, body: shapes.MaintenanceIn) -> HttpResponse:
    """A shared car's calendar is taken for it: 409 `slot-taken` with `alternatives`."""
    made = maintenance.plan(actor_of_request(request), vehicle=id, **body.model_dump())
    return answered(operating.planned(made), 201)


@router.post("/maintenance/{uuid:id}/begin", openapi_extra=answers(MaintenanceView), summary="Begin maintenance")
def begin(request: HttpRequest, id: UUID) -> HttpResponse:
    return answered(operating.planned(maintenance.begin(actor_of_request(request), id=id)))


@router.post("/maintenance/{uuid:id}/finish", openapi_extra=answers(MaintenanceView), summary="Finish or call off")
def finish(request: HttpRequest, id: UUID, body: shapes.DoneIn) -> HttpResponse:
    return answered(operating.planned(maintenance.finish(actor_of_request(request), id=id, done=body.done)))


@router.post("/vehicles/{uuid:id}/charging", openapi_extra=answers(listing.FleetVehicleView, 201), summary="Plug in")
def plug_in(request: HttpRequest, id: UUID, body: shapes.PlugIn) -> HttpResponse:
    actor = actor_of_request(request)
    maintenance.plug_in(actor, id=body.id, vehicle=id, station=body.station)
    return answered(listing.one(actor, id), 201)


@router.post("/charging/{uuid:id}/end", openapi_extra=answers(listing.FleetVehicleView), summary="Unplug")
def unplug(request: HttpRequest, id: UUID, body: shapes.UnplugIn) -> HttpResponse:
    actor = actor_of_request(request)
    made = maintenance.unplug(actor, id=id, energy_pm=body.energy_pm)
    return answered(listing.one(actor, made.vehicle_id))
