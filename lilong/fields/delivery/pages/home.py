"""The door of delivery: what is on its way to the reader, sending, following by link, working for a carrier."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from lilong.fields.delivery.pages.frame import page, reader
from lilong.fields.delivery.queries import carriers, lockers, shipments
from lilong.fields.delivery.rules import roles
from lilong.kernel.base.problems import Missing
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.ui import maps

_SHOWN = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    known = carriers.carriers()
    shown = {"carriers": [(each, carriers.services(each.id)) for each in known], "banks": len(lockers.banks())}
    if actor is not None:
        coming = shipments.mine(actor, actor.party, size=_SHOWN)
        shown |= {"coming": coming.items, "drives": drives(actor), "offices": offices(actor)}
    return page(request, "home", reader=actor, **shown)


def drives(actor: Actor) -> bool:
    try:
        return not carriers.vehicle(actor, actor.party).removed
    except Missing:
        return False


def offices(actor: Actor) -> list[tuple[UUID, str]]:
    """The carriers in whose office the reader works."""
    open_ones = {each.id: each for each in carriers.carriers()}
    mine = [firm for firm, _held in parties.organisations_of(actor.party)]
    return [
        (firm.id, str(open_ones[firm.id].name))
        for firm in mine
        if firm.id in open_ones and actor.acts_for(firm.id, *roles.LOOK)
    ]


@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """From the box in which a link's token is pasted to its page."""
    token = request.GET.get("token", "").strip().rstrip("/").rpartition("/")[2]
    return redirect(reverse("delivery:track", kwargs={"token": token[:100]}) if token else reverse("delivery:home"))


@require_safe
def banks(request: HttpRequest) -> HttpResponse:
    """Where lockers are and what is free there."""
    found = lockers.banks()
    marks = [
        maps.place(
            each.id, Point.of_e6(each.latitude_e6, each.longitude_e6), label=each.name, kind="locker",
            note=each.address, colour="good" if any(each.empty.values()) else "bad", text=str(sum(each.empty.values())),
        )
        for each in found
    ]  # fmt: skip
    return page(request, "lockers/banks", banks=found, features=maps.collection(marks))
