"""Charts of one number or one whole: sparkline, donut, bullet, heat grid."""

import math
from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from lilong.ui import shown
from lilong.ui.charts import axes
from lilong.ui.charts.figure import (
    SERIES_MAX,
    TEXT_NARROW,
    WIDTH,
    figure,
    joined,
    line,
    rect,
    said,
    swatches,
    table,
    text,
    titled,
)
from lilong.ui.charts.plot import thinned

LEVELS = 5


def sparkline(title: Any, values: Sequence[float | None], *, unit: str = "number") -> SafeString:
    """A word-sized line; its last value is marked. Gaps are bridged."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if not known:
        return figure(
            title, SafeString(""), size=(112, 28), about=gettext("No numbers yet"), kind="spark", caption=False
        )
    low, high = axes.around([v for _, v in known], zero=False)
    y = axes.scale((low, high if high > low else low + 1), (24, 4))
    x = axes.scale((0, max(1, len(values) - 1)), (4, 106))
    points = [(x(i), y(v)) for i, v in known]
    end = format_html('<circle class="dot s1" cx="{}" cy="{}" r="3"/>', *map(axes.number, points[-1]))
    about = f"{said(known[0][1], unit)} → {said(known[-1][1], unit)}"
    drawn = format_html('<path class="ln s1" d="{}"/>', axes.polyline(points)) + end
    return figure(title, drawn, size=(112, 28), about=about, kind="spark", caption=False)


def donut(title: Any, parts: Sequence[tuple[Any, float]], *, unit: str = "number") -> SafeString:
    """Shares of a whole: at most six parts; beyond that the smallest are put together as others."""
    if any(value < 0 for _, value in parts):
        raise ValueError("a share is not negative")
    kept = sorted((part for part in parts if part[1]), key=lambda part: -part[1])
    if len(kept) > SERIES_MAX:
        rest = sum(value for _, value in kept[SERIES_MAX - 1 :])
        kept = [*kept[: SERIES_MAX - 1], (gettext("Others"), rest)]
    total = sum(value for _, value in kept)
    drawn: list[SafeString | str] = []
    turned = 0.0
    for n, (name, value) in enumerate(kept, 1):
        tip = f"{name}: {said(value, unit)} ({shown.percent(value / total)})"
        ring = _ring(turned, value / total)
        drawn.append(format_html('<path class="mark s{}" d="{}" data-tip>{}</path>', n, ring, titled(tip)))
        turned += value / total
    drawn.append(text(110, 118, said(total, unit) if kept else shown.DASH, kind="big"))
    rows = [(name, said(value, unit), shown.percent(value / total)) for name, value in kept]
    about = "; ".join(f"{name} {share}" for name, _value, share in rows) or gettext("No numbers yet")
    numbers = table(["", pgettext("in a chart", "Value"), gettext("Share")], rows)
    return figure(
        title,
        joined(drawn),
        size=(220, 220),
        about=about,
        table=numbers,
        legend=swatches([n for n, _ in kept]),
        kind="small",
    )


def _ring(start: float, share: float) -> str:
    """A segment of the ring, clockwise from the top; a whole one is drawn as two halves."""
    if share > 1 - 1e-9:
        return _ring(0, 0.5) + _ring(0.5, 0.5)
    outer, inner = 100.0, 64.0
    a, b = 2 * math.pi * start, 2 * math.pi * (start + share)
    large = int(share > 0.5)  # noqa: PLR2004

    def at(reach: float, turn: float) -> str:
        return f"{axes.number(110 + reach * math.sin(turn))} {axes.number(110 - reach * math.cos(turn))}"

    return (
        f"M{at(outer, a)}A{outer:g} {outer:g} 0 {large} 1 {at(outer, b)}L{at(inner, b)}"
        f"A{inner:g} {inner:g} 0 {large} 0 {at(inner, a)}Z"
    )


def bullet(
    title: Any,
    value: float | None,
    *,
    target: float | None = None,
    baseline: float | None = None,
    unit: str = "number",
) -> SafeString:
    """A value against what is aimed at (thick mark) and where it began (dashed)."""
    ends = axes.around([value, target, baseline])
    x = axes.scale((ends[0], ends[1] * 1.05 or 1), (0, WIDTH / 2))
    drawn: list[SafeString | str] = [rect("track", 0, 8, WIDTH / 2, 20)]
    if value is not None:
        drawn.append(rect("mark s1", min(x(0), x(value)), 12, abs(x(value) - x(0)), 12))
    if baseline is not None:
        drawn.append(line("baseline", x(baseline), 4, x(baseline), 32))
    if target is not None:
        drawn.append(line("target", x(target), 4, x(target), 32))
    rows = [(pgettext("in a chart", "Value"), said(value, unit))]
    rows += [(gettext("Target"), said(target, unit))] if target is not None else []
    rows += [(gettext("Baseline"), said(baseline, unit))] if baseline is not None else []
    about = "; ".join(f"{name} {number}" for name, number in rows)
    words = " · ".join(f"{name} {number}" for name, number in rows)
    return figure(
        title, joined(drawn), size=(WIDTH / 2, 36), about=about, kind="bullet small",
        legend=format_html('<p class="soft"><small>{}</small></p>', words),
    )  # fmt: skip


def heat(
    title: Any,
    rows: Sequence[Any],
    columns: Sequence[Any],
    values: Sequence[Sequence[float | None]],
    *,
    unit: str = "number",
) -> SafeString:
    """A grid of shades, five levels from the lowest to the highest; empty cells are empty."""
    if len(values) != len(rows) or any(len(each) != len(columns) for each in values):
        raise ValueError("one value a cell")
    low, high = axes.around([v for each in values for v in each])
    left = 10 + max((axes.text_width(str(row), TEXT_NARROW) for row in rows), default=0)
    wide, tall = (WIDTH - left) / max(1, len(columns)), 26.0
    names = [str(column) for column in columns]
    drawn: list[SafeString | str] = [
        text(left + (j + 0.5) * wide, 14, names[j], kind=kind) for j, kind in thinned(names, WIDTH - left)
    ]
    for i, (row, cells) in enumerate(zip(rows, values, strict=True)):
        drawn.append(text(left - 8, 22 + i * tall + 17, row, "end"))
        for j, value in enumerate(cells):
            kind = "none" if value is None else f"heat h{level(value, low, high)}"
            tip = f"{row} · {columns[j]}: {said(value, unit)}"
            drawn.append(rect(kind, left + j * wide, 22 + i * tall, wide - 1.5, tall - 1.5, tip))
    numbers = table(
        ["", *columns], [(row, *(said(v, unit) for v in cells)) for row, cells in zip(rows, values, strict=True)]
    )
    return figure(
        title, joined(drawn), size=(WIDTH, 24 + tall * len(rows)), about=_range(low, high, unit), table=numbers
    )


def level(value: float, low: float, high: float) -> int:
    """0 to 4."""
    return min(LEVELS - 1, int((value - low) / (high - low) * LEVELS)) if high > low else 0


def _range(low: float, high: float, unit: str) -> str:
    return f"{said(low, unit)} – {said(high, unit)}"
