"""What a vehicle is to do next: runs and their stops."""

from django.db import models

from lilong.fields.delivery.models.carriers import Depot
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.shipments import Shipment

RUN_STATES = ("planned", "under-way", "done", "withdrawn")
STOP_STATES = ("planned", "arrived", "done", "failed", "withdrawn")
STOP_OPEN = ("planned", "arrived")


class Run(models.Model):
    """A vehicle's tour: its stops in order. `version` counts changes, for whoever plans from an earlier one; `plan` which
    plan made it last. One run of a vehicle is under way at most."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="runs")
    depot = models.ForeignKey(Depot, models.PROTECT, null=True, related_name="+")
    plan = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=9, default="planned")
    version = models.IntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    metres = models.IntegerField(default=0)
    path = models.JSONField(null=True)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RUN_STATES), name="delivery_run_state"),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(state="under-way"), name="delivery_one_run_under_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["vehicle", "starts_at"],
                name="delivery_run_open",
                condition=models.Q(state__in=["planned", "under-way"]),
            )
        ]


class Stop(models.Model):
    """Where a shipment is picked up or delivered on a run. A shipment has at most one open stop of each kind anywhere, so
    that no re-planning can double it. `sequence` orders the open stops of a run (gaps allowed). `eta` is when it begins, `leg_*`
    the way to it from the stop before (for the next one: from where the vehicle is)."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="stops")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="stops")
    kind = models.CharField(max_length=8)
    sequence = models.IntegerField()
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    earliest = models.DateTimeField()
    latest = models.DateTimeField()
    service_seconds = models.SmallIntegerField(default=180)
    eta = models.DateTimeField(null=True)
    leg_seconds = models.IntegerField(default=0)
    leg_metres = models.IntegerField(default=0)
    state = models.CharField(max_length=9, default="planned")
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["pickup", "delivery"]), name="delivery_stop_kind"),
            models.CheckConstraint(condition=models.Q(state__in=STOP_STATES), name="delivery_stop_state"),
            models.UniqueConstraint(
                fields=["shipment", "kind"],
                condition=models.Q(state__in=list(STOP_OPEN)),
                name="delivery_one_open_stop_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["run", "sequence"],
                condition=models.Q(state__in=list(STOP_OPEN)),
                name="delivery_stop_order",
            ),
        ]
