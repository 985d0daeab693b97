"""A vehicle's free and taken hours as a bar, with the same in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lilong.fields.mobility.queries.riding import Stretch
from lilong.kernel.base.clock import CITY_ZONE
from lilong.ui import shown

WIDTH, HEIGHT, TOP = 400, 60, 6
TICK_HOURS = 12


def bar(stretches: Sequence[Stretch]) -> SafeString:
    """An SVG of the whole span: taken stretches hatched, a tick every twelve hours of the city's clock."""
    if not stretches:
        return SafeString("")
    start, end = stretches[0].start, stretches[-1].end
    whole = (end - start).total_seconds()

    def x(moment: datetime) -> str:
        return f"{(moment - start).total_seconds() / whole * WIDTH:.1f}"

    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="26" data-tip tabindex="0"><title>{}</title></rect>',
        (
            (
                "free" if each.free else "taken",
                x(each.start),
                TOP,
                f"{float(x(each.end)) - float(x(each.start)):.1f}",
                _told(each),
            )
            for each in stretches
        ),
    )
    ticks = format_html_join(
        "",
        '<line x1="{0}" x2="{0}" y1="{1}" y2="42"/><text x="{0}" y="56" class="{3}">{2}</text>',
        ((x(moment), TOP, _label(moment), "day" if moment.hour == 0 else "") for moment in _ticks(start, end)),
    )
    free = [each for each in stretches if each.free]
    said = (
        _("Free: %(times)s") % {"times": "; ".join(shown.span(e.start, e.end) for e in free)}
        if free
        else _("Not free.")
    )
    return format_html(
        '<figure class="chart hours"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}<g class="ticks">{}</g></svg></figure>',
        WIDTH, HEIGHT, said, rects, ticks,
    )  # fmt: skip


def _told(each: Stretch) -> str:
    word = _("free") if each.free else _("taken")
    return f"{word}: {shown.span(each.start, each.end)}"


def _ticks(start: datetime, end: datetime) -> list[datetime]:
    at = start.astimezone(CITY_ZONE).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while at.hour % TICK_HOURS:
        at += timedelta(hours=1)
    found = []
    while at < end:
        found.append(at)
        at += timedelta(hours=TICK_HOURS)
    return found


def _label(moment: datetime) -> str:
    return shown.day(moment) if moment.hour == 0 else f"{moment:%H:%M}"
