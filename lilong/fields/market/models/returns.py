"""Goods that buyers want to give back."""

from django.db import models

STATES = ("asked", "approved", "refused", "refunded")
REASONS = ("damaged", "spoilt", "wrong", "missing", "quality", "other")


class ReturnRequest(models.Model):
    """A buyer's request: `lines` are line numbers with units. `refunded` once the money is back, which is exactly once."""

    id = models.UUIDField(primary_key=True)
    order = models.UUIDField(db_index=True)
    buyer = models.UUIDField()
    seller = models.UUIDField()
    lines = models.JSONField()
    reason = models.CharField(max_length=8)
    text = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=8, default="asked")
    granted = models.JSONField(default=dict)
    amount = models.BigIntegerField(default=0)
    answer = models.CharField(max_length=500, blank=True)
    decided_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="market_return_state"),
            models.CheckConstraint(condition=models.Q(reason__in=REASONS), name="market_return_reason"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(state="asked"), name="market_return_one_open_an_order"
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "asked_at"], name="market_return_for_seller"),
            models.Index(fields=["buyer", "asked_at"], name="market_return_of_buyer"),
        ]
