import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from lilong.fields.market.models import Invoice
from lilong.fields.market.rules import credit_code
from lilong.fields.market.services import invoices, traders
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from lilong.kernel.parties import queries as parties
from tests.fields.market.scene import Market

pytestmark = pytest.mark.usefixtures("noon")
TAX_NUMBER = "91310000MA1FL4B24" + credit_code.check_character("91310000MA1FL4B24")
TRADER = {"legal_name": "上海鲜里商贸有限公司", "tax_number": TAX_NUMBER, "street": "南京西路1号", "city": "上海"}


def sold(market: Market, buyer, complete: bool = True):
    """An order of two boxes of eggs and half a kilogram of greens, weighed at 523 g."""
    market.receive(market.eggs, 10)
    market.receive(market.greens, 5000)
    lines = [
        LineDraft(offer=market.eggs, quantity=2, price=1290),
        LineDraft(offer=market.greens, quantity=500, price=1580),
    ]
    placed = orders.place_one(buyer, OrderDraft(id=ids.uuid7(), lines=lines, place=market.warehouse))
    if complete:
        orders.complete(market.clerk, id=placed.id, actual={1: 523})
    return placed.id


def read(invoice: Invoice, path: str) -> list[str]:
    root = etree.fromstring(invoice.document.encode())
    return [e.text for e in root.findall(path, {k: v for k, v in root.nsmap.items() if k})]


def test_an_invoice_says_what_was_handed_over_and_paid(market: Market, fatal):
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    buyer = market.buyer()
    order = sold(market, buyer)
    made = invoices.issue_invoice(buyer, id=ids.uuid7(), order=order)
    assert (made.total, made.number, made.type_code) == (2 * 1290 + 1653, 1, 380)
    assert fatal(made.document.encode()) == []
    assert read(made, ".//cbc:PrepaidAmount") == ["42.33"]
    assert read(made, ".//cbc:InvoicedQuantity") == ["2", "0.523"]
    assert read(made, ".//cac:StandardItemIdentification/cbc:ID") == ["06901234567892"]
    assert read(made, ".//cbc:ActualDeliveryDate") == ["2030-04-08"]
    (fact,) = market.facts(order, "market.invoice.issued")
    assert (fact["total"], fact["tax"]) == (4233, 349)  # 38.83 + 3.49: no pair of fen at 9% makes 42.33
    assert read(made, ".//cbc:PayableRoundingAmount") == ["0.01"]
    assert invoices.issue_invoice(market.clerk, id=ids.uuid7(), order=order) == made


def test_refunds_are_credited_one_by_one_to_the_fen(market: Market, fatal):
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    buyer = market.buyer()
    order = sold(market, buyer)
    refunds = [ids.uuid7() for _ in range(3)]
    for refund, lines in zip(refunds, ({0: 1, 1: 100}, {1: 23}, {0: 1, 1: 400}), strict=True):
        orders.refund(market.clerk, id=order, refund_id=refund, lines=lines, reason="spoiled")
    with pytest.raises(Conflict) as error:
        invoices.issue_credit_note(buyer, id=ids.uuid7(), order=order, refund=refunds[0])
    assert error.value.code == "not-invoiced"
    invoice = invoices.issue_invoice(buyer, id=ids.uuid7(), order=order)
    notes = [invoices.issue_credit_note(buyer, id=ids.uuid7(), order=order, refund=refund) for refund in refunds]
    assert [note.number for note in notes] == [2, 3, 4]
    assert sum(note.total for note in notes) == invoice.total
    for note in notes:
        assert fatal(note.document.encode()) == []
        assert read(note, ".//cac:InvoiceDocumentReference/cbc:ID") == ["00000001"]
    assert invoices.issue_credit_note(buyer, id=ids.uuid7(), order=order, refund=refunds[1]) == notes[1]
    with pytest.raises(Missing):
        invoices.issue_credit_note(buyer, id=ids.uuid7(), order=order, refund=ids.uuid7())


def test_no_invoice_before_the_goods_or_without_a_tax_number(market: Market):
    buyer = market.buyer()
    waiting, done = sold(market, buyer, complete=False), sold(market, buyer)
    with pytest.raises(Conflict) as error:
        invoices.issue_invoice(buyer, id=ids.uuid7(), order=done)
    assert error.value.code == "no-trader"
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    with pytest.raises(Conflict) as error:
        invoices.issue_invoice(buyer, id=ids.uuid7(), order=waiting)
    assert error.value.code == "not-completed"
    assert invoices.issue_invoice(buyer, id=ids.uuid7(), order=done).number == 1  # refusals use up no number


def test_invoices_are_for_buyer_and_seller(market: Market):
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    buyer, stranger = market.buyer(), market.buyer()
    made = invoices.issue_invoice(buyer, id=ids.uuid7(), order=sold(market, buyer))
    assert invoices.read_invoice(buyer, made.id) == made
    assert parties.access_log(buyer.party).items == []
    assert invoices.read_invoice(market.clerk, made.id) == made
    assert [entry.reader for entry in parties.access_log(buyer.party).items] == [market.clerk.party]
    for actor in (stranger, market.rival_owner):
        with pytest.raises(Missing):
            invoices.read_invoice(actor, made.id)
        with pytest.raises(Missing):
            invoices.issue_invoice(actor, id=ids.uuid7(), order=made.order)


def test_an_issued_invoice_stands(market: Market):
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    buyer = market.buyer()
    made = invoices.issue_invoice(buyer, id=ids.uuid7(), order=sold(market, buyer))
    for statement in ("UPDATE market_invoice SET total = 1", "DELETE FROM market_invoice"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Invoice.objects.get().total == made.total


def test_a_trader_is_checked(market: Market):
    for actor in (market.clerk, market.rival_owner):
        with pytest.raises(Forbidden):
            traders.set_trader(actor, organisation=market.seller, **TRADER)
    for bad, pointer in (({"tax_number": TAX_NUMBER[:-1] + "0"}, "/tax_number"), ({"street": " "}, "/street")):
        with pytest.raises(Invalid) as error:
            traders.set_trader(market.owner, organisation=market.seller, **TRADER | bad)
        assert [v.pointer for v in error.value.violations] == [pointer]
    traders.set_trader(market.owner, organisation=market.seller, **TRADER)
    with pytest.raises(Conflict):
        traders.set_trader(market.rival_owner, organisation=market.rival, **TRADER)
