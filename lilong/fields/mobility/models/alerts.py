"""What riders of an operator should know: a station out of use, a system that pauses (GBFS 3.0 `system_alerts`)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.mobility.models.operators import Operator

ALERT_KINDS = ("system_closure", "station_closure", "station_move", "other")


class ServiceAlert(models.Model):
    """Shown from `start` (at once) to `end` (until it is withdrawn)."""

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=20)
    summary = models.JSONField()
    description = models.JSONField(null=True)
    stations = ArrayField(models.UUIDField(), default=list)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ALERT_KINDS), name="mobility_alert_kind"),
            models.CheckConstraint(
                condition=models.Q(start__isnull=True)
                | models.Q(end__isnull=True)
                | models.Q(end__gt=models.F("start")),
                name="mobility_alert_time",
            ),
        ]
        indexes = [models.Index(fields=["operator", "published_at"], name="mobility_alerts_of")]
