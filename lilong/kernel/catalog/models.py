"""Tables of the catalog. Stock stands in the ledger; here stands what is offered, at what price, from where."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Offer(models.Model):
    """What any field sells. `price` is in minor units per `per` units; `search` holds the tokens of its texts."""

    id = models.UUIDField(primary_key=True)
    field = models.TextField(_("field"))
    seller = models.UUIDField(_("seller"))
    kind = models.TextField(_("kind"))
    title = models.JSONField(_("title"))
    summary = models.JSONField()
    unit = models.TextField(_("unit"))
    price = models.BigIntegerField(_("price"))
    per = models.IntegerField(_("per"))
    currency = models.TextField(_("currency"))
    settle = models.TextField(_("settlement"))
    released_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    limit_per_buyer = models.IntegerField(null=True)
    tolerance_percent = models.SmallIntegerField()
    stocked = models.BooleanField()
    place_bound = models.BooleanField()
    tags = ArrayField(models.TextField())
    image = models.TextField(blank=True)
    attributes = models.JSONField()
    guard = models.TextField(blank=True, default="", db_default="")
    findable = models.BooleanField(default=False, db_default=False)
    state = models.TextField(_("state"))
    version = models.IntegerField(_("version"))
    body = models.BinaryField()
    search = SearchVectorField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
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
            models.Index("field", "created_at", name="catalog_of_field", condition=Q(state="listed")),
            models.Index(fields=["seller", "changed_at"], name="catalog_of_seller"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Supply(models.Model):
    """Where an offer's stock comes from. `account` and `sink` are ledger accounts of one asset."""

    offer = models.ForeignKey(Offer, models.CASCADE, db_index=False, related_name="supplies")
    place = models.UUIDField(_("place"))
    account = models.ForeignKey("ledger.Account", models.PROTECT, db_column="account", db_index=False, related_name="+")
    sink = models.ForeignKey("ledger.Account", models.PROTECT, db_column="sink", db_index=False, related_name="+")
    use_by = models.DateField(_("use by"), null=True)
    rank = models.IntegerField(_("rank"))
    open = models.BooleanField(_("open"))

    class Meta:
        verbose_name = _("supply")
        verbose_name_plural = _("supplies")
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

    def __str__(self) -> str:
        return str(self.pk)


class Price(models.Model):
    """What an offer cost from a moment on. Rows are never changed: the database refuses."""

    pk = models.CompositePrimaryKey("offer_id", "version")
    offer = models.ForeignKey(Offer, models.PROTECT, db_index=False, related_name="prices")
    version = models.IntegerField()
    price = models.BigIntegerField()
    per = models.IntegerField()
    currency = models.TextField()
    at = models.DateTimeField()
