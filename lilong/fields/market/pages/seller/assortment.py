"""The range: products with their prices, tables taken in, delivery windows."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lilong.fields.market import jobs
from lilong.fields.market.drafts import ProductDraft
from lilong.fields.market.pages.seller import frame
from lilong.fields.market.queries import availability, imports, products
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.categories import CATEGORIES, TEMPERATURES, VAT_PERCENTS
from lilong.fields.market.services import imports as import_services
from lilong.fields.market.services import products as services
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Missing, Problem, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.parties.http import actor_of_request, member_of

FILE_MAX = 5_000_000
RULE_WORDS = {
    "required": gettext_lazy("Empty"),
    "unique": gettext_lazy("There already"),
    "check-digit": gettext_lazy("Check digit"),
    "digits": gettext_lazy("Digits only"),
    "length": gettext_lazy("Too short or too long"),
    "unknown": gettext_lazy("Not known"),
    "expired": gettext_lazy("Expired"),
    "range": gettext_lazy("Out of range"),
    "fixed": gettext_lazy("Cannot change"),
    "known": gettext_lazy("Not known"),
    "restricted": gettext_lazy("Number for one shop only"),
}


@require_safe
@member_of(*roles.PAPERS)
def product_list(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """The firm's products, newest first."""
    category = request.GET.get("category", "")
    found = products.products_of(
        actor_of_request(request),
        organisation,
        category=category if category in CATEGORIES else "",
        cursor=request.GET.get("cursor", ""),
        size=50,
    )
    there = availability.availability_anywhere([row.offer for row in found.items])
    rows = [(row, there[row.offer].quantity, CATEGORIES.get(row.category)) for row in found.items]
    shelves = list(CATEGORIES.values())
    return frame.page(request, organisation, "products", rows=rows, next=found.next, category=category, shelves=shelves)


@require_http_methods(["GET", "POST"])
@member_of(*roles.RANGE)
def product_edit(request: HttpRequest, organisation: UUID, id: UUID | None = None) -> HttpResponse:
    """A product's form: a new one, or what it is with its price history."""
    actor, post = actor_of_request(request), request.POST
    view = products.product(id, actor=actor) if id else None
    if view is not None and view.seller != organisation:
        raise Missing("no-such-product", violations=[Violation(pointer="/id", rule="known")])
    problem: Problem | None = None
    if request.method == "POST":
        try:
            draft = _draft(post, organisation, view)
            (services.change_product if view else services.register_product)(actor, draft)
        except Problem as refusal:
            problem = refusal
        else:
            messages.success(request, _("Saved: everybody sees it as it is now."))
            return redirect("market:seller-product", organisation=organisation, id=draft.id)
    return frame.page(
        request,
        organisation,
        "product",
        status=problem.status if problem else 200,
        product=view,
        given=_given(post, view, problem is not None),
        id=view.id if view else post.get("id") or ids.uuid7(),
        shelves=list(CATEGORIES.values()),
        temperatures=TEMPERATURES,
        vats=VAT_PERCENTS,
        refusal=frame.said(problem) if problem else "",
        bad=[v.pointer.removeprefix("/") for v in problem.violations] if problem else [],
        prices=list(reversed(catalog.price_history(view.offer, actor=actor))) if view else [],
    )


def _given(post: Any, view: ProductView | None, failed: bool) -> dict[str, Any]:
    """What the form's fields hold: what was sent if it was refused, else what the product is."""
    if failed or view is None:
        return (
            {name: post.get(name, "") for name in post} if failed else {"unit": "piece", "per": 1, "shelf_life_days": 7}
        )
    plain = ("code", "gtin", "brand", "category", "unit", "per", "temperature", "vat_percent", "shelf_life_days")
    rest = ("margin_days", "origin", "emoji", "tolerance_percent", "state")
    found = {name: getattr(view, name) for name in (*plain, *rest)}
    words = {"name_en": view.name.en, "name_zh": view.name.zh, "name_ko": view.name.ko}
    return found | words | {"price": f"{view.price // 100}.{view.price % 100:02}"}


def _draft(post: Any, seller: UUID, view: ProductView | None) -> ProductDraft:
    unit = view.unit if view else post.get("unit", "piece")
    kept: dict[str, Any] = {}
    if view is not None:  # what the form does not ask for stays
        offer = catalog.offer(view.offer)
        kept = {
            "summary": view.summary,
            "image": view.image,
            "settle": view.settle,
            "limit_per_buyer": offer.limit_per_buyer,
            "tags": tuple(tag for tag in offer.tags if tag != view.category),
        }
    return ProductDraft(
        id=view.id if view else frame.uuid_of(post.get("id"), "/id"),
        seller=seller,
        code=post.get("code", "").strip(),
        name=Words(**{tongue: post.get(f"name_{tongue}", "").strip() for tongue in ("en", "zh", "ko")}),
        category=post.get("category", ""),
        price=frame.yuan(post.get("price"), "/price"),
        unit=unit if unit in ("piece", "g") else "piece",
        per=frame.whole(post.get("per") or "1", "/per"),
        gtin=post.get("gtin", "").strip(),
        brand=post.get("brand", "").strip(),
        temperature=post.get("temperature") or None,
        vat_percent=frame.whole(post["vat_percent"], "/vat_percent") if post.get("vat_percent") else None,
        shelf_life_days=frame.whole(post.get("shelf_life_days"), "/shelf_life_days"),
        margin_days=frame.whole(post.get("margin_days") or "0", "/margin_days"),
        tolerance_percent=frame.whole(post["tolerance_percent"], "/tolerance_percent")
        if post.get("tolerance_percent")
        else None,
        origin=post.get("origin", "").strip(),
        emoji=post.get("emoji", "").strip(),
        state="draft" if post.get("state") == "draft" else "listed",
        **kept,
    )


@require_POST
@member_of(*roles.RANGE)
def product_withdraw(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Stops selling a product for good."""
    actor = actor_of_request(request)
    if products.product(id, actor=actor).seller != organisation:
        raise Missing("no-such-product", violations=[Violation(pointer="/id", rule="known")])
    frame.act(request, lambda: services.withdraw_product(actor, id=id), _("It is not sold any more."))
    return redirect("market:seller-products", organisation=organisation)


@require_http_methods(["GET", "POST"])
@member_of(*roles.STOCK)
def import_list(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Tables (CSV) taken in, and the form for another."""
    actor, post = actor_of_request(request), request.POST
    problem: Problem | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            content = file.read() if file is not None and file.size <= FILE_MAX else b""
            made = import_services.start_import(
                actor,
                id=frame.uuid_of(post.get("id"), "/id"),
                seller=organisation,
                kind=post.get("kind", ""),
                content=content,
                dry_run=post.get("dry_run") == "1",
                whole=post.get("whole") == "1",
            )
        except Problem as refusal:
            problem = refusal
        else:
            jobs.run_import.defer(id=str(made.id), party=str(actor.party))
            return redirect("market:seller-import", organisation=organisation, id=made.id)
    return frame.page(
        request,
        organisation,
        "imports",
        status=problem.status if problem else 200,
        rows=imports.imports_of(actor, organisation),
        id=ids.uuid7(),
        refusal=frame.said(problem) if problem else "",
    )


@require_safe
@member_of(*roles.STOCK)
def import_report(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """How far an import is, and every refused cell. The page comes again by itself while it runs."""
    found = imports.one(actor_of_request(request), id)
    if found.seller != organisation:
        raise Missing("no-such-import", violations=[Violation(pointer="/id", rule="known")])
    refused = [(row, RULE_WORDS.get(str(row["rule"]), row["rule"])) for row in found.report]
    running = found.state not in ("done", "refused")
    return frame.page(
        request,
        organisation,
        "import",
        run=msgspec.to_builtins(found, str_keys=True),
        refused=refused[:500],
        refused_rows=len({row["row"] for row in found.report}),
        running=running,
    )
