"""What the ledger does by the clock."""

from procrastinate.contrib.django import app

from lilong.kernel.ledger import services


@app.periodic(cron="* * * * *")
@app.task(name="ledger.expire_due", queueing_lock="ledger.expire_due", pass_context=False)
def expire_due(timestamp: int) -> int:
    """Every minute: releases what was held and is past its moment, in rounds until none is left."""
    released = 0
    while round := services.expire_due():
        released += round
    return released
