"""What a ride costs: the terms of a tariff. Money is fen, distances metres, times seconds, shares basis points."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from lilong.kernel.base.problems import Invalid, Violation

WHOLE_BP = 10_000
MONEY_MAX = 1_000_000
SECONDS_MAX = 86_400
SURGE_MAX_BP = 20_000  # at most three times the fare, whatever an operator writes
MARGIN_MAX_BP = 10_000
MINUTES = 24 * 60
_BANDS_MAX, _SURCHARGES_MAX = 12, 20


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of the city's day in which distance and time cost `extra_bp` more. `until` before `from_` runs over midnight."""

    code: str
    from_: str  # "23:00"
    until: str  # "06:00"
    extra_bp: int
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)  # of the day on which the band begins; Monday is 1


class Surcharge(msgspec.Struct, frozen=True, kw_only=True):
    """A fixed amount for what applies to this ride: an airport, a bridge, a large car."""

    code: str
    amount: int


class RideTariff(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of one version, which never change: a quote keeps the version it was made by."""

    base: int = 1400
    included_m: int = 3000  # metres that the base pays for
    per_km: int = 270
    per_minute: int = 50
    minimum: int = 1400
    bands: tuple[Band, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    surge_max_bp: int = 0  # 0: never
    margin_bp: int = 2000  # held above the quote, for waiting and added stops
    free_wait_seconds: int = 180
    wait_per_minute: int = 60
    wait_max: int = 3000
    no_show_seconds: int = 300
    no_show_fee: int = 1000
    cancel_free_seconds: int = 120  # after a car was found
    cancel_fee: int = 500
    platform_bp: int = 1000  # of what is paid
    driver_bp: int = 8000  # of what the platform leaves; nothing where there is no driver


class Fault(NamedTuple):
    pointer: str
    rule: str
    broken: bool


def check_tariff(tariff: RideTariff) -> None:
    """Raises Invalid, naming every field and rule."""
    found = [fault for fault in _faults(tariff) if fault.broken]
    if found:
        raise Invalid("invalid", violations=[Violation(pointer=fault.pointer, rule=fault.rule) for fault in found])


def _faults(tariff: RideTariff) -> Iterator[Fault]:
    for name in ("base", "per_km", "per_minute", "minimum", "wait_per_minute", "wait_max", "no_show_fee", "cancel_fee"):
        yield Fault(f"/{name}", "range", not 0 <= getattr(tariff, name) <= MONEY_MAX)
    for name in ("included_m", "free_wait_seconds", "no_show_seconds", "cancel_free_seconds"):
        yield Fault(f"/{name}", "range", not 0 <= getattr(tariff, name) <= SECONDS_MAX)
    for name, most in (
        ("surge_max_bp", SURGE_MAX_BP),
        ("margin_bp", MARGIN_MAX_BP),
        ("platform_bp", WHOLE_BP),
        ("driver_bp", WHOLE_BP),
    ):
        yield Fault(f"/{name}", "range", not 0 <= getattr(tariff, name) <= most)
    yield Fault("/no_show_seconds", "after-free-wait", tariff.no_show_seconds < tariff.free_wait_seconds)
    yield Fault("/bands", "at-most", len(tariff.bands) > _BANDS_MAX)
    yield Fault("/surcharges", "at-most", len(tariff.surcharges) > _SURCHARGES_MAX)
    codes = [band.code for band in tariff.bands] + [each.code for each in tariff.surcharges]
    yield Fault("/bands", "distinct", len(set(codes)) < len(codes))
    for n, band in enumerate(tariff.bands):
        yield from _band_faults(band, f"/bands/{n}")
    for n, each in enumerate(tariff.surcharges):
        yield Fault(f"/surcharges/{n}/amount", "range", not 0 <= each.amount <= MONEY_MAX)
        yield Fault(f"/surcharges/{n}/code", "slug", not _is_slug(each.code))


def _band_faults(band: Band, pointer: str) -> Iterator[Fault]:
    yield Fault(f"{pointer}/code", "slug", not _is_slug(band.code))
    yield Fault(f"{pointer}/from_", "time", minute_of(band.from_) is None)
    yield Fault(f"{pointer}/until", "time", minute_of(band.until) is None)
    yield Fault(f"{pointer}/until", "not-from", band.from_ == band.until)
    yield Fault(f"{pointer}/extra_bp", "range", not 0 <= band.extra_bp <= 2 * WHOLE_BP)
    yield Fault(f"{pointer}/weekdays", "weekdays", not band.weekdays or not set(band.weekdays) <= set(range(1, 8)))


def _is_slug(code: str) -> bool:
    return 0 < len(code) <= 30 and all(c.isascii() and (c.isalnum() or c == "-") for c in code)  # noqa: PLR2004


def minute_of(text: str) -> int | None:
    """The minute of the day that "HH:MM" says ("24:00" too); None if it says none."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(hours) == len(minutes) == 2 and text.isascii()):  # noqa: PLR2004
        return None
    minute = int(hours) * 60 + int(minutes)
    return minute if minute <= MINUTES and int(minutes) < 60 else None  # noqa: PLR2004


def fingerprint(tariff: RideTariff) -> str:
    """What tells whether two versions have the same terms."""
    return hashlib.sha256(msgspec.json.encode(tariff, order="sorted")).hexdigest()
