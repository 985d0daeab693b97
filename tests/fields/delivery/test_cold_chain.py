"""Loggers, readings, records: what they say, whom they stop, who decides."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from lilong.fields.delivery.models import Claim, ColdNotice, ColdRecord, Logger, LoggerPlace, Reading, Shipment
from lilong.fields.delivery.queries import cold_chain as queries
from lilong.fields.delivery.services import (
    cold_decisions,
    cold_loggers,
    cold_readings,
    cold_watch,
    delivering,
    journey,
    stopping,
    vehicles_watch,
)  # fmt: skip
from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft, Receipt
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.devices.inbox import Message
from lilong.kernel.events.services import sequence
from tests.fields.delivery.road import Road, words

pytestmark = pytest.mark.django_db
START = datetime(2030, 4, 8, 4, tzinfo=clock.CITY_ZONE)


@pytest.fixture
def road() -> Road:
    with clock.at(START):
        return Road()


class Cold:
    """A cold shipment in a robot's hold, with a logger; moments are minutes after START."""

    def __init__(self, road: Road, temperature: str = "chilled", *, carried: bool = True, **more: object) -> None:
        self.road, self.seq = road, 0
        with clock.at(START):
            self.robot = road.robot()
            self.shipment = road.shipment(temperature=temperature, value=40_000, **more)
            self.logger = logger(road)
            cold_loggers.place(road.office, id=ids.uuid7(), logger=self.logger, shipment=self.shipment)
            if carried:
                journey.collect(road.office, shipment=self.shipment, vehicle=self.robot.id)

    def reads(self, *pairs: tuple[float, float], now: float | None = None) -> Receipt:
        """Readings of (minute, degrees), told at the last one's time."""
        drafts = []
        for minute, degrees in pairs:
            self.seq += 1
            drafts.append(ReadingDraft(seq=self.seq, at=after(minute), mc=round(degrees * 1000)))
        with clock.at(after(max(minute for minute, _ in pairs) if now is None else now)):
            (letter,) = cold_readings.take([message(self.logger, Batch(readings=drafts, batch=drafts[0].seq))])
        return msgspec.json.decode(letter.payload, type=Receipt)

    def steady(self, start: int, end: int, degrees: float, every: int = 5) -> None:
        self.reads(*[(minute, degrees) for minute in range(start, end, every)])

    def record(self) -> ColdRecord:
        return ColdRecord.objects.get(shipment_id=self.shipment)

    def row(self) -> Shipment:
        return Shipment.objects.get(id=self.shipment)

    def deliver(self, minute: float) -> str:
        with clock.at(after(minute)):
            try:
                return delivering.deliver(self.road.office, shipment=self.shipment, vehicle=self.robot.id).state
            except Conflict as refused:
                return refused.code


def logger(road: Road) -> UUID:
    return cold_loggers.add_logger(road.office, id=ids.uuid7(), carrier=road.carrier, name=words("Logger")).id


def after(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def message(device: UUID, batch: Batch | bytes) -> Message:
    payload = batch if isinstance(batch, bytes) else msgspec.json.encode(batch)
    return Message(device, f"lilong.{device}.up.cold", payload, clock.now())


def test_a_good_record_is_delivered_and_says_that_it_is_complete(road: Road):
    cold = Cold(road)
    cold.steady(0, 60, 5)
    assert cold.deliver(60) == "delivered"
    record = cold.record()
    assert (record.state, record.verdict, record.complete, record.covered_permille) == (
        "closed",
        "in-range",
        True,
        1000,
    )
    (told,) = road.facts(cold.shipment, "delivery.cold.assessed")
    assert (told["conform"], told["readings"], told["mkt_mc"], told["restated"]) == (True, 12, 5000, False)


def test_goods_that_need_no_cold_have_no_record(road: Road):
    cold = Cold(road, "ambient")
    assert cold.reads((1, 30)).kept == 1
    assert not ColdRecord.objects.exists()
    assert cold.deliver(5) == "delivered"


def test_cold_goods_without_a_logger_say_that_nothing_is_known(road: Road):
    with clock.at(START):
        robot, goods = road.robot(), road.shipment(temperature="chilled")
        journey.collect(road.office, shipment=goods, vehicle=robot.id)
    with clock.at(after(30)):
        delivering.deliver(road.office, shipment=goods, vehicle=robot.id)
    record = ColdRecord.objects.get(shipment_id=goods)
    assert (record.complete, record.verdict, record.covered_permille) == (False, "in-range", 0)
    assert record.gaps == [[int(START.timestamp()), int(after(30).timestamp())]]
    assert [each["conform"] for each in road.facts(goods, "delivery.cold.assessed")] == [False]


def test_an_excursion_stops_tells_and_claims(road: Road):
    cold = Cold(road)
    cold.steady(0, 20, 5)
    cold.steady(20, 60, 12)
    record = cold.record()
    assert (record.state, record.verdict, cold.row().stopped) == ("stopped", "excursion", "excursion")
    (told,) = road.facts(cold.shipment, "delivery.cold.excursion")
    assert (told["kind"], told["peak_mc"], told["late"]) == ("duration", 12_000, False)
    concerned = {road.shipper, road.carrier, road.resident.party}
    assert set(ColdNotice.objects.values_list("party", flat=True)) == concerned
    claim = Claim.objects.get()
    assert (claim.kind, claim.claimant, claim.asked, claim.state) == ("excursion", road.shipper, 40_000, "opened")
    assert record.excursions.get().claim == claim.id
    assert cold.deliver(61) == "shipment-stopped"
    assert [each["reason"] for each in road.facts(cold.shipment, "delivery.shipment.stopped")] == ["excursion"]


def test_one_excursion_is_told_once_however_long_it_lasts(road: Road):
    cold = Cold(road)
    cold.steady(0, 120, 12)
    cold.steady(120, 180, 12)
    assert sorted(each["kind"] for each in road.facts(cold.shipment, "delivery.cold.excursion")) == [
        "cumulative",
        "duration",
    ]
    assert Claim.objects.count() == 1
    assert {each.claim for each in cold.record().excursions.all()} == {Claim.objects.get().id}


def test_released_goods_go_on_and_a_new_excursion_stops_them_again(road: Road):
    cold = Cold(road)
    cold.steady(0, 40, 12)
    quality = road.member(road.shipper, road.sender, "quality")
    id = ids.uuid7()
    given = {"id": id, "shipment": cold.shipment, "outcome": "release", "reason": "Stability data allow 40 minutes."}
    with clock.at(after(41)):
        made = cold_decisions.decide(quality, **given)
        assert cold_decisions.decide(quality, **given).at == made.at
        with pytest.raises(Conflict) as refused:
            cold_decisions.decide(quality, **given | {"outcome": "destroy"})
        assert refused.value.code == "id-taken"
    assert (cold.record().state, cold.row().stopped) == ("released", "")
    cold.reads((42, 12))
    assert cold.row().stopped == ""  # the same excursion goes on: decided
    cold.reads((50, 25))
    assert (cold.record().state, cold.row().stopped) == ("stopped", "excursion")
    assert cold.deliver(51) == "shipment-stopped"


def test_destroyed_goods_are_never_handed_over(road: Road):
    cold = Cold(road)
    cold.reads((1, 30))
    with clock.at(after(2)):
        cold_decisions.decide(road.sender, id=ids.uuid7(), shipment=cold.shipment, outcome="destroy", reason="Spoilt.")
        with pytest.raises(Conflict):
            cold_decisions.decide(road.sender, id=ids.uuid7(), shipment=cold.shipment, outcome="release", reason="No.")
    assert (cold.record().state, cold.deliver(3)) == ("destroyed", "shipment-stopped")
    assert [each["outcome"] for each in road.facts(cold.shipment, "delivery.cold.decided")] == ["destroy"]


def test_only_the_shippers_quality_people_decide(road: Road):
    cold = Cold(road)
    cold.reads((1, 30))
    clerk = road.member(road.shipper, road.sender, "clerk")
    for actor in (road.office, road.resident, clerk):
        with pytest.raises(Forbidden):
            cold_decisions.decide(actor, id=ids.uuid7(), shipment=cold.shipment, outcome="release", reason="Fine.")
    for bad in ({"outcome": "eat"}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "a\0"}):
        with pytest.raises(Invalid):
            given = {"outcome": "release", "reason": "Fine."} | bad
            cold_decisions.decide(road.sender, id=ids.uuid7(), shipment=cold.shipment, **given)
    with pytest.raises(Forbidden):
        stopping.go_on(road.office, shipment=cold.shipment)


def test_the_same_batch_again_and_numbers_used_twice(road: Road):
    cold = Cold(road)
    batch = Batch(readings=[ReadingDraft(seq=n, at=after(n), mc=5000) for n in (1, 2, 3)], batch=7, battery=55)
    other = Batch(
        readings=[ReadingDraft(seq=3, at=after(3), mc=9000), ReadingDraft(seq=4, at=after(4), mc=5000)], batch=8
    )
    with clock.at(after(5)):
        letters = cold_readings.take([message(cold.logger, each) for each in (batch, batch, other)])
    receipts = [msgspec.json.decode(letter.payload, type=Receipt) for letter in letters]
    assert [(r.batch, r.kept, r.known, r.reused) for r in receipts] == [(7, 3, 0, 0), (7, 0, 3, 0), (8, 1, 0, 1)]
    assert list(Reading.objects.order_by("sequence").values_list("sequence", "mc")) == [(n, 5000) for n in (1, 2, 3, 4)]
    found = Logger.objects.get(id=cold.logger)
    assert (found.reused, found.battery_percent, found.last_sequence, found.last_mc) == (1, 55, 4, 5000)


def test_a_number_twice_in_one_batch_counts_once(road: Road):
    cold = Cold(road)
    twice = [ReadingDraft(seq=1, at=after(1), mc=mc) for mc in (5000, 5000, 6000)]
    with clock.at(after(2)):
        receipt = cold_readings.report(road.office, logger=cold.logger, batch=Batch(readings=twice))
    assert (receipt.kept, receipt.known, receipt.reused) == (1, 1, 1)


def test_readings_from_the_future_are_kept_and_do_not_count(road: Road):
    cold = Cold(road)
    receipt = cold.reads((0, 5), (5, 5), (300, 40), now=6)
    assert (receipt.kept, receipt.ahead) == (3, 1)
    assert (cold.record().verdict, cold.record().readings, cold.row().stopped) == ("in-range", 2, "")
    assert Reading.objects.filter(ahead=True).count() == 1
    assert Logger.objects.get(id=cold.logger).last_at == after(5)


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"[]", b"{}", b'{"readings": []}', b'{"readings": [{"seq": 0, "at": "2030-04-08T12:00:00+08:00", "mc": 1}]}',
        b'{"readings": [{"seq": 1, "at": "2030-04-08T12:00:00", "mc": 1}]}',
        b'{"readings": [{"seq": 1, "at": "2030-04-08T12:00:00Z", "mc": 100001}]}',
        b'{"readings": [{"seq": 1, "at": "2030-04-08T12:00:00Z", "mc": 5.5}]}',
        b'{"readings": [{"seq": 1, "at": "2030-04-08T12:00:00Z", "mc": 5, "more": 1}]}',
        b'{"readings": [' + b",".join([b'{"seq": 1, "at": "2030-04-08T12:00:00Z", "mc": 5}'] * 2001) + b"]}",
        b"x" * 300_000,
    ],
)  # fmt: skip
def test_bad_messages_are_refused_alone(road: Road, payload: bytes):
    cold = Cold(road)
    good = Batch(readings=[ReadingDraft(seq=1, at=after(1), mc=5000)], batch=1)
    with clock.at(after(2)):
        letters = cold_readings.take([message(cold.logger, payload), message(cold.logger, good)])
    problems = [bool(msgspec.json.decode(letter.payload, type=Receipt).problem) for letter in letters]
    assert (sorted(problems), Reading.objects.count()) == ([False, True], 1)


def test_strangers_readings_are_not_kept(road: Road):
    stranger = ids.uuid7()
    good = Batch(readings=[ReadingDraft(seq=1, at=after(1), mc=5000)], batch=3)
    (letter,) = cold_readings.take([message(stranger, good)])
    assert msgspec.json.decode(letter.payload, type=Receipt).problem == "unknown-logger"
    with pytest.raises(Missing):
        cold_readings.report(road.office, logger=stranger, batch=good)
    cold = Cold(road)
    with pytest.raises(Forbidden):
        cold_readings.report(road.resident, logger=cold.logger, batch=good)
    assert Reading.objects.count() == 0


def test_a_late_reading_restates_what_was_said_after_delivery(road: Road):
    cold = Cold(road)
    cold.steady(0, 60, 5)
    assert cold.deliver(60) == "delivered"
    cold.reads((31, 30), now=90)
    record = cold.record()
    assert (record.verdict, record.state, record.restated_at) == ("excursion", "closed", after(90))
    assert [each["conform"] for each in road.facts(cold.shipment, "delivery.cold.withdrawn")] == [True]
    assert [each["conform"] for each in road.facts(cold.shipment, "delivery.cold.assessed")] == [True, False]
    (told,) = road.facts(cold.shipment, "delivery.cold.excursion")
    assert (told["late"], told["kind"]) == (True, "limit")
    assert Claim.objects.get().kind == "excursion"
    sequence()
    cold.reads((32, 30), now=91)
    assert len(road.facts(cold.shipment, "delivery.cold.withdrawn")) == 1


def test_a_late_upload_makes_an_incomplete_record_complete(road: Road):
    cold = Cold(road)
    cold.steady(0, 20, 5)
    assert cold.deliver(60) == "delivered"
    assert (cold.record().complete, cold.record().longest_gap_seconds) == (False, 2400)
    cold.reads(*[(minute, 5) for minute in range(20, 60, 5)], now=100)
    assert (cold.record().complete, cold.record().gaps) == (True, [])
    assert [each["conform"] for each in road.facts(cold.shipment, "delivery.cold.assessed")] == [False, True]


def test_a_vehicles_logger_speaks_for_what_is_aboard_only(road: Road):
    cold = Cold(road, carried=False)
    with clock.at(START):
        hold = logger(road)
        cold_loggers.place(road.office, id=ids.uuid7(), logger=hold, vehicle=cold.robot.id)
        cold_loggers.take_away(road.office, logger=cold.logger)
    with clock.at(after(10)):
        journey.collect(road.office, shipment=cold.shipment, vehicle=cold.robot.id)
    warm_before = [ReadingDraft(seq=1, at=after(5), mc=30_000)]
    aboard = [ReadingDraft(seq=n, at=after(10 + n), mc=4000) for n in range(2, 20)]
    with clock.at(after(30)):
        cold_readings.report(road.office, logger=hold, batch=Batch(readings=warm_before + aboard))
    assert (cold.record().readings, cold.row().stopped) == (18, "")
    with clock.at(after(31)):
        warm = Batch(readings=[ReadingDraft(seq=50, at=after(31), mc=30_000)])
        cold_readings.report(road.office, logger=hold, batch=warm)
    assert cold.row().stopped == "excursion"


def test_medicines_have_their_own_profile(road: Road):
    cold = Cold(road, skills=("pharma",))
    assert cold.record().profile == "pharma"
    cold.steady(0, 30, 9, every=2)
    assert {each.kind for each in cold.record().excursions.all()} >= {"duration", "mkt"}


def test_silence_shows_in_the_record_without_any_reading(road: Road):
    cold = Cold(road)
    cold.steady(0, 10, 5)
    with clock.at(after(60)):
        assert cold_watch.tick() == 1
    record = cold.record()
    assert (record.complete, record.longest_gap_seconds) == (False, 3000)
    with clock.at(after(60.5)):
        assert cold_watch.tick() == 0


def test_placing_loggers_is_checked(road: Road):
    cold = Cold(road, carried=False)
    other = Road()
    given = {"id": ids.uuid7(), "logger": cold.logger, "shipment": cold.shipment}
    made = cold_loggers.place(road.office, **given)
    assert cold_loggers.place(road.office, **given).id == made.id
    assert LoggerPlace.objects.filter(logger=cold.logger, end=None).count() == 1
    with pytest.raises(Conflict):
        cold_loggers.place(road.office, **given | {"shipment": None, "vehicle": cold.robot.id})
    for bad in ({"shipment": None}, {"vehicle": cold.robot.id}):
        with pytest.raises(Invalid):
            cold_loggers.place(road.office, **given | {"id": ids.uuid7()} | bad)
    with pytest.raises(Forbidden):
        cold_loggers.place(other.office, **given | {"id": ids.uuid7()})
    foreign = logger(other)
    with pytest.raises(Missing):
        cold_loggers.place(other.office, id=ids.uuid7(), logger=foreign, shipment=cold.shipment)
    with pytest.raises(Forbidden):
        cold_loggers.add_logger(road.resident, id=ids.uuid7(), carrier=road.carrier, name=words("x"))


def test_the_record_is_for_those_whom_the_shipment_concerns(road: Road):
    cold = Cold(road)
    cold.steady(0, 60, 12)
    for actor in (road.office, road.sender, road.resident):
        seen = queries.record(actor, cold.shipment)
        assert (seen.verdict, seen.profile, seen.high_mc) == ("excursion", "chilled", 10_000)
        with clock.at(after(60)):
            assert [len(trace) for trace in queries.readings(actor, cold.shipment)] == [12]
        assert [each.shipment for each in queries.notices(actor)] == [cold.shipment]
    for stranger in (road.person("Li Wei"), Road().office):
        with pytest.raises(Missing):
            queries.record(stranger, cold.shipment)
        with pytest.raises(Missing):
            queries.readings(stranger, cold.shipment)
        assert queries.notices(stranger) == []
    notice = queries.notices(road.resident)[0]
    with pytest.raises(Missing):
        cold_decisions.seen(road.person("Li Wei"), notice=notice.id)
    cold_decisions.seen(road.resident, notice=notice.id)
    assert queries.notices(road.resident, unseen=True) == []
    (shown,) = queries.loggers(road.office, road.carrier)
    assert (shown.shipment, shown.last_mc) == (cold.shipment, 12_000)


def test_a_robot_cannot_drop_what_was_stopped():
    road = Road()
    robot = road.robot()
    robot.connect()
    goods = road.shipment(temperature="chilled", value=10_000)
    tag = logger(road)
    cold_loggers.place(road.office, id=ids.uuid7(), logger=tag, shipment=goods)
    road.run(robot.id, goods)
    vehicles_watch.tick()
    robot.hears()
    robot.vehicle.tick(2)
    robot.says()
    warm = Batch(readings=[ReadingDraft(seq=1, at=clock.now(), mc=30_000)])
    cold_readings.report(road.office, logger=tag, batch=warm)
    robot.goes(100)
    assert road.state(goods) == "collected"
    assert robot.orders()[0].tasks.get(kind="drop").problem == "shipment-stopped"
