"""The operator's pages: every role, every page; maintenance, charging, zones, prices, what was not believed."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lilong.fields.mobility.drafts import RuleDraft
from lilong.fields.mobility.models import Charging, Maintenance, Tariff, TrackQuarantine, Vehicle, Zone
from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.services import telemetry
from lilong.kernel.base import clock, ids
from lilong.kernel.geo.points import moved
from tests.fields.mobility.scene import NOON, SQUARE, Town, later, square
from tests.fields.mobility.test_pages import client_of, hidden, html

pytestmark = pytest.mark.usefixtures("noon")
PAGES = ("", "map.json", "vehicles/", "vehicles.csv", "rentals/", "rides/", "maintenance/", "charging/", "zones/", "zones/new",
         "prices/", "prices/new", "telemetry/")  # fmt: skip
OPEN_TO = {
    "manager": set(PAGES),
    "clerk": set(PAGES) - {"zones/", "zones/new", "prices/", "prices/new"},
    "auditor": {"", "map.json", "vehicles/", "vehicles.csv", "rentals/", "telemetry/"},
    "picker": set(),
}


def send(client: Client, town: Town, path: str, **more: Any) -> Any:
    return client.post(f"/mobility/fleet/{town.operator}/{path}", {"id": str(ids.uuid7())} | more, follow=True)


NO_END = RuleDraft(ride_end_allowed=False)


@pytest.mark.parametrize("role", sorted(OPEN_TO))
def test_each_role_finds_the_pages_it_works_with(town: Town, role: str):
    client = client_of(town.member(role))
    found = {path for path in PAGES if client.get(f"/mobility/fleet/{town.operator}/{path}").status_code == 200}
    assert found == OPEN_TO[role]
    assert {client.get(f"/mobility/fleet/{town.rival}/{path}").status_code for path in PAGES} == {404}


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_answers_in_every_language(town: Town, language: str):
    town.zone("No parking", square(SQUARE, 300), NO_END)
    client = client_of(town.owner, language)
    for path in (*PAGES, f"vehicles/{town.car.id}/", f"prices/{town.plan}/", f"zones/{Zone.objects.get().zone}/"):
        assert client.get(f"/mobility/fleet/{town.operator}/{path}").status_code == 200
    assert client.get("/mobility/fleet/")["Location"] == f"/mobility/fleet/{town.operator}/"


def test_who_works_for_nobody_is_told(town: Town):
    assert "You work for no operator" in html(client_of(town.rider()).get("/mobility/fleet/"))
    assert client_of(None).get(f"/mobility/fleet/{town.operator}/").status_code in (302, 401)


def test_the_map_shows_the_operators_own_vehicles_and_zones(town: Town):
    town.zone("No parking", square(SQUARE, 300), NO_END)
    found = client_of(town.clerk).get(f"/mobility/fleet/{town.operator}/map.json").json()["features"]
    labels = {feature["properties"]["label"]: feature["geometry"]["type"] for feature in found}
    assert labels == {"No parking": "MultiPolygon", "Square car park": "Point", "沪A·10001": "Point"}


def test_vehicles_are_searched_narrowed_sorted_and_taken_along(town: Town):
    for n in range(60):
        town.vehicle(f"沪B·{n:03d}", moved(SQUARE, 40 * n, 90), energy_pm=n * 10)
    town.vehicle("=HYPERLINK(1)", SQUARE)
    client, path = client_of(town.clerk), f"/mobility/fleet/{town.operator}/vehicles"
    first = html(client.get(f"{path}/"))
    assert first.count('<th scope="row"') == 50 and "cursor=" in first
    assert html(client.get(f"{path}/?text=B·007")).count('<th scope="row"') == 1
    emptiest = html(client.get(f"{path}/?sort=energy_pm"))
    assert emptiest.index("沪B·000") < emptiest.index("沪B·001")
    assert "No vehicle like this" in html(client.get(f"{path}/?state=missing"))
    assert client.get(f"{path}/?cursor=nonsense").status_code == 422
    assert client.get(f"{path}/?sort=plate;drop").status_code == 200
    answer = client.get(f"{path}.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert (len(rows), rows[0][0]) == (63, "plate")
    assert [row[0] for row in rows if "HYPERLINK" in row[0]] == ["'=HYPERLINK(1)"]


def test_a_vehicle_is_taken_out_of_service_and_back(town: Town):
    client = client_of(town.clerk)
    for do, state in (("out", "non_operational"), ("back", "available")):
        send(client, town, f"vehicles/{town.car.id}/service", do=do)
        assert Vehicle.objects.get(id=town.car.id).state == state
    assert client_of(town.rival_owner).get(f"/mobility/fleet/{town.rival}/vehicles/{town.car.id}/").status_code == 404


def test_maintenance_keeps_bookings_away_and_bookings_keep_it_away(town: Town):
    client = client_of(town.clerk)
    page = html(client.get(f"/mobility/fleet/{town.operator}/maintenance/"))
    form = hidden(page, f"/mobility/fleet/{town.operator}/maintenance/plan") | {
        "vehicle": str(town.car.id),
        "kind": "repair",
    }
    times = {"start": "2030-04-08T15:00", "end": "2030-04-08T17:00"}
    path = f"/mobility/fleet/{town.operator}/maintenance/plan"
    assert [client.post(path, form | times).status_code for _ in range(2)] == [302, 302]
    (planned,) = Maintenance.objects.all()
    town.book(town.driver(), later(hours=8), later(hours=9))
    clash = client.post(path, form | {"id": str(ids.uuid7()), "start": "2030-04-08T20:00", "end": "2030-04-08T22:00"})
    assert (clash.status_code, Maintenance.objects.count()) == (409, 1)
    backwards = client.post(
        path, form | {"id": str(ids.uuid7()), "start": "2030-04-09T20:00", "end": "2030-04-09T19:00"}
    )
    assert backwards.status_code == 422
    with clock.at(NOON + timedelta(hours=3)):
        send(client, town, f"maintenance/{planned.id}/begin")
        assert Vehicle.objects.get(id=town.car.id).state == "non_operational"
        send(client, town, f"maintenance/{planned.id}/done")
    assert Vehicle.objects.get(id=town.car.id).state == "available"
    assert send(client_of(town.rival_owner), town, f"maintenance/{planned.id}/done").status_code == 404
    assert client.post(f"/mobility/fleet/{town.operator}/maintenance/{ids.uuid7()}/done").status_code == 404


def test_a_damage_report_becomes_a_repair(town: Town):
    rider = town.driver()
    rental = town.book(rider, later(hours=5), later(hours=7))
    client_of(rider).post(
        f"/mobility/rentals/{rental.id}/report", {"id": str(ids.uuid7()), "note": "Flat tyre", "damaged": "on"}
    )
    client = client_of(town.clerk)
    page = html(client.get(f"/mobility/fleet/{town.operator}/maintenance/"))
    assert "Flat tyre" in page and "report=" in page


def test_charging_begins_and_ends_once(town: Town):
    flat = town.vehicle("沪A·7", energy_pm=90)
    client = client_of(town.clerk)
    assert "沪A·7" in html(client.get(f"/mobility/fleet/{town.operator}/charging/"))
    form = {"id": str(ids.uuid7()), "vehicle": str(flat.id), "station": ""}
    for _ in range(2):
        client.post(f"/mobility/fleet/{town.operator}/charging/plug", form)
    (charging,) = Charging.objects.all()
    assert "At a charger" in html(client.get(f"/mobility/fleet/{town.operator}/charging/"))
    assert send(client, town, "charging/unplug", charging=str(charging.id), percent="2x").status_code == 200
    send(client, town, "charging/unplug", charging=str(charging.id), percent="95")
    assert (Charging.objects.get().ended_pm, Vehicle.objects.get(id=flat.id).energy_pm) == (950, 950)
    other = town.stand("Elsewhere", SQUARE)
    send(client, town, "charging/plug", vehicle=str(flat.id), station=str(other.id))
    assert Charging.objects.filter(ended_at=None).count() == 0


ZONE = {
    "name_en": "Quiet lane",
    "geometry": json.dumps(square(SQUARE, 200)),
    "start": "on",
    "through": "on",
    "speed": "15",
}


def test_a_zone_is_drawn_changed_and_withdrawn(town: Town):
    client = client_of(town.manager)
    made = {"id": str(ids.uuid7()), "zone": str(ids.uuid7())}
    for _ in range(2):
        assert client.post(f"/mobility/fleet/{town.operator}/zones/new", ZONE | made).status_code == 302
    (zone,) = Zone.objects.all()
    assert zone.rules == [
        {"ride_start_allowed": True, "ride_end_allowed": False, "ride_through_allowed": True, "maximum_speed_kph": 15}
    ]
    page = html(client.get(f"/mobility/fleet/{town.operator}/zones/{zone.zone}/"))
    assert "Quiet lane" in page and 'name="start" checked' in page and 'name="end" checked' not in page
    changed = ZONE | {"id": str(ids.uuid7()), "end": "on", "speed": ""}
    assert client.post(f"/mobility/fleet/{town.operator}/zones/{zone.zone}/", changed).status_code == 302
    assert Zone.objects.get(withdrawn_at=None).version == 2
    send(client, town, f"zones/{zone.zone}/withdraw")
    assert not Zone.objects.filter(withdrawn_at=None).exists()
    assert client.get(f"/mobility/fleet/{town.operator}/zones/{zone.zone}/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"geometry": "{"}, ""),
        ({"geometry": ""}, "Please fill this in."),
        ({"geometry": "[" * 5000}, ""),
        ({"geometry": json.dumps({"type": "Point", "coordinates": [1, 2]})}, ""),
        (
            {"geometry": json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]})},
            "crosses itself",
        ),
        ({"name_en": ""}, "Please fill this in."),
        ({"speed": "fast"}, ""),
    ],
)
def test_what_is_no_zone_is_told_and_the_form_kept(town: Town, wrong: dict[str, str], words: str):
    sent = ZONE | {"id": str(ids.uuid7()), "zone": str(ids.uuid7())} | wrong
    answer = client_of(town.manager).post(f"/mobility/fleet/{town.operator}/zones/new", sent)
    assert (answer.status_code, words in html(answer)) == (422, True)
    assert Zone.objects.count() == 0


PRICE = {
    "mode": "car-share", "name_en": "Weekend", "about_en": "Cheap at night", "per_hour": "29.9", "step": "15", "day_cap": "199",
    "per_km": "0.8", "deposit": "500", "night_per_hour": "9", "night_start": "22:00", "night_end": "07:00", "cancel_hours": "2",
    "cancel_percent": "50", "no_show": "100", "late_fee": "20",
}  # fmt: skip


def test_a_price_plan_is_published_in_versions(town: Town):
    client, made = client_of(town.manager), {"id": str(ids.uuid7()), "plan": str(ids.uuid7())}
    for _ in range(2):
        assert client.post(f"/mobility/fleet/{town.operator}/prices/new", PRICE | made).status_code == 302
    tariff = Tariff.objects.get(plan=made["plan"])
    assert [band["per_hour"] for band in tariff.terms["bands"]] == [900, 2990]
    assert (tariff.terms["day_cap"], tariff.terms["per_km"], tariff.terms["step_seconds"]) == (19_900, 80, 900)
    page = html(client.get(f"/mobility/fleet/{town.operator}/prices/{tariff.plan}/"))
    assert 'value="29.90"' in page and 'value="22:00"' in page
    dearer = PRICE | {"id": str(ids.uuid7()), "per_hour": "35"}
    assert client.post(f"/mobility/fleet/{town.operator}/prices/{tariff.plan}/", dearer).status_code == 302
    assert list(Tariff.objects.filter(plan=tariff.plan).order_by("version").values_list("version", flat=True)) == [1, 2]


@pytest.mark.parametrize("wrong", [{"per_hour": "-1"}, {"per_hour": "much"}, {"night_start": "25:00"}, {"no_show": "101"},
                                   {"deposit": "99999999"}, {"name_en": ""}, {"mode": "passenger-services"}, {"step": "0"}])  # fmt: skip
def test_what_is_no_price_is_refused(town: Town, wrong: dict[str, str]):
    sent = PRICE | {"id": str(ids.uuid7()), "plan": str(ids.uuid7())} | wrong
    before = Tariff.objects.count()
    answer = client_of(town.manager).post(f"/mobility/fleet/{town.operator}/prices/new", sent)
    assert (answer.status_code, Tariff.objects.count()) == (422, before)


def test_others_zones_and_prices_are_not_to_be_found(town: Town):
    zone = town.zone("Mine", square(SQUARE, 300), NO_END)
    rival = client_of(town.rival_owner)
    for path in (f"zones/{zone.zone}/", f"prices/{town.plan}/"):
        assert rival.get(f"/mobility/fleet/{town.rival}/{path}").status_code == 404
        assert (
            rival.post(f"/mobility/fleet/{town.rival}/{path}", ZONE | PRICE | {"id": str(ids.uuid7())}).status_code
            == 404
        )
    assert rival.post(f"/mobility/fleet/{town.rival}/zones/{zone.zone}/withdraw").status_code == 404


def test_what_was_not_believed_is_shown_with_its_reason(town: Town):
    readings = [
        Reading(vehicle=town.car.id, source=1, seq=1, at=clock.now(), latitude_e6=0, longitude_e6=0),
        Reading(vehicle=town.car.id, source=1, seq=2, at=clock.now() + timedelta(hours=1), latitude_e6=31_230_400, longitude_e6=121_473_700),
    ]  # fmt: skip
    assert telemetry.take(readings) == ["zero-zero", "future"]
    client = client_of(town.clerk)
    page = html(client.get(f"/mobility/fleet/{town.operator}/telemetry/"))
    assert "At zero degrees" in page and "From the future" in page and TrackQuarantine.objects.count() == 2
    assert html(client.get(f"/mobility/fleet/{town.operator}/telemetry/?reason=future")).count('<th scope="row"') == 1
