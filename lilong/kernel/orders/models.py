"""Tables of the orders. Money and stock stand in the ledger; here stands what was agreed."""

from django.db import models

STATES = {1: "placed", 2: "completed", 3: "cancelled", 4: "part-refunded", 5: "refunded"}
PLACED, COMPLETED, CANCELLED, PART_REFUNDED, REFUNDED = STATES


class Order(models.Model):
    """One order: one buyer, one seller. `held` is the pending money, `captured` what was paid, `refunded` what went back."""

    id = models.UUIDField(primary_key=True)
    buyer = models.UUIDField()
    seller = models.UUIDField()
    state = models.SmallIntegerField(choices=list(STATES.items()))
    field = models.TextField()
    channel = models.TextField()
    district = models.TextField(blank=True)
    currency = models.TextField()
    total = models.BigIntegerField()
    held = models.BigIntegerField()
    captured = models.BigIntegerField()
    refunded = models.BigIntegerField(default=0, db_default=0)
    place = models.UUIDField(null=True)
    booking = models.UUIDField(null=True)
    use_on = models.DateField(null=True)
    note = models.TextField(blank=True)
    guard = models.TextField(blank=True, default="", db_default="")
    body = models.BinaryField()
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(STATES)), name="orders_state_known"),
            models.CheckConstraint(
                condition=models.Q(refunded__gte=0, refunded__lte=models.F("captured")),
                name="orders_refund_within_paid",
            ),
            models.CheckConstraint(
                condition=models.Q(captured__gte=0, captured__lte=models.F("held")), name="orders_paid_within_held"
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "placed_at"], name="orders_of_buyer"),
            models.Index(fields=["seller", "placed_at"], name="orders_for_seller"),
        ]


class Line(models.Model):
    """One line of an order. A substitute is a line of its own that `replaces` another, whose `actual` becomes 0."""

    pk = models.CompositePrimaryKey("order_id", "n")
    order = models.ForeignKey(Order, models.PROTECT, db_index=False, related_name="lines")
    n = models.SmallIntegerField()
    offer = models.UUIDField()
    quantity = models.IntegerField()
    price = models.BigIntegerField()
    per = models.IntegerField()
    amount = models.BigIntegerField()
    actual = models.IntegerField(null=True)
    refunded = models.IntegerField(default=0, db_default=0)
    replaces = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="orders_line_of_something"),
            models.CheckConstraint(condition=models.Q(refunded__gte=0), name="orders_line_refund_positive"),
        ]


class Quota(models.Model):
    """How many units of a limited offer one buyer has taken."""

    pk = models.CompositePrimaryKey("offer", "buyer")
    offer = models.UUIDField()
    buyer = models.UUIDField()
    taken = models.BigIntegerField()


class Refund(models.Model):
    """One refund of an order, by the caller's id."""

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    lines = models.JSONField()
    reason = models.TextField()
    restock = models.BooleanField()
    at = models.DateTimeField()
