"""MDS 2.0 for regulators: answers against the published schemas; hours, versions, pages; who may read, and who sees it."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
import yaml
from django.test import Client
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from lilong.fields.mobility.models import Receipt, Rental, Tariff, VehicleEvent
from lilong.fields.mobility.pages import mds as pages
from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import telemetry
from lilong.kernel.base import clock, ids
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.mobility.scene import NOON, SQUARE, Town, words

MODELS = Path(__file__).parents[3] / "data" / "mobility" / "mds" / "models"
ACCEPT = "application/vnd.mds+json;version=2.0"
HOUR = timedelta(hours=1)
BASE = "https://models.example/"


@cache
def model(path: str, mode: str = "") -> Any:
    """A published model. Three things in them cannot be used as they are: `oneOf` over the modes, which do not exclude each
    other, so that of the vehicle at hand is taken; an `if` whose `contains` is a list, which is no schema; and the empty
    pattern, which the checker takes for none."""
    found = yaml.safe_load((MODELS / path).read_text())
    if path == "data-types/event-type.yaml":
        found["enum"].append("recommissioned")  # so the tables of transitions and the modes' events spell it

    def mended(value: Any) -> Any:
        if isinstance(value, list):
            return [mended(each) for each in value]
        if not isinstance(value, dict):
            return value
        choices = [each.get("$ref", "") for each in value.get("oneOf", []) if isinstance(each, dict)]
        if mode and choices and all("modes/" in choice for choice in choices):
            return {"$ref": f"./modes/{mode}/{choices[0].rpartition('/')[2]}"}
        return {
            key or ".*": mended(each)
            for key, each in value.items()
            if not (key in ("if", "then") and path.endswith("event.yaml"))
        }

    return mended(found)


def valid(path: str, body: Any, mode: str) -> None:
    def retrieve(uri: str) -> Resource[Any]:
        return Resource(model(uri.removeprefix(BASE), mode), DRAFT202012)

    registry: Registry[Any] = Registry(retrieve=retrieve)
    checker = jsonschema.Draft202012Validator({"$ref": f"{BASE}{path}"}, registry=registry)
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in checker.iter_errors(body)] == []


class Agency(Town):
    """The town a day later, with a rental and what its car said on the way; and an agency with a key."""

    def __init__(self) -> None:
        with clock.at(NOON - timedelta(hours=4)):
            super().__init__()
            self.agency = self.public_body("agency")
            self.someone = self.rider()
            self.rental = self.drive()
            self.bike_one = self.bike("沪B·1")

    def public_body(self, kind: str) -> Actor:
        founder, id = self.person("Official"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM, id=id, name=words("Transport bureau"), owner=founder.party, kind=kind, district="huangpu"
        )
        return Actor(party=id, kind="organisation")

    def drive(self) -> UUID:
        """A quarter of an hour north, ended at 08:20 in the city."""
        id, start = ids.uuid7(), clock.now() + timedelta(minutes=5)
        tariff = Tariff.objects.get(plan=self.plan)
        rental = {
            "id": id, "operator_id": self.operator, "vehicle": self.car, "type": self.small, "mode": "car-share",
            "rider": self.someone.party, "tariff": tariff, "state": "ended", "start": start, "end": start + HOUR,
            "quoted": 1000, "deposit": 0, "held": 0, "booked_at": start - HOUR, "body": b"",
        }  # fmt: skip
        Rental.objects.create(**rental)
        with clock.at(start):
            for event in ("reservation_start", "reservation_stop", "trip_start"):
                self.happens(self.car.id, event, trip=id)
        end = start + timedelta(minutes=15)
        with clock.at(end):
            telemetry.take(
                [
                    Reading(
                        self.car.id, 1, n, start + timedelta(seconds=60 * n), SQUARE.latitude_e6 + 4_321 * n,
                        SQUARE.longitude_e6, heading=0, speed_mms=8_000, energy_pm=700,
                    )
                    for n in range(16)
                ]
            )  # fmt: skip
            for event in ("trip_stop", "trip_end"):
                self.happens(self.car.id, event, trip=id)
        Receipt.objects.create(
            id=ids.uuid7(), trip=id, kind="rental", operator_id=self.operator, rider=self.someone.party, tariff=tariff,
            currency="CNY", total=1280, lines=[], seconds=900, metres=7000, issued_at=end,
        )  # fmt: skip
        return id

    def client(self, actor: Actor | None = None, *scopes: str) -> Client:
        actor = actor or self.agency
        expires = clock.now() + timedelta(days=1)
        _, secret = parties_services.issue_key(
            SYSTEM,
            id=ids.uuid7(),
            party=actor.party,
            name="test",
            scopes=list(scopes or ["mobility:mds"]),
            expires_at=expires,
        )
        return Client(headers={"Authorization": f"Bearer {secret}", "Accept": ACCEPT})

    def get(self, path: str, status: int = 200, client: Client | None = None, **query: Any) -> Any:
        answer = (client or self.client()).get(f"/mobility/mds/{path}", query)
        assert (answer.status_code, answer["Content-Type"]) == (status, ACCEPT), answer.content
        return answer.json()


@pytest.fixture
def agency(noon: Any, db: None) -> Agency:
    return Agency()


def hour(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H")


DRIVEN = hour(NOON - timedelta(hours=4))


def test_vehicles_and_their_status(agency: Agency):
    modes = {str(agency.car.id): "car-share", str(agency.bike_one.id): "micromobility"}
    body = agency.get("vehicles")
    valid("response/paging.yaml", body, "car-share")
    assert {each["device_id"] for each in body["vehicles"]} == set(modes)
    for each in body["vehicles"]:
        valid("vehicle.yaml", each, modes[each["device_id"]])
    status = agency.get("vehicles/status")
    for name in ("version", "last_updated", "ttl", "paging"):
        valid(f"response/{name}.yaml", status, "car-share")
    for each in status["vehicles_status"]:
        valid("vehicle-status.yaml", each, modes[each["device_id"]])
    one = agency.get(f"vehicles/{agency.car.id}")["vehicles"]
    assert one == [each for each in body["vehicles"] if each["device_id"] == str(agency.car.id)]
    (last,) = agency.get(f"vehicles/status/{agency.car.id}")["vehicles_status"]
    assert (last["last_event"]["event_types"], last["last_telemetry"]["trip_ids"]) == (["trip_end"], None)
    for path in ("vehicles/", "vehicles/status/", "stops/"):
        agency.get(f"{path}{ids.uuid7()}", 404)


def test_a_trip_with_its_distance_its_price_and_coarse_ends(agency: Agency):
    (trip,) = agency.get("trips", end_time=DRIVEN)["trips"]
    valid("trip.yaml", trip, "car-share")
    assert (trip["trip_id"], trip["duration"], trip["actual_cost"], trip["currency"]) == (
        str(agency.rental), 900, 1280, "CNY",
    )  # fmt: skip
    assert trip["distance"] == pytest.approx(15 * 4_321 * 0.1112, rel=0.01)
    with pytest.raises(AssertionError):
        valid("trip.yaml", trip | {"trip_type": "private"}, "car-share")  # the schemas do look
    assert trip["start_location"] == {"lat": 31.23, "lng": 121.474}
    assert agency.get("trips", end_time=hour(NOON - timedelta(hours=3)))["trips"] == []


def test_events_of_an_hour_and_of_the_last_days(agency: Agency):
    modes = {str(agency.car.id): "car-share", str(agency.bike_one.id): "micromobility"}
    events = agency.get("events/historical", event_time=DRIVEN)["events"]
    assert [each["event_types"] for each in events if str(agency.rental) in each.get("trip_ids", [])] == [
        ["reservation_start"], ["reservation_stop"], ["trip_start"], ["trip_stop"], ["trip_end"],
    ]  # fmt: skip
    for each in events:
        valid("event.yaml", each, modes[each["device_id"]])
        if set(each["event_types"]) & {"trip_start", "trip_end", "reservation_start"}:
            assert len(each["trip_ids"]) == 1
    times = {"start_time": millis(NOON - timedelta(hours=5)), "end_time": millis(NOON)}
    assert agency.get("events/recent", **times)["events"] == events


def millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_recent_events_come_in_pages_and_none_is_lost(agency: Agency, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    client = agency.client()
    times = {"start_time": millis(NOON - timedelta(days=1)), "end_time": millis(NOON)}
    answer, found = client.get("/mobility/mds/events/recent", times).json(), []
    while True:
        valid("response/paging.yaml", answer, "car-share")
        found += [each["event_id"] for each in answer["events"]]
        if answer["links"]["next"] is None:
            break
        answer = client.get(answer["links"]["next"]).json()
    assert found == [
        str(id) for id in VehicleEvent.objects.order_by("at", "vehicle", "sequence").values_list("id", flat=True)
    ]
    first = client.get("/mobility/mds/vehicles").json()
    assert (len(first["vehicles"]), first["links"]["next"]) == (2, None)


def test_telemetry_of_an_hour(agency: Agency):
    points = agency.get("telemetry", telemetry_time=DRIVEN)["telemetry"]
    assert len(points) == 16
    for each in points:
        valid("telemetry.yaml", each, "car-share")
        assert each["trip_ids"] == [str(agency.rental)]
        assert re.fullmatch(r"-?\d+(\.\d{1,3})?", str(each["location"]["lat"]))
    assert len({each["telemetry_id"] for each in points}) == 16
    extra = Reading(agency.car.id, 1, 99, datetime.fromtimestamp(points[3]["timestamp"] / 1000 + 2, UTC),
                    SQUARE.latitude_e6 + 3 * 4_321, SQUARE.longitude_e6)  # fmt: skip
    assert telemetry.take([extra]) == ["taken"]
    assert agency.get("telemetry", telemetry_time=DRIVEN)["telemetry"] == points  # two seconds later says nothing more


def test_stops(agency: Agency):
    (stop,) = agency.get("stops")["stops"]
    valid("stop.yaml", stop, "car-share")
    assert (stop["num_vehicles_available"], stop["num_places_available"]) == ({"car": 1}, {"other": 19})
    assert agency.get(f"stops/{agency.station.id}")["stops"][0]["stop_id"] == str(agency.station.id)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("trips", {}, 400),
        ("trips", {"end_time": "yesterday"}, 400),
        ("trips", {"end_time": "2030-04-08T4"}, 400),
        ("trips", {"end_time": "2030-04-08T24"}, 400),
        ("trips", {"end_time": hour(NOON)}, 404),  # it is not over
        ("trips", {"end_time": hour(NOON - HOUR)}, 202),  # over, but not yet long enough
        ("trips", {"end_time": "2020-01-01T00"}, 404),  # nobody operated then
        ("telemetry", {}, 400),
        ("telemetry", {"telemetry_time": hour(NOON - HOUR)}, 202),
        ("events/historical", {"event_time": "2030-04-08T00:00"}, 400),
        ("events/historical", {"event_time": hour(NOON + HOUR)}, 404),
        ("events/recent", {"start_time": "1"}, 400),
        ("events/recent", {"start_time": "-1", "end_time": "1"}, 400),
        ("events/recent", {"start_time": "9" * 30, "end_time": "9" * 30}, 400),
        ("events/recent", {"start_time": str(millis(NOON - timedelta(days=15))), "end_time": str(millis(NOON))}, 400),
        ("events/recent", {"start_time": str(millis(NOON)), "end_time": str(millis(NOON - HOUR))}, 400),
        ("events/recent", {"start_time": str(millis(NOON - HOUR)), "end_time": str(millis(NOON)), "after": "x"}, 400),
        ("vehicles", {"after": "x"}, 400),
    ],
)
def test_hours_and_moments_that_cannot_be_asked_for(agency: Agency, path: str, query: dict[str, str], status: int):
    body = agency.get(path, status, **query)
    if status != 202:
        valid("response/error.yaml", body, "car-share")


def test_versions(agency: Agency):
    client = agency.client()
    for accept, status in (
        (ACCEPT, 200), ("application/vnd.mds+json; version=2.0", 200), ("*/*", 200), ("application/json", 200),
        ("application/vnd.mds+json;version=1.2", 406), ("application/vnd.mds+json", 406),
        ("application/vnd.mds+json;version=1.2, application/vnd.mds+json;version=2.0", 200),
    ):  # fmt: skip
        assert client.get("/mobility/mds/vehicles", headers={"Accept": accept}).status_code == status, accept


def test_nobody_but_agencies_with_the_scope(agency: Agency):
    """An operator does not read its rival's fleet here, a rider nobody's; spelled as MDS has it, 401."""
    for client in (
        Client(headers={"Accept": ACCEPT}),
        Client(headers={"Accept": ACCEPT, "Authorization": "Bearer lk_wrong"}),
        agency.client(agency.owner, "*"),
        agency.client(agency.someone, "*"),
        agency.client(agency.public_body("retailer")),
        agency.client(agency.agency, "mobility:rent"),
    ):
        for path in ("vehicles", "vehicles/status", "stops", "events/recent"):
            valid("response/error.yaml", agency.get(path, 401, client), "car-share")
    assert agency.client().post("/mobility/mds/vehicles").status_code == 405
    agency.get("vehicles", 200, agency.client(agency.public_body("city")))


def test_a_rider_sees_who_read_the_trip(agency: Agency):
    def seen() -> list[tuple[UUID, str]]:
        entries = parties.access_log(agency.someone.party).items
        return sorted((entry.reader, entry.what) for entry in entries)

    agency.get("vehicles/status")
    agency.get("events/historical", event_time=DRIVEN)
    assert seen() == []
    agency.get("trips", end_time=DRIVEN)
    agency.get("telemetry", telemetry_time=DRIVEN)
    assert seen() == [(agency.agency.party, "mobility telemetry"), (agency.agency.party, "mobility trips")]
