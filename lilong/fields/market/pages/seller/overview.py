"""The overview: today, what waits, what sells, what spoils. Every figure is counted from orders, ledger and log."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lilong.fields.market.pages.seller import frame
from lilong.fields.market.queries import ageing, fulfilment, places
from lilong.fields.market.rules import roles
from lilong.fields.market.rules.categories import CATEGORIES
from lilong.kernel.base import clock
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import charts, shown
from lilong.ui.charts import Series

DAYS, WASTE_DAYS, HOURS = 28, 7, 24
SOON_SHOWN = 6


@require_safe
@member_of(*roles.PAPERS)
def overview(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """A seller's day at a glance."""
    actor = actor_of_request(request)
    today = clock.today()
    since = today - timedelta(days=DAYS - 1)
    start = datetime.combine(since, time(), clock.CITY_ZONE)
    by_hour = orders.placed_by_hour(organisation, start, field="market", zone=str(clock.CITY_ZONE))
    lots = ageing.aged(actor, organisation)
    wasted = ageing.waste(actor, organisation, today - timedelta(days=WASTE_DAYS - 1))
    took_in = ageing.received(organisation, today - timedelta(days=WASTE_DAYS - 1))
    jobs = fulfilment.queue(actor, organisation)
    categories, best = ageing.top(organisation, since)
    return frame.page(
        request,
        organisation,
        "overview",
        today=_sums(by_hour, today),
        last_week=_sums(by_hour, today - timedelta(days=7)),
        waiting=sum(job.way.state == "waiting" for job in jobs),
        under_way=sum(job.way.state not in ("waiting", "failed") for job in jobs),
        failed=sum(job.way.state == "failed" for job in jobs),
        soon=ageing.soon(lots)[:SOON_SHOWN],
        soon_value=sum(lot.value for lot in ageing.soon(lots)),
        waste=sum(wasted.values()),
        waste_share=sum(wasted.values()) / took_in if took_in else None,
        low=ageing.low(organisation),
        loads=_loads(organisation),
        plots=_plots(by_hour, since, categories) if by_hour else [],
        best=best,
        days=DAYS,
    )


def _sums(by_hour: Sequence[tuple[datetime, int, int]], day: date) -> tuple[int, int]:
    rows = [(count, amount) for hour, count, amount in by_hour if hour.date() == day]
    return sum(count for count, _amount in rows), sum(amount for _count, amount in rows)


def _plots(
    by_hour: Sequence[tuple[datetime, int, int]], since: date, categories: Sequence[tuple[str, int]]
) -> list[Any]:
    days = [since + timedelta(days=n) for n in range(DAYS)]
    amounts = [_sums(by_hour, day)[1] for day in days]
    hours = [sum(count for hour, count, _amount in by_hour if hour.hour == n) for n in range(HOURS)]
    plots = [
        charts.bars(
            _("Ordered, by day"), [shown.day(day) for day in days], [Series(_("Ordered"), amounts)], unit="money"
        ),
        charts.bars(
            _("Orders by hour of the day"), [f"{n}" for n in range(HOURS)], [Series(_("Orders"), hours)], unit="count"
        ),
    ]
    if categories:
        parts = [(CATEGORIES[code].name if code in CATEGORIES else code, amount) for code, amount in categories]
        plots.append(charts.donut(_("Ordered, by shelf"), parts, unit="money"))
    return plots


def _loads(seller: UUID) -> list[tuple[Any, int, int]]:
    """(place, deliveries booked from now to the end of tomorrow, the most that its windows there would take)."""
    now = clock.now()
    end = datetime.combine(clock.today() + timedelta(days=2), time(), clock.CITY_ZONE)
    found = []
    for place in places.places_of(seller):
        if place.slots is not None:
            booked = len(calendar.bookings(place.slots, now, end))
            free = sum(slot.free for slot in calendar.find([place.slots], now, end))
            found.append((place, booked, booked + free))
    return found
