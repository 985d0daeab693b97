"""The courier's page: a shell that works without a connection, and what its script asks and tells.

Everything that the phone says carries an id made on the phone and the phone's clock (`services.courier.take`), so it may say
it as often as it likes. The service worker keeps the shell; today's stops and the queue are in the phone's own database.
"""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.delivery.drafts import ClientEventDraft, Spot
from lilong.fields.delivery.pages.courier_words import script_words
from lilong.fields.delivery.pages.frame import page
from lilong.fields.delivery.pages.home import drives
from lilong.fields.delivery.pages.words import OUTCOMES, said
from lilong.fields.delivery.queries import fleet_day
from lilong.fields.delivery.services import courier as phones
from lilong.fields.delivery.services import fleet, lockers, proofs
from lilong.kernel.base.problems import Invalid, Missing, Problem, invalid
from lilong.kernel.parties.http import actor_of_request, signed_in

BODY_MAX = 200_000
HAVE_MAX = 37 * 150  # so many ids

_events = msgspec.json.Decoder(list[ClientEventDraft])


class Where(msgspec.Struct, forbid_unknown_fields=True):
    latitude_e6: int
    longitude_e6: int
    heading: int | None = None


@require_safe
@ensure_csrf_cookie
@signed_in
def shell(request: HttpRequest) -> HttpResponse:
    """The page itself: the same for every courier, so that it can be kept."""
    if not drives(actor_of_request(request)):
        return page(request, "courier/none", status=404)
    return page(request, "courier/shell", words=script_words(), outcomes=OUTCOMES, language=get_language())


@require_safe
@signed_in
def today(request: HttpRequest) -> HttpResponse:
    """Everything for the day: stops in their order, what is aboard, addresses (which their owners see was read) but of those
    shipments that the phone names as known (`have`, comma between)."""
    try:
        have = {UUID(each) for each in request.GET.get("have", "")[:HAVE_MAX].split(",") if each}
    except ValueError:
        raise invalid("/have", "uuid") from None
    return _json(fleet_day.day(actor_of_request(request), have))


@require_POST
@signed_in
def events(request: HttpRequest) -> HttpResponse:
    """Takes a list of events; answers what became of each, in their order."""
    actor = actor_of_request(request)
    given = _read(request, _events)
    return _json({"said": phones.take(actor, vehicle=actor.party, events=given)})


@require_POST
@signed_in
def photo(request: HttpRequest, shipment: UUID, id: UUID) -> HttpResponse:
    """A picture as proof; the body is the picture."""
    actor = actor_of_request(request)
    try:
        made = proofs.add_photo(actor, id=id, shipment=shipment, vehicle=actor.party, content=request.body)
        phones.try_kept(actor, vehicle=actor.party, shipment=shipment)
    except Problem as problem:
        return _refused(problem)
    return _json({"id": made.id})


@require_POST
@signed_in
def cells(request: HttpRequest, shipment: UUID) -> HttpResponse:
    """The courier stands at the locker: cells open."""
    actor = actor_of_request(request)
    try:
        return _json(lockers.open_to_put_in(actor, shipment=shipment, vehicle=actor.party))
    except Problem as problem:
        return _refused(problem)


@require_POST
@signed_in
def where(request: HttpRequest) -> HttpResponse:
    """Where the phone is."""
    actor = actor_of_request(request)
    given = _read(request, msgspec.json.Decoder(Where))
    spot = Spot(latitude_e6=given.latitude_e6, longitude_e6=given.longitude_e6)
    fleet.set_position(actor, vehicle=actor.party, spot=spot, heading=given.heading)
    return HttpResponse(status=204)


@require_POST
@signed_in
def duty(request: HttpRequest) -> HttpResponse:
    """At work, or not."""
    actor = actor_of_request(request)
    fleet.set_state(actor, vehicle=actor.party, state="idle" if request.POST.get("on") == "1" else "off")
    return HttpResponse(status=204)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from below the page's own address, so that it may look after that and nothing else."""
    found = finders.find("delivery/courier/worker.js")
    if not found:
        raise Missing("not-found")
    with open(found, "rb") as file:
        answer = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


def _read(request: HttpRequest, decoder: msgspec.json.Decoder[Any]) -> Any:
    if len(request.body) > BODY_MAX:
        raise invalid("", "max-length", str(BODY_MAX))
    try:
        return decoder.decode(request.body)
    except msgspec.MsgspecError as error:
        raise Invalid("invalid", detail=str(error)) from None


def _json(value: Any) -> HttpResponse:
    answer = HttpResponse(msgspec.json.encode(value), content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer


def _refused(problem: Problem) -> HttpResponse:
    body = problem.body() | {"said": said(problem), "code": problem.code}
    answer = HttpResponse(msgspec.json.encode(body), content_type="application/problem+json", status=problem.status)
    answer["Cache-Control"] = "no-store"
    return answer
