"""Tables of the catalog. Stock stands in the ledger; here stands what is offered, at what price, from where."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q


class Offer(models.Model):
    """What any field sells. `price` is in minor units per `per` units; `search` holds the tokens of its texts."""

    id = models.UUIDField(primary_key=True)
    field = models.TextField()
    seller = models.UUIDField()
    kind = models.TextField()
    title = models.JSONField()
    summary = models.JSONField()
    unit = models.TextField()
    price = models.BigIntegerField()
    per = models.IntegerField()
    currency = models.TextField()
    settle = models.TextField()
    released_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    limit_per_buyer = models.IntegerField(null=True)
    tolerance_percent = models.SmallIntegerField()
    stocked = models.BooleanField()
    place_bound = models.BooleanField()
    tags = ArrayField(models.TextField())
    image = models.TextField(blank=True)
    attributes = models.JSONField()
    state = models.TextField()
    version = models.IntegerField()
    body = models.BinaryField()
    search = SearchVectorField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "listed", "withdrawn"]), name="catalog_state_known"),
            models.CheckConstraint(condition=Q(unit__in=["piece", "g"]), name="catalog_unit_known"),
            models.CheckConstraint(condition=Q(settle__in=["now", "later"]), name="catalog_settle_known"),
            models.CheckConstraint(condition=Q(price__gte=0, per__gte=1), name="catalog_price_sound"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("released_at")), name="catalog_closes_after_release"),
            models.CheckConstraint(condition=Q(limit_per_buyer__gte=1), name="catalog_limit_positive"),
        ]
        indexes = [
            GinIndex("search", name="catalog_offer_search"),
            models.Index("field", "changed_at", name="catalog_of_field", condition=Q(state="listed")),
            models.Index(fields=["seller", "changed_at"], name="catalog_of_seller"),
        ]


class Supply(models.Model):
    """Where an offer's stock comes from. `account` and `sink` are ledger accounts of one asset."""

    offer = models.ForeignKey(Offer, models.CASCADE, db_index=False, related_name="supplies")
    place = models.UUIDField()
    account = models.ForeignKey("ledger.Account", models.PROTECT, db_column="account", db_index=False, related_name="+")
    sink = models.ForeignKey("ledger.Account", models.PROTECT, db_column="sink", db_index=False, related_name="+")
    use_by = models.DateField(null=True)
    rank = models.IntegerField()
    open = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "account"], name="catalog_supply_once"),
            models.CheckConstraint(condition=~Q(account=F("sink")), name="catalog_supply_moves"),
        ]
        indexes = [
            models.Index(
                fields=["offer", "place"],
                include=["use_by", "rank", "account", "sink"],
                name="catalog_supply_at",
                condition=Q(open=True),
            ),
            models.Index(fields=["account"], name="catalog_supply_of_account"),
            models.Index(fields=["place"], name="catalog_supply_of_place", condition=Q(open=True)),
        ]


class Price(models.Model):
    """What an offer cost from a moment on. Rows are never changed: the database refuses."""

    pk = models.CompositePrimaryKey("offer_id", "version")
    offer = models.ForeignKey(Offer, models.PROTECT, db_index=False, related_name="prices")
    version = models.IntegerField()
    price = models.BigIntegerField()
    per = models.IntegerField()
    currency = models.TextField()
    at = models.DateTimeField()
