"""Housekeeping that must not be forgotten: what was delivered long ago is no longer kept for show."""

from procrastinate.contrib.django import app

from lilong.kernel.events import services


@app.periodic(cron="17 3 * * *")
@app.task(name="events.forget_old_deliveries", queueing_lock="events.forget_old_deliveries", pass_context=False)
def forget_old_deliveries(timestamp: int) -> int:
    """Every night: removes deliveries that ended more than a month ago."""
    return services.forget_deliveries()
