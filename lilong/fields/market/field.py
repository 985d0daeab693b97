"""The market's manifest."""

from lilong.kernel.base.manifest import Field, Indicator, Measure, Page
from lilong.kernel.base.words import Words

_UNATTENDED = ("vending", "unmanned")
_HERE: dict[str, tuple[str | int | bool, ...]] = {"field": ("market",)}


def _words(en: str, zh: str, ko: str) -> Words:
    return Words(en=en, zh=zh, ko=ko)


# What was paid for good: captured on completion, less what went back afterwards.
_TURNOVER = Measure(
    events=("orders.completed",),
    path="total",
    where=_HERE,
    minus=(Measure(events=("orders.refunded",), path="total", where=_HERE),),
)
_ORDERS = Measure(events=("orders.placed",), where=_HERE, minus=(Measure(events=("orders.cancelled",), where=_HERE),))

INDICATORS = (
    Indicator(
        id="market.turnover",
        name=_words("Fresh-food turnover", "生鲜电商交易额", "온라인 신선식품 거래액"),
        definition=_words(
            "Money paid for completed market orders, less refunds.",
            "已完成生鲜订单的实付金额，扣除退款。",
            "완료된 마켓 주문의 결제액에서 환불액을 뺀 금액.",
        ),
        unit="money",
        numerator=_TURNOVER,
        disaggregation=("month", "district"),
        period="quarter",
        baseline=880_000_000_000,
        baseline_source=_words(
            "Shanghai, Q1 2020: fresh-food e-commerce 8.8 bn yuan, +167% on the year before",
            "上海 2020 年第一季度：生鲜电商 88 亿元，同比 +167%",
            "상하이 2020년 1분기: 신선식품 전자상거래 88억 위안, 전년 대비 +167%",
        ),
        measure="F7",
        goal="G2",
    ),
    Indicator(
        id="market.orders",
        name=_words("Market orders", "生鲜订单数", "마켓 주문 수"),
        definition=_words(
            "Market orders placed, less those cancelled.",
            "生鲜订单数，扣除已取消的订单。",
            "접수된 마켓 주문 수에서 취소분을 뺀 수.",
        ),
        unit="count",
        numerator=_ORDERS,
        disaggregation=("month", "district", "channel"),
        baseline_source=_words(
            "One fresh-food firm of Shanghai: 4,000,000 orders in the 7 days of the Spring Festival 2020",
            "上海一家生鲜企业：2020 年春节 7 天 400 万单",
            "상하이의 한 신선식품 기업: 2020년 춘절 7일간 400만 건",
        ),
        measure="F7",
        goal="G2",
    ),
    Indicator(
        id="market.growth",
        name=_words("Turnover against the baseline", "交易额较基期增长", "기준 대비 거래액 증가율"),
        definition=_words(
            "Turnover of the quarter against that of the first quarter of 2020, less one.",
            "当季交易额较2020年第一季度的增幅。",
            "2020년 1분기 대비 해당 분기 거래액의 증가율.",
        ),
        unit="growth",
        numerator=_TURNOVER,
        period="quarter",
        baseline=880_000_000_000,
        baseline_source=_words(
            "Shanghai, Q1 2020: fresh-food e-commerce 8.8 bn yuan, itself +167% on the year before",
            "上海 2020 年第一季度：生鲜电商 88 亿元，其自身同比 +167%",
            "상하이 2020년 1분기: 신선식품 전자상거래 88억 위안, 그 자체가 전년 대비 +167%",
        ),
        measure="F7",
        goal="G2",
    ),
    Indicator(
        id="market.unattended",
        name=_words("Share of unattended trade", "无人零售占比", "무인 판매 비중"),
        definition=_words(
            "Market orders placed at vending machines and unmanned shops, of all market orders placed.",
            "在自动售货机和无人店下单的订单占全部生鲜订单的比例。",
            "전체 마켓 주문 중 자판기와 무인 매장 주문의 비율.",
        ),
        unit="share",
        numerator=Measure(events=("orders.placed",), where=_HERE | {"channel": _UNATTENDED}),
        denominator=Measure(events=("orders.placed",), where=_HERE),
        disaggregation=("month", "district"),
        measure="F7",
        goal="G2",
    ),
    Indicator(
        id="market.waste",
        name=_words("Share of food wasted", "损耗率", "폐기율"),
        definition=_words(
            "Value of goods written off, of the value of goods received, both at list price.",
            "报损商品价值占到货商品价值的比例，均按标价计算。",
            "입고 상품 가치 대비 폐기 상품 가치의 비율(정가 기준).",
        ),
        unit="share",
        numerator=Measure(events=("market.waste.booked",), path="value"),
        denominator=Measure(events=("market.lot.received",), path="value"),
        disaggregation=("month", "district", "category"),
        better="less",
        measure="F7",
        goal="G2",
    ),
)

EVENTS = (
    "market.product.registered",
    "market.product.changed",
    "market.product.withdrawn",
    "market.item.retired",
    "market.place.opened",
    "market.place.closed",
    "market.lot.received",
    "market.stock.moved",
    "market.stock.counted",
    "market.waste.booked",
    "market.lot.expired",
    "market.lot.recalled",
    "market.invoice.issued",
    "market.import.finished",
    "market.machine.registered",
    "market.machine.faulted",
    "market.machine.cleared",
    "market.vend.settled",
    "market.vend.released",
    "market.session.opened",
    "market.session.closed",
    "market.dispute.opened",
    "market.dispute.resolved",
    "market.recycling.weighed",
    "market.recycling.quarantined",
    "market.recycling.bin",
    "market.broadcast.opened",
    "market.broadcast.cancelled",
    "market.group.offered",
    "market.group.opened",
    "market.group.joined",
    "market.group.left",
    "market.group.completed",
    "market.group.failed",
    "market.leader.appointed",
    "market.leader.ended",
    "market.campaign.opened",
    "market.campaign.cut_off",
    "market.order.collected",
    "market.commission.returned",
    "market.order.uncollected",
    "market.order.picking",
    "market.order.packed",
    "market.order.dispatched",
    "market.order.delivered",
    "market.order.failed",
    "market.order.lost",
    "market.review.written",
    "market.review.replied",
    "market.review.reported",
    "market.review.hidden",
    "market.return.asked",
    "market.return.approved",
    "market.return.refused",
    "market.return.refunded",
)

FIELD = Field(
    code="market",
    number=7,
    name=_words("Fresh-food market", "生鲜电商", "신선식품 마켓"),
    promise=_words(
        "Good food by lot and date: what you see is there, and what you get is fresh.",
        "看得见的批次与日期，下单必有货，到手都新鲜。",
        "로트와 날짜로 관리하는 신선함: 보이는 것은 있고, 받는 것은 신선합니다.",
    ),
    standards=("GS1 Digital Link", "GS1 General Specifications", "schema.org", "UBL 2.1 / EN 16931"),
    events=EVENTS,
    indicators=INDICATORS,
    pages=(
        Page(name=_words("Shop", "逛市场", "장보기"), url="market:home"),
        Page(name=_words("Basket", "购物篮", "장바구니"), url="market:basket"),
        Page(name=_words("My market orders", "我的生鲜订单", "내 마켓 주문"), url="market:orders"),
        Page(name=_words("Broadcast sales", "整点直播抢购", "라이브 특가"), url="market:broadcasts"),
        Page(name=_words("Buy together", "拼团", "함께 사기"), url="market:groups"),
        Page(name=_words("Neighbourhood campaigns", "社区团购", "동네 공동구매"), url="market:campaigns"),
        Page(name=_words("Machines nearby", "附近的无人售货", "주변 무인 매장"), url="market:machines"),
        Page(name=_words("My coins", "我的环保金币", "내 재활용 코인"), url="market:coins"),
        Page(name=_words("Recalls", "召回公告", "리콜 안내"), url="market:recalls"),
        Page(name=_words("For sellers", "商家后台", "판매자 관리"), url="market:seller-home"),
    ),
    figure="market.turnover",
    colour="green",
)
