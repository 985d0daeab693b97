"""Products over HTTP."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Status

from lilong.fields.market.api.shapes import ProductIn, ProductOut, ProductPage
from lilong.fields.market.drafts import ProductDraft
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.queries import products as queries
from lilong.fields.market.services import products as services
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request

router = Router()


@router.post("/products", response={201: ProductOut}, auth=ANY_CREDENTIAL, summary="Register a product")
def register(request: HttpRequest, body: ProductIn) -> Any:
    made = services.register_product(actor_of_request(request), _draft(body))
    return Status(201, _view(request, made.id))


@router.put("/products/{uuid:id}", response=ProductOut, auth=ANY_CREDENTIAL, summary="Change a product")
def change(request: HttpRequest, id: UUID, body: ProductIn) -> Any:
    draft = msgspec.structs.replace(_draft(body), id=id)
    services.change_product(actor_of_request(request), draft)
    return _view(request, id)


@router.post("/products/{uuid:id}/withdraw", response=ProductOut, auth=ANY_CREDENTIAL, summary="Stop selling a product")
def withdraw(request: HttpRequest, id: UUID) -> Any:
    services.withdraw_product(actor_of_request(request), id=id)
    return _view(request, id)


@router.get("/products", response=ProductPage, auth=ANY_CREDENTIAL, summary="The products of a seller I act for")
def mine(request: HttpRequest, seller: UUID, cursor: str = "", size: int = Query(20, ge=1, le=100)) -> Any:
    found = queries.products_of(actor_of_request(request), seller, cursor=cursor, size=size)
    return {"items": [_shown(view) for view in found.items], "next": found.next}


@router.get("/products/{uuid:id}", response=ProductOut, summary="One product, for everybody")
def one(request: HttpRequest, id: UUID) -> Any:
    return _view(request, id)


def _draft(body: ProductIn) -> ProductDraft:
    return msgspec.convert(body.model_dump(), ProductDraft)


def _view(request: HttpRequest, id: UUID) -> dict[str, Any]:
    return _shown(queries.product(id, actor=reader(request)))


def _shown(view: queries.ProductView) -> dict[str, Any]:
    return msgspec.structs.asdict(view) | {"name": view.name.stored(), "summary": view.summary.stored()}
