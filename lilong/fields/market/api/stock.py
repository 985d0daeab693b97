"""Stock over HTTP: goods in, moved, thrown away, counted; recalls."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Router, Status

from lilong.fields.market.api.shapes import (
    CountIn,
    LotIn,
    PaperOut,
    RecallIn,
    ReceivedOut,
    ReportOut,
    StockOut,
    TransferIn,
    WasteIn,
)
from lilong.fields.market.drafts import LotDraft
from lilong.fields.market.queries import stock as queries
from lilong.fields.market.services import lots, recalls, stock
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router(auth=ANY_CREDENTIAL)


@router.post("/lots", response={201: ReceivedOut}, summary="Take in a delivery of a lot")
def receive(request: HttpRequest, body: LotIn) -> Any:
    return Status(201, lots.receive_lot(actor_of_request(request), msgspec.convert(body.model_dump(), LotDraft)))


@router.post("/stock/transfers", response={201: PaperOut}, summary="Move stock to another place")
def transfer(request: HttpRequest, body: TransferIn) -> Any:
    return Status(201, stock.transfer(actor_of_request(request), **body.model_dump()))


@router.post("/stock/waste", response={201: PaperOut}, summary="Write stock off")
def waste(request: HttpRequest, body: WasteIn) -> Any:
    return Status(201, stock.book_waste(actor_of_request(request), **body.model_dump()))


@router.post("/stock/counts", response={201: PaperOut}, summary="Book what was counted")
def count(request: HttpRequest, body: CountIn) -> Any:
    return Status(201, stock.count_stock(actor_of_request(request), **body.model_dump()))


@router.get("/stock", response=list[StockOut], summary="A seller's stock, first to expire first")
def at(request: HttpRequest, seller: UUID, place: UUID | None = None, product: UUID | None = None) -> Any:
    return queries.stock_at(actor_of_request(request), seller, place=place, product=product)


@router.get("/stock/expired", response=list[StockOut], summary="What must be taken off the shelf")
def expired(request: HttpRequest, seller: UUID) -> Any:
    return queries.expired_stock(actor_of_request(request), seller)


@router.post("/lots/{uuid:id}/recall", response={201: ReportOut}, summary="Recall a lot")
def recall(request: HttpRequest, id: UUID, body: RecallIn) -> Any:
    actor = actor_of_request(request)
    recalls.recall_lot(actor, id=body.id, lot=id, reason=body.reason)
    return Status(201, _report(recalls.read_report(actor, lot=id)))


@router.get("/lots/{uuid:id}/recall", response=ReportOut, summary="Every order and resident a recalled lot reached")
def report(request: HttpRequest, id: UUID) -> Any:
    return _report(recalls.read_report(actor_of_request(request), lot=id))


def _report(found: Any) -> dict[str, Any]:
    notice = found.notice
    said = {"lot": notice.lot, "code": notice.code, "reason": notice.reason, "at": notice.at}
    return said | {"reached": found.reached}
