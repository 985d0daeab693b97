"""How goods read on the market's pages: `{% load market %}`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lilong.fields.market.rules import baskets
from lilong.kernel.base.districts import BY_SLUG
from lilong.ui import shown

register = template.Library()

TEMPERATURES = {"ambient": _("Ambient"), "chilled": _("Chilled"), "frozen": _("Frozen"), "live": _("Live")}
_STARS = 5


@register.filter
def temperature(code: str) -> str:
    return str(TEMPERATURES.get(code, code))


@register.filter
def per_text(product: Any) -> str:
    """' / 500 g' behind a price; nothing for one piece."""
    return "" if product.unit == "piece" and product.per == 1 else f" / {shown.quantity(product.per, product.unit)}"


@register.filter
def short_quantity(value: int, unit: str) -> str:
    """'3' pieces, '1.5 kg'."""
    return shown.quantity(value, unit) if unit == "g" else shown.number(value)


@register.filter
def tenths(value: int) -> str:
    """46 -> '4.6'."""
    return f"{value // 10}.{value % 10}"


@register.filter
def starline(stars: int) -> str:
    return "★" * stars + "☆" * (_STARS - stars)


@register.filter
def held(in_basket: Mapping[UUID, int], offer: UUID) -> int:
    """How much of an offer is in the basket."""
    return in_basket.get(offer, 0)


@register.filter
def promised(promise: Any) -> str:
    """'18:00–18:30 today': when a carrier promises to bring it."""
    return shown.span(promise.earliest, promise.latest)


@register.filter
def step_of(product: Any) -> int:
    return baskets.step(product.unit, product.per)


@register.filter
def first_of(product: Any) -> int:
    return baskets.first(product.unit, product.per)


@register.filter
def less(quantity: int, step: int) -> int:
    return max(0, quantity - step)


@register.filter
def of(values: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has under a key, '' where it has nothing."""
    return values.get(key, "")


@register.filter
def shelf_url(category: Any) -> str:
    return f"{reverse('market:home')}?category={category.code}"


RETURN_STATES = {
    "asked": _("The seller looks at it"),
    "approved": _("Agreed: bring it back"),
    "refused": _("Refused"),
    "refunded": _("Refunded"),
}
RETURN_REASONS = {
    "damaged": _("Damaged"),
    "spoilt": _("Spoilt"),
    "wrong": _("Something else came"),
    "missing": _("It was missing"),
    "quality": _("Poor quality"),
    "other": _("Something else"),
}


@register.filter
def return_state(code: str) -> str:
    return str(RETURN_STATES.get(code, code))


@register.filter
def return_reason(code: str) -> str:
    return str(RETURN_REASONS.get(code, code))


@register.filter
def span(start: datetime, end: datetime) -> str:
    return shown.span(start, end)


@register.filter
def short_number(id: UUID) -> str:
    """An order's number as people say it: its last six digits, which are random."""
    return str(id)[-6:].upper()


@register.filter
def district_name(slug: str) -> Any:
    return BY_SLUG[slug].name if slug in BY_SLUG else slug


EVENT_WORDS = {
    "orders.placed": _("Placed"),
    "orders.amended": _("Something was replaced"),
    "orders.completed": _("Handed over and paid"),
    "orders.cancelled": _("Cancelled"),
    "orders.refunded": _("Refunded"),
    "market.order.picking": _("Being picked"),
    "market.order.packed": _("Packed"),
    "market.order.dispatched": _("On the way"),
    "market.order.delivered": _("Delivered"),
    "market.order.failed": _("Could not be delivered"),
    "market.invoice.issued": _("Invoice issued"),
    "market.return.asked": _("Return asked for"),
    "market.return.approved": _("Return agreed"),
    "market.return.refused": _("Return refused"),
    "market.return.refunded": _("Refunded"),
}


@register.filter
def event_word(type: str) -> str:
    return str(EVENT_WORDS.get(type, type))
