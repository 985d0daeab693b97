"""How far the seller is with an order. What was ordered, held and paid stands in the order itself and in the ledger."""

from django.db import models

from lilong.fields.market.rules.fulfilment import STATES


class Fulfilment(models.Model):
    """One order's way out of the door; an order without a row waits. `due_at` is the end of its delivery window."""

    order = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    place = models.UUIDField(null=True)
    state = models.CharField(max_length=12)
    picker = models.UUIDField(null=True)
    wave = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    packed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="market_fulfilment_state"),
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(picker__isnull=False), name="market_fulfilment_picker"
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "state"], name="market_fulfilment_open"),
            models.Index(fields=["wave"], name="market_fulfilment_wave", condition=models.Q(wave__isnull=False)),
        ]


class PickedLine(models.Model):
    """What a picker has found of line `n`: units, and whether the lot was scanned. Gone into the order on delivery."""

    pk = models.CompositePrimaryKey("fulfilment_id", "n")
    fulfilment = models.ForeignKey(Fulfilment, models.CASCADE, related_name="picked", db_column="order_id")
    n = models.SmallIntegerField()
    quantity = models.IntegerField()
    scanned = models.BooleanField(default=False)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gte=0), name="market_picked_not_negative"),
        ]


class PickWave(models.Model):
    """Orders that one picker takes through the warehouse together; `asked` are their ids, for the same answer again."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    place = models.UUIDField()
    picker = models.UUIDField()
    asked = models.JSONField()
    at = models.DateTimeField()
