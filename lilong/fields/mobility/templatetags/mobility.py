"""How vehicles, times and prices read on mobility's pages: `{% load mobility %}`."""

from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from lilong.fields.mobility.pages import maps
from lilong.fields.mobility.pages.words import line
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.ui import shown

register = template.Library()
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@register.filter
def words(value: Any) -> str:
    """What a JSON column holds, in the reader's language."""
    return str(Words.read(value or {}))


@register.filter
def duration(seconds: int | None) -> str:
    """'45 min', '2 h 30 min', '1 d 4 h'."""
    if seconds is None:
        return shown.DASH
    minutes = (seconds % _HOUR) // _MINUTE
    if seconds < _HOUR:
        return _("%(n)s min") % {"n": -(-seconds // _MINUTE)}
    if seconds < _DAY:
        hours = _("%(n)s h") % {"n": seconds // _HOUR}
        return f"{hours} {_('%(n)s min') % {'n': minutes}}" if minutes else hours
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    return f"{_('%(n)s d') % {'n': days}} {_('%(n)s h') % {'n': hours}}" if hours else _("%(n)s d") % {"n": days}


@register.filter
def km(metres: int | None) -> str:
    return shown.DASH if metres is None else shown.number(metres / 1000, 1)


@register.filter
def hourly(tariff: Any) -> int:
    """The price of an hour of the band that always counts."""
    return int(tariff.terms["bands"][-1]["per_hour"]) if tariff.terms.get("bands") else 0


@register.filter
def cancelling(tariff: Any) -> str:
    """What calling a booking off costs."""
    steps = tariff.terms.get("cancel") or []
    percent = steps[-1]["percent"] if steps else 0
    if not percent:
        return _("Calling it off costs nothing.")
    hours = max((step["before_seconds"] for step in steps if step["percent"] == 0), default=0) // _HOUR
    if not hours:
        return _("Calling it off costs %(percent)s%% of the price.") % {"percent": percent}
    said = _("Free until %(hours)s hours before the start, then %(percent)s%% of the price.")
    return said % {"hours": hours, "percent": percent}


@register.filter
def degrees(millionths: int) -> str:
    return f"{millionths / 1e6:.5f}"


@register.filter
def percent_of(thousandths: int | None) -> str:
    return maps.energy(thousandths) or shown.DASH


@register.filter
def line_word(code: str) -> str:
    return line(code)


@register.simple_tag
def new_id() -> UUID:
    """An id for a form, so that sending it twice is once."""
    return ids.uuid7()
