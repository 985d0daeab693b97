"""The cold chain over HTTP: loggers, readings, records, decisions, and the numbers that GS1 knows parcels by."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.queries import cold_chain as queries
from lilong.fields.delivery.rules.cold_chain import COLDEST_MC, HOTTEST_MC
from lilong.fields.delivery.services import cold_decisions, cold_loggers, cold_readings, gs1
from lilong.fields.delivery.standard.cold_protocol import READINGS_MAX, Batch, Receipt
from lilong.kernel.base.documented import answers
from lilong.kernel.base.words import Words
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_RECORD = answers(queries.RecordView)


class ColdLoggerIn(Schema):
    """A temperature logger; `id` is its device's."""

    id: UUID
    carrier: UUID
    name: shapes.DeliveryWordsIn


class LoggerPlaceIn(Schema):
    """Where a logger goes: with a shipment's goods or into a vehicle."""

    id: UUID
    shipment: UUID | None = None
    vehicle: UUID | None = None


class ColdReadingIn(Schema):
    """A reading by the logger's own number; thousandths of a degree Celsius."""

    seq: Annotated[int, Field(ge=1, le=2**53 - 1, strict=True)]
    at: AwareDatetime
    mc: Annotated[int, Field(ge=COLDEST_MC, le=HOTTEST_MC, strict=True)]
    humidity: Annotated[int, Field(ge=0, le=1000, strict=True)] | None = None


class ColdBatchIn(Schema):
    """Readings in any order."""

    readings: Annotated[list[ColdReadingIn], Field(min_length=1, max_length=READINGS_MAX)]
    batch: Annotated[int, Field(ge=0, le=2**53 - 1, strict=True)] = 0
    battery: Annotated[int, Field(ge=0, le=100, strict=True)] | None = None


class ColdDecisionIn(Schema):
    """What becomes of goods that an excursion stopped."""

    id: UUID
    outcome: Literal["release", "destroy"]
    reason: shapes.Text


class Gs1PrefixIn(Schema):
    prefix: shapes.Short
    extension: Annotated[int, Field(ge=0, le=9, strict=True)] = 0


class LoggerSecretOut(msgspec.Struct, frozen=True):
    """Shown this once."""

    logger: UUID
    secret: str


@router.post("/loggers", response={204: None}, summary="Register a temperature logger")
def add_logger(request: HttpRequest, body: ColdLoggerIn) -> Any:
    name = Words(**body.name.model_dump())
    cold_loggers.add_logger(actor_of_request(request), id=body.id, carrier=body.carrier, name=name)
    return HttpResponse(status=204)


@router.get(
    "/carriers/{uuid:id}/loggers", openapi_extra=answers(list[queries.LoggerView]), summary="A carrier's loggers"
)
def loggers(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.loggers(actor_of_request(request), id))


@router.post(
    "/loggers/{uuid:id}/secret", openapi_extra=answers(LoggerSecretOut, 201), summary="Its password, shown once"
)
def secret(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(LoggerSecretOut(id, cold_loggers.issue_secret(actor_of_request(request), logger=id)), 201)


@router.post(
    "/loggers/{uuid:id}/places", response={204: None}, summary="It is with these goods, or in this vehicle, now"
)
def place(request: HttpRequest, id: UUID, body: LoggerPlaceIn) -> Any:
    cold_loggers.place(actor_of_request(request), logger=id, **body.model_dump())
    return HttpResponse(status=204)


@router.post("/loggers/{uuid:id}/take-away", response={204: None}, summary="It is with nothing any more")
def take_away(request: HttpRequest, id: UUID) -> Any:
    cold_loggers.take_away(actor_of_request(request), logger=id)
    return HttpResponse(status=204)


@router.post("/loggers/{uuid:id}/readings", openapi_extra=answers(Receipt), summary="Readings, each number once")
def readings(request: HttpRequest, id: UUID, body: ColdBatchIn) -> HttpResponse:
    batch = msgspec.convert(body.model_dump(), Batch)
    return shapes.answered(cold_readings.report(actor_of_request(request), logger=id, batch=batch))


@router.get("/shipments/{uuid:id}/cold", openapi_extra=_RECORD, summary="A shipment's cold record")
def record(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.record(actor_of_request(request), id))


@router.get(
    "/shipments/{uuid:id}/cold/readings",
    openapi_extra=answers(list[list[queries.PointView]]),
    summary="What each logger read with its goods",
)
def points(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.readings(actor_of_request(request), id))


@router.post("/shipments/{uuid:id}/cold/decision", openapi_extra=_RECORD, summary="Release or destroy stopped goods")
def decide(request: HttpRequest, id: UUID, body: ColdDecisionIn) -> HttpResponse:
    actor = actor_of_request(request)
    cold_decisions.decide(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.record(actor, id))


@router.get("/cold/notices", openapi_extra=answers(list[queries.NoticeView]), summary="Excursions one was told of")
def notices(request: HttpRequest, unseen: bool = False) -> HttpResponse:
    return shapes.answered(queries.notices(actor_of_request(request), unseen=unseen))


@router.post("/cold/notices/{int:id}/seen", response={204: None}, summary="Somebody has read it")
def seen(request: HttpRequest, id: Annotated[int, Field(ge=1, le=2**63 - 1)]) -> Any:
    cold_decisions.seen(actor_of_request(request), notice=id)
    return HttpResponse(status=204)


@router.put("/carriers/{uuid:id}/gs1", response={204: None}, summary="A carrier's GS1 company prefix")
def gs1_prefix(request: HttpRequest, id: UUID, body: Gs1PrefixIn) -> Any:
    gs1.set_prefix(actor_of_request(request), carrier=id, **body.model_dump())
    return HttpResponse(status=204)


@router.post("/shipments/{uuid:id}/sscc", openapi_extra=answers(list[str]), summary="SSCCs for a shipment's parcels")
def number_parcels(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(gs1.number_parcels(actor_of_request(request), shipment=id))
