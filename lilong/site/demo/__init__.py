"""The demo city: sixteen districts, residents and firms, shelves and six weeks of trade. The same for the same seed.

Everything goes through the services, at moments of the past (`clock.at`) and with ids of a seeded source, never as raw rows.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from lilong.kernel.base import clock, ids
from lilong.kernel.events import follow
from lilong.kernel.events.services import sequence
from lilong.kernel.parties import queries as parties
from lilong.site.demo import city, deals, delivery, mobility, people, rides, shops, trade

Progress = Callable[[float, str], None]
DAYS = 42


def load(seed: int, progress: Progress, *, scale: float = 1.0, days: int = DAYS, until: datetime | None = None) -> str:
    """Builds the city and lets it trade until `until` (now); answers what to tell the person who started it.

    `scale` shrinks residents and orders, `days` is how long it trades. A city that is there already is left as it is.
    """
    if parties.parties([city.OPERATOR]):
        return "The demo city is there already; nothing was changed."
    end = (until or clock.now()).replace(second=0, microsecond=0)
    rng = Random(seed)  # noqa: S311 (repeatability is the point)
    with ids.seeded(seed):
        with clock.at(end - timedelta(days=days + 7)):
            progress(0.01, "residents and firms")
            town = people.settle(rng, scale)
            progress(0.08, "warehouses and shelves")
            market = shops.open_shops(rng, town, end)
        orders = trade.trade(
            rng, town, market, end, days, scale, lambda share: progress(0.15 + 0.7 * share, "weeks of trade")
        )
        progress(0.85, "broadcasts, groups, machines")
        deals.open_deals(rng, town, market, end)
        delivery.open_delivery(
            rng, town, market, end, days, scale, lambda share: progress(0.86 + 0.04 * share, "deliveries")
        )
        progress(0.9, "cars and bikes")
        trips = mobility.move(Random(seed), town, end, days, scale)  # noqa: S311 (repeatability is the point)
        progress(0.91, "taxis and robotaxis")
        rides.open_rides(rng, town, end, days, scale)
    progress(0.92, "the event log")
    while sequence():
        pass
    progress(0.95, "the plan's figures")
    for name in follow.names():
        while follow.advance(name):
            pass
    (settings.DATA / "demo-signin.txt").write_text(people.sign_ins() + "\n", encoding="utf-8")
    progress(1.0, "done")
    return f"{len(town.residents)} residents, {len(town.firms)} firms, {orders} orders, {trips} trips.\n{people.sign_ins()}"
