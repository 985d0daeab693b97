"""Booking a shared car: price, money, licence, overlap, longer, off."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lilong.fields.mobility.models import Receipt, Rental, VehicleEvent
from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.rules.terms import Band, Terms
from lilong.fields.mobility.services import fleet
from lilong.fields.mobility.services.rentals import booking
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.geo.points import moved
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties import queries as parties
from tests.fields.mobility.scene import NOON, SQUARE, Town, later

TWO, FOUR = later(hours=2), later(hours=4)
pytestmark = pytest.mark.usefixtures("noon")


def test_a_booking_holds_its_price_and_deposit_and_the_cars_time(town: Town):
    rider = town.driver()
    quoted = finding.quote(town.car.id, TWO, FOUR, foreseen_m=10_000)
    assert (quoted.total, quoted.deposit, quoted.held) == (5600, 50_000, 55_600)
    assert [(line["code"], line["amount"]) for line in quoted.lines] == [("time", 4800), ("distance", 800)]
    row = town.book(rider, TWO, FOUR, foreseen_m=10_000, price=5600)
    assert (row.state, row.quoted, row.held) == ("booked", 5600, 55_600)
    assert town.money(rider.party) == [(1_000_000, 55_600)]
    (taken,) = calendar.bookings(town.car.id, TWO, FOUR)
    assert (taken.id, taken.party, taken.ref) == (row.id, rider.party, row.id)
    (told,) = town.facts(row.id, "rental.booked")
    assert (told["seconds"], told["ahead_seconds"], told["quoted"], told["district"]) == (7200, 7200, 5600, "huangpu")
    assert not set(told) & {"rider", "person", "plate"}


def test_the_same_again_is_the_same_and_another_body_a_conflict(town: Town):
    rider, id = town.driver(), ids.uuid7()
    first = town.book(rider, TWO, FOUR, id=id)
    assert town.book(rider, TWO, FOUR, id=id).id == first.id
    assert town.money(rider.party) == [(1_000_000, 54_800)]
    for who, start in ((rider, later(hours=3)), (town.driver(), TWO)):
        with pytest.raises(Conflict, match="id-taken"):
            town.book(who, start, FOUR, id=id)


@pytest.mark.parametrize(
    ("start", "end", "more", "pointer"),
    [
        (TWO, TWO, {}, "/end"),
        (FOUR, TWO, {}, "/end"),
        (later(hours=-1), TWO, {}, "/start"),
        (TWO, TWO + timedelta(minutes=14), {}, "/end"),
        (TWO, TWO + timedelta(days=31), {}, "/end"),
        (later(days=61), later(days=61, hours=2), {}, "/start"),
        (TWO.replace(tzinfo=None), FOUR, {}, "/start"),
        (TWO.replace(microsecond=5), FOUR, {}, "/start"),
        (TWO, FOUR, {"foreseen_m": -1}, "/foreseen_m"),
        (TWO, FOUR, {"foreseen_m": 5_000_001}, "/foreseen_m"),
    ],
)
def test_times_that_cannot_be(town: Town, start: datetime, end: datetime, more: dict[str, int], pointer: str):
    rider = town.driver()
    with pytest.raises(Invalid) as refused:
        town.book(rider, start, end, **more)
    assert [each.pointer for each in refused.value.violations] == [pointer]
    assert (Rental.objects.count(), town.money(rider.party)) == (0, [(1_000_000, 0)])


def test_a_price_that_changed_is_told_and_a_frozen_one_stays(town: Town):
    rider = town.driver()
    with pytest.raises(Conflict) as refused:
        town.book(rider, TWO, FOUR, price=4799)
    assert (refused.value.code, refused.value.extra["price"]) == ("price-changed", 4800)
    row = town.book(rider, TWO, FOUR, price=4800)
    town.publish(town.plan, Terms(bands=(Band(per_hour=9999),)))
    assert finding.read_terms(Rental.objects.get(id=row.id).tariff).bands[-1].per_hour == 2400
    assert finding.quote(town.car.id, TWO, FOUR).total == 2 * 9999


def test_without_money_or_licence_or_paid_debts_nothing_is_booked(town: Town):
    with pytest.raises(Conflict) as refused:
        town.book(town.driver(fen=54_799), TWO, FOUR)
    assert (refused.value.code, refused.value.extra) == ("insufficient-funds", {"needed": 54_800, "available": 54_799})
    with pytest.raises(Conflict, match="licence-needed"):
        town.book(town.rider(), TWO, FOUR)
    short = town.rider()
    town.licence(short, until=date(2030, 4, 8))
    town.book(short, TWO, FOUR)
    with pytest.raises(Conflict) as refused:  # valid when it begins, not when it ends
        town.book(short, later(hours=11), later(hours=13))
    assert refused.value.violations[0].rule == "valid-until-end"
    Rental.objects.filter(rider=short.party).update(owed=1)
    with pytest.raises(Conflict, match="fares-owed"):
        town.book(short, later(hours=6), later(hours=7))
    assert calendar.bookings(town.car.id, later(hours=5), later(hours=20)) == []


def test_a_car_that_is_taken_comes_with_what_is_free_instead(town: Town):
    near = town.vehicle("沪A·20002", moved(SQUARE, 400, 90))
    town.vehicle("沪A·30003", moved(SQUARE, 9000, 90))
    town.book(town.driver(), TWO, FOUR)
    rider = town.driver()
    with pytest.raises(Conflict) as refused:
        town.book(rider, later(hours=3), later(hours=5))
    assert (refused.value.code, refused.value.status) == ("vehicle-taken", 409)
    alternatives = refused.value.extra["alternatives"]
    same = [each for each in alternatives if each["vehicle"] == str(town.car.id)]
    others = [each for each in alternatives if each["vehicle"] != str(town.car.id)]
    assert [each["vehicle"] for each in others] == [str(near.id)]
    assert (others[0]["metres"], others[0]["total"]) == (400, 4800)
    free_from = FOUR + timedelta(minutes=15)  # after the turnaround
    assert datetime.fromisoformat(same[0]["start"]).astimezone(UTC) == free_from
    assert town.money(rider.party) == [(1_000_000, 0)]
    start = datetime.fromisoformat(same[0]["start"])
    assert town.book(rider, start, start + timedelta(hours=2)).state == "booked"


def test_half_open_times_touch_with_the_turnaround_between(town: Town):
    town.book(town.driver(), TWO, FOUR)
    with pytest.raises(Conflict, match="vehicle-taken"):
        town.book(town.driver(), FOUR, later(hours=5))
    town.book(town.driver(), FOUR + timedelta(minutes=15), later(hours=6))
    with pytest.raises(Conflict, match="vehicle-taken"):
        town.book(town.driver(), NOON, TWO)
    town.book(town.driver(), NOON, TWO - timedelta(minutes=15))


def test_longer_as_long_as_nobody_comes_next(town: Town):
    rider = town.driver()
    row = town.book(rider, TWO, FOUR)
    town.book(town.driver(), later(hours=7), later(hours=8))
    with pytest.raises(Conflict) as refused:
        booking.extend(rider, id=ids.uuid7(), rental=row.id, end=later(hours=7))
    assert (refused.value.code, refused.value.extra) == ("next-booking", {"free_until": "2030-04-08T10:45:00Z"})
    id = ids.uuid7()
    longer = booking.extend(rider, id=id, rental=row.id, end=later(hours=6))
    assert (longer.end, longer.held) == (later(hours=6), 59_600)
    assert booking.extend(rider, id=id, rental=row.id, end=later(hours=6)).held == 59_600
    assert town.money(rider.party) == [(1_000_000, 59_600)]
    for end, code in ((later(hours=5), "invalid"), (later(hours=6), "invalid"), (later(days=40), "invalid")):
        with pytest.raises(Problem, match=code):
            booking.extend(rider, id=ids.uuid7(), rental=row.id, end=end)
    with pytest.raises(Missing):
        booking.extend(town.driver(), id=ids.uuid7(), rental=row.id, end=later(hours=6, minutes=30))
    (told,) = town.facts(row.id, "rental.extended")
    assert (told["seconds"], told["held"]) == (7200, 4800)


def test_an_extension_needs_money_and_a_licence_until_then(town: Town):
    poor = town.driver(fen=55_000)
    row = town.book(poor, TWO, FOUR)
    with pytest.raises(Conflict, match="insufficient-funds"):
        booking.extend(poor, id=ids.uuid7(), rental=row.id, end=later(hours=5))
    assert calendar.bookings(town.car.id, TWO, FOUR)[0].end == FOUR
    expiring = town.rider()
    town.licence(expiring, until=date(2030, 4, 8))
    mine = town.book(expiring, later(hours=9), later(hours=11))
    with pytest.raises(Conflict, match="licence-needed"):
        booking.extend(expiring, id=ids.uuid7(), rental=mine.id, end=later(hours=13))


@pytest.mark.parametrize(("minutes", "fee"), [(0, 0), (1, 2400), (119, 2400), (130, 2400)])
def test_cancelling_costs_by_time(town: Town, minutes: int, fee: int):
    rider = town.driver()
    row = town.book(rider, TWO, FOUR)
    with clock.at(NOON + timedelta(minutes=minutes)):
        assert booking.cancel(rider, rental=row.id).total == fee
        assert booking.cancel(rider, rental=row.id).total == fee
    assert town.money(rider.party) == [(1_000_000 - fee, 0)]
    assert town.sales() == fee
    assert calendar.bookings(town.car.id, TWO, FOUR) == []
    receipts = [(r.total, [line["code"] for line in r.lines]) for r in Receipt.objects.all()]
    assert receipts == ([(fee, ["cancel"])] if fee else [])
    assert ledger.differences() == []


def test_the_operators_cancelling_is_free_and_strangers_see_nothing(town: Town):
    row = town.book(rider := town.driver(), TWO, FOUR)
    for stranger in (town.driver(), town.rival_owner):
        with pytest.raises(Missing):
            booking.cancel(stranger, rental=row.id)
    with clock.at(later(minutes=119)):
        assert booking.cancel(town.clerk, rental=row.id).total == 0
    assert town.money(rider.party) == [(1_000_000, 0)]
    (told,) = town.facts(row.id, "rental.cancelled")
    assert (told["by"], told["fee"]) == ("operator", 0)


def test_firms_and_devices_do_not_rent(town: Town):
    for party in (town.operator, fleet.device_of(town.car.id)):
        with pytest.raises(Forbidden):
            town.book(parties.actor_of_party(party), TWO, FOUR)
    narrow = town.driver().narrowed(frozenset({"orders:place"}))
    with pytest.raises(Forbidden):
        town.book(narrow, TWO, FOUR)


def test_what_is_no_shared_car_or_has_no_price_is_not_booked(town: Town):
    bike, free = town.bike("B1"), town.type("Free", plan=None)
    unpriced = town.vehicle("沪A·4", type=free.id)
    with pytest.raises(Missing):
        town.book(town.driver(), TWO, FOUR, vehicle=bike.id)
    with pytest.raises(Missing):
        town.book(town.driver(), TWO, FOUR, vehicle=ids.uuid7())
    with pytest.raises(Conflict, match="no-price"):
        town.book(town.driver(), TWO, FOUR, vehicle=unpriced.id)


def test_finding_shows_what_is_free_with_its_price_nearest_first(town: Town):
    near = town.vehicle("沪A·20002", moved(SQUARE, 400, 90))
    big = town.type("Van", plan=town.plan, seats=7, level=2)
    van = town.vehicle("沪A·50005", moved(SQUARE, 800, 0), type=big.id)
    town.book(town.driver(), TWO, FOUR)
    found = finding.cars(SQUARE, TWO, FOUR)
    assert [(each.id, each.metres, each.price.total if each.price else 0) for each in found] == [
        (near.id, 400, 4800),
        (van.id, 800, 4800),
    ]
    assert next(each.id for each in finding.cars(SQUARE, later(hours=8), later(hours=9))) == town.car.id
    assert [each.id for each in finding.cars(SQUARE, TWO, FOUR, seats=6)] == [van.id]
    assert finding.cars(SQUARE, TWO, FOUR, radius_m=100) == []
    assert found[0].range_m == 240_000
    assert VehicleEvent.objects.filter(vehicle=van).count() == 2
