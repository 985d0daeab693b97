"""Invoices over HTTP: issued, listed, and read as UBL 2.1."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from lilong.fields.market.api.shapes import InvoiceIn, InvoiceOut
from lilong.fields.market.queries import invoices as queries
from lilong.fields.market.services import invoices as services
from lilong.fields.market.standard import ubl
from lilong.kernel.base.documented import sends
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


@router.post("/invoices", response={201: InvoiceOut}, summary="Issue an order's invoice, or a refund's credit note")
def issue(request: HttpRequest, body: InvoiceIn) -> Any:
    actor = actor_of_request(request)
    if body.refund:
        return Status(201, services.issue_credit_note(actor, id=body.id, order=body.order, refund=body.refund))
    return Status(201, services.issue_invoice(actor, id=body.id, order=body.order))


@router.get("/invoices", response=list[InvoiceOut], summary="An order's invoice and credit notes")
def of_order(request: HttpRequest, order: UUID) -> Any:
    return queries.of_order(actor_of_request(request), order)


@router.get(
    "/invoices/{uuid:id}.xml", openapi_extra=sends("application/xml"), summary="An invoice as UBL 2.1 (EN 16931)"
)
def document(request: HttpRequest, id: UUID) -> HttpResponse:
    found = services.read_invoice(actor_of_request(request), id)
    return HttpResponse(found.document, content_type=f"{ubl.CONTENT_TYPE}; charset=utf-8")
