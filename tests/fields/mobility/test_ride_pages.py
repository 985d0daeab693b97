"""The pages of a ride for its rider and its driver, from the price to the rating."""

import re
from typing import Any

import pytest
from django.test import Client

from lilong.fields.mobility.models import Ride, RideAlarm, RideRating
from lilong.fields.mobility.services.rides import driving, ending
from lilong.kernel.base import ids
from lilong.kernel.geo.points import Point
from tests.fields.mobility.taxis import Taxis
from tests.fields.mobility.test_pages import client_of, hidden, html


def said(p: Point, end: str) -> dict[str, str]:
    return {f"{end}_latitude": f"{p.latitude:.6f}", f"{end}_longitude": f"{p.longitude:.6f}"}


def way(taxis: Taxis) -> dict[str, str]:
    return {"id": str(ids.uuid7()), "people": "1"} | said(taxis.at(1), "from") | said(taxis.at(9), "to")


def send(client: Client, path: str, **more: str) -> str:
    answer = client.post(f"/mobility/{path}", {"id": str(ids.uuid7())} | more, follow=True)
    return html(answer)


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_of_a_ride_answers_in_every_language(taxis: Taxis, language: str):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.accepted(rider, driver)
    for who, path in ((rider, f"rides/{ride.id}/"), (rider, f"rides/{ride.id}/now"), (driver, "drive/"), (driver, "drive/now"),
                      (taxis.owner, f"rides/{ride.id}/")):  # fmt: skip
        assert client_of(who, language).get(f"/mobility/{path}").status_code == 200


def test_from_the_price_to_the_request_however_often_it_is_sent(taxis: Taxis):
    rider = taxis.rider()
    client = client_of(rider)
    asked = way(taxis)
    page = html(client.post("/mobility/ride/", asked))
    prices = re.findall(r'name="quote" value="([^"]+)"', page)
    assert len(prices) == 2 and "The price holds for five minutes." in page
    assert re.findall(r'name="quote" value="([^"]+)"', html(client.post("/mobility/ride/", asked))) == prices
    form = hidden(page, "/mobility/ride/request")
    first, second = (client.post("/mobility/ride/request", form) for _ in range(2))
    (ride,) = Ride.objects.all()
    assert first["Location"] == second["Location"] == f"/mobility/rides/{ride.id}/"
    assert "Looking for a car" in html(client.get(first["Location"]))
    assert client.get("/mobility/ride/")["Location"] == f"/mobility/rides/{ride.id}/"
    again = client.post("/mobility/ride/request", form | {"id": str(ids.uuid7())})
    assert again["Location"] == f"/mobility/rides/{ride.id}/"


def test_a_way_that_is_none_is_told(taxis: Taxis):
    client = client_of(taxis.rider())
    for wrong, words in (
        ({"to_latitude": ""}, "Please choose where from and where to."),
        ({"to_latitude": "10", "to_longitude": "10"}, "This point is outside the city."),
        (said(taxis.at(1), "to"), "This is where you are already."),
        ({"to_latitude": "x"}, ""),
        ({"people": "99"}, ""),
    ):
        answer = client.post("/mobility/ride/", way(taxis) | wrong)
        assert (answer.status_code, words in html(answer)) == (422, True)
    assert "Nobody can drive you there right now" in html(
        client.post("/mobility/ride/", way(taxis) | {"wheelchair": "on"})
    )


def test_driver_and_rider_meet_by_the_code_and_settle(taxis: Taxis):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.asked(rider)
    (offer,) = taxis.matched()
    theirs, mine = client_of(driver), client_of(rider)
    assert "A ride for you" in html(theirs.get("/mobility/drive/now"))
    assert "The ride is yours." in send(theirs, "drive/accept", offer=str(offer.id))
    page = html(mine.get(f"/mobility/rides/{ride.id}/now"))
    (code,) = re.findall(r'class="otp">.*?<b>(\d{4})</b>', page, re.S)
    assert "Tell the driver this code" in page and "Driver Li" in page and code == taxis.code(ride)
    assert code not in html(theirs.get("/mobility/drive/now"))
    here = {"latitude": f"{taxis.start(ride).latitude:.6f}", "longitude": f"{taxis.start(ride).longitude:.6f}"}
    assert send(theirs, "drive/arrive", ride=str(ride.id), latitude="31.0", longitude="121.0").count("toast error") == 1
    assert "The rider is told." in send(theirs, "drive/arrive", ride=str(ride.id), **here)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    assert send(theirs, "drive/start", ride=str(ride.id), code=wrong).count("toast error") == 1
    assert "Have a good ride." in send(theirs, "drive/start", ride=str(ride.id), code=code)
    assert "Price as quoted" in html(mine.get(f"/mobility/rides/{ride.id}/now"))
    end = taxis.end(ride)
    send(theirs, "drive/end", ride=str(ride.id), latitude=f"{end.latitude:.6f}", longitude=f"{end.longitude:.6f}")
    done = html(mine.get(f"/mobility/rides/{ride.id}/"))
    assert "Completed" in done and "How was it?" in done
    receipt = mine.get(f"/mobility/receipts/{ride.id}/")
    assert receipt.context["sums"] == receipt.context["receipt"].total
    assert "Thank you." in send(mine, f"rides/{ride.id}/rate", stars="5", words="Smooth")
    assert "You gave 5 ★." in html(mine.get(f"/mobility/rides/{ride.id}/"))
    assert "Thank you." in send(mine, f"rides/{ride.id}/tip", amount="500")
    assert "The operator looks for it." in send(mine, f"rides/{ride.id}/lost", what="An umbrella")
    assert RideRating.objects.get().stars == 5
    assert "¥5.00" in html(theirs.get("/mobility/drive/"))


def test_a_ride_is_called_off_and_the_driver_learns_of_it(taxis: Taxis):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.accepted(rider, driver)
    assert "The ride is called off." in send(client_of(rider), f"rides/{ride.id}/cancel")
    assert "Waiting for a ride" in html(client_of(driver).get("/mobility/drive/now"))
    assert send(client_of(driver), "drive/arrive", ride=str(ride.id)).count("toast error") == 1
    assert "You are off line." in html(client_of(driver).get("/mobility/drive/now")) or send(
        client_of(driver), "drive/offline"
    )
    assert "You are off line." in html(client_of(driver).get("/mobility/drive/now"))


def test_the_emergency_button_reaches_the_desk(taxis: Taxis):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.under_way(rider, driver)
    assert "Help is called." in send(client_of(rider), f"rides/{ride.id}/alarm")
    (alarm,) = RideAlarm.objects.all()
    desk = client_of(taxis.owner)
    assert "Emergency button pressed" in html(desk.get(f"/mobility/fleet/{taxis.operator}/"))
    assert "Yours: please look after it now." in send(desk, f"fleet/{taxis.operator}/alarms/{alarm.id}")
    assert "Closed." in send(desk, f"fleet/{taxis.operator}/alarms/{alarm.id}", outcome="A fright, no harm")
    assert client_of(taxis.rival_owner).post(f"/mobility/fleet/{taxis.operator}/alarms/{alarm.id}").status_code == 404


def test_a_robotaxi_opens_by_the_riders_phone(taxis: Taxis):
    rider, (device, _duty) = taxis.rider(), taxis.robotaxi(taxis.at(3))
    from lilong.fields.mobility.services.rides import offers

    ride = taxis.asked(rider, plan=taxis.robot_type.plan)
    (offer,) = taxis.matched()
    offers.accept(device, offer=offer.id)
    client = client_of(rider)
    assert "drives itself" in html(client.get(f"/mobility/rides/{ride.id}/now"))
    driving.arrive(device, ride=ride.id, place=taxis.start(ride))
    assert "Type this at the car" in html(client.get(f"/mobility/rides/{ride.id}/now"))
    assert "Have a good ride." in send(
        client, f"rides/{ride.id}/start", code=taxis.code(Ride.objects.get(id=ride.id), "door")
    )
    ending.end(device, ride=ride.id, place=taxis.end(ride))
    assert "Completed" in html(client.get(f"/mobility/rides/{ride.id}/now"))


def test_a_piece_comes_only_when_it_has_changed(taxis: Taxis):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.asked(rider)
    for who, page, piece in ((rider, f"rides/{ride.id}/", f"rides/{ride.id}/now"), (driver, "drive/", "drive/now")):
        client = client_of(who)
        (mark,) = re.findall(r"now\?mark=([0-9a-f]{16})", html(client.get(f"/mobility/{page}")))
        assert client.get(f"/mobility/{piece}?mark={mark}").status_code == 204


def test_nobody_sees_or_touches_anothers_ride(taxis: Taxis):
    rider, (driver, _duty) = taxis.rider(), taxis.on_duty(taxis.at(3))
    ride = taxis.accepted(rider, driver)
    other: Any
    for other in (client_of(taxis.rider()), client_of(taxis.driver("Other")), client_of(taxis.rival_owner)):
        for path in ("", "now", "map.json"):
            assert other.get(f"/mobility/rides/{ride.id}/{path}").status_code == 404
        for what in ("cancel", "end", "new-code", "start", "rate", "tip", "lost", "alarm"):
            assert other.post(f"/mobility/rides/{ride.id}/{what}", {"id": str(ids.uuid7())}).status_code == 404
    assert client_of(driver).post(f"/mobility/rides/{ride.id}/cancel").status_code == 409
    assert taxis.code(ride) not in html(client_of(taxis.owner).get(f"/mobility/rides/{ride.id}/"))
    assert client_of(None).get(f"/mobility/rides/{ride.id}/").status_code == 302
    assert Ride.objects.get(id=ride.id).state == "accepted"


def test_who_drives_for_nobody_has_no_car(taxis: Taxis):
    client = client_of(taxis.rider())
    assert "There is no car for you" in html(client.get("/mobility/drive/"))
    vehicle = taxis.vehicle(taxis.at(2))
    page = send(client, "drive/online", vehicle=str(vehicle.id), hours="4")
    assert page.count("toast error") == 1 and "There is no car for you" in page
    assert client.post("/mobility/drive/here", {"latitude": "31.2", "longitude": "121.4"}).status_code == 204


def test_a_driver_goes_on_line_by_the_page(taxis: Taxis):
    driver, vehicle = taxis.driver(), taxis.vehicle(taxis.at(2))
    client = client_of(driver)
    page = html(client.get("/mobility/drive/"))
    assert vehicle.plate in page and "good until" in page
    form = hidden(page, "/mobility/drive/online") | {"vehicle": str(vehicle.id), "hours": "4"}
    place = taxis.at(2)
    here = {"latitude": f"{place.latitude:.6f}", "longitude": f"{place.longitude:.6f}"}
    assert [client.post("/mobility/drive/online", form | here).status_code for _ in range(2)] == [302, 302]
    assert "Waiting for a ride" in html(client.get("/mobility/drive/"))
    assert client.post("/mobility/drive/here", here | {"heading": "90"}).status_code == 204
    assert client.post("/mobility/drive/online", form | {"id": str(ids.uuid7()), "hours": "99"}).status_code == 302
    assert client.post("/mobility/drive/fly").status_code == 404
