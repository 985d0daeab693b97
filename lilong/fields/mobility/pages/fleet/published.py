"""Zones drawn on the map and their rules; price plans and their versions."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lilong.fields.mobility.drafts import RuleDraft, TariffDraft, ZoneDraft
from lilong.fields.mobility.pages import frame, maps
from lilong.fields.mobility.pages.fleet import desk
from lilong.fields.mobility.pages.words import MODES, said
from lilong.fields.mobility.queries import fleet
from lilong.fields.mobility.rules import roles, terms
from lilong.fields.mobility.services import tariffs, zones
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import maps as ui_maps

GEOMETRY_MAX = 1_000_000
RENTED = ("car-share", "micromobility")


@require_safe
@member_of(*roles.MANAGE)
def all_zones(request: HttpRequest, organisation: UUID) -> HttpResponse:
    rows = fleet.zones(organisation)
    return desk.page(
        request,
        organisation,
        "zones",
        rows=[(row, Words.read(row.name), maps.rules_said(row.rules), row.operator_id == organisation) for row in rows],
        features=ui_maps.collection(maps.zones(rows)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_of(*roles.MANAGE)
def zone(request: HttpRequest, organisation: UUID, id: UUID | None = None) -> HttpResponse:
    """A zone's form: drawn on the map or pasted as GeoJSON. Saving publishes a new version."""
    row, refused = fleet.zone(organisation, id) if id else None, None
    if request.method == "POST":
        try:
            zones.publish_zone(actor_of_request(request), _zone(request.POST, organisation, id))
            return redirect("mobility:fleet-zones", organisation=organisation)
        except Problem as problem:
            refused = problem
    given = request.POST if refused else _zone_given(row)
    return desk.page(
        request,
        organisation,
        "zone",
        status=refused.status if refused else 200,
        zone=row,
        given=given,
        modes=MODES.items(),
        chosen=given.getlist("modes") if refused else (row.modes if row else []),
        refused=said(refused) if refused else "",
        features=ui_maps.collection(maps.zones([row] if row else [])),
        new_id=ids.uuid7(),
        zone_id=row.zone if row else ids.uuid7(),
    )


def _zone_given(row: Any) -> dict[str, Any]:
    """The form's fields of a version that stands; those of a first one."""
    if row is None:
        return {"start": "on", "end": "on", "through": "on", "precedence": 100}
    first, name = (row.rules or [{}])[0], Words.read(row.name)
    return {
        "name_en": name.en,
        "name_zh": name.zh,
        "name_ko": name.ko,
        "geometry": json.dumps(row.geometry),
        "start": first.get("ride_start_allowed", True),
        "end": first.get("ride_end_allowed", True),
        "through": first.get("ride_through_allowed", True),
        "stations": first.get("station_parking", False),
        "speed": first.get("maximum_speed_kph", ""),
        "precedence": row.precedence,
    }


def _zone(post: Any, organisation: UUID, id: UUID | None) -> ZoneDraft:
    text = post.get("geometry", "")
    try:
        geometry = json.loads(text[:GEOMETRY_MAX])
    except (ValueError, RecursionError):
        raise invalid("/geometry", "required" if not text else "type") from None
    speed = post.get("speed", "").strip()
    rule = RuleDraft(
        ride_start_allowed=bool(post.get("start")),
        ride_end_allowed=bool(post.get("end")),
        ride_through_allowed=bool(post.get("through")),
        station_parking=True if post.get("stations") else None,
        maximum_speed_kph=frame.whole(speed, "/speed") if speed else None,
    )
    return ZoneDraft(
        id=frame.uuid_of(post.get("id"), "/id"),
        zone=id or frame.uuid_of(post.get("zone"), "/zone"),
        operator=organisation,
        name=_words(post, "name"),
        geometry=geometry,
        rules=(rule,),
        modes=tuple(mode for mode in post.getlist("modes") if mode in MODES),  # type: ignore[misc]
        precedence=frame.whole(post.get("precedence"), "/precedence", 100),
    )


def _words(post: Any, name: str) -> Words:
    found = Words(**{language: post.get(f"{name}_{language}", "").strip() for language in ("en", "zh", "ko")})
    if not found.stored():
        raise invalid(f"/{name}", "required")
    return found


@require_POST
@member_of(*roles.MANAGE)
def withdraw(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    fleet.zone(organisation, id)
    frame.act(request, lambda: zones.withdraw_zone(actor_of_request(request), zone=id), _("The zone counts no longer."))
    return redirect("mobility:fleet-zones", organisation=organisation)


@require_safe
@member_of(*roles.MANAGE)
def prices(request: HttpRequest, organisation: UUID) -> HttpResponse:
    rows = fleet.plans(organisation)
    return desk.page(
        request,
        organisation,
        "prices",
        rows=[(row, Words.read(row.name), MODES.get(row.mode, row.mode), row.mode in RENTED) for row in rows],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_of(*roles.MANAGE)
def price(request: HttpRequest, organisation: UUID, plan: UUID | None = None) -> HttpResponse:
    """A rental's price plan. Saving publishes a version; what is booked keeps the version that it was booked at."""
    row, refused = fleet.tariff(organisation, plan) if plan else None, None
    if request.method == "POST":
        try:
            tariffs.publish_tariff(actor_of_request(request), _tariff(request.POST, organisation, row, plan))
            return redirect("mobility:fleet-prices", organisation=organisation)
        except Problem as problem:
            refused = problem
    given = request.POST if refused else _price_given(row)
    return desk.page(
        request,
        organisation,
        "price",
        status=refused.status if refused else 200,
        tariff=row,
        given=given,
        modes=[(code, label) for code, label in MODES.items() if code in RENTED],
        versions=fleet.versions(plan) if plan else [],
        refused=said(refused) if refused else "",
        wrong=[v.pointer for v in refused.violations] if refused else [],
        new_id=ids.uuid7(),
        plan_id=plan or ids.uuid7(),
    )


def _price_given(row: Any) -> dict[str, Any]:
    """The form's fields: the hourly price of the last band (always), and of a night band before it."""
    if row is None:
        return {"mode": "car-share", "step": 1}
    held, name, about = terms.read(row.terms), Words.read(row.name), Words.read(row.description)
    day = held.bands[-1]
    night = held.bands[0] if len(held.bands) > 1 else None
    return {
        "mode": row.mode,
        "name_en": name.en,
        "name_zh": name.zh,
        "name_ko": name.ko,
        "about_en": about.en,
        "about_zh": about.zh,
        "about_ko": about.ko,
        "per_hour": _shown(day.per_hour),
        "night_per_hour": _shown(night.per_hour) if night else "",
        "night_start": _hour(night.start) if night else "",
        "night_end": _hour(night.end) if night else "",
        "day_cap": _shown(held.day_cap) if held.day_cap is not None else "",
        "per_km": _shown(held.per_km),
        "unlock": _shown(held.unlock),
        "deposit": _shown(held.deposit),
        "late_fee": _shown(held.late_fee),
        "free_minutes": held.free_seconds // 60,
        "step": held.step_seconds // 60,
        "cancel_hours": held.cancel[0].before_seconds // 3600 if held.cancel else "",
        "cancel_percent": held.cancel[-1].percent if held.cancel else "",
        "no_show": held.no_show_percent,
    }


def _shown(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _tariff(post: Any, organisation: UUID, row: Any, plan: UUID | None) -> TariffDraft:
    return TariffDraft(
        id=frame.uuid_of(post.get("id"), "/id"),
        plan=plan or frame.uuid_of(post.get("plan"), "/plan"),
        operator=organisation,
        mode=row.mode if row else post.get("mode", ""),
        name=_words(post, "name"),
        description=_words(post, "about"),
        terms=_terms(post),
    )


def _terms(post: Any) -> terms.Terms:
    """The terms of the form; the services check that they can be."""
    bands = [terms.Band(per_hour=frame.yuan(post.get("per_hour"), "/per_hour"))]
    if post.get("night_per_hour", "").strip():
        start, end = (terms.minute(post.get(f"night_{name}", ""), f"/night_{name}") for name in ("start", "end"))
        night = terms.Band(per_hour=frame.yuan(post.get("night_per_hour"), "/night_per_hour"), start=start, end=end)
        bands.insert(0, night)
    cancel = []
    if post.get("cancel_percent", "").strip():
        before = frame.whole(post.get("cancel_hours"), "/cancel_hours", 2) * 3600
        percent = frame.whole(post.get("cancel_percent"), "/cancel_percent")
        cancel = [
            terms.Cancelling(before_seconds=before, percent=0),
            terms.Cancelling(before_seconds=0, percent=percent),
        ]
        cancel = cancel if before else cancel[1:]
    cap = post.get("day_cap", "").strip()
    return terms.Terms(
        bands=tuple(bands),
        step_seconds=frame.whole(post.get("step"), "/step", 1) * 60,
        unlock=frame.yuan(post.get("unlock"), "/unlock", 0),
        free_seconds=frame.whole(post.get("free_minutes"), "/free_minutes", 0) * 60,
        day_cap=frame.yuan(cap, "/day_cap") if cap else None,
        per_km=frame.yuan(post.get("per_km"), "/per_km", 0),
        deposit=frame.yuan(post.get("deposit"), "/deposit", 0),
        late_fee=frame.yuan(post.get("late_fee"), "/late_fee", 0),
        cancel=tuple(cancel),
        no_show_percent=frame.whole(post.get("no_show"), "/no_show", 0),
    )
