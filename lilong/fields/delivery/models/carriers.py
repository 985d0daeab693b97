"""Who carries: carriers with their zones, depots and what they promise for which price."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.delivery.rules.kinds import TEMPERATURES
from lilong.kernel.base.districts import SLUGS

LATITUDES, LONGITUDES = (-90_000_000, 90_000_000), (-180_000_000, 180_000_000)


class Carrier(models.Model):
    """An organisation that carries; `id` is its party. `attempts` a shipment is taken to the door before it goes back."""

    id = models.UUIDField(primary_key=True)
    name = models.JSONField()
    district = models.CharField(max_length=16)
    attempts = models.SmallIntegerField(default=2)
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="delivery_carrier_district"),
            models.CheckConstraint(condition=models.Q(attempts__range=(1, 9)), name="delivery_carrier_attempts"),
        ]


class Zone(models.Model):
    """An area of a carrier's: where it goes ('serve'), or where its unattended vehicles must not ('keep-out').

    `geometry` is a GeoJSON Polygon or MultiPolygon, WGS 84. Zones are not changed but closed, so what was planned in one stands.
    """

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="zones")
    kind = models.CharField(max_length=8, default="serve")
    name = models.JSONField()
    geometry = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["serve", "keep-out"]), name="delivery_zone_kind"),
        ]


class Depot(models.Model):
    """Where shipments start from: `id` is the place's own (a front warehouse's, a pharmacy's); `carrier` who serves it."""

    id = models.UUIDField(primary_key=True)
    owner = models.UUIDField(db_index=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, related_name="depots")
    name = models.JSONField()
    district = models.CharField(max_length=16, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="delivery_depot_district"),
            models.CheckConstraint(condition=models.Q(latitude_e6__range=LATITUDES), name="delivery_depot_latitude"),
            models.CheckConstraint(condition=models.Q(longitude_e6__range=LONGITUDES), name="delivery_depot_longitude"),
        ]


class ServiceLevel(models.Model):
    """What a carrier promises, and for how much. Money in fen.

    Open from `starts` to `ends` (minutes of the city's day; over 1440 is the next day's). `seconds`: within so many of being
    ordered (30 minutes); else in one of the windows of `window_seconds` of that time, ordered at least `lead_seconds` before the
    window and, for windows of the same day, until `cut_off`. `slots` is the calendar resource whose lanes are the shipments it
    can take (`per_hour`): promises are never oversold.
    `fee` is `base_fee` + `km_fee` for each begun km + `kg_fee` for each begun kg. `cover` is the most that is paid for a
    lost or spoilt shipment; a late one is carried for `late_percent` less.
    """

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="services")
    code = models.CharField(max_length=16)
    name = models.JSONField()
    temperatures = ArrayField(models.CharField(max_length=8))
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, related_name="+")
    starts = models.SmallIntegerField(default=480)
    ends = models.SmallIntegerField(default=1320)
    seconds = models.IntegerField(null=True)
    window_seconds = models.IntegerField(null=True)
    lead_seconds = models.IntegerField(default=0)
    cut_off = models.SmallIntegerField(null=True)
    slots = models.UUIDField()
    per_hour = models.SmallIntegerField(default=1)
    radius_m = models.IntegerField()
    weight_g = models.IntegerField()
    base_fee = models.BigIntegerField()
    km_fee = models.BigIntegerField(default=0)
    kg_fee = models.BigIntegerField(default=0)
    cover = models.BigIntegerField()
    late_percent = models.SmallIntegerField(default=0)
    speed_kmh = models.SmallIntegerField()
    contactless = models.BooleanField(default=False)
    proofs = ArrayField(models.CharField(max_length=8), default=list)
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "code"], condition=models.Q(closed_at=None), name="delivery_service_code_once"
            ),
            models.CheckConstraint(
                condition=models.Q(temperatures__contained_by=list(TEMPERATURES)), name="delivery_service_temperatures"
            ),
            models.CheckConstraint(
                condition=models.Q(starts__gte=0, ends__gt=models.F("starts"))
                & (
                    models.Q(seconds__gt=0, window_seconds=None, cut_off=None)
                    | models.Q(seconds=None, window_seconds__gt=0)
                ),
                name="delivery_service_when",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    base_fee__gte=0, km_fee__gte=0, kg_fee__gte=0, cover__gte=0, late_percent__range=(0, 100)
                ),
                name="delivery_service_money",
            ),
            models.CheckConstraint(
                condition=models.Q(radius_m__gt=0, weight_g__gt=0, speed_kmh__gt=0, per_hour__gt=0),
                name="delivery_service_limits",
            ),
        ]
