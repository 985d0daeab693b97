"""Money as integer minor units with its currency (ISO 4217). No floats anywhere."""

from decimal import Decimal

CNY = "CNY"
MINOR_DIGITS = {"CNY": 2, "USD": 2, "EUR": 2, "KRW": 0, "JPY": 0}
SIGNS = {"CNY": "¥", "USD": "US$", "EUR": "€", "KRW": "₩", "JPY": "JP¥"}


def major(amount: int, currency: str = CNY) -> Decimal:
    """`amount` minor units as an exact decimal of major units: 1234 fen -> Decimal('12.34')."""
    return Decimal(amount).scaleb(-MINOR_DIGITS[currency])


def shown(amount: int, currency: str = CNY) -> str:
    """For people: 123456 -> '¥1,234.56'; negative amounts carry the sign in front."""
    digits = MINOR_DIGITS[currency]
    return f"{'-' if amount < 0 else ''}{SIGNS[currency]}{abs(major(amount, currency)):,.{digits}f}"


def price_of(quantity: int, price: int, per: int) -> int:
    """What `quantity` units cost at `price` minor units per `per` units, half up: 350 g at 1580 fen per 500 g -> 1106.

    Raises ValueError for anything negative or `per` under 1.
    """
    if quantity < 0 or price < 0 or per < 1:
        raise ValueError("quantity and price are not negative, per is at least 1")
    return (2 * quantity * price + per) // (2 * per)
