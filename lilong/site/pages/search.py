"""Search over all doors, with facets."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from lilong.kernel.base.problems import invalid
from lilong.kernel.catalog import queries as catalog
from lilong.site.registry import doors
from lilong.ui import links

SORT_WORDS = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "price": _("Price, low to high"),
    "-price": _("Price, high to low"),
}
TAGS_SHOWN = 12
YUAN = 100


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """`?q=&field=&tag=&from=&to=&available=&sort=&cursor=`; prices in yuan."""
    asked = request.GET
    found = catalog.search(
        asked.get("q", ""),
        field=asked.get("field", ""),
        price_from=_fen(asked.get("from", ""), "/from"),
        price_to=_fen(asked.get("to", ""), "/to"),
        tags=[tag for tag in asked.getlist("tag") if tag],
        available_only=asked.get("available") == "1",
        sort=asked.get("sort", ""),
        cursor=asked.get("cursor", ""),
    )
    names = {door.code: door for door in doors()}
    return render(
        request,
        "site/search.html",
        {
            "found": found,
            "hits": [_hit(offer, names) for offer in found.items],
            "fields": _fields(found.facets, names, asked.get("field", "")),
            "tags": _tags(found.facets, asked.getlist("tag")),
            "sorts": [(code, word) for code, word in SORT_WORDS.items() if code != "relevance" or asked.get("q")],
            "sort": asked.get("sort", ""),
            "query": asked.get("q", ""),
            "asked": asked,
            "narrowed": any(asked.get(name) for name in ("from", "to", "tag", "available")),
            "hide_search": True,
        },
    )


def _fen(yuan: str, pointer: str) -> int | None:
    """Whole yuan as typed, in fen."""
    if not yuan.strip():
        return None
    if not (yuan.isascii() and yuan.isdigit() and len(yuan) <= len("99999999")):
        raise invalid(pointer, "whole-yuan", yuan[:20])
    return int(yuan) * YUAN


def _hit(offer: Any, names: dict[str, Any]) -> dict[str, Any]:
    return {
        "offer": offer,
        "href": links.found(f"{offer.field}:offer", offer.id) or f"/{offer.field}/",
        "door": names.get(offer.field),
        "per": "" if offer.unit == "piece" and offer.per == 1 else (offer.per, offer.unit),
    }


def _fields(facets: catalog.Facets | None, names: dict[str, Any], chosen: str) -> list[dict[str, Any]]:
    """The doors that hold something of it, most first; the chosen one stays, so that it can be left."""
    counts = dict(facets.fields) if facets else {}
    if chosen:
        counts.setdefault(chosen, 0)
    known = [(count, names[code]) for code, count in counts.items() if code in names]
    return [
        {"door": door, "count": count, "current": door.code == chosen}
        for count, door in sorted(known, key=lambda pair: (-pair[0], pair[1].number))
    ]


def _tags(facets: catalog.Facets | None, chosen: list[str]) -> list[dict[str, Any]]:
    counts = list(facets.tags.items())[:TAGS_SHOWN] if facets else []
    return [{"tag": tag, "count": count, "current": tag in chosen} for tag, count in counts]
