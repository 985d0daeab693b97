"""The feeds against the published schemas, against each other, and against whoever would follow a vehicle through them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from django.test import Client

from lilong.fields.mobility.drafts import RuleDraft
from lilong.fields.mobility.models import ServiceAlert, Vehicle, Zone
from lilong.fields.mobility.services.rentals import driving, ending
from lilong.fields.mobility.standard.gbfs import privacy, static
from lilong.kernel.base import clock, ids
from lilong.kernel.base.districts import SLUGS
from lilong.kernel.geo.points import Point, moved
from tests.fields.mobility.scene import SQUARE, Town, square

SCHEMAS = Path(__file__).parents[3] / "data" / "mobility" / "gbfs"
FEEDS = (
    "gbfs", "gbfs_versions", "system_information", "vehicle_types", "station_information", "station_status",
    "vehicle_status", "system_regions", "system_pricing_plans", "system_alerts", "geofencing_zones",
)  # fmt: skip
KERB = moved(SQUARE, 400, 90)


class City(Town):
    """With everything that a feed can show."""

    def __init__(self) -> None:
        super().__init__()
        self.dock = self.stand("Dock", moved(SQUARE, 200, 0), kind="dock", capacity=3)
        self.painted = self.stand("Painted", KERB, kind="virtual", area=square(KERB, 15), capacity=6)
        self.loose = self.bike("沪B·1", moved(SQUARE, 900, 45))
        self.docked = self.bike("沪B·2", self.at(self.dock), home=self.dock.id)
        self.second = self.vehicle("沪A·10002", moved(SQUARE, 500, 200))
        self.zone(
            "Pedestrians", square(SQUARE, 300), RuleDraft(ride_end_allowed=False, vehicle_type_ids=(self.bike_type.id,))
        )
        self.zone(
            "City's quiet mile", square(KERB, 500), RuleDraft(maximum_speed_kph=15), operator=None, precedence=200
        )
        ServiceAlert.objects.create(
            id=ids.uuid7(), operator_id=self.operator, kind="station_closure", summary={"en": "Dock closed", "zh": "关闭"},
            stations=[self.dock.id, ids.uuid7()], start=clock.now(), published_at=clock.now(),
        )  # fmt: skip

    @staticmethod
    def at(station: Any) -> Point:
        return Point.of_e6(station.latitude_e6, station.longitude_e6)

    def feed(self, name: str, operator: UUID | None = None, **more: Any) -> dict[str, Any]:
        answer = Client().get(f"/mobility/gbfs/3.0/{operator or self.operator}/{name}.json", **more)
        assert answer.status_code == 200, (name, answer.content)
        return answer.json()

    def data(self, name: str) -> Any:
        return self.feed(name)["data"]

    def vehicles(self) -> list[dict[str, Any]]:
        """As they are now: the minute before is not looked at."""
        from lilong.fields.mobility.pages import gbfs

        gbfs._kept.clear()
        return self.data("vehicle_status")["vehicles"]


@pytest.fixture
def city(noon: Any, db: None) -> City:
    return City()


def valid(name: str, body: dict[str, Any]) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [f"{list(error.absolute_path)}: {error.message}" for error in checker.iter_errors(body)] == []


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_holds_its_schema(city: City, name: str):
    body = city.feed(name)
    valid(name, body)
    assert body["version"] == "3.0"
    valid(name, city.feed(name, city.rival))  # an operator with nothing to show


def test_the_manifest_leads_to_every_system_and_each_to_all_its_feeds(city: City):
    body = Client().get("/mobility/gbfs/3.0/manifest.json").json()
    valid("manifest", body)
    found = {each["system_id"]: each["versions"][0]["url"] for each in body["data"]["datasets"]}
    assert set(found) == {f"lilong_{operator.hex}" for operator in (city.operator, city.rival)}
    feeds = Client().get(found[f"lilong_{city.operator.hex}"]).json()["data"]["feeds"]
    assert [each["name"] for each in feeds] == list(FEEDS)
    for each in feeds:
        assert Client().get(each["url"]).status_code == 200
    information = city.data("system_information")
    assert information["manifest_url"].endswith("/mobility/gbfs/3.0/manifest.json")
    assert city.data("gbfs_versions")["versions"][0]["url"] == found[information["system_id"]]


def test_what_one_feed_names_another_one_has(city: City):
    """The published validator accepts a vehicle at a station that there is not; this does not."""
    stations = {each["station_id"] for each in city.data("station_information")["stations"]}
    types = {each["vehicle_type_id"] for each in city.data("vehicle_types")["vehicle_types"]}
    plans = {each["plan_id"] for each in city.data("system_pricing_plans")["plans"]}
    regions = {each["region_id"] for each in city.data("system_regions")["regions"]}
    assert len(stations) == 3 and len(types) == 2 and len(plans) == 2 and regions <= set(SLUGS)
    assert {each["station_id"] for each in city.data("station_status")["stations"]} == stations
    for vehicle in city.vehicles():
        assert vehicle.get("station_id", next(iter(stations))) in stations
        assert vehicle["vehicle_type_id"] in types and vehicle["pricing_plan_id"] in plans
    for kind in city.data("vehicle_types")["vehicle_types"]:
        assert {kind["default_pricing_plan_id"], *kind["pricing_plan_ids"]} <= plans
    for station in city.data("station_information")["stations"]:
        assert station["region_id"] in regions
    for status in city.data("station_status")["stations"]:
        assert {each["vehicle_type_id"] for each in status["vehicle_types_available"]} <= types
        assert sum(each["count"] for each in status["vehicle_types_available"]) == status["num_vehicles_available"]
    zones = city.data("geofencing_zones")["geofencing_zones"]["features"]
    named = {id for zone in zones for rule in zone["properties"]["rules"] for id in rule.get("vehicle_type_ids", [])}
    assert named == {str(city.bike_type.id)}
    for alert in city.data("system_alerts")["alerts"]:
        assert set(alert["station_ids"]) == {str(city.dock.id)}


def test_counts_of_stations_agree_with_the_vehicles_shown(city: City):
    status = {each["station_id"]: each for each in city.data("station_status")["stations"]}
    shown = [vehicle["station_id"] for vehicle in city.vehicles() if "station_id" in vehicle]
    for id, each in status.items():
        assert each["num_vehicles_available"] + each["num_vehicles_disabled"] == shown.count(id)
    assert status[str(city.dock.id)]["num_docks_available"] == 2
    city.happens(city.docked.id, "reservation_start", trip=ids.uuid7())
    with clock.at(clock.now() + timedelta(seconds=61)):
        (dock,) = (each for each in city.data("station_status")["stations"] if each["station_id"] == str(city.dock.id))
    assert (dock["num_vehicles_available"], dock["num_docks_available"]) == (0, 2)  # it stands there still


def test_a_rule_for_others_does_not_become_one_for_all(city: City):
    zones = city.data("geofencing_zones")["geofencing_zones"]["features"]
    assert [zone["properties"]["name"][0]["text"] for zone in zones] == ["Pedestrians", "City's quiet mile"]
    zone = Zone.objects.get(name__en="Pedestrians")
    zone.rules = [{"vehicle_type_ids": ["a robotaxi's"], "ride_end_allowed": False}]
    found = static.geofencing_zones([zone], zone.rules, {str(city.bike_type.id)})
    assert (found["geofencing_zones"]["features"], found["global_rules"]) == ([], [])


def test_every_text_is_there_in_every_language(city: City):
    languages = city.data("system_information")["languages"]
    assert languages == ["en", "zh-CN", "ko"]

    def texts(value: Any) -> list[list[str]]:
        if isinstance(value, list) and value and isinstance(value[0], dict) and "language" in value[0]:
            return [[each["language"] for each in value]]
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [found for each in inside for found in texts(each)]

    found = [each for name in FEEDS for each in texts(city.data(name))]
    assert len(found) > 12 and set(map(tuple, found)) == {tuple(languages)}
    summary = city.data("system_alerts")["alerts"][0]["summary"]
    assert [each["text"] for each in summary] == ["Dock closed", "关闭", "Dock closed"]


def test_prices_are_what_the_tariffs_say(city: City):
    plans = {each["plan_id"]: each for each in city.data("system_pricing_plans")["plans"]}
    car, bike = plans[str(city.plan)], plans[str(city.bike_plan)]
    assert car["per_min_pricing"] == [{"start": 0, "rate": 0.4, "interval": 1}]
    assert car["per_km_pricing"] == [{"start": 0, "rate": 0.8, "interval": 1}]
    assert (bike["price"], bike["per_min_pricing"]) == (1.5, [{"start": 15, "rate": 1.0, "interval": 15}])


def test_caches_browsers_and_what_has_not_changed(city: City):
    address = f"/mobility/gbfs/3.0/{city.operator}/vehicle_status.json"
    first = Client().get(address)
    assert (first["Access-Control-Allow-Origin"], first["Cache-Control"]) == ("*", "public, max-age=60")
    assert Client().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    with clock.at(clock.now() + timedelta(seconds=59)):
        assert Client().get(address)["Cache-Control"] == "public, max-age=1"
    with clock.at(clock.now() + timedelta(seconds=60)):
        later = Client().get(address)
        assert later.json()["last_updated"] != first.json()["last_updated"]
        assert later["ETag"] == first["ETag"]
        Vehicle.objects.filter(id=city.loose.id).update(state="reserved")
    with clock.at(clock.now() + timedelta(seconds=121)):
        assert Client().get(address)["ETag"] != first["ETag"]
    assert Client().post(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["nobody/gbfs.json", "00000000-0000-0000-0000-000000000000/gbfs.json", "{}/trips.json"]
)
def test_what_there_is_not(city: City, address: str):
    assert Client().get(f"/mobility/gbfs/3.0/{address.format(city.operator)}").status_code == 404


def test_reserved_driven_and_lost_vehicles_are_not_seen(city: City):
    before = {vehicle["vehicle_id"] for vehicle in city.vehicles()}
    trip = ids.uuid7()
    for event in ("reservation_start", "trip_start"):
        city.happens(city.loose.id, event, trip=trip)
        shown = {vehicle["vehicle_id"] for vehicle in city.vehicles()}
        assert len(before - shown) == 1 and shown < before
    Vehicle.objects.filter(id=city.second.id).update(state="non_contactable")
    assert len(city.vehicles()) == len(before) - 2


def test_a_trips_end_cannot_be_told_from_another_vehicles(city: City):
    """Two snapshots around a trip: nothing but the vehicles that did not move is in both."""
    for n in range(4):
        city.bike(f"沪B·1{n}", moved(SQUARE, 700 + 10 * n, 30 * n))
    before, rider, trip = city.vehicles(), city.rider(), ids.uuid7()
    driving.take(rider, id=trip, vehicle=city.loose.id, position=moved(SQUARE, 900, 45))
    end = moved(SQUARE, 1200, 300)
    with clock.at(clock.now() + timedelta(seconds=5)):
        city.answers(city.loose.id)
    with clock.at(clock.now() + timedelta(minutes=20)):
        city.reports(city.loose.id, end, engine=None)
        ending.end(rider, rental=trip)
    after = city.vehicles()
    (gone,) = (vehicle for vehicle in before if vehicle not in after)
    (come,) = (vehicle for vehicle in after if vehicle not in before)
    assert gone["vehicle_id"] != come["vehicle_id"]
    place = ("vehicle_id", "lat", "lon")
    assert {k: v for k, v in gone.items() if k not in place} == {k: v for k, v in come.items() if k not in place}
    assert [v["vehicle_id"] for v in after] == sorted(v["vehicle_id"] for v in after)
    known = json.dumps([before, after])
    row = Vehicle.objects.get(id=city.loose.id)
    assert not any(str(id) in known for id in (row.id, row.public, row.device, trip)) and "沪B" not in known
    assert "last_reported" not in known


def test_public_ids_need_the_houses_key_and_tell_no_time():
    one, other = ids.uuid7(), ids.uuid7()
    key = privacy.key_of("house")
    assert privacy.public_id(one, key) == privacy.public_id(one, key)
    assert len({privacy.public_id(id, k) for id in (one, other) for k in (key, privacy.key_of("another"))}) == 4
    assert UUID(privacy.public_id(one, key)).version == 8
    assert [privacy.coarse_pm(n) for n in (None, 0, 49, 50, 999, 1000)] == [0, 0, 0, 50, 950, 1000]


def test_polygons_become_multipolygons():
    polygon = square(SQUARE, 10)
    assert static.multi(polygon) == static.multi({"type": "MultiPolygon", "coordinates": [polygon["coordinates"]]})
