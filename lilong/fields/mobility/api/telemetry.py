"""Connected vehicles over HTTP: their terminals, what was not believed, their trips. What they report themselves goes over
MQTT or JT/T 808."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from lilong.fields.mobility.queries import telemetry, trips
from lilong.fields.mobility.services import terminals
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


class VehicleTerminalIn(Schema):
    """The JT/T 808 terminal that is built into a vehicle; `datum` is what its coordinates are in: wgs84 or gcj02."""

    model_config = ConfigDict(extra="forbid")

    phone: str = Field(max_length=20)
    terminal: str = Field(max_length=30)
    datum: str = Field("wgs84", max_length=5)


class VehicleTerminalOut(Schema):
    """`open_until`: until when it may register; null once it has signed in."""

    device: UUID
    vehicle: UUID = Field(alias="vehicle_id")
    phone: str
    terminal: str
    datum: str
    open_until: datetime | None
    registered_at: datetime | None
    seen_at: datetime | None


class QuarantinedPointOut(Schema):
    """A point or message that was put aside, and why. `source`: 1 MQTT, 2 JT/T 808. Positions as they were said."""

    id: UUID
    vehicle: UUID | None = Field(alias="vehicle_id")
    source: int
    reason: str
    seq: int | None
    at: datetime | None
    latitude_e6: int | None
    longitude_e6: int | None
    received_at: datetime


class QuarantinedPointPage(Schema):
    items: list[QuarantinedPointOut]
    next: str


class MeasuredTripOut(Schema):
    """`kind`: rental, ride, or engine (nobody's). `restated` counts how often late points changed its length."""

    id: UUID
    vehicle: UUID = Field(alias="vehicle_id")
    kind: str
    started_at: datetime
    ended_at: datetime | None
    metres: int
    points: int
    restated: int


class MeasuredTripPage(Schema):
    items: list[MeasuredTripOut]
    next: str


@router.put("/vehicles/{uuid:id}/terminal", response=VehicleTerminalOut, summary="Await a vehicle's JT/T 808 terminal")
def await_terminal(request: HttpRequest, id: UUID, body: VehicleTerminalIn) -> Any:
    return terminals.await_terminal(actor_of_request(request), vehicle=id, **body.model_dump())


@router.get("/operators/{uuid:id}/terminals", response=list[VehicleTerminalOut], summary="An operator's terminals")
def all_terminals(request: HttpRequest, id: UUID) -> Any:
    return telemetry.terminals(actor_of_request(request), id)


@router.get(
    "/operators/{uuid:id}/quarantine", response=QuarantinedPointPage, summary="What was not believed, the newest first"
)
def quarantine(
    request: HttpRequest,
    id: UUID,
    vehicle: UUID | None = None,
    reason: str = Query("", max_length=30),
    cursor: str = Query("", max_length=300),
    size: int = Query(20, ge=1, le=100),
) -> Any:
    actor = actor_of_request(request)
    return telemetry.quarantine(actor, id, vehicle=vehicle, reason=reason, cursor=cursor, size=size)


@router.get(
    "/operators/{uuid:id}/quarantine/reasons", response=dict[str, int], summary="How many of each reason in a day"
)
def reasons(request: HttpRequest, id: UUID) -> Any:
    return telemetry.reasons(actor_of_request(request), id)


@router.get("/operators/{uuid:id}/trips", response=MeasuredTripPage, summary="An operator's trips, the newest first")
def of_operator(
    request: HttpRequest,
    id: UUID,
    vehicle: UUID | None = None,
    cursor: str = Query("", max_length=300),
    size: int = Query(20, ge=1, le=100),
) -> Any:
    return telemetry.trips(actor_of_request(request), id, vehicle=vehicle, cursor=cursor, size=size)


@router.get("/trips/{uuid:id}/route", response={200: dict[str, Any]}, summary="Where a trip went, for its rider")
def route(request: HttpRequest, id: UUID, why: str = Query("", max_length=500)) -> Any:
    """A GeoJSON Feature. The operator's managers must say why, and the rider sees that."""
    return Status(200, trips.route(actor_of_request(request), id, why=why))
