"""Products as schema.org JSON-LD (Product, Offer), for search engines and other people's programs."""

from datetime import date
from typing import Any

from lilong.fields.market.queries.availability import Available
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import gtin
from lilong.fields.market.rules.reviews import Summary
from lilong.kernel.base.money import major

CONTENT_TYPE = "application/ld+json"
_UNIT_CODES = {"piece": "H87", "g": "GRM"}  # UN/ECE Recommendation 20


def product(
    view: ProductView,
    *,
    url: str,
    digital_link: str = "",
    seller_name: str = "",
    available: Available | None = None,
    price_until: date | None = None,
    stars: Summary | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """A product with its offer. `stars` is what its buyers say of it. `available` is what a place has of it (None: unknown, then nothing is claimed).

    The price stands per `referenceQuantity`; `availabilityEnds` is the last day of the first lot to expire.
    """
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": url,
        "url": url,
        "name": view.name.within(language),
        "sku": view.code,
        "category": view.category,
        "offers": _offer(view, url, seller_name, available, price_until),
    }
    optional = {
        "description": view.summary.within(language),
        "brand": {"@type": "Brand", "name": view.brand} if view.brand else None,
        "countryOfOrigin": {"@type": "Country", "name": view.origin} if view.origin else None,
        "image": view.image,
        "hasGS1DigitalLink": digital_link,
        "aggregateRating": _rating(stars),
    }
    return found | _gtin(view) | {name: value for name, value in optional.items() if value}


def _rating(stars: Summary | None) -> dict[str, Any] | None:
    if stars is None or not stars.count:
        return None
    average = f"{stars.average_tenths // 10}.{stars.average_tenths % 10}"
    return {
        "@type": "AggregateRating",
        "ratingValue": average,
        "reviewCount": stars.count,
        "bestRating": 5,
        "worstRating": 1,
    }


def _gtin(view: ProductView) -> dict[str, str]:
    if not view.gtin:
        return {}
    short = gtin.shown(view.gtin)
    return {"gtin": view.gtin, f"gtin{len(short)}": short}


def _offer(
    view: ProductView, url: str, seller_name: str, available: Available | None, price_until: date | None
) -> dict[str, Any]:
    price = f"{major(view.price, view.currency):.2f}"
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": url,
        "price": price,
        "priceCurrency": view.currency,
        "itemCondition": "https://schema.org/NewCondition",
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "price": price,
            "priceCurrency": view.currency,
            "valueAddedTaxIncluded": True,
            "referenceQuantity": {
                "@type": "QuantitativeValue",
                "value": view.per,
                "unitCode": _UNIT_CODES[view.unit],
            },
        },
    }
    if view.state != "listed" or available is not None:
        offer["availability"] = _availability(view, available)
    if seller_name:
        offer["seller"] = {"@type": "Organization", "name": seller_name}
    if price_until:
        offer["priceValidUntil"] = price_until.isoformat()
    if available and available.quantity:
        offer["inventoryLevel"] = {
            "@type": "QuantitativeValue",
            "value": available.quantity,
            "unitCode": _UNIT_CODES[view.unit],
        }
        if available.first_use_by:
            offer["availabilityEnds"] = available.first_use_by.isoformat()
    return offer


def _availability(view: ProductView, available: Available | None) -> str:
    if view.state != "listed":
        return "https://schema.org/Discontinued"
    if available is not None and not available.quantity:
        return "https://schema.org/OutOfStock"
    return "https://schema.org/InStock"
