"""Opening, driving, ending; bikes by the minute; the money to the fen."""

import struct
import zlib
from datetime import date, timedelta

import pytest

from lilong.fields.mobility.drafts import PhotoDraft, ReportDraft, RuleDraft
from lilong.fields.mobility.models import DamagePhoto, Receipt, Rental, TripRule, Vehicle, VehicleCommand
from lilong.fields.mobility.services import licences
from lilong.fields.mobility.services.rentals import booking, driving, ending, reports
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.devices.models import DeviceLetter
from lilong.kernel.geo.points import moved
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties.actor import Actor
from tests.fields.mobility.scene import NOON, SQUARE, Town, later, square

NO_END = RuleDraft(ride_end_allowed=False)
SLOW = RuleDraft(maximum_speed_kph=15)
NO_WAY = RuleDraft(ride_through_allowed=False)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0))
    + chunk(b"eXIf", b"PARK")
    + chunk(b"IDAT", zlib.compress(b"\0\0\0\0\0"))
    + chunk(b"IEND", b"")
)
pytestmark = pytest.mark.usefixtures("noon")


def begun(town: Town, rider: Actor, hours: int = 2) -> Rental:
    """A booking from now on whose car is open."""
    row = town.book(rider, NOON, later(hours=hours))
    town.unlock(rider, row)
    town.answers(row.vehicle_id)
    row.refresh_from_db()
    return row


def test_a_trip_from_unlocking_to_the_receipt(town: Town):
    rider = town.driver()
    row = town.book(rider, NOON, later(hours=2), foreseen_m=10_000)
    assert town.unlock(rider, row).state == "unlocking"
    assert DeviceLetter.objects.filter(subject__endswith="down.mobility.command").count() == 1
    with clock.at(later(seconds=3)):
        town.answers(town.car.id)
    row.refresh_from_db()
    car = Vehicle.objects.get(id=town.car.id)
    assert (row.state, car.state, car.trip, car.station_id) == ("started", "on_trip", row.id, None)
    public = car.public
    away = moved(SQUARE, 900, 90)
    with clock.at(later(minutes=90)):
        town.reports(car.id, away, odometer_m=25_400)
        ended = ending.end(rider, rental=row.id)
        assert ending.end(rider, rental=row.id).total == ended.total
    assert (ended.state, ended.metres, ended.total, ended.owed) == ("ended", 25_400, 3600 + 2032, 0)
    bill = Receipt.objects.get(trip=row.id)
    assert (bill.total, sum(line["amount"] for line in bill.lines)) == (5632, 5632)
    assert [(line["code"], line["quantity"], line["amount"]) for line in bill.lines] == [
        ("time", 5400, 3600),
        ("distance", 25_400, 2032),
    ]
    assert (town.money(rider.party), town.sales()) == ([(1_000_000 - 5632, 0)], 5632)
    car.refresh_from_db()
    assert (car.state, car.trip) == ("available", None)
    assert car.public != public  # nobody can follow it
    assert calendar.bookings(car.id, NOON, later(hours=3))[0].end == later(minutes=90)
    (started,), (done,) = town.facts(row.id, "rental.started"), town.facts(row.id, "rental.ended")
    assert (started["waited_seconds"], started["late_seconds"]) == (3, 3)
    assert (done["seconds"], done["metres"], done["total"], done["late_seconds"]) == (5400, 25_400, 5632, 0)
    assert ledger.differences() == []


def test_the_car_opens_to_its_rider_at_the_car_within_the_booking(town: Town):
    rider = town.driver()
    row = town.book(rider, later(hours=1), later(hours=2))
    with pytest.raises(Conflict, match="too-early"):
        town.unlock(rider, row)
    with clock.at(later(hours=1)):
        with pytest.raises(Missing):
            town.unlock(town.driver(), row)
        with pytest.raises(Missing):
            town.unlock(town.manager, row)
        with pytest.raises(Conflict) as refused:
            town.unlock(rider, row, moved(SQUARE, 250, 10))
        assert (refused.value.code, refused.value.extra["metres"]) == ("vehicle-away", 250)
        assert VehicleCommand.objects.count() == 0
        assert town.unlock(rider, row).state == "unlocking"
    with clock.at(later(hours=2)), pytest.raises(Conflict, match="rental-over"):
        town.unlock(rider, row)


def test_a_licence_revoked_meanwhile_opens_nothing(town: Town):
    rider = town.rider()
    licence = town.licence(rider, until=date(2035, 1, 1))
    row = town.book(rider, NOON, later(hours=2))
    licences.revoke_licence(town_desk(), id=licence, reason="suspended")
    with pytest.raises(Conflict, match="licence-needed"):
        town.unlock(rider, row)


def town_desk() -> Actor:
    return Actor(party=ids.uuid7(), kind="system", staff=True)


def test_a_command_again_is_one_command_and_a_refusal_leaves_the_booking(town: Town):
    rider, id = town.driver(), ids.uuid7()
    row = town.book(rider, NOON, later(hours=2))
    for _ in range(2):
        driving.unlock(rider, id=id, rental=row.id, position=SQUARE)
    assert VehicleCommand.objects.count() == 1
    town.answers(town.car.id, "failed", "door-jammed")
    row.refresh_from_db()
    assert (row.state, Vehicle.objects.get(id=town.car.id).state) == ("booked", "available")
    (told,) = town.facts(row.id, "rental.refused")
    assert told["why"] == "door-jammed"
    town.unlock(rider, row)
    town.answers(town.car.id)
    row.refresh_from_db()
    assert row.state == "started"


def test_one_vehicle_a_rider_and_one_rider_a_vehicle(town: Town):
    rider = town.driver()
    begun(town, rider)
    other = town.book(rider, NOON, later(hours=1), vehicle=town.vehicle("沪A·6").id)
    with pytest.raises(Conflict, match="rental-running"):
        town.unlock(rider, other)
    with pytest.raises(Conflict, match="rental-running"):
        driving.take(rider, id=ids.uuid7(), vehicle=town.bike("B1").id, position=SQUARE)


def test_an_end_needs_a_locked_car_that_has_just_spoken(town: Town):
    rider = town.driver()
    row = begun(town, rider)
    with clock.at(later(minutes=10)):
        with pytest.raises(Conflict, match="vehicle-silent"):
            ending.end(rider, rental=row.id)
        town.reports(town.car.id, locked=False, engine=True)
        with pytest.raises(Conflict) as refused:
            ending.end(rider, rental=row.id)
        assert (refused.value.code, refused.value.extra) == ("vehicle-not-closed", {"locked": False, "engine_on": True})
        driving.lock(rider, id=ids.uuid7(), rental=row.id)
        assert VehicleCommand.objects.filter(kind="lock", trip=row.id).count() == 1
    with clock.at(later(minutes=11)):
        town.reports(town.car.id)
        with pytest.raises(Missing):
            ending.end(town.driver(), rental=row.id)
        assert ending.end(rider, rental=row.id).state == "ended"


def test_the_operator_can_end_a_trip_that_its_rider_cannot(town: Town):
    row = begun(town, town.driver())
    town.zone("Park", square(SQUARE, 500), NO_END)
    with clock.at(later(minutes=30)):
        with pytest.raises(Missing):
            ending.end(town.rival_owner, rental=row.id)
        assert ending.end(town.clerk, rental=row.id).total == 1200


def test_an_end_is_refused_where_a_zone_forbids_it_unless_it_came_later(town: Town):
    early, late = town.driver(), town.driver()
    first = begun(town, early)
    with clock.at(later(minutes=1)):
        zone = town.zone("Park", square(SQUARE, 200), NO_END)
    with clock.at(later(minutes=2)):
        second_car = town.vehicle("沪A·9", moved(SQUARE, 300, 0))
        second = town.book(late, later(minutes=2), later(hours=1), vehicle=second_car.id)
        town.unlock(late, second, moved(SQUARE, 300, 0))
        town.answers(second_car.id)
    with clock.at(later(minutes=20)):
        town.reports(town.car.id)
        town.reports(second_car.id)
        assert ending.end(early, rental=first.id).state == "ended"
        with pytest.raises(Conflict) as refused:
            ending.end(late, rental=second.id)
        assert (refused.value.code, refused.value.extra["zone"]) == ("zone-forbids", str(zone.zone))
        assert refused.value.extra["nearest"]["metres"] <= 400


def test_a_start_is_refused_where_a_zone_forbids_it(town: Town):
    rider = town.driver()
    row = town.book(rider, NOON, later(hours=1))
    town.zone("Closed", square(SQUARE, 100), RuleDraft(ride_start_allowed=False))
    with pytest.raises(Conflict) as refused:
        town.unlock(rider, row)
    assert (refused.value.code, refused.value.extra["act"]) == ("zone-forbids", "start")


def test_slow_zones_slow_the_vehicle_and_no_way_through_is_told(town: Town):
    slow, closed = moved(SQUARE, 1000, 90), moved(SQUARE, 2000, 90)
    town.zone("School", square(slow, 100), SLOW)
    town.zone("Pedestrians", square(closed, 100), NO_WAY)
    row = begun(town, town.driver())
    for minute, place in enumerate((SQUARE, slow, slow, moved(slow, 300, 90), closed, moved(closed, 300, 90)), start=2):
        with clock.at(later(minutes=minute)):
            town.reports(town.car.id, place, locked=False, engine=True)
    limits = VehicleCommand.objects.filter(kind="limit", trip=row.id).order_by("made_at").values_list("body", flat=True)
    assert list(limits) == [{"kmh": 15}, {"kmh": None}]
    told = [(fact["speed_kph"], fact["through"]) for fact in town.facts(row.id, "zone.entered")]
    assert sorted(told, key=str) == sorted([(15, True), (None, True), (None, False), (None, True)], key=str)
    assert TripRule.objects.get(trip=row.id).through


def test_a_round_trip_ends_at_home(town: Town):
    kind = town.type("Round", plan=town.plan, return_constraint="roundtrip_station")
    car = town.vehicle("沪A·8", type=kind.id, home=town.station.id)
    rider = town.driver()
    row = town.book(rider, NOON, later(hours=2), vehicle=car.id)
    town.unlock(rider, row)
    town.answers(car.id)
    with clock.at(later(minutes=20)):
        town.reports(car.id, moved(SQUARE, 600, 0))
        with pytest.raises(Conflict) as refused:
            ending.end(rider, rental=row.id)
        assert refused.value.extra["nearest"]["station"] == str(town.station.id)
    with clock.at(later(minutes=40)):
        town.reports(car.id)
        assert ending.end(rider, rental=row.id).end_station_id == town.station.id


def test_late_costs_more_and_what_is_not_there_is_owed(town: Town):
    rider = town.driver(fen=55_000)
    row = begun(town, rider)  # 4800 and 50000 are held, 200 left
    with clock.at(later(hours=30)):
        town.reports(town.car.id, odometer_m=450_000)
        ended = ending.end(rider, rental=row.id)
        assert (
            ended.total == 16_800 + 14_400 + 36_000 + 56 * 2000
        )  # two days (one capped), the way, 56 started half hours
        assert ended.owed == ended.total - 55_000
        assert town.money(rider.party) == [(0, 0)]
        assert town.sales() == 55_000
        with pytest.raises(Conflict, match="fares-owed"):
            town.book(rider, later(hours=40), later(hours=41))
        with pytest.raises(Conflict, match="insufficient-funds"):
            reports.pay_owed(rider, rental=row.id)
        with pytest.raises(Missing):
            reports.pay_owed(town.driver(), rental=row.id)
        ledger_top_up(rider, ended.owed + 100)
        for _ in range(2):
            assert reports.pay_owed(rider, rental=row.id).owed == 0
    assert (town.money(rider.party), town.sales()) == ([(100, 0)], ended.total)
    assert ledger.differences() == []


def ledger_top_up(who: Actor, fen: int) -> None:
    ledger_services.top_up(town_desk(), id=ids.uuid7(), owner=who.party, amount=fen)


def test_a_damage_keeps_the_deposit_until_the_operator_decides(town: Town):
    rider = town.driver()
    row = begun(town, rider)
    photo = PhotoDraft(id=ids.uuid7(), content=PNG)
    draft = ReportDraft(id=ids.uuid7(), rental=row.id, phase="end", note="Scratch", damaged=True, photos=(photo,))
    assert reports.report(rider, draft).id == reports.report(rider, draft).id
    with pytest.raises(Missing):
        reports.report(town.driver(), draft)
    picture = bytes(DamagePhoto.objects.get(id=photo.id).content)
    assert b"PARK" not in picture and picture.startswith(b"\x89PNG")
    with clock.at(later(minutes=60)):
        town.reports(town.car.id)
        assert ending.end(rider, rental=row.id).total == 2400
        assert town.money(rider.party) == [(997_600, 50_000)]
        for actor, error in ((rider, Forbidden), (town.clerk, Forbidden), (town.rival_owner, Missing)):
            with pytest.raises(error):
                reports.settle_deposit(actor, rental=row.id, kept=1)
        with pytest.raises(Invalid):
            reports.settle_deposit(town.manager, rental=row.id, kept=50_001)
        reports.settle_deposit(town.manager, rental=row.id, kept=12_000)
        with pytest.raises(Conflict, match="ledger-"):
            reports.settle_deposit(town.manager, rental=row.id, kept=1)
    assert (town.money(rider.party), town.sales()) == ([(985_600, 0)], 14_400)
    (told,) = town.facts(row.id, "deposit.settled")
    assert (told["kept"], told["released"]) == (12_000, 38_000)


def test_a_deposit_that_nobody_decides_about_is_the_riders_after_a_week(town: Town):
    rider = town.driver()
    row = begun(town, rider)
    reports.report(rider, ReportDraft(id=ids.uuid7(), rental=row.id, phase="end", damaged=True))
    town.reports(town.car.id)
    ending.end(rider, rental=row.id)
    with clock.at(later(days=7)):
        ledger_services.expire_due(100)
        assert town.money(rider.party) == [(1_000_000, 0)]
        with pytest.raises(Conflict, match="ledger-"):
            reports.settle_deposit(town.manager, rental=row.id, kept=1)
    assert ledger.differences() == []


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"note": "x" * 1001}, "/note"),
        ({"photos": (PhotoDraft(id=ids.named(1), content=b"GIF89a"),)}, "/photos/0"),
        ({"photos": (PhotoDraft(id=ids.named(1), content=b""),)}, "/photos/0"),
        ({"photos": (PhotoDraft(id=ids.named(1), content=PNG[:40]),)}, "/photos/0"),
        ({"photos": tuple(PhotoDraft(id=ids.named(n), content=PNG) for n in range(7))}, "/photos"),
    ],
)
def test_reports_that_cannot_be(town: Town, more: dict[str, object], pointer: str):
    rider = town.driver()
    row = begun(town, rider)
    with pytest.raises(Invalid) as refused:
        reports.report(rider, ReportDraft(id=ids.uuid7(), rental=row.id, phase="start", **more))  # type: ignore[arg-type]
    assert refused.value.violations[0].pointer == pointer


def test_a_bike_is_taken_at_once_and_paid_by_the_minute(town: Town):
    rider, bike, id = town.rider(), town.bike("B1"), ids.uuid7()
    for _ in range(2):
        row = driving.take(rider, id=id, vehicle=bike.id, position=SQUARE)
    assert (row.state, town.money(rider.party)) == ("unlocking", [(1_000_000, 1150)])
    with pytest.raises(Conflict, match="vehicle-taken"):
        driving.take(town.rider(), id=ids.uuid7(), vehicle=bike.id, position=SQUARE)
    with clock.at(later(seconds=5)):
        town.answers(bike.id)
    with clock.at(later(minutes=31)):
        town.reports(bike.id, moved(SQUARE, 1500, 10), engine=None)
        assert ending.end(rider, rental=id).total == 150 + 200
    assert (town.money(rider.party), town.sales()) == ([(999_650, 0)], 350)
    bike = Vehicle.objects.get(id=bike.id)
    assert (bike.state, bike.trip, bike.events.count()) == ("available", None, 3)


def test_a_bike_that_does_not_open_costs_nothing(town: Town):
    rider, bike = town.rider(), town.bike("B1")
    row = driving.take(rider, id=ids.uuid7(), vehicle=bike.id, position=SQUARE)
    town.answers(bike.id, "failed", "jammed")
    row.refresh_from_db()
    assert (row.state, town.money(rider.party)) == ("cancelled", [(1_000_000, 0)])
    assert driving.take(town.rider(), id=ids.uuid7(), vehicle=bike.id, position=SQUARE).state == "unlocking"


def test_a_vehicle_without_a_connection_is_opened_by_hand(town: Town):
    rider, bike = town.rider(), town.bike("B2", connected=False)
    row = driving.take(rider, id=ids.uuid7(), vehicle=bike.id, position=SQUARE)
    assert row.state == "started"
    with clock.at(later(minutes=5)):
        assert ending.end(rider, rental=row.id).total == 150


def test_under_way_the_doors_open_again_and_a_booking_can_be_longer(town: Town):
    rider = town.driver()
    row = begun(town, rider)
    with clock.at(later(minutes=30)):
        town.unlock(rider, row)
        town.answers(town.car.id)
        assert booking.extend(rider, id=ids.uuid7(), rental=row.id, end=later(hours=3)).state == "started"
        with pytest.raises(Conflict, match="wrong-state"):
            booking.cancel(rider, rental=row.id)
    with clock.at(later(hours=2, minutes=59)):
        town.reports(town.car.id)
        assert ending.end(rider, rental=row.id).total == 2400 * 179 // 60
    assert timedelta(hours=2, minutes=59) == calendar.bookings(town.car.id, NOON, later(hours=4))[0].end - NOON
    assert ledger.differences() == []
