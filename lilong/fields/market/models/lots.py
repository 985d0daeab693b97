"""Lots, where they stand, the papers of each stock movement, and recalls."""

from django.db import models

from lilong.fields.market.models.places import Place
from lilong.fields.market.models.products import Product

LOT_STATES = ("active", "recalled", "closed")
PAPER_KINDS = ("receipt", "transfer", "waste", "count", "quarantine")
WASTE_REASONS = ("expired", "damaged", "quality", "sample", "theft")


class Lot(models.Model):
    """A lot of a product: what was made together and expires together. `asset` is its ledger asset.

    `last_day` is the last day it may be sold (its best-before day less the product's margin when it first came in).
    `supplied`, `sold` and `waste` are ledger accounts of the asset; what stands at a place is in `Stock`.
    """

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="lots")
    code = models.CharField(max_length=20)
    best_before = models.DateField()
    last_day = models.DateField()
    produced_on = models.DateField(null=True)
    supplier = models.CharField(max_length=120, blank=True)
    asset = models.BigIntegerField(unique=True)
    supplied = models.BigIntegerField()
    sold = models.BigIntegerField()
    waste = models.BigIntegerField()
    state = models.CharField(max_length=8, default="active")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="market_lot_once"),
            models.CheckConstraint(condition=models.Q(state__in=LOT_STATES), name="market_lot_state"),
            models.CheckConstraint(
                condition=models.Q(produced_on__lte=models.F("best_before")), name="market_lot_made_before_expiry"
            ),
        ]
        indexes = [
            models.Index(fields=["last_day"], name="market_lot_active", condition=models.Q(state="active")),
        ]


class Stock(models.Model):
    """A lot at a place: the ledger `account` its pieces or grams stand in; `withdrawn_on` when it had expired."""

    account = models.BigIntegerField(primary_key=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="stocks")
    place = models.ForeignKey(Place, models.PROTECT, related_name="stocks")
    since = models.DateTimeField()
    withdrawn_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "place"], name="market_stock_once")]


class StockPaper(models.Model):
    """The paper of one stock movement, by the caller's id. Never changed; corrected by another paper.

    `quantity` is what moved (for a count: what was found more, or, negative, less); `value` is at list price that day.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="papers")
    place = models.ForeignKey(Place, models.PROTECT, related_name="papers")
    to_place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    quantity = models.BigIntegerField()
    value = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    asked = models.JSONField()
    actor = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=PAPER_KINDS), name="market_paper_kind")]
        indexes = [models.Index(fields=["place", "at"], name="market_paper_at_place")]


class Recall(models.Model):
    """A recalled lot: why, since when, by whom."""

    id = models.UUIDField(primary_key=True)
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="recall")
    reason = models.CharField(max_length=500)
    actor = models.UUIDField()
    at = models.DateTimeField()


class RecallReach(models.Model):
    """An order that a recalled lot had gone into: units `taken`, and units `held` that were not handed over yet."""

    pk = models.CompositePrimaryKey("recall_id", "order")
    recall = models.ForeignKey(Recall, models.PROTECT, related_name="reached")
    order = models.UUIDField(db_index=True)
    buyer = models.UUIDField(db_index=True)
    taken = models.BigIntegerField()
    held = models.BigIntegerField()
