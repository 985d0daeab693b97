"""A ride as whoever has the link to it sees it, without signing in: the car, its plate, when it is there. No names; gone at the end."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from lilong.fields.mobility.pages import frame
from lilong.fields.mobility.pages.words import RIDE_STATES, word
from lilong.fields.mobility.queries import rides
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.http import client_address, throttle
from lilong.ui import maps as ui_maps

_TRIES, _SECONDS = 120, 60  # an open page asks two dozen times a minute
_KEPT = "ride-link"


def _by_link(shown: Callable[[HttpRequest, str, dict[str, Any]], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """The view for a link that holds; 410 for one that held, 404 for none. Never kept, never found by a search, and the
    link goes to nobody else."""

    @wraps(shown)
    def view(request: HttpRequest, token: str) -> HttpResponseBase:
        throttle("mobility-shared", client_address(request), _TRIES, _SECONDS)
        try:
            answer = shown(request, token, rides.shared(token))
        except Missing:
            if not rides.was_shared(token):
                raise
            answer = frame.page(request, "shared_over", status=410)
            answer["HX-Refresh"] = "true"  # for the part that asks for itself: the whole page is over
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return require_safe(view)


@_by_link
def page(request: HttpRequest, token: str, seen: dict[str, Any]) -> HttpResponse:
    now = frame.marked(request, "shared_now", **_now(token, seen))
    src = reverse("mobility:shared-map", args=[token])
    return frame.page(request, "shared", now=now, features=ui_maps.collection(_features(seen)), src=src)


@_by_link
def now(request: HttpRequest, token: str, seen: dict[str, Any]) -> HttpResponse:
    return frame.piece(request, "shared_now", **_now(token, seen))


@_by_link
def map_json(request: HttpRequest, token: str, seen: dict[str, Any]) -> HttpResponse:
    return JsonResponse(ui_maps.collection(_features(seen)), content_type="application/geo+json")


def _now(token: str, seen: dict[str, Any]) -> dict[str, Any]:
    eta = seen["eta"]
    minutes = max(1, round((eta - clock.now()).total_seconds() / 60)) if eta else None
    return {"token": token, "word": word(RIDE_STATES, seen["state"]), "plate": seen["plate"], "minutes": minutes}


def _features(seen: dict[str, Any]) -> list[dict[str, Any]]:
    car, to = seen["car"], seen["to"]
    found = [ui_maps.place("to", Point(to.longitude, to.latitude), label=pgettext("way", "To"), kind="flag")]
    if car is not None:
        place = Point(car.longitude, car.latitude)
        state = word(RIDE_STATES, seen["state"])[0]
        found.append(
            ui_maps.place(
                "car", place, label=seen["plate"], kind="car", colour="info", state=state, heading=seen["heading"]
            )
        )
    return found


def keep(request: HttpRequest, ride: Any, token: str) -> None:
    """The link stays with the session of who made it: the house itself keeps a digest."""
    request.session[_KEPT] = [str(ride), token]


def forget(request: HttpRequest) -> None:
    request.session.pop(_KEPT, None)


def link_of(request: HttpRequest, ride: Any) -> str:
    """The link to the ride that was made here and still holds, with the house's address; '' for none."""
    made_for, token = request.session.get(_KEPT, ["", ""])
    if made_for != str(ride) or not rides.holds(token):
        return ""
    return request.build_absolute_uri(reverse("mobility:shared", args=[token]))
