"""What the calendar does by the clock."""

from procrastinate.contrib.django import app

from lilong.kernel.calendar import services


@app.periodic(cron="* * * * *")
@app.task(name="calendar.expire_due", queueing_lock="calendar.expire_due", pass_context=False)
def expire_due(timestamp: int) -> int:
    """Every minute: ends the holds whose time is over, in rounds until none is left."""
    ended = 0
    while round := services.expire_due():
        ended += round
    return ended
