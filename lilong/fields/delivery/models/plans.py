"""Plans of a carrier's day, what found no place in them and why, and what was offered to whom."""

from django.db import models

from lilong.fields.delivery.models.carriers import Carrier, Depot
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.shipments import Shipment

PLAN_STATES = ("asked", "searching", "active", "superseded", "stale", "failed")
OFFER_STATES = ("offered", "accepted", "declined", "expired", "withdrawn")
OFFER_OPEN = ("offered", "accepted")


class Desk(models.Model):
    """A carrier's planning desk: whoever changes its runs locks this row first. `version` counts plans that became active."""

    carrier = models.OneToOneField(Carrier, models.PROTECT, primary_key=True, related_name="desk")
    version = models.IntegerField(default=0)


class Plan(models.Model):
    """Routes for a carrier's day (of one `depot`'s shipments, or all). Made from the desk's `base` version, it becomes active
    only if that is still the latest; else it is stale. `draft` is the best found so far, for whoever goes on after a crash;
    `beat_at` when its maker last gave a sign of life. `cost` in thousandths of a fen."""

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="plans")
    depot = models.ForeignKey(Depot, models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    seconds = models.SmallIntegerField()
    state = models.CharField(max_length=10, default="asked")
    base = models.IntegerField()
    progress = models.SmallIntegerField(default=0)
    draft = models.JSONField(null=True)
    maker = models.UUIDField(null=True)
    beat_at = models.DateTimeField(null=True)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    vehicles = models.IntegerField(default=0)
    shipments = models.IntegerField(default=0)
    unplaced = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)
    metres = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PLAN_STATES), name="delivery_plan_state"),
            models.CheckConstraint(condition=models.Q(progress__range=(0, 100)), name="delivery_plan_progress"),
            models.UniqueConstraint(
                fields=["carrier", "day"],
                condition=models.Q(state="active", depot=None),
                name="delivery_one_active_plan_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["carrier", "day", "asked_at"], name="delivery_plan_of_day"),
            models.Index(
                fields=["beat_at"], name="delivery_plan_in_work", condition=models.Q(state__in=["asked", "searching"])
            ),
        ]


class Unplaced(models.Model):
    """An open shipment that is on no run, and why: see `rules.routing.problem.Reason`. `vehicle` is the nearest miss."""

    shipment = models.OneToOneField(Shipment, models.PROTECT, primary_key=True, related_name="unplaced")
    code = models.CharField(max_length=16)
    vehicle = models.UUIDField(null=True)
    late_seconds = models.IntegerField(default=0)
    over = models.IntegerField(default=0)
    dimension = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()


class RideOffer(models.Model):
    """A shipment given to a courier at once: theirs, but they may say no, and not answering is no."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="ride_offers")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="ride_offers")
    state = models.CharField(max_length=9, default="offered")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OFFER_STATES), name="delivery_ride_offer_state"),
            models.UniqueConstraint(
                fields=["shipment"],
                condition=models.Q(state__in=list(OFFER_OPEN)),
                name="delivery_one_open_ride_offer",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="delivery_ride_offer_due", condition=models.Q(state="offered")),
            models.Index(fields=["vehicle", "state"], name="delivery_ride_offer_to"),
        ]
