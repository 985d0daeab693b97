"""What mobility's maps show: vehicles, stations, zones, ways; as features of the map component."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from lilong.fields.mobility.pages.words import VEHICLE_STATES, word
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point
from lilong.ui import maps, shown

MARKS = {"good": "good", "info": "info", "warn": "warn", "bad": "bad", "": "ink"}
_BIKES = ("bicycle", "cargo_bicycle", "scooter_standing", "scooter_seated", "moped")


def mark_of(form_factor: str) -> str:
    return "bike" if form_factor in _BIKES else "car"


def energy(energy_pm: int | None) -> str:
    """'80%', '' where nobody knows."""
    return shown.percent(energy_pm / 1000, 0) if energy_pm is not None else ""


def found(vehicles: Iterable[Any], href: Any) -> list[dict[str, Any]]:
    """Vehicles that can be had (`queries.finding.FoundVehicle`), with their price in the mark."""
    features = []
    for each in vehicles:
        price = each.price.total if each.price else None
        note = " · ".join(
            part for part in (energy(each.energy_pm), shown.amount(price) if price is not None else "") if part
        )
        features.append(
            maps.place(
                each.id,
                Point.of_e6(each.latitude_e6, each.longitude_e6),
                label=each.name,
                kind=mark_of(each.form_factor),
                note=note,
                href=href(each.id),
                text=f"¥{price // 100}" if price is not None else "",
            )
        )
    return features


def fleet(vehicles: Iterable[Any], href: Any) -> list[dict[str, Any]]:
    """An operator's own, coloured by state."""
    features = []
    for row in vehicles:
        if row.latitude_e6 is None or row.longitude_e6 is None:
            continue
        label, kind = word(VEHICLE_STATES, row.state)
        features.append(
            maps.place(
                row.id,
                Point.of_e6(row.latitude_e6, row.longitude_e6),
                label=row.plate,
                kind=mark_of(row.type.form_factor),
                note=energy(row.energy_pm),
                state=label,
                colour=MARKS[kind],
                heading=row.heading if row.state == "on_trip" else None,
                href=href(row.id),
            )
        )
    return features


def zones(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Zones in the colour of their strictest rule."""
    return [
        maps.area(row.zone, row.geometry, label=Words.read(row.name), colour=_colour(row), note=rules_said(row.rules))
        for row in rows
    ]


def _colour(row: Any) -> str:
    first = row.rules[0] if row.rules else {}
    if not first.get("ride_through_allowed", True) or not first.get("ride_end_allowed", True):
        return "bad"
    if first.get("maximum_speed_kph") is not None or not first.get("ride_start_allowed", True):
        return "warn"
    return "lamp" if first.get("station_parking") else "good"


def rules_said(rules: Iterable[dict[str, Any]]) -> str:
    """The rules of a zone in words."""
    told: list[str] = []
    for rule in rules:
        if not rule.get("ride_start_allowed", True):
            told.append(_("no start"))
        if not rule.get("ride_end_allowed", True):
            told.append(_("no end"))
        if not rule.get("ride_through_allowed", True):
            told.append(_("no way through"))
        if rule.get("maximum_speed_kph") is not None:
            told.append(_("at most %(speed)s km/h") % {"speed": rule["maximum_speed_kph"]})
        if rule.get("station_parking"):
            told.append(_("park at stations"))
    return ", ".join(dict.fromkeys(told)) or _("start and end here")


def stations(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        maps.place(
            row.id,
            Point.of_e6(row.latitude_e6, row.longitude_e6),
            label=Words.read(row.name),
            kind="charger" if row.charging else "station",
            colour="ink",
        )
        for row in rows
    ]
