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
