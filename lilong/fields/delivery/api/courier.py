"""For couriers' phones and vehicles: today's run, what happened (also late and twice), single steps, photos."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from lilong.fields.delivery.api import shapes
from lilong.fields.delivery.drafts import ClientEventDraft, Spot
from lilong.fields.delivery.queries import runs
from lilong.fields.delivery.queries import shipments as queries
from lilong.fields.delivery.services import courier, delivering, journey, proofs
from lilong.kernel.base.documented import answers
from lilong.kernel.base.photos import BYTES_MAX
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)
_ONE = answers(queries.ShipmentView)


class ProofPhotoOut(Schema):
    """A photo that was kept: SHA-256 of what is left of it."""

    id: UUID
    shipment: UUID
    digest: str
    media_type: str
    size: int


@router.get(
    "/vehicles/{uuid:id}/today", openapi_extra=answers(runs.CourierDay), summary="Today's runs, stops and shipments"
)
def today(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(runs.today(actor_of_request(request), id))


@router.post(
    "/vehicles/{uuid:id}/events", openapi_extra=answers(list[courier.EventAnswer]),
    summary="What happened, in any order; said again it changes nothing",
)  # fmt: skip
def events(request: HttpRequest, id: UUID, body: shapes.CourierEventsIn) -> HttpResponse:
    drafts = [shapes.draft(each, ClientEventDraft) for each in body.events]
    return shapes.answered(courier.take(actor_of_request(request), vehicle=id, events=drafts))


@router.get(
    "/carriers/{uuid:id}/kept-events",
    openapi_extra=answers(list[queries.KeptView]),
    summary="What phones said that never fitted",
)
def kept(request: HttpRequest, id: UUID) -> HttpResponse:
    return shapes.answered(queries.kept_events(actor_of_request(request), id))


@router.post("/kept-events/{uuid:id}/seen", response={204: None}, summary="Somebody has looked at a kept event")
def seen(request: HttpRequest, id: UUID) -> Any:
    courier.look_at_kept(actor_of_request(request), id=id)
    return HttpResponse(status=204)


@router.post("/shipments/{uuid:id}/collect", openapi_extra=_ONE, summary="The courier has it")
def collect(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.collect(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/depart", openapi_extra=_ONE, summary="It is out for delivery")
def depart(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.depart(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/at-depot", openapi_extra=_ONE, summary="It lies at a depot")
def at_depot(request: HttpRequest, id: UUID, body: shapes.AtDepotIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.bring_to_depot(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/deliver", openapi_extra=_ONE, summary="The recipient has it, with proofs")
def deliver(request: HttpRequest, id: UUID, body: shapes.DeliveredIn) -> HttpResponse:
    """409 `proof-needed` names what is missing, `outside-geofence` how far it is; 422 for a wrong code, 429 after too many."""
    actor = actor_of_request(request)
    given = body.model_dump() | {"position": Spot(**body.position.model_dump()) if body.position else None}
    delivering.deliver(actor, shipment=id, **given)
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/fail", openapi_extra=_ONE, summary="A try that failed")
def fail(request: HttpRequest, id: UUID, body: shapes.FailedIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.fail(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:id}/hand-back", openapi_extra=_ONE, summary="The sender has it again")
def hand_back(request: HttpRequest, id: UUID, body: shapes.CarriedByIn) -> HttpResponse:
    actor = actor_of_request(request)
    journey.hand_back(actor, shipment=id, **body.model_dump())
    return shapes.answered(queries.shipment(actor, id))


@router.post("/shipments/{uuid:shipment}/photos", response={201: ProofPhotoOut}, summary="A photo as proof")
def add_photo(
    request: HttpRequest, shipment: UUID, id: Form[UUID], vehicle: Form[UUID], photo: File[UploadedFile]
) -> Any:
    """JPEG or PNG; only the picture is kept, not where and with what it was taken. Deliveries that waited for it go through."""
    actor = actor_of_request(request)
    if (photo.size or 0) > BYTES_MAX:
        raise invalid("/photo", "size", f"1..{BYTES_MAX}")
    made = proofs.add_photo(actor, id=id, shipment=shipment, vehicle=vehicle, content=photo.read())
    courier.try_kept(actor, vehicle=vehicle, shipment=shipment)
    body = {
        "id": made.id, "shipment": made.shipment_id, "digest": made.digest, "media_type": made.media_type, "size": made.size
    }  # fmt: skip
    return shapes.answered(body, 201)
