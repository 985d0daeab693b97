"""Quotes, and the fare on what happened. Every line is whole fen; a total is the sum of its lines, to the fen.

- A ride that goes where it was quoted to costs what was quoted, however far the car drove: a driver's detour is his own.
- A ride that the rider ends early costs what was driven, by the same terms, and never more than the quote.
- A breakdown, or an end that the car's side brings about without having driven anywhere, costs nothing.
- Waiting past the free time at the pick-up is a line of its own, bounded. What the rider adds under way is a new quote
  that the rider accepts; it then takes the old one's place.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from lilong.fields.mobility.rules.rides.tariffs import MINUTES, WHOLE_BP, Band, RideTariff, minute_of

QUOTE_SECONDS = 300
DETOUR_BP = 2500  # this much more than quoted is a detour
NEAR_END_METRES = 300  # so near to where it was to go, a ride has arrived
EARLY, ARRIVED, BROKEN = "early", "arrived", "breakdown"
_CITY = ZoneInfo("Asia/Shanghai")
_KM, _MINUTE = 1000, 60


class FareLine(msgspec.Struct, frozen=True, kw_only=True):
    """`code` says what for: base, distance, time, band:<code>, surcharge:<code>, surge, minimum, capped, waiting, stop,
    cancellation, no-show. `quantity` is in `unit`: m, s or bp."""

    code: str
    amount: int
    quantity: int = 0
    unit: str = ""


class Fare(NamedTuple):
    lines: tuple[FareLine, ...]
    total: int


class Happened(NamedTuple):
    """How a ride went: `how` is ARRIVED, EARLY or BROKEN; metres and seconds by the meter; waited at the pick-up."""

    how: str
    metres: int
    seconds: int
    waited_seconds: int
    started_at: datetime


def fare_of(lines: Sequence[FareLine]) -> Fare:
    """The lines that say something, and their sum."""
    kept = tuple(line for line in lines if line.amount)
    return Fare(kept, sum(line.amount for line in kept))


def quoted(
    tariff: RideTariff, *, metres: int, seconds: int, at: datetime, surcharges: Collection[str] = (), surge_bp: int = 0
) -> Fare:
    """The price of a way of so many metres and seconds begun at `at`. `surge_bp` is bounded by the tariff, and a line."""
    surge_bp = max(0, min(surge_bp, tariff.surge_max_bp))
    lines = list(_metered(tariff, metres, seconds, at))
    running = sum(line.amount for line in lines)
    if running < tariff.minimum:
        lines.append(FareLine(code="minimum", amount=tariff.minimum - running))
        running = tariff.minimum
    lines.append(FareLine(code="surge", amount=part(running, surge_bp), quantity=surge_bp, unit="bp"))
    lines += [
        FareLine(code=f"surcharge:{each.code}", amount=each.amount)
        for each in tariff.surcharges
        if each.code in surcharges
    ]
    return fare_of(lines)


def _metered(tariff: RideTariff, metres: int, seconds: int, at: datetime) -> Iterator[FareLine]:
    yield FareLine(code="base", amount=tariff.base)
    paid_m = max(0, metres - tariff.included_m)
    distance, time = rounded(paid_m * tariff.per_km, _KM), rounded(seconds * tariff.per_minute, _MINUTE)
    yield FareLine(code="distance", amount=distance, quantity=paid_m, unit="m")
    yield FareLine(code="time", amount=time, quantity=seconds, unit="s")
    for band in tariff.bands:
        inside = seconds_in(band, at, seconds)
        if inside:
            extra = rounded((distance + time) * band.extra_bp * inside, WHOLE_BP * seconds)
            yield FareLine(code=f"band:{band.code}", amount=extra, quantity=inside, unit="s")


def final(tariff: RideTariff, quote: Sequence[FareLine], happened: Happened) -> Fare:
    """The fare of a ride that began, by the quote's lines and the same version of the tariff; waiting comes on top."""
    if happened.how == BROKEN:
        return Fare((), 0)
    waiting = waiting_line(tariff, happened.waited_seconds)
    if happened.how == ARRIVED:
        return fare_of([*quote, waiting])
    most = fare_of(quote)
    surge_bp = next((line.quantity for line in quote if line.code == "surge"), 0)
    surcharges = {line.code.partition(":")[2] for line in quote if line.code.startswith("surcharge:")}
    driven = quoted(
        tariff,
        metres=happened.metres,
        seconds=happened.seconds,
        at=happened.started_at,
        surcharges=surcharges,
        surge_bp=surge_bp,
    )
    capped = FareLine(code="capped", amount=min(0, most.total - driven.total))
    return fare_of([*driven.lines, capped, waiting])


def waiting_line(tariff: RideTariff, waited_seconds: int) -> FareLine:
    """What waiting past the free time costs, by the begun second, up to the tariff's most."""
    paid = max(0, waited_seconds - tariff.free_wait_seconds)
    amount = min(tariff.wait_max, rounded(paid * tariff.wait_per_minute, _MINUTE))
    return FareLine(code="waiting", amount=amount, quantity=paid, unit="s")


def held_for(tariff: RideTariff, total: int) -> int:
    """What is set aside at the request: the quote and the tariff's margin, at least what waiting or not coming may cost."""
    return max(total + max(part(total, tariff.margin_bp), tariff.wait_max), tariff.no_show_fee, tariff.cancel_fee)


def cancelled(tariff: RideTariff, *, by: str, state: str, seconds_since_accepted: int | None) -> Fare:
    """What calling a ride off costs the rider: nothing before a car was found, within the free time, or by the car's
    side's or the house's doing; the no-show's fee once the car has waited in vain."""
    if by == "no-show":
        return fare_of([FareLine(code="no-show", amount=tariff.no_show_fee)])
    if by != "rider" or state in ("requested", "offered") or seconds_since_accepted is None:
        return Fare((), 0)
    if state != "arrived" and seconds_since_accepted <= tariff.cancel_free_seconds:
        return Fare((), 0)
    return fare_of([FareLine(code="cancellation", amount=tariff.cancel_fee)])


def is_detour(quoted_metres: int, driven_metres: int) -> bool:
    """Whether the car went a good deal further than it was quoted for: told to the operator, never to the purse."""
    return driven_metres * WHOLE_BP > quoted_metres * (WHOLE_BP + DETOUR_BP)


def surge_of(waiting: int, free: int, tariff: RideTariff) -> int:
    """The surge, in basis points, where so many riders wait for so many free cars: none while there are cars enough."""
    if tariff.surge_max_bp == 0 or waiting <= free:
        return 0
    return min(tariff.surge_max_bp, WHOLE_BP * (waiting - free) // (2 * max(free, 1)))


def seconds_in(band: Band, at: datetime, seconds: int) -> int:
    """How many of the `seconds` from `at` on fall into the band, by the city's clock."""
    start, end = at.astimezone(_CITY), at.astimezone(_CITY) + timedelta(seconds=seconds)
    opens, closes = minute_of(band.from_) or 0, minute_of(band.until) or 0
    if closes <= opens:
        closes += MINUTES
    inside = 0
    day = start.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while day < end:
        if day.isoweekday() in band.weekdays:
            first, last = day + timedelta(minutes=opens), day + timedelta(minutes=closes)
            inside += max(0, round((min(end, last) - max(start, first)).total_seconds()))
        day += timedelta(days=1)
    return min(inside, seconds)


def part(amount: int, bp: int) -> int:
    return rounded(amount * bp, WHOLE_BP)


def rounded(numerator: int, denominator: int) -> int:
    """The quotient, halves upwards, in whole numbers throughout. For what is not negative."""
    return (2 * numerator + denominator) // (2 * denominator)
