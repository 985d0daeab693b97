"""MDS 2.0 for regulators: `/mobility/mds/...`, with an API key or token of an agency that reaches `mobility:mds`.

Trips and telemetry are told by the hour, once the hour has been over for `DELAY`: late points are in by then, and nobody
watches a rider as she goes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from lilong.fields.mobility.queries import agencies
from lilong.fields.mobility.standard import mds
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Forbidden, Unauthenticated
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request

HOUR, DELAY, RECENT = timedelta(hours=1), timedelta(hours=1), timedelta(days=14)
PAGE = 500
_TTL = 60_000
_MILLIS_MAX = 253_402_300_799_000  # the end of the year 9999

Handler = Callable[..., HttpResponse]


class Refused(Exception):
    """An answer that is an error of MDS: `error`, and what is wrong in `details`."""

    def __init__(self, status: int, error: str, *details: str) -> None:
        super().__init__(error)
        self.status, self.error, self.details = status, error, details


def endpoint(view: Handler) -> Callable[..., HttpResponse]:
    """Version, credential and errors as MDS has them. The view gets the actor as its second argument."""

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            _require_version(request)
            try:
                actor = actor_of_request(request)
                agencies.require_agency(actor)
            except (Unauthenticated, Forbidden) as problem:
                raise Refused(401, "unauthorized", problem.code) from None
            return view(request, actor, **parts)
        except Refused as refused:
            body = {
                "error": refused.error,
                "error_description": refused.error.replace("_", " "),
                "error_details": list(refused.details) or [refused.error],
            }
            return _answer(body, refused.status)

    return wrapped


@endpoint
def vehicles(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = agencies.vehicles(after=_after(request), limit=PAGE + 1)
    found = [mds.vehicle(row) for row in rows[:PAGE]]
    return _answer(_live({"vehicles": found}) | _links(request, after=rows[PAGE - 1].id if len(rows) > PAGE else None))


@endpoint
def vehicle(request: HttpRequest, actor: Actor, device: UUID) -> HttpResponse:
    row = agencies.vehicle(device)
    if row is None:
        raise Refused(404, "not_found", "device_id")
    return _answer(_live({"vehicles": [mds.vehicle(row)]}))


@endpoint
def statuses(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = agencies.vehicles(after=_after(request), limit=PAGE + 1)
    found = [mds.status(read.vehicle, read.event) for read in agencies.statuses(rows[:PAGE])]
    last = rows[PAGE - 1].id if len(rows) > PAGE else None
    return _answer(_live({"vehicles_status": found}) | _links(request, after=last))


@endpoint
def status(request: HttpRequest, actor: Actor, device: UUID) -> HttpResponse:
    row = agencies.vehicle(device)
    found = [mds.status(read.vehicle, read.event) for read in agencies.statuses([row])] if row else []
    if not found:
        raise Refused(404, "not_found", "device_id")
    return _answer(_live({"vehicles_status": found}))


@endpoint
def trips(request: HttpRequest, actor: Actor) -> HttpResponse:
    start, ready = _hour(request, "end_time")
    if not ready:
        return _answer(_body({"trips": []}), 202)
    read = agencies.trips(actor, start, start + HOUR)
    return _answer(_body({"trips": [mds.trip(each, published=start + HOUR + DELAY) for each in read]}))


@endpoint
def telemetry(request: HttpRequest, actor: Actor) -> HttpResponse:
    start, ready = _hour(request, "telemetry_time")
    read = agencies.telemetry(actor, start, start + HOUR) if ready else []
    return _answer(_body({"telemetry": [mds.point(each) for each in read]}), 200 if ready else 202)


@endpoint
def historical(request: HttpRequest, actor: Actor) -> HttpResponse:
    start, ready = _hour(request, "event_time")
    rows = agencies.events(start, start + HOUR) if ready else []
    return _answer(_body({"events": [mds.event(row) for row in rows]}), 200 if ready else 202)


@endpoint
def recent(request: HttpRequest, actor: Actor) -> HttpResponse:
    start, end = _moment(request, "start_time"), _moment(request, "end_time")
    if start > end:
        raise Refused(400, "bad_param", "end_time")
    if start < clock.now() - RECENT:
        raise Refused(400, "bad_param", "start_time")
    rows = agencies.events_page(start, end, after=_after(request), limit=PAGE + 1)
    links = _links(request, after=rows[PAGE - 1].id if len(rows) > PAGE else None)
    return _answer(_body({"events": [mds.event(row) for row in rows[:PAGE]]}) | links)


@endpoint
def stops(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _answer(_live({"stops": [mds.stop(read, now=clock.now()) for read in agencies.stops()]}))


@endpoint
def stop(request: HttpRequest, actor: Actor, id: UUID) -> HttpResponse:
    found = agencies.stops(id)
    if not found:
        raise Refused(404, "not_found", "stop_id")
    return _answer(_live({"stops": [mds.stop(found[0], now=clock.now())]}))


def _require_version(request: HttpRequest) -> None:
    """Whoever asks for no version gets the one there is; who asks for others alone is refused."""
    asked = [part.strip() for part in request.headers.get("Accept", "").lower().split(",") if mds.MEDIA in part]
    versions = [part.replace(" ", "").partition("version=")[2].partition(";")[0].strip('"') for part in asked]
    if asked and not any(version in mds.SUPPORTED for version in versions):
        raise Refused(406, "not_acceptable", *(f"supported: {version}" for version in mds.SUPPORTED))


def _hour(request: HttpRequest, name: str) -> tuple[datetime, bool]:
    """The hour asked for, and whether it is ready. 400 without one, 404 where it is not past or nothing was there."""
    given = request.GET.get(name)
    if not given:
        raise Refused(400, "missing_param", name)
    start = mds.hour(given)
    if start is None:
        raise Refused(400, "bad_param", name)
    now = clock.now()
    if start + HOUR > now or not agencies.operating(start, start + HOUR):
        raise Refused(404, "not_found", name)
    return start, start + HOUR + DELAY <= now


def _moment(request: HttpRequest, name: str) -> datetime:
    given = request.GET.get(name)
    if not given:
        raise Refused(400, "missing_param", name)
    if not (given.isdecimal() and given.isascii() and int(given) <= _MILLIS_MAX):
        raise Refused(400, "bad_param", name)
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(given))


def _after(request: HttpRequest) -> UUID | None:
    given = request.GET.get("after")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Refused(400, "bad_param", "after") from None


def _body(data: dict[str, Any]) -> dict[str, Any]:
    return {"version": mds.VERSION} | data


def _live(data: dict[str, Any]) -> dict[str, Any]:
    return _body({"last_updated": mds.millis(clock.now()), "ttl": _TTL}) | data


def _links(request: HttpRequest, *, after: object) -> dict[str, Any]:
    """The way to the next page, null on the last; the first page's is the address without `after`."""
    given = {name: value for name, value in request.GET.items() if name != "after"}
    here = request.build_absolute_uri(request.path)

    def address(**more: str) -> str:
        query = urlencode(given | more)
        return f"{here}?{query}" if query else here

    return {"links": {"first": address(), "next": address(after=str(after)) if after else None}}


def _answer(body: dict[str, Any], status: int = 200) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(body), content_type=mds.MEDIA_TYPE, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Authorization"
    return response
