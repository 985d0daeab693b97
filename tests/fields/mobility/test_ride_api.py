"""A ride over HTTP as the rider's and the driver's phones make it; what strangers get; the desk; safety; afterwards."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.fields.mobility.models import Ride
from lilong.fields.mobility.services.rides import matching
from lilong.kernel.base import ids
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import services as parties
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor
from tests.fields.mobility.taxis import TERMS, Taxis


class Phone:
    """Calls the API as somebody."""

    def __init__(self, actor: Actor | None) -> None:
        self.headers = {"Authorization": f"Bearer {tokens.issue(actor, 900)}"} if actor else {}

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        answer = Client().post(
            f"/api/mobility/{path}", data=body or {}, content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    def get(self, path: str, status: int = 200) -> Any:
        answer = Client().get(f"/api/mobility/{path}", headers=self.headers)
        assert answer.status_code == status, answer.content
        return answer.json()


def at(point: Point) -> dict[str, float]:
    return {"longitude": point.longitude, "latitude": point.latitude}


def asked(taxis: Taxis, rider: Actor) -> dict[str, Any]:
    phone = Phone(rider)
    body = {"id": str(ids.uuid7()), "start": at(taxis.at(1)), "end": at(taxis.at(9))}
    offers = phone.post("rides/quotes", body, status=201)
    mine = next(quote for quote in offers if quote["plan"] == str(taxis.type.plan))
    made: dict[str, Any] = phone.post("rides", {"id": str(ids.uuid7()), "quote": mine["id"]}, status=201)
    return made


def test_a_ride_from_two_phones(taxis: Taxis):
    rider, driver = taxis.rider(), taxis.driver()
    mine, his = Phone(rider), Phone(driver)
    car = taxis.vehicle(taxis.at(1))
    duty = his.post("duties", {"id": str(ids.uuid7()), "vehicle": str(car.id)}, status=201)
    ride = asked(taxis, rider)
    assert (ride["state"], ride["car"], len(ride["code"])) == ("requested", None, 4)
    matching.match_round(at_least=0)
    offer = his.get(f"duties/{duty['id']}")["offer"]
    assert offer["ride"] == ride["id"]
    accepted = his.post(f"offers/{offer['id']}/accept")
    assert (accepted["rider"], accepted["code"]) == ("Wang Min", "")
    seen = mine.get(f"rides/{ride['id']}")
    assert (seen["car"]["plate"], seen["car"]["driver"], seen["rider"]) == (car.plate, "Driver Li", "")
    assert seen["eta"] is not None
    his.post(f"rides/{ride['id']}/depart")
    his.post(f"duties/{duty['id']}/place", {"place": ride["quote"]["from"], "heading": 90})
    arrived = his.post(f"rides/{ride['id']}/arrive", {})
    assert arrived["may"] == ["start", "drop", "no-show"]
    code = mine.get(f"rides/{ride['id']}")["code"]
    wrong = f"{(int(code) + 1) % 10_000:04}"
    assert his.post(f"rides/{ride['id']}/start", {"code": wrong}, status=422)["tries_left"] == 4
    assert his.post(f"rides/{ride['id']}/start", {"code": code})["state"] == "under-way"
    done = his.post(f"rides/{ride['id']}/end", {"place": ride["quote"]["to"]})
    assert sum(line["amount"] for line in done["lines"]) == done["total"] == ride["quote"]["total"]
    rating = {"id": str(ids.uuid7()), "stars": 5, "words": "Smooth."}
    assert mine.post(f"rides/{ride['id']}/ratings", rating, status=201)["by"] == "rider"
    assert mine.post(f"rides/{ride['id']}/ratings", rating, status=201)["stars"] == 5
    mine.post(f"rides/{ride['id']}/ratings", rating | {"stars": 1}, status=409)
    assert his.post(f"rides/{ride['id']}/ratings", {"id": str(ids.uuid7()), "stars": 4}, status=201)["by"] == "driver"
    assert mine.post(f"rides/{ride['id']}/tip", {"amount": 300})["tip"] == 300
    mine.post(f"rides/{ride['id']}/tip", {"amount": 400}, status=409)
    lost = mine.post(f"rides/{ride['id']}/lost", {"id": str(ids.uuid7()), "what": "A blue umbrella"}, status=201)
    desk = Phone(taxis.owner)
    assert desk.post(f"lost/{lost['id']}", {"state": "found", "answer": "At the desk."})["state"] == "found"
    assert [row["id"] for row in mine.get("rides")["items"]] == [ride["id"]]
    assert [row["id"] for row in his.get("drives")["items"]] == [ride["id"]]
    assert mine.get(f"rides/{ride['id']}")["car"]["stars"] == 500
    assert his.post(f"duties/{duty['id']}/offline")["state"] == "ended"


def test_money_back_takes_back_every_part(taxis: Taxis):
    rider, desk = taxis.rider(), Phone(taxis.owner)
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    Phone(driver).post(f"rides/{ride.id}/end", {"place": at(taxis.end(ride))})
    Phone(rider).post(f"rides/{ride.id}/tip", {"amount": 100})
    assert desk.post(f"rides/{ride.id}/refund", {"reason": "wrong-fare"})["refunded"]
    assert desk.post(f"rides/{ride.id}/refund", {"reason": "wrong-fare"})["refunded"]
    assert taxis.purse(rider.party) == (20_000 - 100, 0)
    assert taxis.purse(driver.party) == (100, 0)
    assert taxis.purse(taxis.operator, "sales") == (0, 0)
    (fact,) = taxis.facts(ride.id, "mobility.ride.refunded")
    assert (fact["amount"], fact["reason"]) == (ride.quote.total, "wrong-fare")


def test_strangers_get_nothing(taxis: Taxis):
    rider = taxis.rider()
    driver, duty = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    for phone in (Phone(taxis.rider()), Phone(taxis.driver("Driver Wu")), Phone(taxis.rival_owner)):
        phone.get(f"rides/{ride.id}", status=404)
        phone.get(f"rides/quotes/{ride.quote_id}", status=404)
        phone.get(f"duties/{duty.id}", status=404)
        phone.get(f"operators/{taxis.operator}/board", status=404)
        phone.get(f"operators/{taxis.operator}/alarms", status=404)
        phone.get(f"operators/{taxis.operator}/lost", status=404)
        for path, body in (
            ("end", {}), ("cancel", {}), ("drop", {}), ("no-show", None), ("depart", None), ("arrive", {}),
            ("start", {"code": "0000"}), ("tip", {"amount": 5}), ("refund", {"reason": "other"}), ("shares", None),
            ("code", None), ("alarms", {"id": str(ids.uuid7())}), ("ratings", {"id": str(ids.uuid7()), "stars": 1}),
            ("lost", {"id": str(ids.uuid7()), "what": "x"}), ("redirect", {"quote": str(ids.uuid7())}),
            ("quotes", {"id": str(ids.uuid7()), "end": at(taxis.at(3))}),
        ):  # fmt: skip
            phone.post(f"rides/{ride.id}/{path}", body, status=404)
    Phone(None).get(f"rides/{ride.id}", status=401)
    assert Ride.objects.get(id=ride.id).state == "under-way"


def test_a_key_reaches_no_further_than_its_scope(taxis: Taxis):
    rider = taxis.rider()
    narrow = rider.narrowed(frozenset({"orders:place"}))
    body = {"id": str(ids.uuid7()), "start": at(taxis.at(1)), "end": at(taxis.at(9))}
    assert Phone(narrow).post("rides/quotes", body, status=403)["type"] == "urn:lilong:problem:scope-missing"


def test_a_link_shows_the_way_until_the_end_and_no_more(taxis: Taxis):
    from lilong.fields.mobility.queries import rides as queries
    from lilong.kernel.base.problems import Missing

    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    token = Phone(rider).post(f"rides/{ride.id}/shares", status=201)["token"]
    seen = queries.shared(token)
    assert set(seen) == {"state", "to", "car", "heading", "plate", "eta"}
    with pytest.raises(Missing):
        queries.shared(token + "x")
    Phone(driver).post(f"rides/{ride.id}/end", {})
    with pytest.raises(Missing):
        queries.shared(token)


def test_an_emergency_is_seen_until_somebody_has_closed_it(taxis: Taxis):
    rider = taxis.rider()
    driver, _ = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(rider, driver)
    id = str(ids.uuid7())
    Phone(rider).post(f"rides/{ride.id}/alarms", {"id": id}, status=201)
    Phone(rider).post(f"rides/{ride.id}/alarms", {"id": id}, status=201)
    Phone(driver).post(f"rides/{ride.id}/alarms", {"id": id}, status=409)
    (fact,) = taxis.facts(ride.id, "mobility.ride.alarm")
    assert (fact["by"], "party" in fact) == ("rider", False)
    desk = Phone(taxis.owner)
    assert [alarm["id"] for alarm in desk.get(f"operators/{taxis.operator}/alarms")] == [id]
    Phone(taxis.rival_owner).post(f"alarms/{id}/take", status=404)
    assert desk.post(f"alarms/{id}/take")["taken"]
    clerk = taxis.person("Clerk")
    parties.add_member(taxis.owner, organisation=taxis.operator, person=clerk.party, roles=["clerk"])
    from lilong.kernel.parties import queries

    other = Phone(queries.actor_of_party(clerk.party))
    other.post(f"alarms/{id}/take", status=409)
    assert other.post(f"alarms/{id}/close", {"outcome": "A false alarm."})["closed_at"]
    assert desk.get(f"operators/{taxis.operator}/alarms") == []


def test_the_board(taxis: Taxis):
    driver, duty = taxis.on_duty(taxis.at(1))
    ride = taxis.under_way(taxis.rider(), driver)
    taxis.asked(taxis.rider(), start=4)
    Phone(driver).post(f"rides/{ride.id}/end", {"place": at(taxis.end(ride))})
    board = Phone(taxis.owner).get(f"operators/{taxis.operator}/board")
    assert (board["completed"], board["waiting"], board["free"]) == (1, 1, 1)
    assert (board["taken"], board["deadhead_m"]) == (ride.quote.total, ride.pickup_metres)
    assert [each["id"] for each in board["duties"]] == [str(duty.id)]


def test_papers_decide_who_may_drive(taxis: Taxis):
    driver = taxis.driver()
    car = taxis.vehicle(taxis.at(1))
    permit = {
        "id": str(ids.uuid7()), "driver": str(driver.party), "kind": "permit", "valid_from": "2020-01-01",
        "valid_until": "2020-12-31",
    }  # fmt: skip
    path = f"operators/{taxis.operator}/permits"
    Phone(driver).post(path, permit, status=403)
    desk = Phone(taxis.owner)
    assert desk.post(path, permit, status=201) == desk.post(path, permit, status=201)
    desk.post(path, permit | {"valid_until": "2019-12-31", "id": str(ids.uuid7())}, status=422)
    desk.post(path, permit | {"driver": str(ids.uuid7())}, status=404)
    from lilong.fields.mobility.models import DriverPermit

    duty = Phone(driver).post("duties", {"id": str(ids.uuid7()), "vehicle": str(car.id)}, status=201)
    Phone(taxis.driver("Driver Wu")).post("duties", {"id": str(ids.uuid7()), "vehicle": str(car.id)}, status=409)
    good = DriverPermit.objects.get(driver=driver.party, kind="permit", valid_until__gt="2021-01-01")
    assert desk.post(f"permits/{good.id}/revoke")["revoked"]
    assert Phone(driver).get(f"duties/{duty['id']}")["state"] == "ended"
    refused = Phone(driver).post("duties", {"id": str(ids.uuid7()), "vehicle": str(car.id)}, status=409)
    assert refused["errors"] == [{"pointer": "/papers/permit", "rule": "valid", "detail": ""}]
    Phone(taxis.rider()).post("duties", {"id": str(ids.uuid7()), "vehicle": str(car.id)}, status=404)


def test_no_tip_for_a_car_without_a_driver(taxis: Taxis):
    rider = taxis.rider()
    device, _ = taxis.robotaxi(taxis.at(1))
    ride = taxis.under_way(rider, device, plan=taxis.robot_type.plan)
    Phone(rider).post(f"rides/{ride.id}/end", {})
    assert Phone(rider).post(f"rides/{ride.id}/tip", {"amount": 100}, status=409)["type"].endswith("no-driver")
    done = Ride.objects.get(id=ride.id)
    platform = TERMS.minimum * TERMS.platform_bp // 10_000
    assert (done.total, taxis.purse(taxis.operator, "sales")) == (TERMS.minimum, (TERMS.minimum - platform, 0))


def test_an_operator_cannot_name_anothers_plan(taxis: Taxis):
    from lilong.fields.mobility.services.rides import tariffs
    from lilong.kernel.base.problems import Conflict, Forbidden
    from lilong.kernel.base.words import Words

    name = Words(en="Car", zh="车", ko="차")
    given: dict[str, Any] = {"plan": taxis.type.plan, "name": name, "description": name, "terms": TERMS}
    with pytest.raises(Conflict):
        tariffs.publish(taxis.rival_owner, id=ids.uuid7(), operator=taxis.rival, **given)
    with pytest.raises(Forbidden):
        tariffs.publish(taxis.rival_owner, id=UUID(int=7), operator=taxis.operator, **given)
