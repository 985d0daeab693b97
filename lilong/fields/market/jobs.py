"""The market's jobs: what runs by the clock, and what takes longer than a request."""

from uuid import UUID

from procrastinate.contrib.django import app

from lilong.fields.market.services import baskets, campaigns, expiry, groups, imports
from lilong.kernel.parties import queries as parties


@app.periodic(cron="5 16 * * *")  # 00:05 in Shanghai
@app.task(name="market.withdraw_expired", queueing_lock="market.withdraw_expired")
def withdraw_expired(timestamp: int) -> None:
    """Each night: closes the supplies of lots past their last day, and lots of which nothing is left."""
    expiry.withdraw_expired()
    expiry.close_empty_lots()


@app.periodic(cron="35 19 * * *")  # 03:35 in Shanghai
@app.task(name="market.forget_baskets", queueing_lock="market.forget_baskets")
def forget_baskets(timestamp: int) -> None:
    """Each night: removes baskets that nobody signed in for and nobody touched for a month."""
    baskets.forget_left()


@app.task(name="market.run_import")
def run_import(id: str, party: str) -> None:
    """Works through an import, as the party that brought it. Safe to run again after a crash."""
    imports.run_import(parties.actor_of_party(UUID(party)), id=UUID(id))


@app.periodic(cron="* * * * *")
@app.task(name="market.settle_deals", queueing_lock="market.settle_deals")
def settle_deals(timestamp: int) -> None:
    """Each minute: groups whose time is over, campaigns whose cut-off has come, orders that nobody collected."""
    groups.settle_due()
    campaigns.cut_off_due()
    campaigns.cancel_uncollected()
