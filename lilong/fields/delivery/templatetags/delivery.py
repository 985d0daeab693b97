"""Words and figures of delivery in templates: `{% load delivery %}`."""

from datetime import datetime
from typing import Any

from django import template

from lilong.fields.delivery.pages import words
from lilong.kernel.base import ids
from lilong.ui import shown
from lilong.ui.shown import number

register = template.Library()

_BADGES = {"shipment": words.STATES, "vehicle": words.VEHICLE_STATES, "claim": words.CLAIM_STATES}
_WORDS: dict[str, dict[str, Any]] = {
    "service": words.SERVICES,
    "temperature": words.TEMPERATURES,
    "holder": words.HOLDERS,
    "proof": words.PROOFS,
    "outcome": words.OUTCOMES,
    "claim": words.CLAIMS,
    "stopped": words.STOPPED,
    "excursion": words.EXCURSIONS,
    "size": words.SIZES,
    "out": words.OUT_REASONS,
    "vehicle": {kind: label for kind, (label, _icon) in words.VEHICLES.items()},
    "vehicle_icon": {kind: icon for kind, (_label, icon) in words.VEHICLES.items()},
}


@register.filter
def word(value: str, of: str) -> Any:
    """`{{ shipment.temperature|word:"temperature" }}`."""
    return _WORDS[of].get(value, value)


@register.filter
def state_word(value: str, of: str = "shipment") -> Any:
    return _BADGES[of].get(value, (value, ""))[0]


@register.filter
def state_kind(value: str, of: str = "shipment") -> str:
    return _BADGES[of].get(value, (value, ""))[1]


@register.filter
def degrees(mc: int | None) -> str:
    """Thousandths of a degree: '4.5 °C'."""
    return "–" if mc is None else f"{number(mc / 1000, 1)} °C"


@register.filter
def kilograms(grams: int) -> str:
    return shown.quantity(grams, "g")


@register.filter
def until(start: datetime, end: datetime) -> str:
    """A window of time."""
    return shown.span(start, end)


@register.filter
def of(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key) if mapping else None


@register.simple_tag
def fresh_id() -> str:
    """A new id for a form, so that sending it twice asks once."""
    return str(ids.uuid7())
