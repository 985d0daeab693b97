"""The GBFS feeds over HTTP, open to everybody: `/mobility/gbfs/3.0/...`."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from lilong.fields.mobility.queries import public_fleet as fleet
from lilong.fields.mobility.standard.gbfs import privacy, static, status
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing

VERSION = "3.0"
_SLOW, _QUICK = 3600, 60
_KEPT_MAX = 2_000


class _View(NamedTuple):
    """Of one request: whose system, and how this house is called by whoever asks."""

    system: fleet.System
    now: datetime
    request: HttpRequest

    @property
    def id(self) -> UUID:
        return self.system.operator.id

    def address(self, feed: str) -> str:
        return _address(self.request, "gbfs-feed", operator=self.id, feed=feed)


class Feed(NamedTuple):
    ttl: int
    build: Callable[[_View], dict[str, Any]]


class _Kept(NamedTuple):
    until: datetime
    body: bytes
    etag: str


_kept: dict[tuple[str, str, str], _Kept] = {}


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """All systems of this house."""

    def build() -> dict[str, Any]:
        found = []
        for each in fleet.systems():
            url = _address(request, "gbfs-feed", operator=each.operator.id, feed="gbfs")
            found.append({"system_id": system_id(each.operator.id), "versions": [{"version": VERSION, "url": url}]})
        return {"datasets": found}

    return _answer(request, ("", "manifest"), _SLOW, build)


@require_safe
def feed(request: HttpRequest, operator: UUID, feed: str) -> HttpResponse:
    """One feed of one system. Raises Missing for a system or a feed that there is not."""
    found = FEEDS.get(feed)
    system = fleet.system(operator) if found else None
    if found is None or system is None:
        raise Missing("not-found")
    view = _View(system, clock.now(), request)
    return _answer(request, (str(operator), feed), found.ttl, lambda: found.build(view))


def system_id(operator: UUID) -> str:
    return f"lilong_{operator.hex}"


def _answer(request: HttpRequest, name: tuple[str, str], ttl: int, build: Callable[[], dict[str, Any]]) -> HttpResponse:
    """What was built less than `ttl` ago, else anew: nobody learns more by asking more often."""
    now = clock.now()
    key = (request.get_host(), *name)
    kept = _kept.get(key)
    if kept is None or not kept.until - timedelta(seconds=ttl) <= now < kept.until:
        data = build()
        etag = hashlib.sha256(msgspec.json.encode(data)).hexdigest()[:32]
        body = {"last_updated": static.moment(now), "ttl": ttl, "version": VERSION, "data": data}
        if len(_kept) >= _KEPT_MAX:
            _kept.clear()
        kept = _kept[key] = _Kept(now + timedelta(seconds=ttl), msgspec.json.encode(body), f'W/"{etag}"')
    left = max(0, int((kept.until - now).total_seconds()))
    response = HttpResponse(kept.body, content_type="application/json; charset=utf-8")
    response.headers["ETag"] = kept.etag
    conditional = get_conditional_response(request, etag=kept.etag, response=response)
    found = HttpResponse(status=304) if conditional is None else conditional
    found.headers["ETag"] = kept.etag
    found.headers["Cache-Control"] = f"public, max-age={left}"
    found.headers["Access-Control-Allow-Origin"] = "*"
    return found


def _address(request: HttpRequest, name: str, **parts: Any) -> str:
    return request.build_absolute_uri(reverse(f"mobility:{name}", kwargs=parts))


def _plans(view: _View) -> set[str]:
    return {str(row.plan) for row in fleet.plans(view.id)}


def _stations(view: _View) -> set[str]:
    return {str(row.id) for row in fleet.stations(view.id)}


def _gbfs(view: _View) -> dict[str, Any]:
    return {"feeds": [{"name": name, "url": view.address(name)} for name in FEEDS]}


def _versions(view: _View) -> dict[str, Any]:
    return {"versions": [{"version": VERSION, "url": view.address("gbfs")}]}


def _system(view: _View) -> dict[str, Any]:
    row = view.system.operator
    system = static.System(
        id=system_id(row.id),
        name=view.system.name,
        phone=row.phone,
        email=row.email,
        contact=row.email or _house_mailbox(),
        since=row.registered_at.astimezone(clock.CITY_ZONE),
        manifest=_address(view.request, "gbfs-manifest"),
        home=view.request.build_absolute_uri("/"),
    )
    return static.system_information(system)


def _house_mailbox() -> str:
    """Where the house's own letters come from, when that is on the network at all: the feeds must name somebody."""
    _, mailbox = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return mailbox if "." in mailbox.partition("@")[2] else "feeds@lilong.invalid"


def _types(view: _View) -> dict[str, Any]:
    return static.vehicle_types(fleet.kinds(view.id), _plans(view))


def _regions(view: _View) -> dict[str, Any]:
    return static.system_regions(row.district for row in fleet.stations(view.id))


def _zones(view: _View) -> dict[str, Any]:
    kinds = {str(row.id) for row in fleet.kinds(view.id)}
    return static.geofencing_zones(fleet.zones(view.id), view.system.operator.global_rules, kinds)


def _vehicles(view: _View) -> dict[str, Any]:
    key = privacy.key_of(settings.TOKEN_KEY)
    return status.vehicle_status(
        fleet.vehicles(view.id),
        name=lambda public: privacy.public_id(public, key),
        plans=_plans(view),
        stations=_stations(view),
    )


def _station_status(view: _View) -> dict[str, Any]:
    return status.station_status(fleet.stations(view.id), fleet.vehicles(view.id), fleet.parked(view.id), now=view.now)


FEEDS: dict[str, Feed] = {
    "gbfs": Feed(_SLOW, _gbfs),
    "gbfs_versions": Feed(_SLOW, _versions),
    "system_information": Feed(_SLOW, _system),
    "vehicle_types": Feed(_SLOW, _types),
    "station_information": Feed(_SLOW, lambda view: static.station_information(fleet.stations(view.id))),
    "station_status": Feed(_QUICK, _station_status),
    "vehicle_status": Feed(_QUICK, _vehicles),
    "system_regions": Feed(_SLOW, _regions),
    "system_pricing_plans": Feed(_SLOW, lambda view: static.system_pricing_plans(fleet.plans(view.id))),
    "system_alerts": Feed(_QUICK, lambda view: static.system_alerts(fleet.alerts(view.id), _stations(view))),
    "geofencing_zones": Feed(_SLOW, _zones),
}
