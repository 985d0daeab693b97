"""The manifest of contactless delivery."""

from lilong.kernel.base.manifest import Field, Indicator, Measure, Page
from lilong.kernel.base.words import Words


def _words(en: str, zh: str, ko: str) -> Words:
    return Words(en=en, zh=zh, ko=ko)


_DELIVERED = ("delivery.shipment.delivered",)
_ALL = Measure(events=_DELIVERED)
_ASSESSED, _ASSESSED_NO_MORE = ("delivery.cold.assessed",), ("delivery.cold.withdrawn",)

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        id="delivery.shipments",
        name=_words("Shipments delivered", "配送完成单数", "배송 완료 건수"),
        definition=_words(
            "Shipments that reached their recipients.", "已送达收件人的配送单数。", "수령인에게 도착한 배송 건수."
        ),
        unit="count",
        numerator=_ALL,
        disaggregation=("month", "district", "service"),
        measure="F8",
        goal="G2",
    ),
    Indicator(
        id="delivery.unattended",
        name=_words("Share delivered unattended", "无接触配送占比", "비대면 배송 비중"),
        definition=_words(
            "Shipments brought by unmanned vehicles, robots or drones or collected from lockers, of all delivered.",
            "由无人车、机器人、无人机送达或自智能柜取件的配送单占全部送达单的比例。",
            "전체 배송 완료 건 중 무인차, 로봇, 드론이 배송했거나 보관함에서 찾아간 비율.",
        ),
        unit="share",
        numerator=Measure(events=_DELIVERED, where={"unattended": (True,)}),
        denominator=_ALL,
        disaggregation=("month", "district", "kind"),
        measure="F8",
        goal="G2",
    ),
    Indicator(
        id="delivery.on-time",
        name=_words("Share delivered on time", "准时送达率", "정시 배송률"),
        definition=_words(
            "Shipments that were at the door or in the locker within the promise, of all delivered.",
            "在承诺时间内送到门口或存入智能柜的配送单占全部送达单的比例。",
            "전체 배송 완료 건 중 약속 시간 안에 문 앞이나 보관함에 도착한 비율.",
        ),
        unit="share",
        numerator=Measure(events=_DELIVERED, where={"on_time": (True,)}),
        denominator=_ALL,
        disaggregation=("month", "district", "service"),
        measure="F8",
        goal="G2",
    ),
    Indicator(
        id="delivery.rapid",
        name=_words("Share delivered within 30 minutes", "30分钟送达占比", "30분 이내 배송 비중"),
        definition=_words(
            "Shipments of the 30-minute service that kept it, of all delivered.",
            "按时完成的30分钟达配送单占全部送达单的比例。",
            "전체 배송 완료 건 중 30분 배송 약속을 지킨 비율.",
        ),
        unit="share",
        numerator=Measure(events=_DELIVERED, where={"service": ("rapid",), "on_time": (True,)}),
        denominator=_ALL,
        disaggregation=("month", "district"),
        measure="F8",
        goal="G2",
    ),
    Indicator(
        id="delivery.claims",
        name=_words("Claims for each shipment", "理赔率", "배상 청구율"),
        definition=_words(
            "Claims opened, for each shipment delivered.",
            "理赔申请数与送达单数之比。",
            "배송 완료 건 대비 배상 청구 건의 비율.",
        ),
        unit="share",
        numerator=Measure(events=("delivery.claim.opened",)),
        denominator=_ALL,
        disaggregation=("month", "district"),
        better="less",
        measure="F8",
        goal="G2",
    ),
    Indicator(
        id="delivery.cold-conformity",
        name=_words("Cold chain kept", "冷链合格率", "콜드체인 준수율"),
        definition=_words(
            "Cold shipments delivered whose temperature record is complete and in range, of all cold shipments delivered. "
            "Late readings restate the month of the delivery.",
            "温度记录完整且全程合格的冷链配送单占全部送达冷链配送单的比例；迟到的读数会更正送达当月的数值。",
            "온도 기록이 빠짐없고 줄곧 기준 안이었던 냉장·냉동 배송 건의 비율. 늦게 도착한 측정값은 배송한 달의 값을 고칩니다.",
        ),
        unit="share",
        numerator=Measure(
            events=_ASSESSED,
            where={"conform": (True,)},
            minus=(Measure(events=_ASSESSED_NO_MORE, where={"conform": (True,)}),),
        ),
        denominator=Measure(events=_ASSESSED, minus=(Measure(events=_ASSESSED_NO_MORE),)),
        disaggregation=("month", "district", "profile"),
        measure="F8",
        goal="G2",
    ),
)

EVENTS: tuple[str, ...] = (
    "delivery.carrier.opened",
    "delivery.depot.opened",
    "delivery.service.opened",
    "delivery.service.closed",
    "delivery.vehicle.added",
    "delivery.vehicle.removed",
    "delivery.bank.opened",
    "delivery.cell.out",
    "delivery.cell.back",
    "delivery.shipment.requested",
    "delivery.shipment.accepted",
    "delivery.shipment.collected",
    "delivery.shipment.at_depot",
    "delivery.shipment.out",
    "delivery.shipment.in_locker",
    "delivery.shipment.delivered",
    "delivery.shipment.failed",
    "delivery.shipment.returning",
    "delivery.shipment.returned",
    "delivery.shipment.lost",
    "delivery.parcel.lost",
    "delivery.shipment.cancelled",
    "delivery.shipment.late",
    "delivery.shipment.stopped",
    "delivery.shipment.overdue",
    "delivery.shipment.rated",
    "delivery.proof.overridden",
    "delivery.claim.opened",
    "delivery.claim.assessed",
    "delivery.claim.appealed",
    "delivery.claim.decided",
    "delivery.plan.made",
    "delivery.stop.assigned",
    "delivery.stop.reassigned",
    "delivery.shipment.unplaced",
    "delivery.offer.answered",
    "delivery.vehicle.controlled",
    "delivery.vehicle.ordered",
    "delivery.vehicle.order.ended",
    "delivery.vehicle.silent",
    "delivery.vehicle.recovered",
    "delivery.cold.excursion",
    "delivery.cold.decided",
    "delivery.cold.assessed",
    "delivery.cold.withdrawn",
)

PAGES: tuple[Page, ...] = (
    Page(name=_words("Deliveries", "配送", "배송"), url="delivery:home"),
    Page(name=_words("My shipments", "我的包裹", "내 배송"), url="delivery:shipments"),
    Page(name=_words("Send", "寄件", "보내기"), url="delivery:send"),
    Page(name=_words("Lockers", "智能柜", "보관함"), url="delivery:lockers"),
    Page(name=_words("My stops", "我的配送", "내 배달"), url="delivery:courier", role="driver"),
    Page(name=_words("Office", "调度台", "사무실"), url="delivery:offices", role="dispatcher"),
)

FIELD = Field(
    code="delivery",
    number=8,
    name=_words("Contactless delivery", "“无接触”配送", "비대면 배송"),
    promise=_words(
        "Lockers, robots and couriers, and cold stays cold.",
        "智能柜、机器人与骑手，冷链不断。",
        "보관함과 로봇, 배달원까지. 차가운 것은 끝까지 차갑게.",
    ),
    standards=("VDA 5050", "EPCIS 2.0", "GeoJSON"),
    events=EVENTS,
    indicators=INDICATORS,
    pages=PAGES,
    figure="delivery.shipments",
    colour="teal",
    quality="open",
)
