"""How numbers, amounts and moments read in the reader's language. Pure of requests; the language is Django's active one."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from lilong.kernel.base import clock, money

DASH = "–"
_MYRIADS = {"zh": ((10**8, "亿"), (10**4, "万")), "ko": ((10**8, "억"), (10**4, "만"))}
_THOUSANDS = ((10**9, "bn"), (10**6, "m"), (10**3, "k"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: float | Decimal | None, digits: int = 0) -> str:
    """1234567 -> '1,234,567'; None is a dash, never a zero."""
    return DASH if value is None else f"{value:,.{digits}f}"


def compact(value: float | Decimal | None) -> str:
    """Short enough for an axis or a door: 1.2万 in Chinese, 1.2만 in Korean, 12k in English."""
    if value is None:
        return DASH
    exact = Decimal(str(value))
    for size, word in _MYRIADS.get((get_language() or "en").partition("-")[0], _THOUSANDS):
        if abs(exact) >= size:
            return f"{_three(exact / size)}{word}"
    return _three(exact)


def _three(value: Decimal) -> str:
    """Three digits that matter at most, no trailing zeros: 12.345 -> '12.3', 1200 -> '1,200'."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2  # noqa: PLR2004
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(minor: int | None, currency: str = money.CNY) -> str:
    """Minor units in full: 123456 -> '¥1,234.56'."""
    return DASH if minor is None else money.shown(minor, currency)


def amount_compact(minor: int | float | None, currency: str = money.CNY) -> str:
    """Minor units, short: 12345600 -> '¥12.3万' in Chinese."""
    if minor is None:
        return DASH
    major = Decimal(str(minor)).scaleb(-money.MINOR_DIGITS[currency])
    return f"{'-' if major < 0 else ''}{money.SIGNS[currency]}{compact(abs(major))}"


def percent(share: float | Decimal | None, digits: int = 1) -> str:
    """A ratio as per cent: 0.177 -> '17.7%'."""
    return DASH if share is None else f"{Decimal(str(share)) * 100:,.{digits}f}%"


def measured(value: float | None, unit: str) -> str:
    """A value in an indicator's unit ('money', 'count', 'share', 'growth', 'duration'), short."""
    if value is None:
        return DASH
    if unit == "money":
        return amount_compact(value)
    if unit == "share":
        return percent(value)
    if unit == "growth":
        return f"{'+' if value > 0 else ''}{percent(value)}"
    return lasting(value) if unit == "duration" else compact(value)


def lasting(seconds: float) -> str:
    """An average time: 45 -> '45 s', 252 -> '4.2 min', 45000 -> '12.5 h'."""
    exact = Decimal(str(seconds))
    if abs(exact) < 2 * _MINUTE:
        return gettext("%(n)s s") % {"n": _three(exact)}
    if abs(exact) < 2 * _HOUR:
        return gettext("%(n)s min") % {"n": _three(exact / _MINUTE)}
    return gettext("%(n)s h") % {"n": _three(exact / _HOUR)}


def quantity(value: int | None, unit: str = "piece") -> str:
    """Integers of an offer's unit: 1250 'g' -> '1.25 kg'; 3 'piece' -> '3 pieces'."""
    if value is None:
        return DASH
    if unit != "g":
        return ngettext("%(n)s piece", "%(n)s pieces", value) % {"n": f"{value:,}"}
    if abs(value) < 1000:  # noqa: PLR2004
        return f"{value} g"
    kilos = Decimal(value).scaleb(-3)
    return f"{kilos.normalize():,f} kg"


def day(value: date | datetime | None) -> str:
    """The city's calendar day, with the year only when it is not this one."""
    if value is None:
        return DASH
    local = value.astimezone(clock.CITY_ZONE).date() if isinstance(value, datetime) else value
    if local.year == clock.today().year and (get_language() or "").startswith("zh"):
        return f"{local.month}月{local.day}日"  # Django writes 03月5日
    return date_format(local, "MONTH_DAY_FORMAT" if local.year == clock.today().year else "DATE_FORMAT", use_l10n=True)


def moment(value: datetime | None) -> str:
    """Day and time in the city's zone, 24 hours."""
    return DASH if value is None else f"{day(value)} {value.astimezone(clock.CITY_ZONE):%H:%M}"


def span(start: datetime, end: datetime) -> str:
    """From and to; the day once if it is the same day."""
    same = start.astimezone(clock.CITY_ZONE).date() == end.astimezone(clock.CITY_ZONE).date()
    return f"{moment(start)}–{end.astimezone(clock.CITY_ZONE):%H:%M}" if same else f"{moment(start)} – {moment(end)}"


def ago(value: datetime | None) -> str:
    """How long ago, or how soon; beyond a week the day itself."""
    if value is None:
        return DASH
    gone: timedelta = clock.now() - value
    seconds = int(gone.total_seconds())
    past, far = seconds >= 0, abs(seconds)
    if far < _MINUTE:
        return gettext("just now")
    if far < _HOUR:
        n = far // _MINUTE
        return (
            ngettext("%d minute ago", "%d minutes ago", n) if past else ngettext("in %d minute", "in %d minutes", n)
        ) % n
    if far < _DAY:
        n = far // _HOUR
        return (ngettext("%d hour ago", "%d hours ago", n) if past else ngettext("in %d hour", "in %d hours", n)) % n
    if far < 7 * _DAY:
        n = far // _DAY
        return (ngettext("%d day ago", "%d days ago", n) if past else ngettext("in %d day", "in %d days", n)) % n
    return day(value)
