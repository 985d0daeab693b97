"""Taking back a booking of waste that was a mistake."""

from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.stock import WasteBooked
from lilong.fields.market.models import Lot, Stock, StockPaper
from lilong.fields.market.queries.waste import undoing
from lilong.fields.market.rules import roles
from lilong.fields.market.services import papers
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def undo_waste(actor: Actor, *, paper: UUID) -> StockPaper:
    """Puts goods written off today back on their shelf: a paper of its own with the same figures below zero.

    Asked again: the same answer. Raises Missing (also for other sellers'), Forbidden, Conflict (`too-late` after the day,
    `lot-recalled`, `wrong-state` for a lot that is closed).
    """
    booked = StockPaper.objects.select_related("lot__product", "place").filter(id=paper, kind="waste").first()
    if booked is None or booked.quantity <= 0 or not actor.acts_for(booked.lot.product.seller, *roles.STOCK):
        raise Missing("no-such-paper", violations=[Violation(pointer="/paper", rule="known")])
    product = booked.lot.product
    actor.require(product.seller, *roles.STOCK, scope=roles.MOVE)
    lot = Lot.objects.select_for_update().get(id=booked.lot_id)
    new = papers.paper(
        actor,
        id=undoing(paper),
        kind="waste",
        lot=lot,
        place=booked.place,
        quantity=-booked.quantity,
        value=-booked.value,
        reason=booked.reason,
        asked={"undo": str(paper)},
    )
    if standing := papers.write_one(new):
        return standing
    if booked.at.astimezone(clock.CITY_ZONE).date() != clock.today():
        raise Conflict("too-late", violations=[Violation(pointer="/paper", rule="same-day")])
    if lot.state != "active":
        code = "lot-recalled" if lot.state == "recalled" else "wrong-state"
        raise Conflict(code, violations=[Violation(pointer="/lot", rule="active")])
    account = Stock.objects.get(lot=lot, place=booked.place).account
    ledger.post_all(
        [Move(ids.child(new.id, 0), lot.waste, account, booked.quantity, ref=new.id, code="market.waste.undo")]
    )
    fact = WasteBooked(
        lot=lot.id,
        product=product.id,
        place=booked.place_id,
        seller=product.seller,
        district=booked.place.district,
        category=product.category,
        unit=product.unit,
        quantity=new.quantity,
        value=new.value,
        reason=booked.reason,
    )
    emit(fact, subject=lot.id, actor=actor.party)
    return new
