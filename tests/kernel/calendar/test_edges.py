from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import jobs, queries, services
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.kernel.parties.models import User
from tests.kernel.calendar.rooms import HOUR, MONDAY, a_draft, a_room, wanted
from tests.kernel.parties.city import again, firm, person

pytestmark = pytest.mark.django_db


def call(method: str, path: str, actor: Actor | None = None, body: Any = None, **query: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {tokens.issue(actor)}"} if actor else {}
    given = {"data": body, "content_type": "application/json"} if body is not None else {}
    if query:
        given["query_params"] = query
    response = getattr(Client(), method)(f"/api/calendar/{path}", headers=headers, **given)
    kind = response.headers.get("Content-Type", "")
    return response.status_code, response.json() if response.content and "json" in kind else response.content.decode()


def at(hours: float) -> str:
    return (MONDAY + hours * HOUR).isoformat().replace("+00:00", "Z")


def booking(room: UUID | str, start: float = 0, end: float = 1, **more: Any) -> dict[str, Any]:
    return {"id": str(ids.uuid7()), "resource": str(room), "start": at(start), "end": at(end)} | more


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(party=actor.party), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_owner_opens_a_room_and_a_resident_books_it():
    owner, mei = person("Owner"), person()
    shop = firm(owner)
    owner = again(owner)
    room = str(ids.uuid7())
    given = {"id": room, "owner": str(shop), "kind": "room", "name": {"en": "Room", "zh": "房间"}, "capacity": 2}
    status, made = call("post", "resources", owner, given)
    assert (status, made["capacity"], made["zone"]) == (201, 2, "Asia/Shanghai")
    hours = [{"start": "08:00", "end": "10:00", "slot_seconds": 3600}]
    status, rules = call("put", f"resources/{room}/opening", owner, hours)
    assert (status, rules) == call("get", f"resources/{room}/opening")
    assert [(r["start"], r["weekdays"]) for r in rules] == [("08:00", [1, 2, 3, 4, 5, 6, 7])]
    free = call("get", "slots", resource=[room], start=at(0), end=at(24))[1]
    assert [(slot["start"], slot["free"]) for slot in free] == [(at(0), 2), (at(1), 2)]
    status, booked = call("post", "bookings", mei, mine := booking(room))
    assert (status, booked["state"], booked["party"]) == (201, "booked", str(mei.party))
    assert call("post", "bookings", mei, mine) == (201, booked)
    held = call("post", "holds", mei, booking(room, seconds=60))[1]
    status, taken = call("post", "bookings", mei, booking(room))
    assert (status, taken["type"], taken["alternatives"][0]["start"]) == (409, "urn:lilong:problem:slot-taken", at(1))
    assert call("post", f"bookings/{held['id']}/book", mei)[1]["state"] == "booked"
    assert [b["id"] for b in call("get", f"resources/{room}/bookings", owner, start=at(0), end=at(9))[1]] == sorted(
        [booked["id"], held["id"]]
    )
    agenda = call("get", "agenda", mei, start=at(0), end=at(9))[1]
    assert {(e["booking"]["id"], e["name"]["zh"]) for e in agenda} == {(booked["id"], "房间"), (held["id"], "房间")}
    text = call("get", "agenda.ics", mei, start=at(0), end=at(9))[1]
    assert (text[:17], text.count("BEGIN:VEVENT")) == ("BEGIN:VCALENDAR\r\n", 2)
    assert call("post", f"bookings/{held['id']}/release", mei, {"reason": "ill"})[1]["state"] == "released"
    day = (MONDAY + timedelta(days=1)).date().isoformat()
    assert call("put", f"resources/{room}/days/{day}", owner, {"closed": True})[0] == 204
    assert call("get", "slots", resource=[room], start=at(24), end=at(48))[1] == []
    assert call("delete", f"resources/{room}/days/{day}", owner)[0] == 204
    assert len(call("get", "slots", kind="room", start=at(24), end=at(48))[1]) == 2
    assert call("patch", f"resources/{room}", owner, {"capacity": 3, "active": False})[1]["active"] is False
    assert call("get", "resources", owner=str(shop))[1] == []


def test_what_belongs_to_an_order_is_not_given_back_alone():
    owner, mei = person("Owner"), person()
    shop = firm(owner)
    room = a_room(owner=shop)
    made = services.book(SYSTEM, **wanted(a_draft(room, party=mei.party, ref=ids.uuid7())))
    status, problem = call("post", f"bookings/{made.id}/release", mei, {})
    assert (status, problem["type"], problem["ref"]) == (409, "urn:lilong:problem:part-of-more", str(made.ref))
    assert call("get", f"bookings/{made.id}", mei)[1]["state"] == "booked"
    assert call("post", f"bookings/{made.id}/release", again(owner), {})[1]["state"] == "released"


def test_crossing_from_one_resident_to_another():
    mei, li, owner = person(), person("Li"), person("Owner")
    room = a_room(owner=firm(owner))
    id = call("post", "bookings", mei, booking(room))[1]["id"]
    assert call("get", f"bookings/{id}", li)[0] == 404
    assert call("post", f"bookings/{id}/release", li, {})[0] == 404
    assert call("post", f"bookings/{id}/book", li)[0] == 404
    assert call("post", "bookings", li, booking(room, 2, 3, party=str(mei.party)))[0] == 403
    assert call("get", "agenda", li, party=str(mei.party))[0] == 404
    assert call("get", "agenda.ics", li, party=str(mei.party))[0] == 404
    assert call("get", "agenda", li, start=at(0), end=at(9))[1] == []
    assert call("get", f"resources/{room}/bookings", mei, start=at(0), end=at(9))[0] == 404
    assert call("patch", f"resources/{room}", li, {"capacity": 9})[0] == 404
    assert call("put", f"resources/{room}/opening", li, [])[0] == 404
    assert call("get", "agenda", mei.narrowed(frozenset({"orders:read"})))[0] == 403
    assert call("post", "bookings", None, booking(room))[0] == call("get", "agenda")[0] == 401
    assert call("get", f"bookings/{id}", mei)[1]["state"] == "booked"


@pytest.mark.parametrize(
    ("bad", "status", "pointer"),
    [
        ({"start": "2030-06-03T00:00:00"}, 422, "/start"),
        ({"end": at(0)}, 422, "/end"),
        ({"start": at(0).replace("Z", ".5Z")}, 422, "/start"),
        ({"units": 0}, 422, "/units"),
        ({"units": 2}, 422, "/units"),
        ({"resource": str(ids.uuid7())}, 404, "/resource"),
        ({"start": "2020-01-01T00:00:00Z", "end": "2020-01-01T01:00:00Z"}, 422, "/start"),
        ({"colour": "red"}, 422, "/colour"),
    ],
)
def test_bad_bookings(bad: dict, status: int, pointer: str):
    mei, room = person(), a_room()
    answered, problem = call("post", "bookings", mei, booking(room) | bad)
    if "resource" in bad:
        assert answered in (403, 404)  # nobody's resource is nobody's business
    else:
        assert (answered, [found["pointer"] for found in problem["errors"]]) == (status, [pointer])
    assert call("get", "agenda", mei, start=at(-24), end=at(48))[1] == []


@pytest.mark.parametrize(
    "query",
    [{}, {"kind": "room", "start": at(0), "end": at(0)}, {"start": at(0), "end": at(1)}, {"kind": "\x00", "start": at(0), "end": at(1)},
     {"kind": "room", "start": "x", "end": at(1)}, {"kind": "room", "start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"},
     {"kind": "room", "start": at(0), "end": at(1), "units": 0}],
)  # fmt: skip
def test_bad_questions(query: dict):
    assert call("get", "slots", **query)[0] == 422


def test_extreme_agendas_are_refused_or_empty():
    mei = person()
    for start, end in (("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"), (at(1), at(0))):
        assert call("get", "agenda", mei, start=start, end=end)[0] == 422
    assert call("get", "agenda", mei, start="9999-12-31T23:59:59Z")[0] in (200, 422)
    assert call("get", "agenda", mei, start="0001-01-01T00:00:00Z", end="0001-01-02T00:00:00Z") == (200, [])


def test_the_page_shows_a_week_and_a_day():
    mei, owner = person(), person("Owner")
    shop = firm(owner)
    room = a_room(owner=shop, name=Words(en="Meeting room", zh="会议室", ko="회의실"), capacity=2)
    berlin = a_room(owner=shop, name=Words(en="Line"), zone="Europe/Berlin")
    services.book(SYSTEM, **wanted(a_draft(room, party=mei.party, units=2)))
    services.hold(SYSTEM, **wanted(a_draft(berlin, MONDAY + 26 * HOUR, MONDAY + 74 * HOUR, party=mei.party)))
    client = browser(mei)
    page = client.get("/me/calendar/", {"day": "2030-06-05"})
    text = page.content.decode()
    assert page.status_code == 200
    for expected in (
        "Meeting room",
        "08:00",
        "09:00",
        "Lane Grocer",
        "2 units",
        "04:00 there (Europe/Berlin)",
        "Kept until ",
        "Give back",
    ):
        assert expected in text, expected
    assert (text.count("Line</b>"), text.count("Meeting room")) == (3, 1)  # the long one shows on each of its days
    day = client.get("/me/calendar/", {"day": "2030-06-03", "view": "day"}).content.decode()
    assert ("Meeting room" in day, "Line" in day) == (True, False)
    client.cookies["lilong_language"] = "zh-hans"
    chinese = client.get("/me/calendar/", {"day": "2030-06-03"}).content.decode()
    assert ("会议室" in chinese, "我的日历" in chinese, "星期一" in chinese) == (True, True, True)
    client.cookies["lilong_language"] = "ko"
    assert "내 일정" in client.get("/me/calendar/").content.decode()
    for odd in ("x", "0001-01-01", "9999-12-31"):
        assert client.get("/me/calendar/", {"day": odd}).status_code == 200


def test_the_page_gives_back_and_downloads():
    mei, li = person(), person("Li")
    made = services.book(SYSTEM, **wanted(a_draft(a_room(), party=mei.party)))
    assert Client().get("/me/calendar/").status_code == 302
    answer = browser(li).post(f"/me/calendar/{made.id}/release/", follow=True)
    assert "No such booking" in answer.content.decode()
    answer = browser(mei).post(f"/me/calendar/{made.id}/release/", follow=True)
    assert "Given back." in answer.content.decode()
    file = browser(mei).get("/me/calendar/agenda.ics")
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "text/calendar; charset=utf-8",
        'attachment; filename="lilong.ics"',
    )
    assert file.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_the_job_ends_what_is_due():
    held = services.hold(SYSTEM, **wanted(a_draft(a_room())), seconds=1)
    with clock.at(clock.now() + timedelta(seconds=2)):
        assert jobs.expire_due(timestamp=0) == 1
        assert jobs.expire_due(timestamp=0) == 0
    assert queries.booking(SYSTEM, held.id).state == "expired"


def test_operators_look_at_resources_and_change_none():
    room = a_room(name=Words(en="Meeting room"))
    client = browser(person(staff=True))
    User.objects.update(is_superuser=True)
    listed = client.get("/admin/calendar/resource/").content.decode()
    one = client.get(f"/admin/calendar/resource/{room}/change/").content.decode()
    assert (str(room) in listed, 'name="_save"' in one) == (True, False)
