"""The feeds that seldom change: system, vehicle types, stations, regions, prices, alerts, geofences."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.words import Words

LANGUAGES = {"en": "en", "zh-hans": "zh-CN", "ko": "ko"}  # the house's and the feeds' tags
ALWAYS = "24/7"
LICENCE = "CC0-1.0"
_PHONE = re.compile(r"\+[1-9]\d{1,14}")
_FEN, _KM, _MINUTE = 100, 1000, 60


class System(NamedTuple):
    """What `system_information` says of itself beyond the operator's row."""

    id: str
    name: Words
    phone: str
    email: str
    contact: str
    since: datetime
    manifest: str
    home: str


def words(given: Words | Mapping[str, str]) -> list[dict[str, str]]:
    """A localized text: every language that the feeds have, so that readers of each find all texts."""
    read = Words.read(given)  # type: ignore[arg-type]
    return [{"text": read.within(language), "language": tag} for language, tag in LANGUAGES.items()]


def plain(text: str) -> list[dict[str, str]]:
    """A name that is the same in all languages: a make, a model."""
    return [{"text": text, "language": tag} for tag in LANGUAGES.values()]


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def system_information(system: System) -> dict[str, Any]:
    phone = system.phone.replace(" ", "").replace("-", "")
    return {
        "system_id": system.id,
        "languages": list(LANGUAGES.values()),
        "name": words(system.name),
        "operator": words(system.name),
        "opening_hours": ALWAYS,
        "start_date": system.since.date().isoformat(),
        "url": system.home,
        "feed_contact_email": system.contact,
        "manifest_url": system.manifest,
        "timezone": "Asia/Shanghai",
        "license_id": LICENCE,
        **({"phone_number": phone} if _PHONE.fullmatch(phone) else {}),
        **({"email": system.email} if system.email else {}),
    }


def vehicle_types(rows: Sequence[Any], plans: set[str]) -> dict[str, Any]:
    """`plans` are those that are published: a type names no other."""
    return {"vehicle_types": [_vehicle_type(row, plans) for row in rows]}


def _vehicle_type(row: Any, plans: set[str]) -> dict[str, Any]:
    priced = {"default_pricing_plan_id": str(row.plan), "pricing_plan_ids": [str(row.plan)]}
    return {
        "vehicle_type_id": str(row.id),
        "form_factor": row.form_factor,
        "rider_capacity": row.seats,
        "propulsion_type": row.propulsion_type,
        "name": words(row.name),
        "default_reserve_time": math.ceil(row.reserve_seconds / _MINUTE),
        "return_constraint": row.return_constraint,
        **({"max_range_meters": row.max_range_m} if row.max_range_m is not None else {}),
        **({"make": plain(row.make)} if row.make else {}),
        **({"model": plain(row.model)} if row.model else {}),
        **(priced if str(row.plan) in plans else {}),
    }


def station_information(rows: Sequence[Any]) -> dict[str, Any]:
    return {"stations": [_station(row) for row in rows]}


def _station(row: Any) -> dict[str, Any]:
    return {
        "station_id": str(row.id),
        "name": words(row.name),
        "lat": row.latitude_e6 / 1e6,
        "lon": row.longitude_e6 / 1e6,
        "region_id": row.district,
        "capacity": row.capacity,
        "is_virtual_station": row.kind == "virtual",
        "is_charging_station": row.charging,
        **({"address": row.address} if row.address else {}),
        **({"parking_type": "parking_lot"} if row.kind == "lot" else {}),
        **({"station_area": multi(row.area)} if row.area and row.kind == "virtual" else {}),
    }


def system_regions(slugs: Iterable[str]) -> dict[str, Any]:
    known = sorted({slug for slug in slugs if slug in BY_SLUG})
    return {"regions": [{"region_id": slug, "name": words(BY_SLUG[slug].name)} for slug in known]}


def system_pricing_plans(rows: Sequence[Any]) -> dict[str, Any]:
    return {"plans": [plan(row) for row in rows]}


def plan(row: Any) -> dict[str, Any]:
    """GBFS knows no hours of the day and no caps: the rates are those that always hold, the description tells the rest."""
    terms = row.terms
    always = terms["bands"][-1]["per_hour"]
    interval = math.ceil(terms.get("step_seconds", _MINUTE) / _MINUTE)
    minutes = {
        "start": terms.get("free_seconds", 0) // _MINUTE, "rate": _money(always * interval / 60), "interval": interval,
    }  # fmt: skip
    km = {"start": terms.get("free_m", 0) // _KM, "rate": _money(terms.get("per_km", 0)), "interval": 1}
    return {
        "plan_id": str(row.plan),
        "name": words(row.name),
        "currency": row.currency,
        "price": _money(terms.get("unlock", 0)),
        "is_taxable": False,
        "description": words(row.description),
        **({"per_min_pricing": [minutes]} if always else {}),
        **({"per_km_pricing": [km]} if terms.get("per_km") else {}),
        "surge_pricing": False,
    }


def _money(fen: float) -> float:
    """Of the currency's unit, to a hundredth of the smallest coin."""
    return round(fen / _FEN, 4)


def system_alerts(rows: Sequence[Any], stations: set[str]) -> dict[str, Any]:
    return {"alerts": [_alert(row, stations) for row in rows]}


def _alert(row: Any, stations: set[str]) -> dict[str, Any]:
    times = {
        **({"start": moment(row.start)} if row.start else {}),
        **({"end": moment(row.end)} if row.end else {}),
    }
    concerned = [str(id) for id in row.stations if str(id) in stations]
    return {
        "alert_id": str(row.id),
        "type": row.kind,
        "summary": words(row.summary),
        "last_updated": moment(row.published_at),
        **({"times": [times]} if times else {}),
        **({"station_ids": concerned} if concerned else {}),
        **({"description": words(row.description)} if row.description else {}),
    }


def geofencing_zones(rows: Sequence[Any], everywhere: Sequence[Mapping[str, Any]], kinds: set[str]) -> dict[str, Any]:
    """A rule for other kinds of vehicles than this system's is left out; it must not become one for all."""
    features = [(row, rules) for row in rows if (rules := _rules(row.rules, kinds))]
    return {
        "geofencing_zones": {
            "type": "FeatureCollection",
            "features": [_zone(row, rules) for row, rules in features],
        },
        "global_rules": _rules(everywhere, kinds),
    }


def _zone(row: Any, rules: list[dict[str, Any]]) -> dict[str, Any]:
    properties = {
        "name": words(row.name),
        "start": moment(row.valid_from),
        **({"end": moment(row.valid_until)} if row.valid_until else {}),
        "rules": rules,
    }
    return {"type": "Feature", "geometry": multi(row.geometry), "properties": properties}


def _rules(rules: Iterable[Mapping[str, Any]], kinds: set[str]) -> list[dict[str, Any]]:
    kept = []
    for rule in rules:
        named = rule.get("vehicle_type_ids")
        if not named:
            kept.append({key: value for key, value in rule.items() if key != "vehicle_type_ids"})
        elif ours := [id for id in named if id in kinds]:
            kept.append({**rule, "vehicle_type_ids": ours})
    return kept


def multi(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """As a MultiPolygon, which is all that GBFS knows."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return {"type": "MultiPolygon", "coordinates": polygons}
