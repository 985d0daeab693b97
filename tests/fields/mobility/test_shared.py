"""The link by which somebody without an account follows a ride: what it shows, and how it ends."""

import re

import pytest
from django.test import Client

from lilong.fields.mobility.models import Ride, RideShare
from lilong.fields.mobility.services.rides import ending, safety
from lilong.kernel.base import clock
from lilong.kernel.parties.actor import Actor
from tests.fields.mobility.taxis import Taxis
from tests.fields.mobility.test_pages import client_of, html
from tests.fields.mobility.test_ride_pages import send

PATHS = ("", "now", "map.json")


@pytest.fixture
def way(taxis: Taxis) -> tuple[Taxis, Actor, Actor, Ride]:
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    return taxis, rider, driver, taxis.under_way(rider, driver)


@pytest.mark.parametrize("language", ["zh-hans", "ko"])
def test_the_page_is_in_every_language(way: tuple[Taxis, Actor, Actor, Ride], language: str):
    token = safety.share(way[1], ride=way[3].id)
    page = html(client_of(None, language).get(f"/mobility/shared/{token}/"))
    assert "A ride on its way" not in page and page.count("<h1") == 1


def statuses(client: Client, token: str) -> list[int]:
    return [client.get(f"/mobility/shared/{token}/{path}").status_code for path in PATHS]


def link(page: str) -> str:
    (found,) = re.findall(r'value="https?://[^/"]+/mobility/shared/([\w-]{32})/"', page)
    return str(found)


def test_who_has_the_link_sees_the_car_and_no_names(way: tuple[Taxis, Actor, Actor, Ride]):
    _taxis, rider, _driver, ride = way
    mine, friend = client_of(rider), client_of(None)
    assert "End all links" not in html(mine.get(f"/mobility/rides/{ride.id}/now"))
    token = link(send(mine, f"rides/{ride.id}/share"))
    assert link(html(mine.get(f"/mobility/rides/{ride.id}/now"))) == token
    assert ride.vehicle is not None
    for path in PATHS:
        answer = friend.get(f"/mobility/shared/{token}/{path}")
        assert answer.status_code == 200 and answer["X-Robots-Tag"] == "noindex"
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert ride.vehicle.plate in (html(answer) if path != "map.json" else str(answer.json()))
        for name in ("Wang Min", "Driver Li", str(rider.party), str(ride.id)):
            assert name not in html(answer)
    page = html(friend.get(f"/mobility/shared/{token}/"))
    assert '<meta name="robots" content="noindex">' in page and re.search(r'class="eta">\d+ min<', page)
    (mark,) = re.findall(r"now\?mark=([0-9a-f]{16})", page)
    assert friend.get(f"/mobility/shared/{token}/now?mark={mark}").status_code == 204
    kinds = [each["properties"]["kind"] for each in friend.get(f"/mobility/shared/{token}/map.json").json()["features"]]
    assert kinds == ["flag", "car"]


def test_the_link_is_gone_when_the_ride_ends(way: tuple[Taxis, Actor, Actor, Ride]):
    taxis, rider, driver, ride = way
    token = safety.share(rider, ride=ride.id)
    assert statuses(client_of(None), token) == [200, 200, 200]
    ending.end(driver, ride=ride.id, place=taxis.end(ride))
    assert statuses(client_of(None), token) == [410, 410, 410]
    over = client_of(None).get(f"/mobility/shared/{token}/now")
    assert (over["HX-Refresh"], "no longer shown" in html(over)) == ("true", True)
    assert ride.vehicle is not None and ride.vehicle.plate not in html(over)
    page = html(client_of(rider).get(f"/mobility/rides/{ride.id}/"))
    assert "Let somebody follow" not in page
    assert send(client_of(rider), f"rides/{ride.id}/share").count("toast error") == 1


def test_who_rides_ends_the_links(way: tuple[Taxis, Actor, Actor, Ride]):
    _taxis, rider, _driver, ride = way
    mine = client_of(rider)
    first, second = link(send(mine, f"rides/{ride.id}/share")), safety.share(rider, ride=ride.id)
    page = send(mine, f"rides/{ride.id}/stop-sharing")
    assert "Nobody follows the ride any more." in page and "End all links" not in page and first not in page
    assert [statuses(client_of(None), each)[0] for each in (first, second)] == [410, 410]


def test_what_is_no_link_shows_nothing(way: tuple[Taxis, Actor, Actor, Ride]):
    taxis, rider, driver, ride = way
    token = safety.share(rider, ride=ride.id)
    for wrong in (token[:-1], token.swapcase(), "x" * 500, RideShare.objects.get().digest, str(ride.id)):
        assert statuses(client_of(None), wrong) == [404, 404, 404]
    for stranger in (taxis.rider(), taxis.rival_owner):
        assert client_of(stranger).post(f"/mobility/rides/{ride.id}/share").status_code == 404
    assert client_of(driver).post(f"/mobility/rides/{ride.id}/share").status_code == 409
    assert client_of(None).post(f"/mobility/shared/{token}/").status_code == 405
    assert RideShare.objects.count() == 1


def test_links_cannot_be_tried_without_end(db: None):
    friend = client_of(None)
    with clock.at(clock.now()):  # limits count by the minute
        found = [friend.get(f"/mobility/shared/x{n}/map.json").status_code for n in range(121)]
    assert found == [404] * 120 + [429]
