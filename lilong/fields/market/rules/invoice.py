"""What an invoice or credit note says, computed from what was handed over and paid (EN 16931-1 semantic model)."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from lilong.fields.market.rules import vat
from lilong.kernel.base.money import major

INVOICE, CREDIT_NOTE = 380, 381  # UNTDID 1001
_GRAMS_PER_KG = Decimal(1000)
_PRICE_DIGITS = Decimal("0.000001")


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """BG-4. `tax_number` is the unified social credit code, `country` ISO 3166-1 alpha-2."""

    legal_name: str
    tax_number: str
    street: str
    city: str
    postal_code: str = ""
    country: str = "CN"


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """BG-7: a name and the least of an address, as a receipt needs."""

    name: str
    city: str
    country: str = "CN"


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """One line as settled: `quantity` in `unit`, `price` fen (tax included) per `per` units, `gross` fen paid for it."""

    name: str
    code: str
    gtin: str
    quantity: int
    unit: Literal["piece", "g"]
    price: int
    per: int
    gross: int
    vat_percent: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """BG-25: quantity and base quantity in `unit_code` (UN/ECE Rec 20), net amount and net price without tax."""

    n: int
    name: str
    code: str
    gtin: str
    quantity: Decimal
    unit_code: str
    net: int
    net_price: Decimal
    base_quantity: Decimal
    vat_percent: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice (380) or credit note (381); amounts in minor units. Paid through the city's wallet: nothing is due."""

    type_code: int
    number: str
    issued_on: date
    delivered_on: date | None
    currency: str
    order: str
    corrects: str
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    split: vat.Split


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What names a document, beside its lines. `corrects` is the number of the invoice a credit note belongs to."""

    number: str
    issued_on: date
    order: str
    seller: Seller
    buyer: Buyer
    delivered_on: date | None = None
    corrects: str = ""
    currency: str = "CNY"


def build(particulars: Particulars, sold: Sequence[Sold]) -> Document:
    """The document over `sold`: an invoice, or a credit note where the particulars name what it corrects."""
    split = vat.split([vat.TaxLine(gross=line.gross, percent=line.vat_percent) for line in sold])
    return Document(
        type_code=CREDIT_NOTE if particulars.corrects else INVOICE,
        lines=tuple(
            _line(n, line, net, particulars.currency)
            for n, (line, net) in enumerate(zip(sold, split.nets, strict=True), 1)
        ),
        split=split,
        **{name: getattr(particulars, name) for name in Particulars.__struct_fields__},
    )


def _line(n: int, line: Sold, net: int, currency: str) -> Line:
    net_price = major(line.price, currency) * 100 / (100 + line.vat_percent)
    return Line(
        n=n,
        name=line.name,
        code=line.code,
        gtin=line.gtin,
        quantity=_in_trade(line.quantity, line.unit),
        unit_code="KGM" if line.unit == "g" else "H87",
        net=net,
        net_price=net_price.quantize(_PRICE_DIGITS, ROUND_HALF_UP),
        base_quantity=_in_trade(line.per, line.unit),
        vat_percent=line.vat_percent,
    )


def _in_trade(quantity: int, unit: str) -> Decimal:
    return Decimal(quantity) / _GRAMS_PER_KG if unit == "g" else Decimal(quantity)


def numbered(number: int) -> str:
    """How a seller's n-th document is called: '00000042'. Invoices and credit notes share one series."""
    return f"{number:08d}"
