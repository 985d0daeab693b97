"""The manifest of new mobility."""

from lilong.kernel.base.manifest import Field, Indicator, Page
from lilong.kernel.base.words import Words


def _words(en: str, zh: str, ko: str) -> Words:
    return Words(en=en, zh=zh, ko=ko)


INDICATORS: tuple[Indicator, ...] = ()

EVENTS: tuple[str, ...] = (
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

PAGES: tuple[Page, ...] = ()

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
    quality="planned",
)
