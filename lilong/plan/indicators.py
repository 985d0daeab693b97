"""The city's own indicators, from the orders of all fields together."""

from lilong.kernel.base.manifest import Indicator, Measure
from lilong.kernel.base.words import Words

_SPLIT = ("month", "district", "field")

_PAID = Measure(events=("orders.completed",), path="total", minus=(Measure(events=("orders.refunded",), path="total"),))
_PLACED = Measure(events=("orders.placed",), minus=(Measure(events=("orders.cancelled",)),))


def _seen(path: str) -> Measure:
    return Measure(
        events=("orders.placed",), distinct=path, minus=(Measure(events=("orders.cancelled",), distinct=path),)
    )


CITY: tuple[Indicator, ...] = (
    Indicator(
        id="city.turnover",
        name=Words(en="Turnover of the lane", zh="全巷交易额", ko="골목 전체 거래액"),
        definition=Words(
            en="Money paid for completed orders of all fields in the month, less what was refunded of them.",
            zh="各领域当月完成订单的实付金额，扣除其退款。",
            ko="해당 월에 완료된 모든 분야 주문의 결제액에서 그 환불액을 뺀 금액.",
        ),
        unit="money",
        numerator=_PAID,
        disaggregation=_SPLIT,
        measure="A2",
        goal="G2",
    ),
    Indicator(
        id="city.orders",
        name=Words(en="Orders", zh="订单数", ko="주문 수"),
        definition=Words(
            en="Orders of all fields placed in the month, less those of them that were cancelled.",
            zh="各领域当月下达的订单数，扣除其中已取消的订单。",
            ko="해당 월에 접수된 모든 분야 주문 수에서 그중 취소된 주문을 뺀 수.",
        ),
        unit="count",
        numerator=_PLACED,
        disaggregation=_SPLIT,
        measure="A2",
        goal="G2",
    ),
    Indicator(
        id="city.buyers",
        name=Words(en="Active buyers", zh="活跃买家", ko="활성 구매자"),
        definition=Words(
            en="Different parties with at least one order of the month that was not cancelled.",
            zh="当月至少有一笔未取消订单的不同买家数。",
            ko="해당 월에 취소되지 않은 주문이 하나 이상 있는 서로 다른 구매자 수.",
        ),
        unit="count",
        numerator=_seen("buyer"),
        disaggregation=("month", "district"),
        measure="A2",
        goal="G2",
    ),
    Indicator(
        id="city.sellers",
        name=Words(en="Active sellers", zh="活跃卖家", ko="활성 판매자"),
        definition=Words(
            en="Different firms with at least one order of the month that was not cancelled.",
            zh="当月至少有一笔未取消订单的不同卖家数。",
            ko="해당 월에 취소되지 않은 주문이 하나 이상 있는 서로 다른 판매자 수.",
        ),
        unit="count",
        numerator=_seen("seller"),
        disaggregation=("month", "field"),
        measure="A3",
        goal="G1",
    ),
    Indicator(
        id="city.basket",
        name=Words(en="Average order", zh="平均客单价", ko="평균 주문 금액"),
        definition=Words(
            en="Money paid for completed orders of the month, less refunds, by the number of those orders.",
            zh="当月完成订单的实付金额（扣除退款）除以其订单数。",
            ko="해당 월에 완료된 주문의 결제액(환불 제외)을 그 주문 수로 나눈 값.",
        ),
        unit="money",
        numerator=_PAID,
        denominator=Measure(events=("orders.completed",)),
        disaggregation=_SPLIT,
        measure="A2",
        goal="G2",
    ),
    Indicator(
        id="city.refunds",
        name=Words(en="Share refunded", zh="退款率", ko="환불 비율"),
        definition=Words(
            en="Money refunded in the month, of the money paid for orders completed in the month.",
            zh="当月退款金额占当月完成订单实付金额的比例。",
            ko="해당 월 완료 주문 결제액 대비 해당 월 환불액의 비율.",
        ),
        unit="share",
        numerator=Measure(events=("orders.refunded",), path="total"),
        denominator=Measure(events=("orders.completed",), path="total"),
        disaggregation=_SPLIT,
        better="less",
        measure="S2",
        goal="G2",
    ),
)
