"""Picking: what waits, an order line by line, and several orders as one way through the warehouse."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.market.pages.seller import frame
from lilong.fields.market.pages.seller.orders import mine
from lilong.fields.market.pages.seller.words import STEPS
from lilong.fields.market.queries import fulfilment
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.fulfilment import WAVE_MAX
from lilong.fields.market.services import fulfilment as services
from lilong.fields.market.services import waves
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.http import actor_of_request, member_of

SHOWN_MAX = 120


@require_safe
@member_of(*roles.STOCK)
def queue(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """What is to be picked, due first; one place at a time can be taken as a wave."""
    places, place = frame.place_of(request, organisation)
    jobs = fulfilment.queue(actor_of_request(request), organisation, place=place.id if place else None)
    counts = {state: sum(job.way.state == state for job in jobs) for state in STEPS}
    wanted = request.GET.get("step", "waiting")
    state = wanted if wanted in STEPS else "waiting"
    shown = [job for job in jobs if job.way.state == state]
    people = parties.parties({job.way.picker for job in shown if job.way.picker})
    return frame.page(
        request,
        organisation,
        "picking",
        places=places,
        place=place,
        state=state,
        steps=[(code, *STEPS[code], counts[code]) for code in ("waiting", "picking", "packed", "on-the-way", "failed")],
        jobs=[(job, people.get(job.way.picker)) for job in shown[:SHOWN_MAX]],
        total=len(shown),
        by_id={each.id: each for each in places},
        wave_id=ids.uuid7(),
        wave_max=WAVE_MAX,
    )


@require_POST
@member_of(*roles.STOCK)
def start_wave(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Takes the orders marked in hand, as one way through the warehouse."""
    actor, post = actor_of_request(request), request.POST
    made: list[UUID] = []

    def run() -> None:
        wanted = [frame.uuid_of(text, "/orders") for text in post.getlist("order")]
        for each in wanted:
            mine(request, organisation, each)
        place = frame.uuid_of(post.get("place"), "/place")
        wave, _refused = waves.start_wave(actor, id=frame.uuid_of(post.get("id"), "/id"), place=place, orders=wanted)
        made.append(wave.id)

    if frame.act(request, run, ""):
        return redirect("market:seller-wave", organisation=organisation, id=made[0])
    return redirect("market:seller-picking", organisation=organisation)


@require_safe
@member_of(*roles.STOCK)
def wave(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """The pick list: by shelf and temperature, by lot, first to expire first. To print or to carry along."""
    found = fulfilment.wave(actor_of_request(request), organisation, id)
    views = fulfilment.in_wave(id)
    ways = fulfilment.ways(views)
    places = {each.id: each for each in frame.place_of(request, organisation)[0]}
    return frame.page(
        request,
        organisation,
        "wave",
        wave=found,
        place=places.get(found.place),
        picker=parties.parties([found.picker]).get(found.picker),
        stops=fulfilment.pick_list(views),
        orders=[(n, view, STEPS[ways[view.id].state]) for n, view in enumerate(views, 1)],
    )


@require_safe
@member_of(*roles.STOCK)
def pick(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """An order line by line, for one hand and a thumb."""
    return _pick(request, organisation, id)


def _pick(
    request: HttpRequest, organisation: UUID, id: UUID, *, line: int = -1, refusal: Problem | None = None
) -> HttpResponse:
    actor, view = actor_of_request(request), mine(request, organisation, id)
    way = fulfilment.way(view)
    lines = fulfilment.pick_lines(view)
    missing = next((each for each in lines if str(each.line.n) == request.GET.get("replace", "")), None)
    return frame.page(
        request,
        organisation,
        "pick",
        status=refusal.status if refusal else 200,
        order=view,
        way=way,
        step=STEPS[way.state],
        lines=lines,
        open_lines=sum(each.picked is None for each in lines),
        missing=missing,
        proposals=fulfilment.proposals(actor, view, missing.line.n) if missing else [],
        bad_line=line,
        refusal=frame.said(refusal) if refusal else "",
        own=way.picker == actor.party and way.state == "picking",
    )


@require_POST
@member_of(*roles.STOCK)
def pick_line(request: HttpRequest, organisation: UUID, id: UUID, line: int) -> HttpResponse:
    """What was found of a line."""
    mine(request, organisation, id)
    actor, post = actor_of_request(request), request.POST
    try:
        quantity = frame.whole(post.get("quantity"), "/quantity")
        services.pick_line(actor, order=id, line=line, quantity=quantity, scan=post.get("scan", "").strip())
    except Problem as problem:
        return _pick(request, organisation, id, line=line, refusal=problem)
    return redirect("market:seller-pick", organisation=organisation, id=id)


@require_POST
@member_of(*roles.STOCK)
def substitute(request: HttpRequest, organisation: UUID, id: UUID, line: int) -> HttpResponse:
    """Other goods in a line's place."""
    mine(request, organisation, id)
    actor, post = actor_of_request(request), request.POST
    frame.act(
        request,
        lambda: services.substitute_line(
            actor,
            order=id,
            line=line,
            offer=frame.uuid_of(post.get("offer"), "/offer"),
            quantity=frame.whole(post.get("quantity"), "/quantity"),
            agreed=post.get("agreed") == "1",
        ),
        _("Replaced."),
    )
    return redirect("market:seller-pick", organisation=organisation, id=id)
