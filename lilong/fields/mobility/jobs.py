"""Mobility's jobs: what runs by the clock."""

from procrastinate.contrib.django import app

from lilong.fields.mobility.services import trips, vehicle_commands
from lilong.fields.mobility.services.rentals import due


@app.periodic(cron="15 19 * * *")  # 03:15 in Shanghai
@app.task(name="mobility.forget_points", queueing_lock="mobility.forget_points")
def forget_points(timestamp: int) -> None:
    """Each night: points past their time, and with them the routes of old trips."""
    trips.forget()


@app.periodic(cron="* * * * *")
@app.task(name="mobility.expire_commands", queueing_lock="mobility.expire_commands")
def expire_commands(timestamp: int) -> None:
    """Each minute: what vehicles were told and did not do in time is over."""
    vehicle_commands.expire()


@app.periodic(cron="* * * * *")
@app.task(name="mobility.due", queueing_lock="mobility.due")
def rentals_due(timestamp: int) -> None:
    """Each minute: cars kept for who comes, who did not come, bookings that cannot be kept, vehicles that do not answer."""
    due.run()
