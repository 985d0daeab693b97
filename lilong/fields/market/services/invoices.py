"""Issuing invoices and credit notes. What is issued never changes; numbers of a seller have no gaps."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.papers import InvoiceIssued
from lilong.fields.market.models import Invoice, InvoiceBook, Trader
from lilong.fields.market.queries import products
from lilong.fields.market.rules import invoice as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.standard import ubl
from lilong.kernel.base import clock
from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.money import price_of
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders.drafts import OrderView
from lilong.kernel.orders.rules import refund_amount
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.views import PartyView

_PAID = ("completed", "part-refunded", "refunded")
_CITY = "上海"


@transaction.atomic
def issue_invoice(actor: Actor, *, id: UUID, order: UUID) -> Invoice:
    """Issues the invoice of a completed market order, at what was handed over and paid. Buyer or seller may ask.

    An order has one invoice: asked again, under whatever id, the same one is answered. Raises Missing, Conflict
    (`not-completed`, `nothing-sold`, `no-trader`: the seller has not said its tax number, `id-taken`).
    """
    view = _order(actor, order)
    book = _book(view.seller)
    known = Invoice.objects.filter(order=view.id, type_code=rules.INVOICE).first()
    if known is not None:
        return known
    if view.state not in _PAID:
        raise Conflict("not-completed", violations=[Violation(pointer="/order", rule="completed")])
    handed = {line.n: line.actual or 0 for line in view.lines if line.actual}
    amounts = {line.n: price_of(handed[line.n], line.price, line.per) for line in view.lines if line.n in handed}
    delivered = view.changed_at.astimezone(clock.CITY_ZONE).date() if view.state == "completed" else view.use_on
    return _issue(actor, _New(id, view, book, handed, amounts, delivered))


@transaction.atomic
def issue_credit_note(actor: Actor, *, id: UUID, order: UUID, refund: UUID) -> Invoice:
    """Issues the credit note of one refund of an invoiced order. Asked again, the same one is answered.

    Raises Missing, Conflict (`not-invoiced`, `nothing-refunded`, `no-trader`, `id-taken`).
    """
    view = _order(actor, order)
    book = _book(view.seller)
    known = Invoice.objects.filter(refund=refund, order=view.id).first()
    if known is not None:
        return known
    corrects = Invoice.objects.filter(order=view.id, type_code=rules.INVOICE).first()
    if corrects is None:
        raise Conflict("not-invoiced", violations=[Violation(pointer="/order", rule="invoiced")])
    back, amounts = _refunded(view, refund)
    return _issue(actor, _New(id, view, book, back, amounts, None, corrects, refund))


def read_invoice(actor: Actor, id: UUID) -> Invoice:
    """An issued invoice for its buyer or its seller's people; Missing for others.

    Who is not the buyer is written to the buyer's access log.
    """
    found = Invoice.objects.filter(id=id).first()
    if found is None or not orders.sees(actor, found.buyer, found.seller):
        raise Missing("no-such-invoice", violations=[Violation(pointer="/id", rule="known")])
    if not actor.acts_for(found.buyer):
        parties_services.record_access(
            actor, subject=found.buyer, what=f"invoice {found.id}", why="read by the seller's people"
        )
    return found


class _New:
    """A document to be issued: lines (number -> units) with what they cost, and what it corrects."""

    def __init__(
        self,
        id: UUID,
        order: OrderView,
        book: InvoiceBook,
        quantities: Mapping[int, int],
        amounts: Mapping[int, int],
        delivered: date | None,
        corrects: Invoice | None = None,
        refund: UUID | None = None,
    ) -> None:
        self.id, self.order, self.book, self.delivered = id, order, book, delivered
        self.quantities, self.amounts = quantities, amounts
        self.corrects, self.refund = corrects, refund


def _order(actor: Actor, id: UUID) -> OrderView:
    view = orders.order(actor, id)
    if view.field != "market":
        raise Missing("no-such-order", violations=[Violation(pointer="/order", rule="market")])
    actor.require_scope(roles.WRITE)
    return view


def _book(seller: UUID) -> InvoiceBook:
    """The seller's book of numbers, locked: whoever issues next waits, so that no number is skipped."""
    InvoiceBook.objects.bulk_create([InvoiceBook(seller=seller)], ignore_conflicts=True)
    return InvoiceBook.objects.select_for_update().get(seller=seller)


def _refunded(view: OrderView, refund: UUID) -> tuple[dict[int, int], dict[int, int]]:
    """Units and amounts of one refund by line: the kernel's own rule, run through the refunds before it."""
    before: dict[int, int] = {}
    lines = {line.n: line for line in view.lines}
    for each in orders.refunds(view.id):
        back = {int(n): units for n, units in each.lines.items()}
        if each.id == refund:
            amounts = {
                n: refund_amount(lines[n].price, lines[n].per, lines[n].actual or 0, before.get(n, 0), units)
                for n, units in back.items()
            }
            return back, amounts
        for n, units in back.items():
            before[n] = before.get(n, 0) + units
    raise Missing("no-such-refund", violations=[Violation(pointer="/refund", rule="known")])


def _issue(actor: Actor, new: _New) -> Invoice:
    view = new.order
    trader = Trader.objects.filter(organisation=view.seller).first()
    if trader is None:
        raise Conflict("no-trader", violations=[Violation(pointer="/order", rule="seller-tax-number")])
    if not any(new.amounts.values()):
        raise Conflict("nothing-sold", violations=[Violation(pointer="/order", rule="something-paid")])
    if Invoice.objects.filter(id=new.id).exists():
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    new.book.last += 1
    new.book.save(update_fields=["last"])
    buyer, today = parties.party(view.buyer), clock.today()
    document = rules.build(
        rules.Particulars(
            number=rules.numbered(new.book.last),
            issued_on=today,
            delivered_on=new.delivered,
            order=str(view.id),
            corrects=rules.numbered(new.corrects.number) if new.corrects else "",
            currency=view.currency,
            seller=_seller(trader),
            buyer=_buyer(buyer),
        ),
        _sold(new, buyer.language),
    )
    made = Invoice.objects.create(
        id=new.id,
        seller=view.seller,
        buyer=view.buyer,
        number=new.book.last,
        type_code=document.type_code,
        order=view.id,
        refund=new.refund,
        corrects=new.corrects,
        total=document.split.paid,
        document=ubl.write(document).decode(),
        issued_at=clock.now(),
    )
    fact = InvoiceIssued(
        invoice=made.id,
        order=view.id,
        seller=view.seller,
        number=made.number,
        type_code=made.type_code,
        total=made.total,
        tax=document.split.tax,
    )
    emit(fact, subject=view.id, actor=actor.party)
    return made


def _sold(new: _New, language: str) -> Sequence[rules.Sold]:
    known = products.products_by_offer({line.offer for line in new.order.lines})
    found = []
    for line in new.order.lines:
        if not new.amounts.get(line.n):
            continue
        product = known[line.offer]
        found.append(
            rules.Sold(
                name=product.name.within(language),
                code=product.code,
                gtin=product.gtin,
                quantity=new.quantities[line.n],
                unit="g" if product.unit == "g" else "piece",
                price=line.price,
                per=line.per,
                gross=new.amounts[line.n],
                vat_percent=product.vat_percent,
            )
        )
    return found


def _seller(trader: Trader) -> rules.Seller:
    return rules.Seller(
        legal_name=trader.legal_name,
        tax_number=trader.tax_number,
        street=trader.street,
        city=trader.city,
        postal_code=trader.postal_code,
    )


def _buyer(buyer: PartyView) -> rules.Buyer:
    district = BY_SLUG.get(buyer.district)
    return rules.Buyer(name=str(buyer.name), city=f"{_CITY} {district.name.zh}" if district else _CITY)
