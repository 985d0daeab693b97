"""The plan's definitions, periods and keys in the reader's language."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.manifest import Indicator, Measure
from lilong.plan import content
from lilong.ui import shown

_DIMENSIONS = {"district": _("District"), "field": _("Field"), "channel": _("Channel"), "category": _("Category")}
_CHANNELS = {
    "online": _("online"),
    "vending": _("vending machine"),
    "unmanned": _("unmanned shop"),
    "recycling": _("recycling station"),
    "broadcast": _("live broadcast"),
    "group": _("group buying"),
}
_UNITS = {
    "money": _("money"),
    "count": _("number"),
    "share": _("share"),
    "growth": _("growth"),
    "duration": _("average time"),
}
_FACT_UNITS = {
    "orders": _("orders"),
    "hospitals": _("hospitals"),
    "people": _("people"),
    "prescriptions": _("prescriptions"),
    "factories": _("factories"),
    "firms": _("firms"),
    "pieces": _("pieces"),
}


class Line(msgspec.Struct, frozen=True):
    """One line of a definition; `depth` 1 and deeper are taken away from the line above."""

    depth: int
    text: str


def dimension(name: str) -> str:
    return str(_DIMENSIONS.get(name, name.replace("_", " ")))


def key(dimension: str, value: str) -> str:
    """A value of a dimension, by its name where it has one."""
    if not value:
        return gettext("not given")
    if dimension == "district" and value in BY_SLUG:
        return str(BY_SLUG[value].name)
    if dimension == "field":
        return next((str(field.name) for field in content.fields() if field.code == value), value)
    return str(_CHANNELS.get(value, value)) if dimension == "channel" else value


def unit(indicator: Indicator) -> str:
    return str(_UNITS[indicator.unit])


def period(start: date, kind: str) -> str:
    """'October 2026', '2026年10月'; 'Q4 2026', '2026年第4季度'."""
    if kind == "quarter":
        return gettext("Q%(quarter)s %(year)s") % {"quarter": (start.month + 2) // 3, "year": start.year}
    return str(date_format(start, "YEAR_MONTH_FORMAT", use_l10n=True))


def period_code(start: date, kind: str) -> str:
    """Short, for axes and data: '2026-10', '2026-Q4'."""
    return f"{start.year}-Q{(start.month + 2) // 3}" if kind == "quarter" else f"{start.year}-{start.month:02}"


def baseline(indicator: Indicator) -> str:
    """The baseline in the unit it is compared in: for growth that of the numerator."""
    if indicator.baseline is None:
        return shown.DASH
    whole = indicator.unit == "growth"
    return shown.measured(indicator.baseline, "money" if whole and is_money(indicator.numerator) else indicator.unit)


def target(indicator: Indicator) -> str:
    return shown.measured(indicator.target, indicator.unit)


def explained(measure: Measure) -> list[Line]:
    """The measure in words, line by line."""
    return list(_lines(measure, 0))


def fact_value(fact: content.BaselineFact) -> str:
    """A baseline figure with its unit, as published: '¥8.8bn', '17.7%', '4,300+ prescriptions'."""
    if fact.value is None:
        return shown.DASH
    if fact.unit == "percent":
        return f"{fact.value}%"
    if fact.unit == "CNY":
        return shown.amount_compact(int(fact.value) * 100)
    more = "+" if fact.at_least else ""
    return gettext("%(number)s %(unit)s") % {
        "number": f"{int(fact.value):,}{more}",
        "unit": _FACT_UNITS.get(fact.unit, fact.unit),
    }


def fact_change(fact: content.BaselineFact) -> str:
    """'+167%', '+4.9 points'; a dash where none was published."""
    if fact.change is None:
        return shown.DASH
    signed = fact.change if fact.change.startswith("-") else f"+{fact.change}"
    return gettext("%(number)s points") % {"number": signed} if fact.change_unit == "points" else f"{signed}%"


def is_money(measure: Measure) -> bool:
    """Whether the measure sums minor units: facts name such fields `total`, `amount` or `value`."""
    return measure.path in ("total", "amount", "value")


def _lines(measure: Measure, depth: int) -> Iterator[Line]:
    words: dict[str, Any] = {"events": ", ".join(measure.events), "path": measure.distinct or measure.path}
    if measure.distinct:
        text = gettext("number of different “%(path)s” in the events %(events)s") % words
    elif measure.path:
        text = gettext("sum of “%(path)s” in the events %(events)s") % words
    else:
        text = gettext("number of events %(events)s") % words
    for path, accepted in measure.where.items():
        options = gettext(" or ").join(str(value) for value in accepted)
        text += gettext(", where “%(path)s” is %(options)s") % {"path": path, "options": options}
    yield Line(depth, text)
    for inner in measure.minus:
        yield from _lines(inner, depth + 1)
