"""Prices and receipts. Both stand as they were written: the database refuses changes."""

from django.db import models

from lilong.fields.mobility.models.operators import Operator


class Tariff(models.Model):
    """Version `version` of a price plan. `terms` is the plan of `rules/tariffs.py`, in fen; rides quote and rentals
    keep the version they were booked at. The newest version with `valid_from` behind us counts for what is booked now."""

    id = models.UUIDField(primary_key=True)
    plan = models.UUIDField()
    version = models.IntegerField()
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="tariffs")
    mode = models.CharField(max_length=20)
    name = models.JSONField()
    description = models.JSONField()
    currency = models.CharField(max_length=3)
    terms = models.JSONField()
    valid_from = models.DateTimeField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="mobility_tariff_version")]


class Receipt(models.Model):
    """What a rental or ride cost, once: `trip` is its id. `lines` sum to `total`, in minor units of `currency`.

    A line is {code, quantity, unit, rate, amount, start?, end?}: amounts below zero take something off.
    """

    id = models.UUIDField(primary_key=True)
    trip = models.UUIDField(unique=True)
    kind = models.CharField(max_length=8)  # rental, ride
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="receipts")
    rider = models.UUIDField(db_index=True)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    lines = models.JSONField()
    seconds = models.IntegerField()
    metres = models.IntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=("rental", "ride")), name="mobility_receipt_kind"),
            models.CheckConstraint(
                condition=models.Q(total__gte=0, seconds__gte=0, metres__gte=0), name="mobility_receipt_positive"
            ),
        ]
        indexes = [models.Index(fields=["operator", "issued_at"], name="mobility_receipts_of_operator")]
