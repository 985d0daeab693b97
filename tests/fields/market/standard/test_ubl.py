"""The invoices against the European Commission's own validation stylesheet for EN 16931."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lilong.fields.market.rules import credit_code, invoice
from lilong.fields.market.rules.invoice import Buyer, Particulars, Seller, Sold
from lilong.fields.market.standard import ubl
from lilong.kernel.base.money import price_of

BODY = "91310000MA1FL4B24"
SELLER = Seller(
    legal_name="上海鲜里商贸有限公司",
    tax_number=BODY + credit_code.check_character(BODY),
    street="南京西路1号",
    city="上海",
)
BUYER = Buyer(name="Wang Min", city="上海 静安区")
LINES = (
    Sold(name="Eggs, 10", code="E10", gtin="06901234567892", quantity=2, unit="piece", price=1290, per=1, gross=2580, vat_percent=9),
    Sold(name="Pak choi", code="V1", gtin="", quantity=523, unit="g", price=1580, per=500, gross=1653, vat_percent=9),
    Sold(name="Biscuits", code="B3", gtin="", quantity=1, unit="piece", price=5, per=1, gross=5, vat_percent=13),
)  # fmt: skip


def written(lines: tuple[Sold, ...] | list[Sold], corrects: str = "") -> bytes:
    particulars = Particulars(
        number="2020-000001",
        issued_on=date(2020, 4, 8),
        delivered_on=date(2020, 4, 8),
        order="0190a000-0000-7000-8000-000000000000",
        seller=SELLER,
        buyer=BUYER,
        corrects=corrects,
    )
    return ubl.write(invoice.build(particulars, lines))


def text_of(document: bytes, path: str) -> list[str]:
    root = etree.fromstring(document)
    return [e.text for e in root.findall(path, {k or "x": v for k, v in root.nsmap.items()})]


def test_an_invoice_has_no_fatal_finding(fatal):
    document = written(LINES)
    assert fatal(document) == []
    assert text_of(document, ".//cbc:PrepaidAmount") == ["42.38"]
    assert text_of(document, ".//cbc:PayableRoundingAmount") in (["0.01"], ["-0.01"])
    assert text_of(document, ".//cbc:PayableAmount") == ["0.00"]
    root = etree.fromstring(document)
    quantities = root.findall(".//cbc:InvoicedQuantity", {"cbc": root.nsmap["cbc"]})
    assert [(q.text, q.get("unitCode")) for q in quantities] == [("2", "H87"), ("0.523", "KGM"), ("1", "H87")]


def test_a_credit_note_has_no_fatal_finding(fatal):
    document = written(LINES[:2], corrects="2020-000001")
    assert fatal(document) == []
    assert text_of(document, ".//cbc:CreditNoteTypeCode") == ["381"]
    assert text_of(document, ".//cac:InvoiceDocumentReference/cbc:ID") == ["2020-000001"]


@pytest.mark.parametrize("element", ["TaxInclusiveAmount", "TaxExclusiveAmount", "PrepaidAmount", "PayableAmount"])
def test_an_altered_total_is_caught(fatal, element: str):
    root = etree.fromstring(written(LINES))
    amount = root.find(f".//cbc:{element}", {"cbc": root.nsmap["cbc"]})
    amount.text = str(Decimal(amount.text) + 1)
    assert {"BR-CO-13", "BR-CO-15", "BR-CO-16"} & set(fatal(etree.tostring(root)))


def test_goods_free_of_tax_are_zero_rated(fatal):
    free = Sold(name="Book", code="X", gtin="", quantity=1, unit="piece", price=100, per=1, gross=100, vat_percent=0)
    assert fatal(written([*LINES, free])) == []


def drawn(quantity: int, price: int, weighed: bool, percent: int) -> Sold:
    unit, per = ("g", 500) if weighed else ("piece", 1)
    gross = price_of(quantity, price, per)
    return Sold(
        name="x",
        code="x",
        gtin="",
        quantity=quantity,
        unit=unit,
        price=price,
        per=per,
        gross=gross,
        vat_percent=percent,
    )  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(drawn, st.integers(1, 5000), st.integers(1, 100_000), st.booleans(), st.sampled_from([0, 6, 9, 13])),
        min_size=1,
        max_size=12,
    )
)
def test_any_basket_makes_a_sound_invoice(fatal, lines: list[Sold]):
    document = written(lines)
    assert fatal(document) == []
    root = etree.fromstring(document)
    spaces = {"cbc": root.nsmap["cbc"], "cac": root.nsmap["cac"]}
    for line in root.findall(".//cac:InvoiceLine", spaces):  # net = quantity x net price / base, within 2 fen

        def number(path: str, line=line) -> Decimal:
            return Decimal(line.find(path, spaces).text)

        exact = (
            number("cbc:InvoicedQuantity") * number("cac:Price/cbc:PriceAmount") / number("cac:Price/cbc:BaseQuantity")
        )
        assert abs(exact - number("cbc:LineExtensionAmount")) <= Decimal("0.02")
