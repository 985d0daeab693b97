"""The day's end of lots: what may no longer be sold is closed."""

from datetime import date

from django.db import transaction

from lilong.fields.market.events.stock import LotExpired
from lilong.fields.market.models import Lot, Stock
from lilong.kernel.base import clock
from lilong.kernel.catalog import services as catalog
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.ledger import queries as ledger

_STOCKS_AT_ONCE = 500


def withdraw_expired(today: date | None = None) -> int:
    """Closes the supplies of all lots whose last day of sale lies before `today` (the city's day); answers how many
    stocks were closed. What is left stays booked until somebody books it as waste. Run again, it does nothing.

    Orders do not depend on this job: they never take from a lot past its day, whether its supply is open or not.
    """
    day = today or clock.today()
    closed = 0
    while batch := _withdraw(day):
        closed += batch
    return closed


@transaction.atomic
def _withdraw(day: date) -> int:
    stocks = list(
        Stock.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(withdrawn_on=None, lot__state="active", lot__last_day__lt=day)
        .select_related("lot", "place")
        .order_by("account")[:_STOCKS_AT_ONCE]
    )
    if not stocks:
        return 0
    accounts = [stock.account for stock in stocks]
    catalog.close_supplies(accounts)
    left = ledger.balances(accounts)
    Stock.objects.filter(account__in=accounts).update(withdrawn_on=day)
    emit_many([_fact(stock, left[stock.account].available) for stock in stocks])
    return len(stocks)


def _fact(stock: Stock, quantity: int) -> Emission:
    return Emission(
        LotExpired(
            lot=stock.lot_id,
            product=stock.lot.product_id,
            place=stock.place_id,
            district=stock.place.district,
            quantity=quantity,
        ),
        subject=stock.lot_id,
    )


@transaction.atomic
def close_empty_lots() -> int:
    """Marks expired lots of which nothing is left anywhere as closed; answers how many."""
    due = list(
        Lot.objects.select_for_update().filter(state="active", last_day__lt=clock.today()).prefetch_related("stocks")
    )
    accounts = [stock.account for lot in due for stock in lot.stocks.all()]
    left = ledger.balances(accounts)
    empty = [lot.id for lot in due if not any(left[stock.account].posted for stock in lot.stocks.all())]
    return Lot.objects.filter(id__in=empty).update(state="closed")
