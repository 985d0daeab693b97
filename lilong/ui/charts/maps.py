"""The city by district."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from lilong.kernel.base.districts import DISTRICTS
from lilong.ui.charts import axes
from lilong.ui.charts.figure import figure, joined, said, table, text, titled
from lilong.ui.charts.small import LEVELS, level


class Outline(msgspec.Struct, frozen=True):
    """A district on the map: its path, and where its name stands."""

    d: str
    x: float
    y: float


class Outlines(msgspec.Struct, frozen=True):
    width: float
    height: float
    districts: dict[str, Outline]


@cache
def outlines() -> Outlines:
    """The outlines in `data/districts.json` (origin and licence beside it)."""
    return msgspec.json.decode(resources.files("lilong.ui.data").joinpath("districts.json").read_bytes(), type=Outlines)


def district_map(
    title: Any,
    values: Mapping[str, float | None],
    *,
    unit: str = "number",
    links: Mapping[str, str] | None = None,
    names: bool = True,
) -> SafeString:
    """Shades of each district's value (by slug), five levels; `links` make districts links. Unknown slugs are refused."""
    unknown = set(values) - {district.slug for district in DISTRICTS}
    if unknown:
        raise ValueError(f"no such district: {', '.join(sorted(unknown))}")
    drawn_on = outlines()
    low, high = axes.around(values.values())
    shapes, words = [], []
    for district in DISTRICTS:
        outline, value = drawn_on.districts[district.slug], values.get(district.slug)
        kind = "none" if value is None else f"heat h{level(value, low, high)}"
        tip = f"{district.name}: {said(value, unit)}"
        shape = format_html('<path class="{}" d="{}" data-tip>{}</path>', kind, outline.d, titled(tip))
        href = (links or {}).get(district.slug)
        shapes.append(format_html('<a href="{}" aria-label="{}">{}</a>', href, tip, shape) if href else shape)
        if names and not district.central:
            words.append(text(outline.x, outline.y, district.name, kind="label"))
    numbers = table(
        [gettext("District"), pgettext("in a chart", "Value")],
        [(district.name, said(values.get(district.slug), unit)) for district in DISTRICTS],
    )
    return figure(
        title, joined(shapes) + joined(words), size=(drawn_on.width, drawn_on.height), about=_about(values, unit),
        table=numbers, legend=_steps(low, high, unit), kind="map", role="group" if links else "img",
    )  # fmt: skip


def _about(values: Mapping[str, float | None], unit: str) -> str:
    """The three highest, in words."""
    known = [(value, district) for district in DISTRICTS if (value := values.get(district.slug)) is not None]
    best = sorted(known, key=lambda pair: -pair[0])[:3]
    return "; ".join(f"{district.name} {said(value, unit)}" for value, district in best) or gettext("No numbers yet")


def _steps(low: float, high: float, unit: str) -> SafeString:
    marks = (
        (n, f"{said(low + (high - low) * n / LEVELS, unit)} – {said(low + (high - low) * (n + 1) / LEVELS, unit)}")
        for n in range(LEVELS)
    )
    return format_html(
        '<ul class="legend">{}</ul>',
        format_html_join(
            "",
            '<li><svg viewBox="0 0 28 12" aria-hidden="true"><rect class="heat h{}" width="28" height="12"/></svg>{}</li>',
            marks,
        ),
    )
