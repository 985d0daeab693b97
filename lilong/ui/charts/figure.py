"""What every chart is made of: a figure with a title, a described picture, a legend, and its numbers as a table."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from lilong.ui import shown

SERIES_MAX = 6
WIDTH = 520.0
TEXT, TEXT_NARROW = 12.5, 19.0  # as in charts.css: a chart squeezed onto a phone has larger letters in its picture


class Series(msgspec.Struct, frozen=True):
    """A named row of values; None where nothing is known."""

    name: Any
    values: Sequence[float | None]


def said(value: float | None, unit: str) -> str:
    """A value in words: `unit` is an indicator's, or 'number'."""
    return (
        shown.number(value, 0 if value is None or float(value).is_integer() else 2)
        if unit == "number"
        else (shown.measured(value, unit))
    )


def figure(
    title: Any,
    picture: SafeString,
    *,
    size: tuple[float, float],
    about: str = "",
    table: SafeString | str = "",
    legend: SafeString | str = "",
    kind: str = "",
    caption: bool = True,
    role: str = "img",
) -> SafeString:
    """The picture in its frame. `about` is what it says, in a sentence, for those who do not see it."""
    name = "c" + hashlib.sha256(f"{title}{picture}".encode()).hexdigest()[:10]
    head = format_html("<figcaption>{}</figcaption>", title) if caption else ""
    numbers = (
        format_html("<details><summary>{}</summary>{}</details>", gettext("Show the numbers"), table) if table else ""
    )
    return format_html(
        '<figure class="chart {kind}">{head}<svg viewBox="0 0 {width} {height}" role="{role}" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{about}</desc>{picture}</svg>{legend}{numbers}</figure>',
        kind=kind, role=role, head=head, width=f"{size[0]:g}", height=f"{size[1]:g}", name=name, title=title, about=about,
        picture=picture, legend=legend, numbers=numbers,
    )  # fmt: skip


def table(heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> SafeString:
    """The chart's numbers; the first column names the rows."""
    top = format_html_join("", '<th scope="col"{}>{}</th>', ((_number(n), head) for n, head in enumerate(heads)))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (
                format_html_join(
                    "",
                    "<{0}{1}>{2}</{3}>",
                    (
                        (SafeString('th scope="row"') if not n else "td", _number(n), cell, "td" if n else "th")
                        for n, cell in enumerate(row)
                    ),
                ),
            )
            for row in rows
        ),
    )
    return format_html(
        '<div class="scroll" tabindex="0" role="group" aria-label="{}"><table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        gettext("The numbers"), top, body,
    )  # fmt: skip


def _number(column: int) -> SafeString:
    return SafeString(' class="num"' if column else "")


def legend(names: Sequence[Any]) -> SafeString | str:
    """Colour and dash of each series; nothing for a single one."""
    if len(names) < 2:  # noqa: PLR2004
        return ""
    marks = (
        (format_html('<svg viewBox="0 0 28 12" aria-hidden="true"><path class="ln s{}" d="M1 6H27"/></svg>', n), name)
        for n, name in enumerate(names, 1)
    )
    return format_html('<ul class="legend">{}</ul>', format_html_join("", "<li>{}{}</li>", marks))


def swatches(names: Sequence[Any]) -> SafeString:
    marks = (
        (
            format_html(
                '<svg viewBox="0 0 28 12" aria-hidden="true" class="s{}"><rect class="mark" width="28" height="12"/></svg>',
                n,
            ),
            name,
        )
        for n, name in enumerate(names, 1)
    )
    return format_html('<ul class="legend">{}</ul>', format_html_join("", "<li>{}{}</li>", marks))


def text(x: float, y: float, words: Any, anchor: str = "middle", kind: str = "") -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}"{}>{}</text>',
        f"{x:.1f}", f"{y:.1f}", anchor, format_html(' class="{}"', kind) if kind else "", words,
    )  # fmt: skip


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> SafeString:
    return format_html('<path class="{}" d="M{} {}L{} {}"/>', kind, *(f"{n:.1f}" for n in (x1, y1, x2, y2)))


def rect(kind: str, x: float, y: float, width: float, height: float, tip: str = "") -> SafeString:
    """A rectangle; with a tip it says it on hovering."""
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}>{}</rect>',
        kind, f"{x:.1f}", f"{y:.1f}", f"{max(0.0, width):.1f}", f"{max(0.0, height):.1f}",
        SafeString(" data-tip") if tip else "", titled(tip),
    )  # fmt: skip


def titled(tip: str) -> SafeString | str:
    return format_html("<title>{}</title>", tip) if tip else ""


def joined(parts: Iterable[SafeString | str]) -> SafeString:
    return SafeString("".join(parts))
