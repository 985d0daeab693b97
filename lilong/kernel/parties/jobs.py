"""What the parties do by the clock."""

from procrastinate.contrib.django import app

from lilong.kernel.parties import services


@app.periodic(cron="*/10 * * * *")
@app.task(name="parties.forget_past_windows", queueing_lock="parties.forget_past_windows", pass_context=False)
def forget_past_windows(timestamp: int) -> int:
    """Every ten minutes: drops rate windows that mean nothing any more, in rounds until none is left."""
    dropped = 0
    while round := services.forget_past_windows():
        dropped += round
    return dropped


@app.periodic(cron="20 3 * * *")
@app.task(name="parties.forget_removed_addresses", queueing_lock="parties.forget_removed_addresses", pass_context=False)
def forget_removed_addresses(timestamp: int) -> int:
    """Every night: deletes addresses that were taken out of their book two months ago."""
    forgotten = 0
    while round := services.forget_removed_addresses():
        forgotten += round
    return forgotten
