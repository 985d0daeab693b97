"""What is sold: world-wide trade items, and each seller's products of them."""

from django.db import models

from lilong.fields.market.rules.categories import TEMPERATURES, UNITS, VAT_PERCENTS


class TradeItem(models.Model):
    """A GTIN as the city knows it. Once retired it stays so: the number is never given to another item."""

    gtin = models.CharField(max_length=14, primary_key=True)
    registrant = models.UUIDField()
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(gtin__regex=r"^\d{14}$"), name="market_gtin_digits")]


class Product(models.Model):
    """One seller's product. `code` is the seller's own; price and state are those of its catalog offer."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    offer = models.UUIDField(unique=True)
    item = models.ForeignKey(TradeItem, models.PROTECT, null=True, related_name="products")
    code = models.CharField(max_length=40)
    name = models.JSONField()
    summary = models.JSONField(default=dict)
    brand = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=32, db_index=True)
    unit = models.CharField(max_length=5)
    temperature = models.CharField(max_length=8)
    vat_percent = models.SmallIntegerField()
    shelf_life_days = models.IntegerField()
    margin_days = models.IntegerField()
    fingerprint = models.CharField(max_length=64)
    origin = models.CharField(max_length=80, blank=True)
    image = models.CharField(max_length=500, blank=True)
    emoji = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "code"], name="market_product_code_once"),
            models.UniqueConstraint(fields=["seller", "item"], name="market_product_item_once"),
            models.CheckConstraint(condition=models.Q(unit__in=UNITS), name="market_product_unit"),
            models.CheckConstraint(condition=models.Q(temperature__in=TEMPERATURES), name="market_product_temperature"),
            models.CheckConstraint(condition=models.Q(vat_percent__in=VAT_PERCENTS), name="market_product_vat"),
            models.CheckConstraint(
                condition=models.Q(
                    shelf_life_days__gte=1, margin_days__gte=0, margin_days__lt=models.F("shelf_life_days")
                ),
                name="market_product_days",
            ),
        ]


class Selling(models.Model):
    """An offer that sells a product from the product's stock: its own, and any further (broadcast, group, bundle)."""

    offer = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="sellings")
