"""Charts over a row of labels: lines and bars."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from lilong.ui.charts import axes
from lilong.ui.charts.figure import (
    SERIES_MAX,
    TEXT,
    TEXT_NARROW,
    WIDTH,
    Series,
    figure,
    joined,
    legend,
    line,
    rect,
    said,
    swatches,
    table,
    text,
    titled,
)

HEIGHT, TOP, BOTTOM, RIGHT = 260.0, 14.0, 28.0, 12.0
_LABEL_GAP = 10.0


def thinned(labels: Sequence[str], room: float) -> list[tuple[int, str]]:
    """Which labels there is room for, and their class: 'alt' those that go when the chart is squeezed."""
    wide = [
        max((axes.text_width(label, size) for label in labels), default=0) + _LABEL_GAP for size in (TEXT, TEXT_NARROW)
    ]
    every = axes.spread(len(labels), room, wide[0])
    fewer = every * axes.spread(len(labels), room * every, wide[1])
    return [(n, "alt" if n % fewer else "") for n in range(0, len(labels), every)]


class _Plot:
    """The frame: a value axis on the left, labels beneath."""

    def __init__(
        self, labels: Sequence[Any], values: list[float | None], unit: str, marks: Sequence[float | None]
    ) -> None:
        self.labels = [str(label) for label in labels]
        self.unit = unit
        self.ticks = axes.ticks(*axes.around([*values, *marks]), whole=unit == "count")
        self.words = [said(tick, unit) for tick in self.ticks]
        self.left = 8 + max(axes.text_width(word, TEXT_NARROW) for word in self.words)
        self.y = axes.scale((self.ticks[0], self.ticks[-1]), (HEIGHT - BOTTOM, TOP))
        self.room = WIDTH - RIGHT - self.left

    def middle(self, n: int) -> float:
        return self.left + self.room * (n + 0.5) / max(1, len(self.labels))

    def frame(self) -> SafeString:
        parts: list[SafeString | str] = []
        for tick, word in zip(self.ticks, self.words, strict=True):
            y = self.y(tick)
            parts.append(line("axis" if tick == 0 else "gridline", self.left, y, WIDTH - RIGHT, y))
            parts.append(text(self.left - 6, y + 4, word, "end"))
        parts += [
            text(self.middle(n), HEIGHT - 8, self.labels[n], kind=kind) for n, kind in thinned(self.labels, self.room)
        ]
        return joined(parts)

    def mark(self, kind: str, value: float | None, word: str) -> SafeString | str:
        if value is None:
            return ""
        y = self.y(value)
        return line(kind, self.left, y, WIDTH - RIGHT, y) + text(WIDTH - RIGHT, y - 5, word, "end", "label")


def lines(
    title: Any,
    labels: Sequence[Any],
    series: Sequence[Series],
    *,
    unit: str = "number",
    area: bool = False,
    target: float | None = None,
    baseline: float | None = None,
    about: str = "",
) -> SafeString:
    """One line a series over the labels, with target and baseline across; a gap where a value is missing."""
    _check(labels, series)
    plot = _Plot(labels, [v for s in series for v in s.values], unit, (target, baseline))
    parts: list[SafeString | str] = [plot.frame()]
    for n, each in enumerate(series, 1):
        for run in _runs(each.values):
            points = [(plot.middle(i), plot.y(v)) for i, v in run]
            if area:
                floor = plot.y(max(0.0, plot.ticks[0]))
                shape = f"{axes.polyline(points)}L{axes.number(points[-1][0])} {axes.number(floor)}H{axes.number(points[0][0])}Z"
                parts.append(format_html('<path class="area s{}" d="{}"/>', n, shape))
            parts.append(format_html('<path class="ln s{}" d="{}"/>', n, axes.polyline(points)))
    parts += [
        _dot(plot, n, each, i, v)
        for n, each in enumerate(series, 1)
        for i, v in enumerate(each.values)
        if v is not None
    ]
    parts.append(plot.mark("target", target, _target(target, unit)))
    parts.append(plot.mark("baseline", baseline, _baseline(baseline, unit)))
    return _framed(title, labels, series, unit, about, joined(parts), legend([each.name for each in series]))


def bars(
    title: Any,
    labels: Sequence[Any],
    series: Sequence[Series],
    *,
    unit: str = "number",
    stacked: bool = False,
    target: float | None = None,
    baseline: float | None = None,
    about: str = "",
) -> SafeString:
    """Bars over the labels, side by side or stacked (stacks take no negative values)."""
    _check(labels, series)
    if stacked and any(v is not None and v < 0 for s in series for v in s.values):
        raise ValueError("stacked bars take no negative values")
    values = [v for s in series for v in s.values]
    if stacked:
        values = [sum(s.values[i] or 0 for s in series) for i in range(len(labels))]
    plot = _Plot(labels, values, unit, (target, baseline))
    picture = _stacks(plot, series) if stacked else _groups(plot, series)
    marks = (
        plot.mark("target", target, _target(target, unit)),
        plot.mark("baseline", baseline, _baseline(baseline, unit)),
    )
    names = [each.name for each in series]
    drawn = joined((plot.frame(), picture, *marks))
    return _framed(title, labels, series, unit, about, drawn, swatches(names) if len(names) > 1 else "")


def _groups(plot: _Plot, series: Sequence[Series]) -> SafeString:
    slot = plot.room / max(1, len(plot.labels))
    wide = min(48.0, slot * 0.72 / len(series))
    parts = []
    for i, label in enumerate(plot.labels):
        start = plot.middle(i) - wide * len(series) / 2
        for n, each in enumerate(series, 1):
            value = each.values[i]
            if value is not None:
                top, zero = plot.y(max(value, 0)), plot.y(min(value, 0))
                tip = _tip(label, each, value, plot.unit, len(series))
                parts.append(rect(f"mark s{n}", start + (n - 1) * wide + 1, top, wide - 2, max(zero - top, 1), tip))
    return joined(parts)


def _stacks(plot: _Plot, series: Sequence[Series]) -> SafeString:
    wide = min(56.0, plot.room / max(1, len(plot.labels)) * 0.7)
    parts = []
    for i, label in enumerate(plot.labels):
        below = 0.0
        for n, each in enumerate(series, 1):
            value = each.values[i] or 0
            top, foot = plot.y(below + value), plot.y(below)
            tip = _tip(label, each, value, plot.unit, len(series))
            parts.append(rect(f"mark s{n}", plot.middle(i) - wide / 2, top, wide, foot - top - 0.8, tip))
            below += value
    return joined(parts)


def _dot(plot: _Plot, n: int, each: Series, i: int, value: float) -> SafeString:
    tip = _tip(plot.labels[i], each, value, plot.unit, 2)
    return format_html(
        '<circle class="dot s{}" cx="{}" cy="{}" r="4" data-tip>{}</circle>',
        n, axes.number(plot.middle(i)), axes.number(plot.y(value)), titled(tip),
    )  # fmt: skip


def _tip(label: str, each: Series, value: float, unit: str, of: int) -> str:
    return f"{label} · {each.name}: {said(value, unit)}" if of > 1 else f"{label}: {said(value, unit)}"


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches without a gap."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((i, value))
    return [run for run in runs if run]


def _check(labels: Sequence[Any], series: Sequence[Series]) -> None:
    if not 1 <= len(series) <= SERIES_MAX:
        raise ValueError(f"a chart takes 1 to {SERIES_MAX} series")
    if any(len(each.values) != len(labels) for each in series):
        raise ValueError("each series has one value a label")


def _framed(
    title: Any, labels: Sequence[Any], series: Sequence[Series], unit: str, about: str, picture: SafeString, key: Any
) -> SafeString:
    rows = [[label, *(said(each.values[i], unit) for each in series)] for i, label in enumerate(labels)]
    numbers = table(["", *(each.name for each in series)], rows)
    return figure(
        title, picture, size=(WIDTH, HEIGHT), about=about or _about(labels, series, unit), table=numbers, legend=key
    )


def _about(labels: Sequence[Any], series: Sequence[Series], unit: str) -> str:
    """First and last value of each series, in words."""
    parts = []
    for each in series:
        known = [(label, value) for label, value in zip(labels, each.values, strict=True) if value is not None]
        if known:
            (first, start), (last, end) = known[0], known[-1]
            parts.append(f"{each.name}: {first} {said(start, unit)}, {last} {said(end, unit)}")
    return "; ".join(parts) or gettext("No numbers yet")


def _target(value: float | None, unit: str) -> str:
    return f"{gettext('target')} {said(value, unit)}"


def _baseline(value: float | None, unit: str) -> str:
    return f"{gettext('baseline')} {said(value, unit)}"
