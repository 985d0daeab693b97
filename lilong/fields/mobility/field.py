"""The manifest of new mobility."""

from lilong.kernel.base.manifest import Field, Indicator, Measure, Page
from lilong.kernel.base.words import Words


def _words(en: str, zh: str, ko: str) -> Words:
    return Words(en=en, zh=zh, ko=ko)


_HIRED = ("mobility.rental.ended",)
_DRIVEN = ("mobility.ride.completed",)
_SHARED_CARS: dict[str, tuple[str | int | bool, ...]] = {"mode": ("car-share",)}
_ARRIVED = ("mobility.ride.arrived",)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        id="mobility.trips",
        name=_words("Trips", "出行次数", "이동 횟수"),
        definition=_words(
            "Rentals that ended and rides that were completed.",
            "已结束的租用和已完成的乘车次数。",
            "끝난 대여와 완료된 호출 이동의 수.",
        ),
        unit="count",
        numerator=Measure(events=_HIRED + _DRIVEN),
        disaggregation=("month", "district"),
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.turnover",
        name=_words("Turnover of new mobility", "新型出行交易额", "새로운 이동 서비스 거래액"),
        definition=_words(
            "What rentals that ended and completed rides cost, less what rides gave back.",
            "已结束租用和已完成乘车的金额，扣除乘车退款。",
            "끝난 대여와 완료된 이동의 요금에서 환불액을 뺀 금액.",
        ),
        unit="money",
        numerator=Measure(
            events=_HIRED + _DRIVEN,
            path="total",
            minus=(Measure(events=("mobility.ride.refunded",), path="amount"),),
        ),
        disaggregation=("month", "district"),
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.hours-per-car",
        name=_words("Time shared per car", "每辆共享汽车使用时长", "공유차 한 대당 이용 시간"),
        definition=_words(
            "Time that shared cars were somebody's in the month, for each car that was rented in it.",
            "当月共享汽车被使用的总时长，除以当月被租用过的车辆数。",
            "그 달에 공유차가 이용된 시간을 그 달에 한 번이라도 대여된 차량 수로 나눈 값.",
        ),
        unit="duration",
        numerator=Measure(events=_HIRED, path="seconds", where=_SHARED_CARS),
        denominator=Measure(events=_HIRED, distinct="vehicle", where=_SHARED_CARS),
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.wait",
        name=_words("Waiting for a ride", "候车时间", "차량 대기 시간"),
        definition=_words(
            "Time from a request to the car's arrival, for each ride whose car arrived.",
            "从叫车到车辆到达的时间，按车辆已到达的乘车平均。",
            "호출부터 차량 도착까지의 시간, 차량이 도착한 이동의 평균.",
        ),
        unit="duration",
        numerator=Measure(events=_ARRIVED, path="wait_seconds"),
        denominator=Measure(events=_ARRIVED),
        disaggregation=("month", "district"),
        better="less",
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.deadhead",
        name=_words("Empty way against paid way", "空驶里程与载客里程之比", "공차 주행과 유상 주행의 비율"),
        definition=_words(
            "Metres driven empty to pick riders up, against the metres driven with them, over completed rides.",
            "已完成乘车中，前往接客的空驶里程与载客里程之比。",
            "완료된 이동에서 승객을 태우러 간 공차 거리와 태우고 간 거리의 비율.",
        ),
        unit="share",
        numerator=Measure(events=_DRIVEN, path="deadhead_m"),
        denominator=Measure(events=_DRIVEN, path="metres"),
        disaggregation=("month", "district"),
        better="less",
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.unattended",
        name=_words("Share of driverless rides", "无人驾驶乘车占比", "무인 주행 비중"),
        definition=_words(
            "Completed rides in cars without a driver, of all completed rides.",
            "无人驾驶车辆完成的乘车占全部已完成乘车的比例。",
            "완료된 이동 중 운전자 없는 차량의 비율.",
        ),
        unit="share",
        numerator=Measure(events=_DRIVEN, where={"driverless": (True,)}),
        denominator=Measure(events=_DRIVEN),
        disaggregation=("month", "district"),
        measure="F9",
        goal="G2",
    ),
    Indicator(
        id="mobility.let-down",
        name=_words("Bookings let down", "未能履约的预订", "지키지 못한 예약"),
        definition=_words(
            "Bookings of vehicles that the operator could not keep, of all bookings.",
            "运营商未能履约的用车预订占全部预订的比例。",
            "운영사가 지키지 못한 예약이 전체 예약에서 차지하는 비율.",
        ),
        unit="share",
        numerator=Measure(events=("mobility.rental.let_down",)),
        denominator=Measure(events=("mobility.rental.booked",)),
        disaggregation=("month", "district"),
        better="less",
        measure="F9",
        goal="G2",
    ),
)

EVENTS: tuple[str, ...] = (
    "mobility.operator.registered",
    "mobility.station.opened",
    "mobility.vehicle.registered",
    "mobility.vehicle.retired",
    "mobility.vehicle.moved",
    "mobility.vehicle.charged",
    "mobility.zone.published",
    "mobility.zone.withdrawn",
    "mobility.zone.entered",
    "mobility.tariff.published",
    "mobility.licence.decided",
    "mobility.rental.booked",
    "mobility.rental.extended",
    "mobility.rental.cancelled",
    "mobility.rental.missed",
    "mobility.rental.refused",
    "mobility.rental.started",
    "mobility.rental.ended",
    "mobility.rental.let_down",
    "mobility.rental.moved",
    "mobility.deposit.settled",
    "mobility.debt.paid",
    "mobility.damage.reported",
    "mobility.maintenance.planned",
    "mobility.maintenance.ended",
    "mobility.ride.requested",
    "mobility.ride.accepted",
    "mobility.ride.reassigned",
    "mobility.ride.arrived",
    "mobility.ride.started",
    "mobility.ride.redirected",
    "mobility.ride.completed",
    "mobility.ride.cancelled",
    "mobility.ride.refunded",
    "mobility.ride.tipped",
    "mobility.ride.rated",
    "mobility.ride.alarm",
    "mobility.ride.alarm.closed",
    "mobility.ride.lost",
    "mobility.duty.began",
    "mobility.duty.ended",
    "mobility.permit.seen",
    "mobility.trip.measured",
    "mobility.trip.restated",
    "mobility.terminal.opened",
    "mobility.terminal.registered",
    "mobility.terminal.deregistered",
    "mobility.alert.published",
    "mobility.alert.withdrawn",
)

PAGES: tuple[Page, ...] = (
    Page(name=_words("Find a vehicle", "找车", "차 찾기"), url="mobility:home"),
    Page(name=_words("Ask for a ride", "叫车", "차 부르기"), url="mobility:ride-ask"),
    Page(name=_words("My trips", "我的行程", "내 이동"), url="mobility:trips"),
    Page(name=_words("My driving licence", "我的驾驶证", "내 운전면허"), url="mobility:licence"),
    Page(name=_words("Drive", "我要开车", "운전하기"), url="mobility:drive"),
    Page(name=_words("For operators", "运营商后台", "운영사 관리"), url="mobility:fleet-door"),
)

FIELD = Field(
    code="mobility",
    number=9,
    name=_words("New mobility", "新型移动出行", "새로운 이동 서비스"),
    promise=_words(
        "A car, a bike or a seat, by the minute and with a plain receipt.",
        "汽车、单车或座位，按分钟计，账单清楚。",
        "자동차, 자전거, 좌석을 분 단위로, 영수증은 알기 쉽게.",
    ),
    standards=("GBFS 3.0", "MDS 2.0", "JT/T 808", "GeoJSON"),
    events=EVENTS,
    indicators=INDICATORS,
    pages=PAGES,
    figure="mobility.trips",
)
