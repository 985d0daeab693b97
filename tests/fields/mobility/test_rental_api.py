"""Renting and running a fleet over HTTP: shapes, refusals, who may see what."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lilong.kernel.base import clock, ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.mobility.scene import SQUARE, Town, number_of, square
from tests.fields.mobility.test_driving import PNG

HERE = {"longitude": SQUARE.longitude, "latitude": SQUARE.latitude}


class Caller:
    """Calls the API as somebody."""

    def __init__(self, actor: Actor | None, scopes: tuple[str, ...] = ("*",)) -> None:
        self.client, self.headers = Client(), {}
        if actor is not None:
            _view, secret = parties.issue_key(
                SYSTEM,
                id=ids.uuid7(),
                party=actor.party,
                name="test",
                scopes=list(scopes),
                expires_at=clock.now() + timedelta(days=1),
            )
            self.headers = {"authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/mobility{path}", query, headers=self.headers)

    def send(self, path: str, method: str = "post", **body: Any) -> Any:
        call = getattr(self.client, method)
        return call(f"/api/mobility{path}", body, content_type="application/json", headers=self.headers)


def times(hours: int = 2, length: int = 2) -> dict[str, str]:
    start = clock.now().replace(microsecond=0) + timedelta(hours=hours)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=length)).isoformat()}


def test_from_finding_to_the_receipt(town: Town):
    rider = town.rider()
    me, desk = Caller(rider), Caller(None)
    number = number_of(ids.uuid7())
    handed = {"id": str(ids.uuid7()), "number": number, "classes": ["C1"], "valid_until": "2040-01-01"}
    assert me.send("/licences", **handed).json()[0]["state"] == "submitted"
    assert number not in me.get("/licences").content.decode()
    town.licence(rider)
    when = {
        "start": clock.now().replace(microsecond=0).isoformat(),
        "end": (clock.now().replace(microsecond=0) + timedelta(hours=2)).isoformat(),
    }
    (car,) = desk.get("/cars", **HERE, **when).json()
    assert car["price"]["total"] == sum(line["amount"] for line in car["price"]["lines"])
    assert desk.get(f"/cars/{car['id']}/price", **when).json()["held"] == car["price"]["held"]
    body = {"id": str(ids.uuid7()), "vehicle": car["id"], "price": car["price"]["total"], **when}
    assert desk.send("/rentals", **body).status_code == 401
    made = me.send("/rentals", **body)
    assert (made.status_code, made.json()["state"], made["Cache-Control"]) == (201, "booked", "no-store")
    rental = made.json()["id"]
    opened = me.send(f"/rentals/{rental}/unlock", id=str(ids.uuid7()), place=HERE)
    assert opened.json()["state"] == "unlocking"
    town.answers(town.car.id)
    assert me.get(f"/rentals/{rental}").json()["state"] == "started"
    report = {"id": str(ids.uuid7()), "phase": "start", "note": "fine"}
    photo = {"id": str(ids.uuid7()), "content": base64.b64encode(PNG).decode()}
    assert me.send(f"/rentals/{rental}/reports", **report, photos=[photo]).status_code == 201
    assert me.get(f"/photos/{photo['id']}")["Content-Type"] == "image/png"
    town.reports(town.car.id, odometer_m=2000)
    ended = me.send(f"/rentals/{rental}/end").json()
    receipt = me.get(f"/trips/{rental}/receipt").json()
    assert (ended["state"], receipt["total"]) == ("ended", sum(line["amount"] for line in receipt["lines"]))
    assert [each["id"] for each in me.get("/rentals").json()["items"]] == [rental]
    for other in (Caller(town.driver()), Caller(town.rival_owner)):
        for path in (f"/rentals/{rental}", f"/trips/{rental}/receipt", f"/photos/{photo['id']}"):
            assert other.get(path).status_code == 404
        assert other.send(f"/rentals/{rental}/cancel").status_code == 404
    assert Caller(town.clerk).get(f"/rentals/{rental}").json()["rider"] == str(rider.party)


def test_a_taken_car_answers_409_with_what_is_free(town: Town):
    town.vehicle("沪A·2")
    first, second = Caller(town.driver()), Caller(town.driver())
    body = {"vehicle": str(town.car.id), **times()}
    assert first.send("/rentals", id=str(ids.uuid7()), **body).status_code == 201
    refused = second.send("/rentals", id=str(ids.uuid7()), **body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lilong:problem:vehicle-taken")
    assert {each["vehicle"] == str(town.car.id) for each in refused.json()["alternatives"]} == {True, False}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"start": "2030-04-08T12:00:00"}, "/start"),
        ({"end": "yesterday"}, "/end"),
        ({"foreseen_m": -1}, "/foreseen_m"),
        ({"foreseen_m": 1.5}, "/foreseen_m"),
        ({"vehicle": "none"}, "/vehicle"),
        ({"rider": "somebody"}, "/rider"),
    ],
)
def test_bad_bodies_are_named(town: Town, change: dict[str, Any], pointer: str):
    body = {"id": str(ids.uuid7()), "vehicle": str(town.car.id), **times()} | change
    refused = Caller(town.driver()).send("/rentals", **body)
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


def test_positions_that_are_none_are_refused(town: Town):
    me = Caller(town.driver())
    for bad in ({"longitude": 181, "latitude": 31}, {"longitude": 121}, {"longitude": "NaN", "latitude": 31}):
        assert me.send(f"/bikes/{ids.uuid7()}/take", id=str(ids.uuid7()), place=bad).status_code == 422
        assert me.get("/bikes", **bad).status_code == 422


def test_a_key_reaches_no_further_than_its_scope(town: Town):
    body = {"id": str(ids.uuid7()), "vehicle": str(town.car.id), **times()}
    assert Caller(town.driver(), ("orders:place",)).send("/rentals", **body).status_code == 403
    assert Caller(town.driver(), ("mobility:rent",)).send("/rentals", **body).status_code == 201
    path = f"/operators/{town.operator}/vehicles"
    assert Caller(town.owner, ("mobility:rent",)).get(path).status_code == 403


def test_an_operator_sets_up_and_looks_after_its_fleet(town: Town):
    boss, rival = Caller(town.owner), Caller(town.rival_owner)
    words = {"en": "Van", "zh": "面包车", "ko": "밴"}
    kind = {"id": str(ids.uuid7()), "operator": str(town.operator), "mode": "car-share", "name": words}
    kind |= {"form_factor": "car", "propulsion_type": "electric", "max_range_m": 200_000, "licence_class": "C1"}
    assert boss.send("/types", "put", **kind).json()["seats"] == 1
    assert rival.send("/types", "put", **kind).status_code == 403
    car = {"id": str(ids.uuid7()), "type": kind["id"], "plate": "沪A·van", "vin": "LSVAA49J132047371"}
    car |= {"latitude_e6": SQUARE.latitude_e6, "longitude_e6": SQUARE.longitude_e6}
    assert boss.send("/vehicles", **car).json()["state"] == "available"
    refused = boss.send(f"/vehicles/{car['id']}/events", id=str(ids.uuid7()), events=["trip_end"])
    assert (refused.status_code, refused.json()["state"]) == (409, "available")
    assert boss.send(f"/vehicles/{car['id']}/events", id=str(ids.uuid7()), events=["service_end"]).status_code == 201
    assert len(boss.get(f"/vehicles/{car['id']}/events").json()["items"]) == 3
    terms = {"bands": [{"per_hour": 100, "start": 60, "end": 120}]}
    tariff = {"id": str(ids.uuid7()), "plan": str(ids.uuid7()), "operator": str(town.operator), "mode": "car-share"}
    tariff |= {"name": words, "description": words}
    refused = boss.send("/tariffs", **tariff, terms=terms)
    assert refused.json()["errors"] == [{"pointer": "/terms/bands/0", "rule": "always", "detail": ""}]
    terms["bands"].append({"per_hour": 300})
    assert boss.send("/tariffs", **tariff, terms=terms).json()["version"] == 1
    zone = {"id": str(ids.uuid7()), "zone": str(ids.uuid7()), "operator": str(town.operator), "name": words}
    zone |= {"geometry": square(SQUARE, 100), "rules": [{"ride_end_allowed": False}]}
    assert boss.send("/zones", **zone).json()["version"] == 1
    held = rival.get(f"/types/{kind['id']}/rules", **HERE).json()
    assert (held["end"], held["zone"], held["station"]) == (False, zone["zone"], str(town.station.id))
    assert rival.send(f"/zones/{zone['zone']}/withdraw").status_code == 403
    assert boss.send(f"/zones/{zone['zone']}/withdraw").json()["withdrawn_at"]
    work = {"id": str(ids.uuid7()), "kind": "repair", **times(4)}
    assert boss.send(f"/vehicles/{car['id']}/maintenance", **work).status_code == 201
    assert [each["id"] for each in boss.get(f"/operators/{town.operator}/maintenance").json()] == [work["id"]]
    assert boss.send(f"/maintenance/{work['id']}/finish", done=False).json()["cancelled_at"]
    used = boss.get(f"/operators/{town.operator}/use", **times(0, 24)).json()
    assert [(each["mode"], each["vehicles"]) for each in used] == [("car-share", 2)]
    for path in ("vehicles", "rentals", "overdue", "reports", "maintenance"):
        assert boss.get(f"/operators/{town.operator}/{path}").status_code == 200
        assert rival.get(f"/operators/{town.operator}/{path}").status_code == 403


def test_the_citys_desk_decides_licences(town: Town):
    handed = {"id": str(ids.uuid7()), "number": number_of(ids.uuid7()), "classes": ["C1"], "valid_until": "2040-01-01"}
    me = Caller(town.rider())
    me.send("/licences", **handed)
    assert me.get("/licences/waiting").status_code == 403
    assert me.send(f"/licences/{handed['id']}/decide", accept=True).status_code == 403
