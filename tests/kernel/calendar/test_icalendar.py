from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries, services
from lilong.kernel.calendar.rules.icalendar import Event, calendar, escaped, folded
from lilong.kernel.parties.actor import SYSTEM
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, wanted


def unfolded(text: str) -> list[str]:
    """A reader's half of RFC 5545, section 3.1."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def an_event(**changes: object) -> Event:
    given = {"uid": "1", "start": MONDAY, "end": MONDAY + HOUR, "stamp": MONDAY, "summary": "Room"}
    return Event(**(given | changes))


def test_a_calendar_of_one_event():
    shanghai = datetime.fromisoformat("2030-06-03T08:00:00+08:00")
    assert unfolded(calendar("Mine", [an_event(start=shanghai, category="room", tentative=True)])) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lilong//Calendar//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "NAME:Mine", "X-WR-CALNAME:Mine", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20300603T000000Z", "DTSTART:20300603T000000Z",
        "DTEND:20300603T010000Z", "SUMMARY:Room", "CATEGORIES:room", "STATUS:TENTATIVE", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_escaping():
    assert escaped("a\\b;c,d\r\ne\rf\x00\x1b\tg:") == "a\\\\b\\;c\\,d\\ne\\nf\tg:"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_folding_comes_undone_and_never_cuts_a_character(text: str):
    line = f"SUMMARY:{text}"
    assert all(len(piece.encode()) <= 75 for piece in folded(line).split("\r\n"))
    assert folded(line).replace("\r\n ", "") == line


@pytest.mark.parametrize("summary", ["会议室，" * 40, "회의실" * 40, "x" * 68, "x" * 67, "😀" * 50])
def test_long_summaries(summary: str):
    assert f"SUMMARY:{escaped(summary)}" in unfolded(calendar("n", [an_event(summary=summary)]))


@pytest.mark.django_db
def test_an_agenda_as_a_calendar():
    party = uuid4()
    rooms = [a_room(name=Words(en="Room; one", zh="一号房"), capacity=2), a_room(name=Words(en="Car"), kind="car")]
    first = services.book(SYSTEM, **wanted(a_draft(rooms[0], party=party, units=2)))
    second = services.hold(SYSTEM, **wanted(a_draft(rooms[1], MONDAY + HOUR, party=party)))
    gone = services.book(SYSTEM, **wanted(a_draft(rooms[1], MONDAY + 9 * HOUR, party=party)))
    services.release(SYSTEM, id=gone.id)
    services.book(SYSTEM, **wanted(a_draft(rooms[1], MONDAY + 5 * HOUR)))
    entries = queries.agenda(party, MONDAY, MONDAY + 24 * HOUR)
    assert [(e.booking, e.name.en, e.kind, e.zone) for e in entries] == [
        (first, "Room; one", "room", "Asia/Shanghai"),
        (second, "Car", "car", "Asia/Shanghai"),
    ]
    assert queries.agenda(party, MONDAY - 9 * HOUR, MONDAY) == []
    assert [e.booking.id for e in queries.agenda(party, MONDAY + HOUR / 2, MONDAY + HOUR)] == [first.id]
    lines = unfolded(queries.agenda_text(entries, "zh-hans"))
    assert [line for line in lines if line.startswith(("UID", "SUMMARY", "DTSTART", "STATUS"))] == [
        f"UID:{first.id}", "DTSTART:20300603T000000Z", "SUMMARY:一号房", "STATUS:CONFIRMED",
        f"UID:{second.id}", "DTSTART:20300603T010000Z", "SUMMARY:Car", "STATUS:TENTATIVE",
    ]  # fmt: skip
    assert datetime.strptime(next(x for x in lines if x.startswith("DTSTAMP"))[8:], "%Y%m%dT%H%M%SZ").replace(
        tzinfo=UTC
    )
