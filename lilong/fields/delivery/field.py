"""The manifest of contactless delivery."""

from lilong.kernel.base.manifest import Field, Indicator, Page
from lilong.kernel.base.words import Words


def _words(en: str, zh: str, ko: str) -> Words:
    return Words(en=en, zh=zh, ko=ko)


INDICATORS: tuple[Indicator, ...] = ()

EVENTS: tuple[str, ...] = ()

PAGES: tuple[Page, ...] = ()

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
    quality="planned",
)
