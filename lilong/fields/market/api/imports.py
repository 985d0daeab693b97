"""Tables in and out over HTTP."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from lilong.fields.market import jobs
from lilong.fields.market.api.shapes import ImportOut
from lilong.fields.market.queries import imports as queries
from lilong.fields.market.rules.sheet import BYTES_MAX
from lilong.fields.market.services import imports as services
from lilong.fields.market.standard import tables
from lilong.kernel.base.documented import sends
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


@router.post("/imports", response={202: ImportOut}, summary="Bring a table of products or stock (CSV)")
def start(
    request: HttpRequest,
    id: Form[UUID],
    seller: Form[UUID],
    kind: Form[Literal["products", "stock"]],
    file: File[UploadedFile],
    dry_run: Form[bool] = False,
    whole: Form[bool] = False,
) -> Any:
    """UTF-8 or GB18030, headers in English, Chinese or Korean. Ask the import for how far it is and for its report."""
    actor = actor_of_request(request)
    if (file.size or 0) > BYTES_MAX:
        raise invalid("/file", "size", BYTES_MAX)
    made = services.start_import(
        actor, id=id, seller=seller, kind=kind, content=file.read(), dry_run=dry_run, whole=whole
    )
    jobs.run_import.defer(id=str(made.id), party=str(actor.party))
    return Status(202, queries.one(actor, made.id))


@router.get("/imports", response=list[ImportOut], summary="A seller's last imports")
def mine(request: HttpRequest, seller: UUID) -> Any:
    return queries.imports_of(actor_of_request(request), seller)


@router.get("/imports/{uuid:id}", response=ImportOut, summary="How far an import is, and its report")
def one(request: HttpRequest, id: UUID) -> Any:
    return queries.one(actor_of_request(request), id)


@router.get("/exports/products.csv", openapi_extra=sends("text/csv"), summary="A seller's products as a table")
def products(request: HttpRequest, seller: UUID, language: Literal["en", "zh", "ko"] = "en") -> HttpResponse:
    return _csv(tables.products_table(actor_of_request(request), seller, language))


@router.get("/exports/stock.csv", openapi_extra=sends("text/csv"), summary="A seller's stock as a table")
def stock(request: HttpRequest, seller: UUID, language: Literal["en", "zh", "ko"] = "en") -> HttpResponse:
    return _csv(tables.stock_table(actor_of_request(request), seller, language))


def _csv(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type=tables.CONTENT_TYPE, headers={"Content-Disposition": "attachment"})
