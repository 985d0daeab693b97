"""Mobility in a real browser: finding and booking, opening where one stands, a ride seen by rider and driver, the fleet's desk.

Every page is looked at by a screen reader's rules and at its width; pictures where LILONG_PICTURES names a folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from tests.browser.conftest import Open

PICTURES = os.environ.get("LILONG_PICTURES", "")
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 860}
READERS = (("en", "light", PHONE), ("zh-hans", "light", DESK), ("ko", "dark", PHONE))
DESKS = (("zh-hans", PHONE, ("", "vehicles/", "maintenance/", "charging/", "zones/", "prices/new", "rides/", "telemetry/")),
         ("en", DESK, ("", "maintenance/", "zones/new", "rentals/")))  # fmt: skip


@pytest.fixture(scope="module")
def town(module_database: str) -> Any:
    """An operator with cars, bikes, zones and robotaxis; riders with a licence, a booking and a ride."""
    from lilong.fields.mobility.drafts import RuleDraft
    from lilong.kernel.base import clock
    from lilong.kernel.geo.points import Point, moved
    from tests.browser.town import _session
    from tests.fields.mobility.scene import SQUARE, Town, square
    from tests.fields.mobility.taxis import Taxis

    made, taxis = Town(), Taxis()
    for n in range(8):
        made.vehicle(f"沪A·D{n}017", moved(SQUARE, 150 + 120 * n, 47 * n), energy_pm=950 - 110 * n)
    for n in range(4):
        made.bike(f"B-{n}", moved(SQUARE, 80 + 60 * n, 90 * n))
    made.zone("步行街 Pedestrian street", square(Point(121.4800, 31.2350), 220), RuleDraft(ride_end_allowed=False))
    made.stand("Bund chargers", Point(121.4840, 31.2330), charging=True)
    start = clock.now().replace(microsecond=0) + timedelta(seconds=5)
    rider = made.driver()
    rental = made.book(rider, start, start + timedelta(hours=3))
    driver, _duty = taxis.on_duty(taxis.at(3))
    passenger = taxis.rider(100_000)
    ride = taxis.accepted(passenger, driver)
    people = {"rider": rider, "passenger": passenger, "driver": driver, "owner": made.owner, "taxis": taxis.owner}
    sessions = {name: _session(actor.party) for name, actor in people.items()}
    return SimpleNamespace(session="", made=made, taxis=taxis, rental=rental, ride=ride, sessions=sessions, start=start)


@contextmanager
def seen(visit: Open, town: Any, who: str = "", **how: Any) -> Iterator[Any]:
    with visit(**how) as page:
        if who:
            url = page.context.cookies()[0]["domain"]
            page.context.add_cookies([{"name": "sessionid", "value": town.sessions[who], "domain": url, "path": "/"}])
        yield page


def looked_at(page: Any, name: str) -> None:
    """No fault by axe, nothing wider than the screen; a picture where one is wanted."""
    for element in page.locator("[data-map]").all():
        element.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-map]')].every(m => m.dataset.state)", timeout=30_000
    )
    page.evaluate("scrollTo(0, 0)")
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    faults = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page)["violations"]]
    assert (name, faults) == (name, [])
    assert (name, page.evaluate("document.documentElement.scrollWidth - innerWidth")) == (name, 0)


@pytest.mark.parametrize(("language", "theme", "size"), READERS, ids=["en", "zh", "ko"])
def test_a_residents_pages_are_sound(visit: Open, town: Any, language: str, theme: str, size: Any) -> None:
    with seen(visit, town, "rider", language=language, theme=theme, **size) as page:
        for path, name in (("", "find"), (f"vehicles/{town.made.car.id}/", "vehicle"), (f"rentals/{town.rental.id}/", "rental"),
                           ("trips/", "trips"), ("ride/", "ask"), ("licence/", "licence")):  # fmt: skip
            page.goto(f"/mobility/{path}")
            looked_at(page, f"{name}-{size['width']}-{language}")


@pytest.mark.parametrize(("language", "size", "paths"), DESKS, ids=["phone", "desk"])
def test_the_operators_pages_are_sound(
    visit: Open, town: Any, language: str, size: Any, paths: tuple[str, ...]
) -> None:
    with seen(visit, town, "owner", language=language, **size) as page:
        for path in paths:
            page.goto(f"/mobility/fleet/{town.made.operator}/{path}")
            looked_at(page, f"fleet-{path.strip('/').replace('/', '-') or 'map'}-{size['width']}-{language}")


def test_a_car_is_found_priced_and_booked_by_keyboard_and_phone(visit: Open, town: Any) -> None:
    from lilong.fields.mobility.models import Rental

    with seen(visit, town, "rider", **PHONE) as page:
        page.goto("/mobility/")
        link = page.locator(".wheels a").first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/vehicles/**")
        before = page.locator(".sums .total b").inner_text()
        page.get_by_label("Kilometres, about").fill("200")
        page.keyboard.press("Tab")
        page.wait_for_function("text => document.querySelector('.sums .total b').innerText !== text", arg=before)
        page.get_by_role("button", name="Book").click()
        page.wait_for_url("**/rentals/**")
        assert page.get_by_role("heading", name="Booked").is_visible()
    assert Rental.objects.filter(foreseen_m=200_000).count() == 1


def test_a_rental_is_opened_where_one_stands(visit: Open, town: Any, address: str) -> None:
    from lilong.fields.mobility.models import Rental

    with seen(visit, town, "rider", **PHONE) as page:
        page.context.grant_permissions(["geolocation"], origin=address)
        page.context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737})
        page.goto(f"/mobility/rentals/{town.rental.id}/")
        page.wait_for_function(f"() => Date.now() > {town.start.timestamp() * 1000 + 1500}")
        page.get_by_role("button", name="Open the car").click()
        page.get_by_text("The vehicle is being opened.").wait_for()
        town.made.answers(town.rental.vehicle_id)
        page.get_by_role("heading", name="Under way").wait_for(timeout=10_000)
        assert page.get_by_role("heading", name="Costs so far").is_visible()
    assert Rental.objects.get(id=town.rental.id).state == "started"


def test_rider_and_driver_see_the_same_ride_move(visit: Open, town: Any) -> None:
    from lilong.fields.mobility.services.rides import driving

    taxis = town.taxis
    with seen(visit, town, "passenger", language="ko", **PHONE) as theirs, seen(visit, town, "driver", **PHONE) as page:
        theirs.goto(f"/mobility/rides/{town.ride.id}/")
        looked_at(theirs, "ride-360-ko")
        code = theirs.locator(".otp b").inner_text()
        assert code == taxis.code(town.ride)
        page.goto("/mobility/drive/")
        looked_at(page, "drive-360-en")
        driving.arrive(_driver(town), ride=town.ride.id, place=taxis.start(town.ride))
        page.get_by_label("The rider's code").wait_for(timeout=10_000)
        page.get_by_label("The rider's code").fill(code)
        page.get_by_role("button", name="Start the trip").click()
        page.get_by_role("button", name="End the trip").wait_for()
        theirs.locator(".meter").wait_for(timeout=10_000)
        looked_at(theirs, "riding-360-ko")


def _driver(town: Any) -> Any:
    from lilong.fields.mobility.models import Ride
    from lilong.kernel.parties import queries as parties

    return parties.actor_of_party(Ride.objects.get(id=town.ride.id).driver)


def test_a_zone_is_drawn_on_the_map(visit: Open, town: Any) -> None:
    from lilong.fields.mobility.models import Zone

    with seen(visit, town, "owner", **DESK) as page:
        page.goto(f"/mobility/fleet/{town.made.operator}/zones/new")
        page.wait_for_selector("#draw[data-state=ready]", timeout=30_000)
        canvas = page.locator("#draw canvas")
        canvas.scroll_into_view_if_needed()
        for x, y in ((200, 120), (420, 140), (380, 300), (180, 280)):
            canvas.click(position={"x": x, "y": y})
        page.get_by_role("button", name="Take back a corner").click()
        page.get_by_label("Name in English").fill("Drawn by hand")
        page.get_by_label("Trips may end", exact=True).uncheck()
        page.get_by_role("button", name="Publish").click()
        page.get_by_role("link", name="Drawn by hand").wait_for()
    zone = Zone.objects.get(name__en="Drawn by hand")
    assert len(zone.geometry["coordinates"][0][0]) == 4
    assert zone.rules[0]["ride_end_allowed"] is False
