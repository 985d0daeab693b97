"""What cold goods bear: one profile for each kind, as data. Temperatures in thousandths of a degree Celsius, times in seconds."""

import msgspec

from lilong.kernel.base.words import Words


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Goods belong between `low_mc` and `high_mc`, both inclusive.

    Too long outside in one piece (`tolerated_seconds`), outside for too long altogether (`cumulative_seconds`), beyond
    `floor_mc` or `ceiling_mc` for a single reading, or a mean kinetic temperature over `mkt_mc`: each is an excursion.
    A reading is expected every `interval_seconds`; a longer silence is a gap. The record is complete when no gap is longer
    than `gap_seconds` and at least `covered_permille` of the time is covered.
    """

    code: str
    temperature: str
    name: Words
    low_mc: int
    high_mc: int
    floor_mc: int
    ceiling_mc: int
    tolerated_seconds: int
    cumulative_seconds: int
    mkt_mc: int | None = None
    interval_seconds: int = 300
    gap_seconds: int = 1800
    covered_permille: int = 950


PROFILES = {
    profile.code: profile
    for profile in (
        # GB 31605-2020: frozen food at or below -18 degrees; while being loaded it may rise by 3 degrees for a short time.
        Profile(
            code="frozen",
            temperature="frozen",
            name=Words(en="Frozen, -18 °C or colder", zh="冷冻（-18℃及以下）", ko="냉동(-18℃ 이하)"),
            low_mc=-60_000,
            high_mc=-18_000,
            floor_mc=-80_000,
            ceiling_mc=-9_000,
            tolerated_seconds=1800,
            cumulative_seconds=3600,
        ),
        Profile(
            code="chilled",
            temperature="chilled",
            name=Words(en="Chilled, 0 to 10 °C", zh="冷藏（0～10℃）", ko="냉장(0~10℃)"),
            low_mc=0,
            high_mc=10_000,
            floor_mc=-3_000,
            ceiling_mc=20_000,
            tolerated_seconds=1800,
            cumulative_seconds=5400,
        ),
        Profile(
            code="live",
            temperature="live",
            name=Words(en="Live, 2 to 15 °C", zh="鲜活（2～15℃）", ko="활어·활패류(2~15℃)"),
            low_mc=2_000,
            high_mc=15_000,
            floor_mc=-1_000,
            ceiling_mc=25_000,
            tolerated_seconds=1800,
            cumulative_seconds=5400,
        ),
        # Cold medicines, 2 to 8 degrees. USP <1079.2> for refrigerated goods: MKT at most 8 degrees over at most 24 hours,
        # excursions to 15 degrees, each at most 24 hours. A delivery is short: less is tolerated, the ceiling stays.
        Profile(
            code="pharma",
            temperature="chilled",
            name=Words(en="Medicines, 2 to 8 °C", zh="药品（2～8℃）", ko="의약품(2~8℃)"),
            low_mc=2_000,
            high_mc=8_000,
            floor_mc=0,
            ceiling_mc=15_000,
            tolerated_seconds=900,
            cumulative_seconds=1800,
            mkt_mc=8_000,
            interval_seconds=120,
            gap_seconds=600,
            covered_permille=990,
        ),
    )
}


def default_for(temperature: str, skills: list[str]) -> Profile | None:
    """The profile of a shipment that names none: by its goods' temperature, and that for medicines if it says so."""
    if "pharma" in skills and temperature == "chilled":
        return PROFILES["pharma"]
    return next((each for each in PROFILES.values() if each.temperature == temperature), None)
