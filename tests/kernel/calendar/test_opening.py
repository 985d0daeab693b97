from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.calendar.drafts import Hours, Opening
from lilong.kernel.calendar.rules.opening import Window, allowed, check_hours, moment, rule_of, shown, windows

BERLIN, NEW_YORK, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")
DAY = 86_400


def day_of(zone: ZoneInfo, day: date, *hours: Hours) -> list[Window]:
    """The windows that begin on a day."""
    start = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    found = windows([rule_of(one) for one in hours], {}, zone, 9, start - DAY, start + 2 * DAY)
    return [window for window in found if datetime.fromtimestamp(window.start, zone).date() == day]


def utc(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%H:%M")


def spans(zone: ZoneInfo, day: date, *hours: Hours) -> list[tuple[str, str]]:
    return [(utc(window.start), utc(window.end)) for window in day_of(zone, day, *hours)]


def slots(zone: ZoneInfo, day: date, hours: Hours) -> list[str]:
    """When the slots of a day begin, as the clock on the wall shows it."""
    return [
        datetime.fromtimestamp(at, zone).strftime("%H:%M")
        for window in day_of(zone, day, hours)
        for at in range(window.start, window.end, window.slot)
    ]


def open_(start: str, end: str, **more: object) -> Opening:
    return Opening(start=start, end=end, **more)


def test_the_same_wall_clock_is_another_second_in_summer():
    assert spans(BERLIN, date(2026, 1, 15), open_("08:00", "22:00")) == [("07:00", "21:00")]
    assert spans(BERLIN, date(2026, 7, 15), open_("08:00", "22:00")) == [("06:00", "20:00")]
    assert spans(SHANGHAI, date(2026, 7, 15), open_("08:00", "22:00")) == [("00:00", "14:00")]


def test_the_hour_that_the_clock_skips_does_not_happen():
    spring = date(2026, 3, 29)  # Berlin: 02:00 becomes 03:00
    half_hours = {"slot_seconds": 1800}
    assert slots(BERLIN, spring, open_("01:30", "04:00", **half_hours)) == ["01:30", "03:00", "03:30"]
    assert spans(BERLIN, spring, open_("02:30", "03:00")) == []
    assert spans(BERLIN, spring, open_("02:30", "04:00")) == [("01:00", "02:00")]
    assert spans(BERLIN, spring, open_("01:00", "02:30"), open_("02:30", "04:00")) == [
        ("00:00", "01:00"),
        ("01:00", "02:00"),
    ]
    american = date(2026, 3, 8)  # New York: 02:00 becomes 03:00
    assert slots(NEW_YORK, american, open_("01:30", "04:00", **half_hours)) == ["01:30", "03:00", "03:30"]


def test_the_hour_that_comes_twice_is_open_twice():
    autumn = date(2026, 10, 25)  # Berlin: 03:00 becomes 02:00
    half_hours = {"slot_seconds": 1800}
    assert slots(BERLIN, autumn, open_("02:00", "03:00", **half_hours)) == ["02:00", "02:30", "02:00", "02:30"]
    assert spans(BERLIN, autumn, open_("02:30", "03:00")) == [("00:30", "02:00")]
    assert spans(BERLIN, autumn, open_("01:00", "02:30"), open_("02:30", "03:00")) == [
        ("23:00", "00:30"),
        ("00:30", "02:00"),
    ]
    american = date(2026, 11, 1)  # New York: 02:00 becomes 01:00
    assert slots(NEW_YORK, american, open_("01:00", "02:00", **half_hours)) == ["01:00", "01:30", "01:00", "01:30"]


def test_a_night_over_a_change_is_an_hour_shorter_or_longer():
    night = open_("22:00", "06:00")
    hours = {day: (w.end - w.start) / 3600 for day in (date(2026, 3, 28), date(2026, 6, 1), date(2026, 10, 24))
             for w in day_of(BERLIN, day, night)}  # fmt: skip
    assert list(hours.values()) == [7, 8, 9]


def test_shanghai_once_had_summer_time():
    assert spans(SHANGHAI, date(1986, 5, 3), open_("08:00", "10:00")) == [("00:00", "02:00")]
    assert spans(SHANGHAI, date(1986, 5, 5), open_("08:00", "10:00")) == [("23:00", "01:00")]
    assert slots(SHANGHAI, date(1986, 5, 4), open_("01:30", "04:00", slot_seconds=1800)) == ["01:30", "03:00", "03:30"]
    assert slots(SHANGHAI, date(1986, 9, 14), open_("01:00", "02:00", slot_seconds=1800)) == [
        "01:00", "01:30", "01:00", "01:30",
    ]  # fmt: skip
    assert spans(SHANGHAI, date(1992, 7, 1), open_("08:00", "10:00")) == [("00:00", "02:00")]


def test_weekdays_validity_and_exceptions():
    rule = rule_of(open_("08:00", "09:00", weekdays=(1, 3), valid_from=date(2030, 6, 5), valid_until=date(2030, 6, 10)))
    start = int(datetime(2030, 6, 3, tzinfo=SHANGHAI).timestamp())

    def days(exceptions: dict) -> list[tuple[int, str]]:
        found = windows([rule], exceptions, SHANGHAI, 1, start, start + 21 * DAY)
        return [(datetime.fromtimestamp(w.start, SHANGHAI).day, utc(w.start)) for w in found]

    assert days({}) == [(5, "00:00"), (10, "00:00")]
    assert days({date(2030, 6, 5): [], date(2030, 6, 6): [rule_of(Hours(start="10:00", end="11:00"))]}) == [
        (6, "02:00"),
        (10, "00:00"),
    ]


def test_last_night_reaches_into_today():
    noon = int(datetime(2030, 6, 4, 1, tzinfo=SHANGHAI).timestamp())
    found = windows([rule_of(open_("20:00", "02:00"))], {}, SHANGHAI, 3, noon, noon + 60)
    assert [datetime.fromtimestamp(w.start, SHANGHAI).day for w in found] == [3]


def test_capacity_is_never_above_the_resources():
    found = day_of(
        SHANGHAI, date(2030, 6, 3), open_("08:00", "09:00", capacity=20), open_("09:00", "10:00", capacity=2)
    )
    assert [window.capacity for window in found] == [9, 2]


def test_what_is_allowed():
    found = [Window(0, 100, 0, 5), Window(100, 200, 0, 3), Window(300, 400, 20, 4)]
    assert allowed(found, 0, 100, 0) == 5
    assert allowed(found, 50, 150, 0) == 3
    assert allowed(found, 150, 250, 0) == 0
    assert allowed(found, 7, 17, 5) == 0
    assert allowed(found, 10, 20, 5) == 5
    assert allowed(found, 10, 21, 5) == 0
    assert allowed(found, 300, 320, 0) == 4
    assert allowed(found, 320, 400, 0) == 4
    assert allowed(found, 310, 330, 0) == 0
    assert allowed(found, 380, 420, 0) == 0
    assert allowed([], 0, 1, 0) == 0


@pytest.mark.parametrize(
    ("bad", "broken"),
    [
        (open_("08:00", "08:00"), [("end", "differs-from-start")]),
        (open_("24:00", "08:00"), [("start", "HH:MM")]),
        (open_("8:00", "09:00"), [("start", "HH:MM"), ("end", "HH:MM")]),
        (open_("08:60", "09:00"), [("start", "HH:MM"), ("end", "HH:MM")]),
        (open_("08:00", "09:00", slot_seconds=3601), [("slot_seconds", "within-hours")]),
        (open_("08:00", "09:00", capacity=0), [("capacity", "1..10000")]),
        (open_("08:00", "09:00", weekdays=(0,)), [("weekdays", "1..7")]),
        (open_("08:00", "09:00", weekdays=()), [("weekdays", "1..7")]),
        (open_("08:00", "09:00", valid_from=date(2030, 1, 2), valid_until=date(2030, 1, 1)),
         [("valid_until", "after-valid-from")]),
        (open_("00:00", "24:00"), []),
        (open_("22:00", "06:00", slot_seconds=8 * 3600), []),
    ],
)  # fmt: skip
def test_bad_hours(bad: Opening, broken: list):
    assert check_hours(bad) == broken


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca"]),
    st.dates(date(1970, 1, 2), date(2037, 12, 30)),
    st.integers(0, 1440),
)
def test_a_wall_clock_time_never_runs_backwards(name: str, day: date, minute: int):
    zone = ZoneInfo(name)
    at, later = moment(day, minute, zone), moment(day, minute + 1, zone)
    assert at <= later
    wall = datetime.fromtimestamp(at, zone).replace(tzinfo=None)
    asked = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None) + timedelta(minutes=minute)
    if wall == asked:
        assert datetime.fromtimestamp(at, zone).fold == 0
    else:  # in a gap: the moment before shows an earlier time than asked for, this one a later
        before = datetime.fromtimestamp(at - 1, zone).replace(tzinfo=None)
        assert before < asked < wall


@given(st.integers(0, 2879))
def test_minutes_are_shown_as_clocks_show_them(minute: int):
    assert shown(minute) == ("24:00" if minute == 1440 else f"{minute % 1440 // 60:02}:{minute % 60:02}")
