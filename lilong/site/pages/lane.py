"""The lane: twelve doors, each with its live figure."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.http import actor_of_request
from lilong.site import figures
from lilong.site.lane import scene
from lilong.site.registry import Door, doors
from lilong.ui import shown


@require_GET
def lane(request: HttpRequest) -> HttpResponse:
    on_doors = figures.on_doors(doors())
    return render(
        request,
        "site/lane.html",
        {
            "doors": [_sign(door, on_doors) for door in doors()],
            "symbols": mark_safe(scene.symbols()),  # noqa: S308 (drawn here, from numbers)
            "background": mark_safe(scene.background()),  # noqa: S308
            "foreground": mark_safe(scene.foreground()),  # noqa: S308
            "mine": _mine(request),
            "hide_search": True,
        },
    )


@require_GET
def closed_door(request: HttpRequest, code: str) -> HttpResponse:
    """A door that is not open yet: what will be behind it, and which standards it will speak."""
    door = next((each for each in doors() if each.code == code), None)
    if door is None or door.open:
        raise Http404
    return render(request, "site/closed.html", {"door": door})


def _sign(door: Door, on_doors: dict[str, figures.OnDoor]) -> dict[str, Any]:
    said = on_doors.get(door.code, figures.OnDoor(shown.DASH, ""))
    return {
        "number": door.number,
        "code": door.code,
        "name": door.name,
        "open": door.open,
        "place": scene.place(door.number),
        "figure": said.value,
        "figure_name": said.name,
    }


def _mine(request: HttpRequest) -> dict[str, Any]:
    """What the signed-in reader's cards say; nothing for others."""
    try:
        party = actor_of_request(request).party
    except Unauthenticated:
        return {}
    wallet = ledger.wallet_of(party)
    under_way = orders.orders_of(party, state="placed")
    return {
        "available": wallet.available if wallet else 0,
        "under_way": len(under_way.items),
        "more": bool(under_way.next),
    }
