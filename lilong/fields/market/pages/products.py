"""A product's page and its data (schema.org JSON-LD), and who sells an item."""

import io
import json
from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from lilong.fields.market.field import FIELD
from lilong.fields.market.pages import visit as visits
from lilong.fields.market.pages.resolver import root_of
from lilong.fields.market.pages.shop import common
from lilong.fields.market.queries import carriage, products, reviews, shop
from lilong.fields.market.queries.availability import availability_anywhere
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import baskets, gtin
from lilong.fields.market.rules.categories import CATEGORIES
from lilong.fields.market.rules.digital_link import uri
from lilong.fields.market.standard import schema_org
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.orders.carriage import Promise
from lilong.kernel.parties import queries as parties
from lilong.ui import charts, shown

REVIEWS_SHOWN, LOTS_SHOWN = 3, 3


@require_safe
def product(request: HttpRequest, id: UUID) -> HttpResponse:
    """The product's page, with its JSON-LD inside."""
    visit = visits.visit(request)
    view = products.product(id, actor=visit.actor)
    (card,) = shop.cards([view.offer], visit.place_id)
    page: dict[str, Any] = common(visit) | {
        "product": view,
        "card": card,
        "category": CATEGORIES.get(view.category),
        "seller": parties.parties([view.seller]).get(view.seller),
        "lots": shop.lots_on_sale(id, visit.place.id)[:LOTS_SHOWN] if visit.place else [],
        "promise": _promise(visit, view) if not card.sold_out else None,
        "prices": _price_chart(view),
        "reviews": reviews.reviews_of(id, reader=visit.actor, size=REVIEWS_SHOWN).items,
        "beside": shop.beside(view, visit.place_id),
        "step": baskets.step(view.unit, view.per),
        "first": baskets.first(view.unit, view.per),
        "most": baskets.most(view.unit),
        "gtin": gtin.shown(view.gtin) if view.gtin else "",
        "digital_link": uri(root_of(request), view.gtin) if view.gtin else "",
        "json_ld": embedded(_json_ld(request, view)),
    }
    return render(request, "market/product.html", page)


@require_safe
def offer(request: HttpRequest, id: UUID) -> HttpResponse:
    """Where an offer is shown: its product's page. Search over all doors links here."""
    found = catalog.offer(id, actor=visits.visit(request).actor)
    return redirect("market:product", id=found.attributes.get("product", id))


@require_safe
def qr(request: HttpRequest, id: UUID) -> HttpResponse:
    """The GS1 Digital Link of a product with a GTIN as a QR code (SVG)."""
    view = products.product(id)
    if not view.gtin:
        raise Missing("no-gtin", violations=[Violation(pointer="/gtin", rule="known")])
    out = io.BytesIO()
    segno.make(uri(root_of(request), view.gtin), error="m").save(out, kind="svg", scale=4, border=4, light="#fff")
    response = HttpResponse(out.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _promise(visit: visits.Visit, view: ProductView) -> Promise | None:
    """The earliest that a carrier would bring one of it to the reader's default address."""
    to = carriage.chosen(carriage.addresses(visit.actor), "")
    found = carriage.ways(visit.place, to, [(view, baskets.first(view.unit, view.per))])
    return found[0] if found else None


def _price_chart(view: ProductView) -> Any:
    """How the price went, oldest first; '' while it never changed."""
    history = [each for each in catalog.price_history(view.offer) if each.per == view.per]
    if len({each.price for each in history}) < 2:  # noqa: PLR2004 (one price is no history)
        return ""
    days = [shown.day(each.at) for each in history] + [str(_("Now"))]
    prices = [float(each.price) for each in history]
    return charts.lines(_("Price so far"), days, [charts.Series(_("Price"), [*prices, prices[-1]])], unit="money")


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
        stars=reviews.summary(view.id),
        language=get_language() or "en",
    )


def _shown(number: str) -> str:
    return gtin.shown(number)
