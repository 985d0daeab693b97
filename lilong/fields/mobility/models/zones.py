"""Geofences. A published zone never changes: another version takes its place, so that a trip is judged by what it knew."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.mobility.models.operators import Operator


class Zone(models.Model):
    """An area with rules, in the words of GBFS 3.0 `geofencing_zones`. Without an operator it is the city's, for all.

    `geometry` is a GeoJSON MultiPolygon; west, south, east and north are its bounds. `rules` is a list of
    {vehicle_type_ids?, ride_start_allowed, ride_end_allowed, ride_through_allowed, maximum_speed_kph?, station_parking?};
    of colliding rules the earlier counts: first by `precedence`, then by id, then by the place in the list. `zone` stays
    the same over versions; `modes` empty is all. It counts from `valid_from` (published or later) to `valid_until`, and
    ends for good when `withdrawn_at` comes.
    """

    id = models.UUIDField(primary_key=True)
    zone = models.UUIDField(db_index=True)
    version = models.IntegerField()
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, related_name="zones")
    modes = ArrayField(models.CharField(max_length=20), default=list)
    name = models.JSONField()
    geometry = models.JSONField()
    west_e6 = models.IntegerField()
    south_e6 = models.IntegerField()
    east_e6 = models.IntegerField()
    north_e6 = models.IntegerField()
    rules = models.JSONField()
    precedence = models.IntegerField(default=100)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["zone", "version"], name="mobility_zone_version"),
            models.UniqueConstraint(
                fields=["zone"], condition=models.Q(withdrawn_at__isnull=True), name="mobility_zone_one_version_counts"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=models.F("valid_from")),
                name="mobility_zone_time",
            ),
        ]
