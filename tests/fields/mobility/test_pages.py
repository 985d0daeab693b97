"""The pages of a resident: finding, booking, opening, ending, receipts, licences; and that nobody sees another's."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.fields.mobility.models import Licence, Rental
from lilong.kernel.base import clock, ids
from lilong.kernel.geo.points import moved
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.mobility.scene import NOON, SQUARE, Town, later, number_of, square

pytestmark = pytest.mark.usefixtures("noon")
TIMES = {"start": "2030-04-08T14:00", "end": "2030-04-08T16:00"}


def client_of(actor: Actor | None, language: str = "en") -> Client:
    client = Client(headers={"accept": "text/html", "accept-language": language})
    if actor is not None:
        client.force_login(get_user_model().objects.get(party_id=actor.party))
    return client


def html(answer: Any) -> str:
    return answer.content.decode()


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    form = page[page.index(f'action="{action}"') :]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    return dict(fields)


def book(client: Client, town: Town, **more: str) -> Any:
    page = html(client.get(f"/mobility/vehicles/{town.car.id}/", TIMES | {"km": "20"}))
    return client.post(
        f"/mobility/vehicles/{town.car.id}/book", hidden(page, f"/mobility/vehicles/{town.car.id}/book") | more
    )


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_of_a_resident_answers_in_every_language(town: Town, language: str):
    rider = town.driver()
    rental = town.book(rider, later(hours=1), later(hours=3))
    client = client_of(rider, language)
    for path in ("", "?kind=bikes", f"vehicles/{town.car.id}/", f"vehicles/{town.bike('B1').id}/", "trips/", "trips/?of=rides",
                 "ride/", "licence/", "drive/", "fleet/", f"rentals/{rental.id}/"):  # fmt: skip
        answer = client.get(f"/mobility/{path}")
        assert (path, answer.status_code, html(answer).count("<h1")) == (path, 200, 1)


def test_everybody_finds_what_is_free_near_a_point(town: Town):
    far = town.vehicle("沪A·20002", moved(SQUARE, 1500, 90))
    client = client_of(None)
    page = html(client.get("/mobility/", TIMES | {"latitude": "31.2304", "longitude": "121.4737"}))
    assert "沪A·10001" in page and "沪A·20002" in page and "2 vehicles are free." in page
    near = html(client.get("/mobility/", TIMES | {"latitude": "31.2304", "longitude": "121.4737", "radius": "500"}))
    assert "沪A·20002" not in near
    assert f"/mobility/vehicles/{far.id}/?start=2030-04-08T14:00" in page
    assert "No car is free here at this time" in html(
        client.get("/mobility/", TIMES | {"latitude": "31.0", "longitude": "121.0"})
    )
    assert "No car is free here" in html(client.get("/mobility/", TIMES | {"range": "900"}))


def test_what_the_form_cannot_mean_is_told_or_left_aside(town: Town):
    client = client_of(None)
    backwards = client.get("/mobility/", {"start": "2030-04-08T16:00", "end": "2030-04-08T14:00"})
    assert (backwards.status_code, "The end must be after the start." in html(backwards)) == (422, True)
    for wrong in (
        {"latitude": "NaN"},
        {"latitude": "91", "longitude": "0"},
        {"seats": "-1"},
        {"radius": "x"},
        {"start": "soon"},
    ):
        assert client.get("/mobility/", wrong).status_code == 200


def test_bikes_are_taken_from_where_one_stands(town: Town):
    bike, rider = town.bike("B-7"), town.rider()
    client = client_of(rider)
    assert "B-7" in html(client.get("/mobility/?kind=bikes&latitude=31.2304&longitude=121.4737"))
    path = f"/mobility/vehicles/{bike.id}/take"
    form = hidden(html(client.get(f"/mobility/vehicles/{bike.id}/")), path)
    away = client.post(path, form | {"latitude": "31.25", "longitude": "121.47"})
    assert (away.status_code, "m from the vehicle. Please go to it." in html(away)) == (409, True)
    nowhere = client.post(path, form)
    assert (nowhere.status_code, Rental.objects.count()) == (302, 0)
    there = {"latitude": "31.2304", "longitude": "121.4737"}
    assert [client.post(path, form | there).status_code for _ in range(2)] == [302, 302]
    (rental,) = Rental.objects.all()
    assert (rental.rider, rental.state) == (rider.party, "unlocking")


def test_a_cars_page_shows_its_free_hours_and_what_it_would_cost(town: Town):
    town.book(town.driver(), later(hours=4), later(hours=6))
    page = html(client_of(None).get(f"/mobility/vehicles/{town.car.id}/", TIMES | {"km": "50"}))
    assert page.count('class="taken"') == 1 and page.count('class="free"') == 2
    assert "¥48.00" in page and "¥40.00" in page and "¥88.00" in page and "¥500.00" in page
    assert "Sign in to book" in page
    assert client_of(None).get(f"/mobility/vehicles/{ids.uuid7()}/").status_code == 404


def test_booking_is_once_however_often_the_form_is_sent(town: Town):
    rider = town.driver()
    client = client_of(rider)
    page = html(client.get(f"/mobility/vehicles/{town.car.id}/", TIMES | {"km": "20"}))
    path = f"/mobility/vehicles/{town.car.id}/book"
    form = hidden(page, path)
    first, second = client.post(path, form), client.post(path, form)
    (rental,) = Rental.objects.all()
    assert first["Location"] == second["Location"] == f"/mobility/rentals/{rental.id}/"
    shown = html(client.get(first["Location"]))
    assert "Booked" in shown and "You can open it from" in shown and "Free until 2 hours before the start" in shown


def test_a_taken_time_is_told_with_what_is_free_instead(town: Town):
    other = town.vehicle("沪A·3", moved(SQUARE, 300, 0))
    client = client_of(town.driver())
    page = html(client.get(f"/mobility/vehicles/{town.car.id}/", TIMES | {"km": "20"}))
    form = hidden(page, f"/mobility/vehicles/{town.car.id}/book")
    town.book(town.driver(), later(hours=2), later(hours=4))
    answer = client.post(f"/mobility/vehicles/{town.car.id}/book", form)
    assert answer.status_code == 409
    assert "Free instead:" in html(answer) and f"/mobility/vehicles/{other.id}/?start=2030-04-08T14:00" in html(answer)


def test_who_may_not_drive_is_told_what_is_missing(town: Town):
    rider = town.rider()
    client = client_of(rider)
    path = f"/mobility/vehicles/{town.car.id}/"
    assert "This car needs a licence C1." in html(client.get(path, TIMES))
    form = {"number": number_of(rider.party), "classes": ["C1"], "valid_until": "2030-04-20", "id": str(ids.uuid7())}
    for wrong, field in (
        ({"number": "1" * 18}, "number"),
        ({"classes": ["X"]}, "classes"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
    ):
        refused = client.post("/mobility/licence/", form | wrong)
        assert (refused.status_code, list(refused.context["form"].errors)) == (200, [field])
    assert [client.post("/mobility/licence/", form).status_code for _ in range(2)] == [302, 302]
    assert "Being looked at" in html(client.get("/mobility/licence/"))
    assert "Your licence is being looked at." in html(client.get(path, TIMES))
    desk = town.person("Desk")
    assert client_of(desk).get("/mobility/licence/desk/").status_code == 404
    staff_id = ids.uuid7()
    parties.create_person(SYSTEM, id=staff_id, name="City desk", email="desk@example.org", staff=True)
    staff = client_of(Actor(party=staff_id, kind="person"))
    (licence,) = Licence.objects.all()
    assert "Wang Min" in html(staff.get("/mobility/licence/desk/"))
    assert client.post(f"/mobility/licence/desk/{licence.id}", {"do": "accept"}).status_code == 404
    staff.post(f"/mobility/licence/desk/{licence.id}", {"do": "accept"})
    assert "Book" in html(client.get(path, TIMES)) and "needs a licence" not in html(client.get(path, TIMES))
    assert "does not do for this car" in html(
        client.get(path, {"start": "2030-04-19T14:00", "end": "2030-04-21T14:00"})
    )


def do(client: Client, rental: UUID, what: str, **more: str) -> str:
    """Sends one of the page's forms; answers the page that follows, with what was said."""
    return html(client.post(f"/mobility/rentals/{rental}/{what}", {"id": str(ids.uuid7())} | more, follow=True))


def test_a_trip_from_opening_to_the_receipt(town: Town):
    rider = town.driver()
    client = client_of(rider)
    rental = town.book(rider, later(), later(hours=2))
    here = {"latitude": "31.2304", "longitude": "121.4737"}
    assert "You are" in do(client, rental.id, "unlock", latitude="31.25", longitude="121.47")
    assert "let the page know where you are" in do(client, rental.id, "unlock")
    assert "The vehicle is asked to open." in do(client, rental.id, "unlock", **here)
    town.answers(town.car.id)
    now = client.get(f"/mobility/rentals/{rental.id}/now")
    assert "Under way" in html(now) and "Costs so far" in html(now)
    with clock.at(NOON + timedelta(hours=1)):
        assert "free until" not in do(client, rental.id, "extend", end="2030-04-08T15:00")
        assert Rental.objects.get(id=rental.id).end == later(hours=3)
        town.reports(town.car.id, locked=False, engine=True)
        assert "Please switch the engine off first." in do(client, rental.id, "end")
    with clock.at(NOON + timedelta(hours=1, seconds=30)):
        town.reports(town.car.id, odometer_m=12_000)
        ended = do(client, rental.id, "end")
    assert "The trip is over. Thank you." in ended and "Receipt" in ended
    receipt = client.get(f"/mobility/receipts/{rental.id}/")
    page = html(receipt)
    assert receipt.context["sums"] == receipt.context["receipt"].total
    assert "do not sum" not in page and "¥24.40" in page and "12.0 km" in page and "Wang Min" in page
    assert "¥34.00" in html(client.get("/mobility/trips/"))


def test_a_piece_of_the_page_comes_only_when_it_has_changed(town: Town):
    rider = town.driver()
    client = client_of(rider)
    rental = town.book(rider, later(), later(hours=2))
    page = html(client.get(f"/mobility/rentals/{rental.id}/"))
    assert '<div id="now"' in page
    (mark,) = re.findall(r"now\?mark=([0-9a-f]{16})", page)
    assert client.get(f"/mobility/rentals/{rental.id}/now?mark={mark}").status_code == 204
    town.unlock(rider, rental)
    changed = client.get(f"/mobility/rentals/{rental.id}/now?mark={mark}")
    assert (changed.status_code, "being opened" in html(changed)) == (200, True)


def test_where_a_trip_may_not_end_is_told_with_the_way_out(town: Town):
    from lilong.fields.mobility.drafts import RuleDraft

    rider = town.driver()
    rental = town.book(rider, later(), later(hours=2))
    town.zone("No parking", square(SQUARE, 300), RuleDraft(ride_end_allowed=False))
    with clock.at(NOON + timedelta(seconds=10)):
        town.unlock(rider, rental)
        town.answers(town.car.id)
        town.reports(town.car.id)
        page = do(client_of(rider), rental.id, "end")
    assert "No trip may end here." in page and "The nearest place where it is allowed is" in page


def test_calling_off_reporting_and_what_there_is_not(town: Town):
    rider = town.driver()
    client = client_of(rider)
    rental = town.book(rider, later(hours=5), later(hours=7))
    assert "The operator sees your report." in do(
        client, rental.id, "report", note="A scratch", damaged="on", phase="start"
    )
    assert "The booking is called off." in do(client, rental.id, "cancel")
    assert "Cancelled" in html(client.get(f"/mobility/rentals/{rental.id}/"))
    assert client.post(f"/mobility/rentals/{rental.id}/fly").status_code == 404
    assert client.get(f"/mobility/receipts/{ids.uuid7()}/").status_code == 404


def test_nobody_sees_or_touches_anothers_rental(town: Town):
    rental = town.book(town.driver(), later(hours=1), later(hours=3))
    stranger, nobody = client_of(town.driver()), client_of(None)
    for path in ("", "now", "map.json"):
        assert stranger.get(f"/mobility/rentals/{rental.id}/{path}").status_code == 404
        assert nobody.get(f"/mobility/rentals/{rental.id}/{path}").status_code in (302, 401)
    for what in ("unlock", "lock", "end", "extend", "cancel", "report", "pay"):
        assert stranger.post(f"/mobility/rentals/{rental.id}/{what}", {"id": str(ids.uuid7())}).status_code == 404
    assert client_of(town.rival_owner).get(f"/mobility/rentals/{rental.id}/").status_code == 404
    assert client_of(town.clerk).get(f"/mobility/rentals/{rental.id}/").status_code == 200
    assert Rental.objects.get(id=rental.id).state == "booked"
    assert date(2030, 4, 8) == clock.today()
