"""What carriers owe for what was lost, damaged, late or too warm."""

from django.db import models

from lilong.fields.delivery.models.shipments import Shipment
from lilong.fields.delivery.rules.kinds import CLAIM_STATES, CLAIMS


class Claim(models.Model):
    """A claim of `claimant` (shipper or recipient) for `asked` fen: opened -> assessed -> paid | refused; a refusal or an
    assessment can be appealed once, and is then decided by the city's operators. `granted` was paid under move `id`."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="claims")
    parcel = models.UUIDField(null=True)
    kind = models.CharField(max_length=9)
    claimant = models.UUIDField(db_index=True)
    asked = models.BigIntegerField()
    granted = models.BigIntegerField(default=0)
    text = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=8, default="opened")
    answer = models.CharField(max_length=500, blank=True)
    assessed_by = models.UUIDField(null=True)
    appeal = models.CharField(max_length=1000, blank=True)
    appealed_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    assessed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=CLAIMS), name="delivery_claim_kind"),
            models.CheckConstraint(condition=models.Q(state__in=CLAIM_STATES), name="delivery_claim_state"),
            models.CheckConstraint(condition=models.Q(asked__gt=0, granted__gte=0), name="delivery_claim_money"),
            models.UniqueConstraint(
                fields=["shipment", "kind"],
                condition=models.Q(state__in=["opened", "assessed"]),
                name="delivery_one_open_claim_of_a_kind",
            ),
        ]
