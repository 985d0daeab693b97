"""Buying together for a better price: offers to groups, groups, their members."""

from django.db import models

from lilong.fields.market.models.products import Product

OPEN, COMPLETE, FAILED = "open", "complete", "failed"


class GroupOffer(models.Model):
    """An offer to groups of `size` buyers who find together within `seconds`; its catalog offer has the same id."""

    id = models.UUIDField(primary_key=True)
    seller = models.UUIDField(db_index=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="group_offers")
    size = models.SmallIntegerField()
    seconds = models.IntegerField()
    fingerprint = models.CharField(max_length=64)
    offered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__range=(2, 1000)), name="market_group_size"),
            models.CheckConstraint(condition=models.Q(seconds__range=(60, 604_800)), name="market_group_time"),
        ]


class Group(models.Model):
    """One group: `members` of `size` seats are taken, until `deadline`. Changed only under its own row's lock."""

    id = models.UUIDField(primary_key=True)
    offer = models.ForeignKey(GroupOffer, models.PROTECT, related_name="groups", db_index=False)
    opened_by = models.UUIDField()
    size = models.SmallIntegerField()
    members = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=OPEN)
    opened_at = models.DateTimeField()
    deadline = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=[OPEN, COMPLETE, FAILED]), name="market_group_state"),
            models.CheckConstraint(
                condition=models.Q(members__gte=0, members__lte=models.F("size")), name="market_group_seats"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=COMPLETE) | models.Q(members=models.F("size")), name="market_group_whole"
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], name="market_group_due", condition=models.Q(state=OPEN)),
            models.Index(fields=["offer", "deadline"], name="market_group_of_offer"),
        ]


class Membership(models.Model):
    """A buyer's seat in a group, with his order. `left_at`: he went, or the group failed and he has his money back."""

    order = models.UUIDField(primary_key=True)
    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships", db_index=False)
    buyer = models.UUIDField(db_index=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "buyer"], condition=models.Q(left_at=None), name="market_group_one_seat_each"
            )
        ]
        indexes = [models.Index(fields=["group", "joined_at"], name="market_group_members")]
