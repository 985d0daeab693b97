"""What runs by the clock."""

from procrastinate.contrib.django import app

from lilong.fields.delivery.services import overdue


@app.periodic(cron="* * * * *")
@app.task(name="delivery.watch_promises", queueing_lock="delivery.watch_promises")
def watch_promises(timestamp: int) -> None:
    """Whoever waits longer than promised is told."""
    overdue.tell_late()


@app.periodic(cron="*/5 * * * *")
@app.task(name="delivery.watch_lockers", queueing_lock="delivery.watch_lockers")
def watch_lockers(timestamp: int) -> None:
    """Reminds, takes back, frees what was reserved in vain, and gives new codes where a door stayed shut."""
    overdue.remind()
    overdue.end_stays()
    overdue.end_reservations()
    overdue.close_silent_doors()
