"""Who drives, and which cars are there for whoever wants a ride."""

from django.db import models

from lilong.fields.mobility.models.operators import Operator
from lilong.fields.mobility.models.vehicles import Vehicle

PERMIT_KINDS = ("permit", "insurance")
DUTY_STATES = ("free", "offered", "busy", "ended")


class DriverPermit(models.Model):
    """What a driver of rides must have besides the licence, as an operator has seen it: the city's permit, an insurance."""

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="permits")
    driver = models.UUIDField()
    kind = models.CharField(max_length=10)
    valid_from = models.DateField()
    valid_until = models.DateField()
    seen_by = models.UUIDField()
    seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=PERMIT_KINDS), name="mobility_permit_kind"),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")), name="mobility_permit_time"
            ),
        ]
        indexes = [models.Index(fields=["driver", "operator"], name="mobility_permits_of_driver")]


class Duty(models.Model):
    """A car that takes rides, from when it came on line until `ended_at`; with a driver, or alone.

    `plan`, `seats`, `wheelchair` are those of its type at the start. A shift ends at `until` at the latest: no ride is given
    that would last longer. `missed` counts offers left unanswered in a row.
    """

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="duties")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="duties")
    driver = models.UUIDField(null=True)
    plan = models.UUIDField()
    seats = models.SmallIntegerField()
    wheelchair = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default="free")
    leaving = models.BooleanField(default=False)  # goes off line after the ride under way
    missed = models.SmallIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=DUTY_STATES), name="mobility_duty_state"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="mobility_duty_time",
            ),
            models.UniqueConstraint(
                fields=["vehicle"], condition=~models.Q(state="ended"), name="mobility_vehicle_one_duty"
            ),
            models.UniqueConstraint(
                fields=["driver"], condition=~models.Q(state="ended"), name="mobility_driver_one_duty"
            ),
        ]
        indexes = [
            models.Index(fields=["plan"], name="mobility_duties_free", condition=models.Q(state="free")),
            models.Index(fields=["operator", "since"], name="mobility_duties_of_operator"),
        ]
