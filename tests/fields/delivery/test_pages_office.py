"""The pages of a carrier's office and of its couriers: who gets in, what they show, what they do."""

import json

import pytest

from lilong.fields.delivery.drafts import Spot
from lilong.fields.delivery.models import LockerCell, Shipment, Vehicle
from lilong.fields.delivery.services import codes, fleet, journey, lockers
from lilong.kernel.base import ids
from lilong.kernel.parties import queries as parties
from tests.fields.delivery.scene import DOOR, NOON, PIXEL, Lane
from tests.fields.delivery.visitor import address, browser

TABS = ("", "map.json", "shipments/", "shipments.csv", "plan/", "fleet/", "lockers/", "cold/", "claims/")


def events(*given: dict[str, object]) -> dict[str, object]:
    return {"data": json.dumps(list(given)), "content_type": "application/json"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_tab_opens_for_those_who_work_there_and_for_nobody_else(lane: Lane, tab: str, language: str) -> None:
    made = lane.ship(bank=lane.bank())
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    path = f"/delivery/carriers/{lane.carrier}/{tab}"
    assert [browser(who, language).get(path).status_code for who in (lane.owner, lane.dispatcher)] == [200, 200]
    if language == "en":
        strangers = (lane.courier, lane.rival_owner, lane.recipient)
        assert [browser(who).get(path).status_code for who in strangers] == [404, 404, 404]
        assert browser(None).get(path).status_code == 302


def test_one_carriers_office_does_nothing_with_anothers(lane: Lane) -> None:
    made, bank = lane.ship(), lane.bank()
    rival = browser(lane.rival_owner)
    at = f"/delivery/carriers/{lane.rival}/"
    answers = [
        rival.post(f"{at}shipments/{made.id}/lose", {"reason": "x"}),
        rival.post(f"{at}fleet/{lane.robot}/state", {"state": "off"}),
        rival.get(f"{at}lockers/{bank}/"),
        rival.post(f"{at}lockers/{bank}/cells/1", {"reason": "x"}),
    ]
    assert [each.status_code for each in answers] == [404] * 4
    made.refresh_from_db()
    assert (made.state, LockerCell.objects.filter(out_at__isnull=False).count()) == ("requested", 0)


def test_the_office_accepts_holds_back_and_lets_go(lane: Lane) -> None:
    made = lane.ship()
    desk, at = browser(lane.dispatcher), f"/delivery/carriers/{lane.carrier}/shipments/{made.id}/"
    seen = []
    for what in ("accept", "stop", "go-on", "no-such"):
        status = desk.post(at + what).status_code
        made.refresh_from_db()
        seen.append((status, made.state, made.stopped))
    assert seen == [(302, "accepted", ""), (302, "accepted", "office"), (302, "accepted", ""), (404, "accepted", "")]


def test_the_table_has_every_shipment_and_no_names(lane: Lane) -> None:
    made = [lane.ship() for _ in range(3)]
    answer = browser(lane.owner).get(f"/delivery/carriers/{lane.carrier}/shipments.csv?state=open")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert {line.split(",")[0] for line in lines[1:]} == {str(each.id) for each in made}
    assert ("Wang" in answer.content.decode(), answer["Content-Type"]) == (False, "text/csv; charset=utf-8")


def test_planning_anew_fills_the_board(lane: Lane) -> None:
    made = lane.ship()
    fleet.set_state(lane.courier, vehicle=lane.courier.party, state="idle")
    desk, at = browser(lane.dispatcher), f"/delivery/carriers/{lane.carrier}/plan/"
    assert desk.post(f"{at}make", {"id": str(ids.uuid7())}).status_code == 302
    text = desk.get(at).content.decode()
    assert text.count(f"/delivery/shipments/{made.id}/") == 2  # picked up, delivered


def test_cells_are_taken_out_of_order_and_back(lane: Lane) -> None:
    bank = lane.bank()
    desk, at = browser(lane.dispatcher), f"/delivery/carriers/{lane.carrier}/lockers/{bank}/"
    desk.post(f"{at}cells/1", {"reason": "stuck"})
    assert LockerCell.objects.get(bank=bank, number=1).out_reason == "stuck"
    assert "The door is stuck" in desk.get(at).content.decode()
    desk.post(f"{at}cells/1", {"back": "1"})
    assert LockerCell.objects.get(bank=bank, number=1).out_at is None


def test_the_terminal_opens_for_the_right_code_once_and_counts_the_wrong_ones(lane: Lane) -> None:
    bank = lane.bank()
    made = lane.ship(bank=bank)
    driver = {"shipment": made.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **driver)
    lockers.open_to_put_in(lane.courier, **driver)
    lockers.put_in(lane.courier, **driver)
    code = codes.code_of(lane.recipient, shipment=made.id).code
    screen, path = browser(lane.recipient), f"/delivery/lockers/{bank}/terminal/"
    wrong = f"{(int(code) + 1) % 10**8:08}"
    assert screen.post(path, {"id": str(ids.uuid7()), "code": wrong}).status_code == 422
    assert browser(lane.person("Stranger")).post(path, {"id": str(ids.uuid7()), "code": code}).status_code == 422
    form = {"id": str(ids.uuid7()), "code": f"{code[:4]} {code[4:]}"}
    assert [screen.post(path, form).status_code for _ in range(2)] == [
        200,
        200,
    ]  # the same request again: the same answer
    assert screen.post(path, form | {"id": str(ids.uuid7())}).status_code == 422
    made.refresh_from_db()
    assert made.state == "delivered"
    for _ in range(codes.PLACE_TRIES):
        last = screen.post(path, {"id": str(ids.uuid7()), "code": wrong})
    assert last.status_code == 429
    assert b"seconds" in last.content


def test_a_courier_gets_the_page_and_the_day_and_others_get_none(lane: Lane) -> None:
    made = lane.ship(instructions="Second floor")
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    mine = browser(lane.courier)
    assert [mine.get(f"/delivery/courier/{path}").status_code for path in ("", "today", "worker.js")] == [200] * 3
    day = mine.get("/delivery/courier/today").json()
    assert [(each["id"], each["instructions"]) for each in day["shipments"]] == [(str(made.id), "Second floor")]
    assert [(stop["kind"], stop["shipment"]) for stop in day["stops"]] == [("aboard", str(made.id))]
    assert [browser(who).get("/delivery/courier/today").status_code for who in (lane.recipient, lane.rival_owner)] == [
        404,
        404,
    ]
    assert browser(lane.other).get("/delivery/courier/today").json()["shipments"] == []


def test_an_address_is_read_once_and_its_owner_sees_that(lane: Lane) -> None:
    home = address(lane.recipient, line="Fuzhou Road 8")
    made = lane.ship(address=home)
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    mine = browser(lane.courier)
    first = mine.get("/delivery/courier/today").json()["shipments"][0]
    again = mine.get(f"/delivery/courier/today?have={made.id}").json()["shipments"][0]
    assert [(each["line"], each["who"], each["same"]) for each in (first, again)] == [
        ("Fuzhou Road 8", "王敏", False), ("", "", True),
    ]  # fmt: skip
    read = parties.access_log(lane.recipient.party).items
    assert [(entry.reader, entry.what, entry.why) for entry in read] == [(lane.courier.party, "address", "delivery")]
    assert mine.get("/delivery/courier/today?have=x").status_code == 422


def test_events_of_a_phone_are_taken_once_and_need_the_token_of_the_page(lane: Lane) -> None:
    from django.test import Client

    made = lane.ship()
    mine = browser(lane.courier)
    given = [
        {"id": str(ids.uuid7()), "shipment": str(made.id), "kind": kind, "at": NOON.isoformat()}
        for kind in ("collected", "departed", "delivered")
    ]
    for _ in range(2):
        answer = mine.post("/delivery/courier/events", **events(*given)).json()
        assert [each["state"] for each in answer["said"]] == ["applied"] * 3
    assert Shipment.objects.get().state == "delivered"
    other = browser(lane.other)
    assert [each["state"] for each in other.post("/delivery/courier/events", **events(*given)).json()["said"]] == [
        "kept"
    ] * 3
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = mine.cookies
    assert strict.post("/delivery/courier/events", **events(*given)).status_code == 403


@pytest.mark.parametrize("body", ["", "{}", "[1]", '[{"id":"x"}]', '[{"kind":"eaten"}]', "\x00", "[" * 5000])
def test_what_is_no_event_is_refused(lane: Lane, body: str) -> None:
    answer = browser(lane.courier).post("/delivery/courier/events", data=body, content_type="application/json")
    assert answer.status_code == 422


def test_photos_positions_and_duty_of_a_courier(lane: Lane) -> None:
    made = lane.ship()
    mine = browser(lane.courier)
    photo = f"/delivery/courier/{made.id}/photos/{ids.uuid7()}"
    send = {"data": PIXEL, "content_type": "application/octet-stream"}
    assert mine.post(photo, **send).status_code == 409  # not with him
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    assert [mine.post(photo, **send).status_code for _ in range(2)] == [200, 200]
    assert mine.post(photo, data=b"GIF89a", content_type="application/octet-stream").status_code == 422
    assert browser(lane.rival_owner).post(photo, **send).status_code == 404
    where = {"latitude_e6": DOOR.latitude_e6, "longitude_e6": DOOR.longitude_e6, "heading": 90}
    lane_clock = mine.post("/delivery/courier/position", data=json.dumps(where), content_type="application/json")
    assert lane_clock.status_code == 204
    assert mine.post("/delivery/courier/duty", {"on": "1"}).status_code == 204
    found = Vehicle.objects.get(id=lane.courier.party)
    assert (found.state, fleet.set_position(lane.courier, vehicle=found.id, spot=Spot(latitude_e6=0, longitude_e6=0), at=NOON)) == (
        "idle", False,
    )  # fmt: skip
