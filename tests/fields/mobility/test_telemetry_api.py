"""Operators' view of their connected vehicles over HTTP; whose route is whose; alerts."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lilong.fields.mobility.models import Rental, Tariff, Trip
from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import telemetry, vehicle_states
from lilong.kernel.base import clock, ids
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.mobility.scene import SQUARE, Town


def client_of(actor: Actor, *scopes: str) -> Client:
    expires = clock.now() + timedelta(days=1)
    _, secret = parties_services.issue_key(
        SYSTEM, id=ids.uuid7(), party=actor.party, name="test", scopes=list(scopes or ["*"]), expires_at=expires
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def put(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.put(f"/api/mobility{path}", body, content_type="application/json")


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/mobility{path}", body, content_type="application/json")


def says(town: Town, *ways: tuple[int, int]) -> list[str]:
    """(seconds from now, metres north) of the car."""
    return telemetry.take(
        [
            Reading(
                town.car.id, 1, n + 1, clock.now() + timedelta(seconds=seconds), SQUARE.latitude_e6 + 9 * metres,
                SQUARE.longitude_e6,
            )
            for n, (seconds, metres) in enumerate(ways)
        ]
    )  # fmt: skip


def test_a_terminal_is_awaited_by_who_runs_the_vehicle(town: Town):
    path, body = f"/vehicles/{town.car.id}/terminal", {"phone": "013800000001", "terminal": "T1", "datum": "gcj02"}
    answer = put(client_of(town.clerk), path, body)
    assert (answer.status_code, answer.json()["phone"], answer.json()["datum"]) == (200, "13800000001", "gcj02")
    assert put(client_of(town.clerk, "mobility:rent"), path, body).status_code == 403
    assert put(client_of(town.rival_owner), path, body).status_code == 404
    assert put(Client(), path, body).status_code == 401
    other = town.vehicle("沪A·77")
    taken = put(client_of(town.clerk), f"/vehicles/{other.id}/terminal", body)
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:lilong:problem:phone-taken")
    bike = town.bike("沪B·1", connected=False)
    assert put(client_of(town.clerk), f"/vehicles/{bike.id}/terminal", body | {"phone": "7"}).status_code == 409
    (listed,) = client_of(town.manager).get(f"/api/mobility/operators/{town.operator}/terminals").json()
    assert listed["vehicle"] == str(town.car.id)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"phone": "+86138", "terminal": "T"}, "/phone"),
        ({"phone": "000", "terminal": "T"}, "/phone"),
        ({"phone": "", "terminal": "T"}, "/phone"),
        ({"phone": "1" * 21, "terminal": "T"}, "/phone"),
        ({"phone": "138", "terminal": ""}, "/terminal"),
        ({"phone": "138", "terminal": "车"}, "/terminal"),
        ({"phone": "138", "terminal": "T", "datum": "bd09"}, "/datum"),
        ({"phone": "138", "terminal": "T", "more": 1}, "/more"),
    ],
)
def test_terminals_that_cannot_be(town: Town, body: dict[str, Any], pointer: str):
    answer = put(client_of(town.clerk), f"/vehicles/{town.car.id}/terminal", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


def test_what_was_not_believed_is_shown_to_the_operator_alone(town: Town):
    assert says(town, (1, 0), (2, 90_000), (600, 0), (3, 95_000)) == ["taken", "teleport", "future", "teleport"]
    client, path = client_of(town.manager), f"/api/mobility/operators/{town.operator}/quarantine"
    found = client.get(path).json()
    assert sorted(each["reason"] for each in found["items"]) == ["future", "teleport", "teleport"]
    assert client.get(f"{path}/reasons").json() == {"future": 1, "teleport": 2}
    first = client.get(path, {"reason": "teleport", "size": 1}).json()
    second = client.get(path, {"reason": "teleport", "size": 1, "cursor": first["next"]}).json()
    assert sorted(page["items"][0]["seq"] for page in (first, second)) == [2, 4] and second["next"] == ""
    for stranger in (town.rival_owner, town.rider(0)):
        assert client_of(stranger).get(path).status_code == 403
        assert client_of(stranger).get(f"{path}/reasons").status_code == 403
    assert client.get(path, {"size": 0}).status_code == 422
    assert client.get(path, {"cursor": "x"}).status_code == 422


def rented(town: Town, rider: Actor) -> Any:
    """A rental's trip of 900 m north."""
    id, tariff = ids.uuid7(), Tariff.objects.get(plan=town.plan)
    now = clock.now()
    Rental.objects.create(
        id=id, operator_id=town.operator, vehicle=town.car, type=town.small, mode="car-share", rider=rider.party,
        tariff=tariff, state="started", start=now, end=now + timedelta(hours=1), quoted=1, deposit=0, held=0, booked_at=now,
        body=b"",
    )  # fmt: skip
    for event in ("reservation_start", "reservation_stop", "trip_start"):
        vehicle_states.move(vehicle_states.locked(town.car.id), [event], trip=id)
    later = clock.now() + timedelta(seconds=100)
    with clock.at(later):
        says(town, (-90, 0), (-60, 300), (-30, 600), (-1, 900))
        for event in ("trip_stop", "trip_end"):
            vehicle_states.move(vehicle_states.locked(town.car.id), [event], trip=id)
    return id


def test_a_route_is_the_riders_and_whoever_else_reads_it_says_why(town: Town):
    rider = town.rider()
    id = rented(town, rider)
    trip = Trip.objects.get(id=id)
    assert (trip.kind, trip.points, trip.metres) == ("rental", 4, 901)
    path = f"/api/mobility/trips/{id}/route"
    found = client_of(rider).get(path).json()
    assert (found["geometry"]["type"], len(found["geometry"]["coordinates"])) == ("LineString", 4)
    assert parties.access_log(rider.party).items == []
    for stranger in (town.rider(0, "Somebody"), town.rival_owner, town.clerk):
        assert client_of(stranger).get(path).status_code == 404
    assert client_of(town.manager).get(path).status_code == 422
    assert client_of(town.manager).get(path, {"why": "a claim about a scratch"}).json() == found
    (entry,) = parties.access_log(rider.party).items
    assert (entry.reader, entry.what, entry.why) == (town.manager.party, "route of a trip", "a claim about a scratch")
    assert client_of(rider).get(f"/api/mobility/trips/{ids.uuid7()}/route").status_code == 404
    (listed,) = client_of(town.clerk).get(f"/api/mobility/operators/{town.operator}/trips").json()["items"]
    assert (listed["id"], listed["metres"]) == (str(id), 901)
    assert client_of(town.rival_owner).get(f"/api/mobility/operators/{town.operator}/trips").status_code == 403


def test_alerts_are_published_once_and_withdrawn(town: Town):
    path = f"/operators/{town.operator}/alerts"
    body = {
        "id": str(ids.uuid7()), "kind": "station_closure", "summary": {"en": "Closed", "zh": "关闭"},
        "stations": [str(town.station.id)],
    }  # fmt: skip
    client = client_of(town.manager)
    assert [post(client, path, body).status_code for _ in range(2)] == [201, 201]
    assert post(client, path, body | {"kind": "other"}).status_code == 409
    assert post(client_of(town.rival_owner), path, body | {"id": str(ids.uuid7())}).status_code == 403
    (shown,) = Client().get(f"/mobility/gbfs/3.0/{town.operator}/system_alerts.json").json()["data"]["alerts"]
    assert (shown["alert_id"], shown["station_ids"]) == (body["id"], body["stations"])
    assert client_of(town.rival_owner).delete(f"/api/mobility/alerts/{body['id']}").status_code == 404
    assert [client.delete(f"/api/mobility/alerts/{body['id']}").status_code for _ in range(2)] == [200, 200]
    with clock.at(clock.now() + timedelta(seconds=61)):
        assert Client().get(f"/mobility/gbfs/3.0/{town.operator}/system_alerts.json").json()["data"]["alerts"] == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"kind": "storm"}, "/kind"),
        ({"summary": {"en": " "}}, "/summary"),
        ({"summary": {"en": "x" * 201}}, "/summary"),
        ({"stations": ["00000000-0000-0000-0000-000000000000"]}, "/stations"),
        ({"start": "2030-01-02T00:00:00Z", "end": "2030-01-01T00:00:00Z"}, "/end"),
    ],
)
def test_alerts_that_cannot_be(town: Town, more: dict[str, Any], pointer: str):
    body = {"id": str(ids.uuid7()), "kind": "other", "summary": {"en": "Closed"}} | more
    answer = post(client_of(town.manager), f"/operators/{town.operator}/alerts", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
