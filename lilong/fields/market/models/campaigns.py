"""Community group buying: leaders with their pick-up points, campaigns, the orders collected there."""

from django.db import models

from lilong.fields.market.models.places import Place
from lilong.fields.market.models.products import Product

OPEN, CUT_OFF = "open", "cut-off"


class Leader(models.Model):
    """A resident whom a seller trusts to hand over its orders at a pick-up point."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    person = models.UUIDField(db_index=True)
    point = models.ForeignKey(Place, models.PROTECT, related_name="leaders")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "point"], condition=models.Q(ended_at=None), name="market_leader_one_a_point"
            )
        ]


class Campaign(models.Model):
    """Orders until `cut_off`, delivered on `delivery_day`, collected until `collect_until`.

    `source` is where the goods are taken from; `commission_bp` is the leaders' share in hundredths of a percent.
    """

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField()
    title = models.JSONField()
    source = models.ForeignKey(Place, models.PROTECT, related_name="+")
    opens_at = models.DateTimeField()
    cut_off = models.DateTimeField()
    delivery_day = models.DateField()
    collect_until = models.DateTimeField()
    commission_bp = models.SmallIntegerField()
    state = models.CharField(max_length=8, default=OPEN)
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    cut_off_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[OPEN, CUT_OFF]), name="market_campaign_state"),
            models.CheckConstraint(
                condition=models.Q(commission_bp__range=(0, 3000)), name="market_campaign_commission"
            ),
            models.CheckConstraint(
                condition=models.Q(cut_off__gt=models.F("opens_at"), collect_until__gt=models.F("cut_off")),
                name="market_campaign_times",
            ),
        ]
        indexes = [
            models.Index(fields=["cut_off"], name="market_campaign_due", condition=models.Q(state=OPEN)),
            models.Index(fields=["seller", "cut_off"], name="market_campaign_of_seller"),
        ]


class CampaignOffer(models.Model):
    """What a campaign sells; the catalog offer has the same id."""

    id = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="offers")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")


class CampaignLeader(models.Model):
    """A leader who takes part in a campaign."""

    pk = models.CompositePrimaryKey("campaign_id", "leader_id")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="leaders", db_index=False)
    leader = models.ForeignKey(Leader, models.PROTECT, related_name="campaigns")


class Collection(models.Model):
    """An order of a campaign, to be collected from a leader. `code_hash` is a keyed digest of its pick-up code.

    `commission` is what the leader has of it now, in fen. At most one of `handed_at` and `cancelled_at` is ever set.
    """

    order = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="collections", db_index=False)
    leader = models.ForeignKey(Leader, models.PROTECT, related_name="collections")
    buyer = models.UUIDField(db_index=True)
    turn = models.SmallIntegerField()
    code_hash = models.CharField(max_length=64)
    commission = models.BigIntegerField(default=0)
    ordered_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "leader", "code_hash"], name="market_pick_up_code_once"),
            models.CheckConstraint(
                condition=models.Q(handed_at=None) | models.Q(cancelled_at=None), name="market_collected_or_cancelled"
            ),
        ]


class PickLine(models.Model):
    """A line of a campaign's pick list, as of its cut-off: what goes to a pick-up point."""

    pk = models.CompositePrimaryKey("campaign_id", "leader_id", "offer")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="picks", db_index=False)
    leader = models.ForeignKey(Leader, models.PROTECT, related_name="+")
    offer = models.UUIDField()
    quantity = models.BigIntegerField()
    orders = models.IntegerField()
