"""A product's page and its data (schema.org JSON-LD), and who sells an item."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages.reader import reader
from lilong.fields.market.pages.resolver import root_of
from lilong.fields.market.queries import products
from lilong.fields.market.queries.availability import availability_anywhere
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import gtin
from lilong.fields.market.rules.digital_link import uri
from lilong.fields.market.standard import schema_org
from lilong.kernel.base.problems import Missing
from lilong.kernel.parties import queries as parties


@require_safe
def product(request: HttpRequest, id: UUID) -> HttpResponse:
    """The product's page, with its JSON-LD inside."""
    view = products.product(id, actor=reader(request))
    shown: dict[str, Any] = {"field": FIELD, "product": view, "json_ld": embedded(_json_ld(request, view))}
    return render(request, "market/product.html", shown)


@require_safe
def product_data(request: HttpRequest, id: UUID) -> HttpResponse:
    """The product as JSON-LD."""
    view = products.product(id)
    return JsonResponse(_json_ld(request, view), content_type=schema_org.CONTENT_TYPE)


@require_safe
def retailers(request: HttpRequest, gtin: str) -> HttpResponse:
    """Who sells an item of this GTIN."""
    found = products.item(gtin)
    if found is None or not found.products:
        raise Missing("no-such-product")
    sellers = parties.parties({view.seller for view in found.products})
    rows = [(view, sellers.get(view.seller)) for view in found.products]
    return render(request, "market/retailers.html", {"field": FIELD, "gtin": _shown(gtin), "rows": rows})


def embedded(data: dict[str, Any]) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _json_ld(request: HttpRequest, view: ProductView) -> dict[str, Any]:
    seller = parties.parties({view.seller}).get(view.seller)
    return schema_org.product(
        view,
        url=request.build_absolute_uri(reverse("market:product", kwargs={"id": view.id})),
        digital_link=uri(root_of(request), view.gtin) if view.gtin else "",
        seller_name=str(seller.name) if seller else "",
        available=availability_anywhere([view.offer])[view.offer],
        language=get_language() or "en",
    )


def _shown(number: str) -> str:
    return gtin.shown(number)
