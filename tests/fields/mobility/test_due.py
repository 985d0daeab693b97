"""What time brings: kept, missed, late, let down, silent."""

from datetime import timedelta

import pytest

from lilong.fields.mobility.models import Receipt, Rental, Vehicle
from lilong.fields.mobility.services.rentals import due, ending
from lilong.kernel.base import clock
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.geo.points import moved
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor
from tests.fields.mobility.scene import NOON, SQUARE, Town, later

TWO, FOUR = later(hours=2), later(hours=4)
NONE = {"silent": 0, "rescued": 0, "missed": 0, "kept": 0}
pytestmark = pytest.mark.usefixtures("noon")


def under_way(town: Town, until_hours: int = 1) -> tuple[Actor, Rental]:
    """Somebody has the car from now on, for so long."""
    rider = town.driver()
    row = town.book(rider, NOON, later(hours=until_hours))
    town.unlock(rider, row)
    town.answers(town.car.id)
    return rider, row


def test_a_booked_car_is_kept_a_quarter_of_an_hour_before(town: Town):
    rider = town.driver()
    row = town.book(rider, TWO, FOUR)
    with clock.at(TWO - timedelta(minutes=16)):
        assert due.run() == NONE
    with clock.at(TWO - timedelta(minutes=15)):
        assert due.run() == NONE | {"kept": 1}
        assert due.run() == NONE
        assert Vehicle.objects.get(id=town.car.id).state == "reserved"
    with clock.at(TWO):
        town.unlock(rider, row)
        town.answers(town.car.id)
        events = list(town.car.events.order_by("-sequence").values_list("events", "trips")[:2])
        assert events == [
            (["reservation_stop", "trip_start"], [row.id]),
            (["reservation_start"], [row.id]),
        ]


def test_who_does_not_come_pays_the_tariffs_share_and_the_car_is_free(town: Town):
    rider = town.driver()
    row = town.book(rider, TWO, FOUR)
    with clock.at(TWO - timedelta(minutes=1)):
        due.run()
    with clock.at(TWO + timedelta(seconds=899)):
        assert due.run() == NONE
    with clock.at(TWO + timedelta(seconds=900)):
        assert due.run() == NONE | {"missed": 1}
        assert due.run() == NONE
        row.refresh_from_db()
        assert (row.state, row.total, Vehicle.objects.get(id=town.car.id).state) == ("no-show", 4800, "available")
        assert (town.money(rider.party), town.sales()) == ([(995_200, 0)], 4800)
        assert [line["code"] for line in Receipt.objects.get(trip=row.id).lines] == ["no-show"]
        town.book(town.driver(), TWO + timedelta(minutes=16), FOUR)


def test_a_silent_vehicle_gives_the_booking_back(town: Town):
    rider = town.driver()
    row = town.book(rider, NOON, TWO)
    town.unlock(rider, row)
    with clock.at(later(seconds=44)):
        assert due.run() == NONE
    with clock.at(later(seconds=45)):
        assert due.run() == NONE | {"silent": 1, "kept": 1}
        row.refresh_from_db()
        assert row.state == "booked"
        (told,) = town.facts(row.id, "rental.refused")
        assert told["why"] == "silent"
        assert town.unlock(rider, row).state == "unlocking"


def test_a_late_return_moves_the_next_booking_to_as_good_a_car_at_the_same_price(town: Town):
    worse = town.type("Tiny", plan=town.plan, level=0)
    better = town.type("Large", plan=town.plan, level=3)
    town.vehicle("沪A·worse", moved(SQUARE, 100, 0), type=worse.id)
    near = town.vehicle("沪A·better", moved(SQUARE, 700, 0), type=better.id)
    late, row = under_way(town)
    rider = town.driver()
    waiting = town.book(rider, later(hours=1, minutes=15), later(hours=3))
    assert waiting.quoted == 4200
    with clock.at(later(minutes=59)):
        assert due.run() == NONE  # not late yet
    with clock.at(later(hours=1, minutes=6)):
        assert due.run() == NONE | {"rescued": 1, "kept": 1}
        waiting.refresh_from_db()
        new = waiting.replacement
        assert (waiting.state, new.state, new.vehicle_id, new.rider) == ("moved", "booked", near.id, rider.party)
        assert (new.start, new.end, new.tariff_id, new.quoted) == (waiting.start, waiting.end, waiting.tariff_id, 4200)
        assert town.money(rider.party) == [(1_000_000, 54_200)]
        assert [b.id for b in calendar.bookings(near.id, TWO, FOUR)] == [new.id]
        (told,) = town.facts(waiting.id, "rental.moved")
        assert (told["to"], told["metres"], told["why"]) == (str(near.id), 700, "late-return")
        assert due.run() == NONE
    with clock.at(later(hours=1, minutes=20)):
        town.unlock(rider, new, moved(SQUARE, 700, 0))
        town.answers(near.id)
        town.reports(town.car.id)
        assert ending.end(late, rental=row.id).total == 80 * 40 + 2000  # 80 minutes and the late fee
    with clock.at(later(hours=3)):
        town.reports(near.id, moved(SQUARE, 700, 0))
        assert ending.end(rider, rental=new.id).total == 4200
    assert ledger.differences() == []


def test_without_another_car_everything_goes_back_with_an_apology(town: Town):
    under_way(town)
    rider = town.driver()
    waiting = town.book(rider, later(hours=1, minutes=15), later(hours=3))
    with clock.at(later(hours=1, minutes=10)):
        assert due.run() == NONE  # it may still come back
    with clock.at(later(hours=1, minutes=16)):
        assert due.run() == NONE | {"rescued": 1}
        assert due.run() == NONE
        waiting.refresh_from_db()
    assert (waiting.state, waiting.total, town.money(rider.party)) == ("let-down", 0, [(1_002_000, 0)])
    (told,) = town.facts(waiting.id, "rental.let_down")
    assert (told["apology"], told["why"]) == (2000, "late-return")
    assert ledger.differences() == []


def test_a_car_out_of_order_is_no_no_show(town: Town):
    rider = town.driver()
    waiting = town.book(rider, TWO, FOUR)
    town.happens(town.car.id, "service_end")
    with clock.at(TWO + timedelta(minutes=20)):
        due.run()
        waiting.refresh_from_db()
        assert (waiting.state, town.money(rider.party)) == ("let-down", [(1_002_000, 0)])


def test_who_still_has_time_does_not_make_the_next_one_move(town: Town):
    town.vehicle("沪A·2", moved(SQUARE, 300, 0))
    under_way(town)
    waiting = town.book(town.driver(), later(hours=1, minutes=15), later(hours=3))
    with clock.at(later(minutes=58)):
        assert due.run() == NONE
        town.reports(town.car.id)
    waiting.refresh_from_db()
    assert waiting.state == "booked"
