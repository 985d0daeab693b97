"""Offers that open for everybody at one moment."""

from django.db import models

from lilong.fields.market.models.places import Place
from lilong.fields.market.models.products import Product


class Broadcast(models.Model):
    """A broadcast sale; its catalog offer has the same id and says price, moments and limit. Sold out of one place."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="broadcasts")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("released_at")), name="market_broadcast_ends_after_start"
            )
        ]
        indexes = [
            models.Index(fields=["released_at"], name="market_broadcast_on", condition=models.Q(cancelled_at=None)),
            models.Index(fields=["seller", "released_at"], name="market_broadcast_of_seller"),
        ]
