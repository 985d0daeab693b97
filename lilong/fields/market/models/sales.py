"""What was sold, counted from the log."""

from django.db import models


class DaySales(models.Model):
    """Orders, units and money (minor units) of an offer placed at a place on one of the city's days; cancelled ones do
    not count. Computed from the log alone: replaying it gives the same rows."""

    pk = models.CompositePrimaryKey("day", "offer", "place")
    day = models.DateField()
    offer = models.UUIDField()
    place = models.UUIDField()
    orders = models.IntegerField()
    units = models.BigIntegerField()
    amount = models.BigIntegerField()
