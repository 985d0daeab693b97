"""What runs by the clock."""

from uuid import UUID

from procrastinate.contrib.django import app

from lilong.fields.delivery.services import overdue, planning
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import queries as parties


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


@app.task(name="delivery.make_plan")
def make_plan(id: str, party: str) -> None:
    """Searches and makes a plan, as the party that asked for it. Safe to run again after a crash."""
    planning.make_plan(parties.actor_of_party(UUID(party)), id=UUID(id))


@app.periodic(cron="* * * * *")
@app.task(name="delivery.resume_plans", queueing_lock="delivery.resume_plans")
def resume_plans(timestamp: int) -> None:
    """Plans whose maker died are gone on with."""
    for id, party in planning.unfinished():
        try:
            planning.make_plan(parties.actor_of_party(party), id=id)
        except Problem:
            planning.give_up(id)  # who asked for it may no longer do so, or another goes on with it already
