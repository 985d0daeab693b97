"""What connected vehicles report: points, those not believed, terminals of JT/T 808, and trips made of points."""

from django.db import models

from lilong.fields.mobility.models.operators import Operator
from lilong.fields.mobility.models.vehicles import Vehicle

MQTT, JT808 = 1, 2
DATUMS = ("wgs84", "gcj02")
TRIP_KINDS = ("rental", "ride", "engine")


class Terminal(models.Model):
    """A vehicle's JT/T 808 unit; `device` is its vehicle's device, whose secret is its authentication code.

    Whoever knows a phone number could register: so the operator opens a window (`open_until`) and says which `terminal`
    it awaits; the first authentication with the code that was given closes it. `datum` is what its coordinates are in.
    """

    device = models.UUIDField(primary_key=True)
    vehicle = models.OneToOneField(Vehicle, models.PROTECT, related_name="terminal")
    phone = models.CharField(max_length=20, unique=True)
    terminal = models.CharField(max_length=30)
    datum = models.CharField(max_length=5, default="wgs84")
    open_until = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(datum__in=DATUMS), name="mobility_terminal_datum")]


class TrackPoint(models.Model):
    """Where a vehicle was, as believed. Kept for `rules.points.KEPT`, then removed by the day; `at` is in the key, so that
    a large city may partition the table by it.

    `source` and `seq` tell a point sent twice: over MQTT the vehicle's own number, over JT/T 808 (2) the serial number,
    which wraps, and the moment with it. Units are those of `Vehicle`; `fuel_ml` is millilitres.
    """

    pk = models.CompositePrimaryKey("vehicle_id", "source", "seq", "at")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="points", db_index=False)
    source = models.SmallIntegerField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    heading = models.SmallIntegerField(null=True)
    speed_mms = models.IntegerField(null=True)
    odometer_m = models.BigIntegerField(null=True)
    accuracy_m = models.IntegerField(null=True)
    energy_pm = models.SmallIntegerField(null=True)
    fuel_ml = models.BigIntegerField(null=True)
    locked = models.BooleanField(null=True)
    doors = models.BooleanField(null=True)
    engine = models.BooleanField(null=True)
    late = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["vehicle", "at"], name="mobility_points_of_vehicle")]


class TrackQuarantine(models.Model):
    """What a vehicle or a stranger at its door said and nobody believed: a point, or bytes that are no message."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="+")
    source = models.SmallIntegerField()
    reason = models.CharField(max_length=30)
    seq = models.BigIntegerField(null=True)
    at = models.DateTimeField(null=True)
    latitude_e6 = models.BigIntegerField(null=True)
    longitude_e6 = models.BigIntegerField(null=True)
    raw = models.BinaryField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "source", "seq", "at"], name="mobility_quarantined_once")
        ]
        indexes = [models.Index(fields=["vehicle", "received_at"], name="mobility_quarantine_of")]


class Trip(models.Model):
    """A vehicle's way from a start to an end. A rental's or ride's trip has its id; an `engine` trip is what nobody booked:
    the operator's own driving, seen by the engine being on.

    `metres` is by believed points between the two moments; points that come late restate it (`restated` counts how often).
    The route itself is the points, and goes with them; then `erased_at` is set and the ends are made coarse.
    """

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="trips")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="trips")
    kind = models.CharField(max_length=6)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    start_latitude_e6 = models.IntegerField(null=True)
    start_longitude_e6 = models.IntegerField(null=True)
    end_latitude_e6 = models.IntegerField(null=True)
    end_longitude_e6 = models.IntegerField(null=True)
    metres = models.IntegerField(default=0)
    points = models.IntegerField(default=0)
    restated = models.IntegerField(default=0)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=TRIP_KINDS), name="mobility_trip_kind"),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(ended_at__isnull=True), name="mobility_one_trip_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("started_at")),
                name="mobility_trip_time",
            ),
        ]
        indexes = [
            models.Index(fields=["vehicle", "started_at"], name="mobility_trips_of_vehicle"),
            models.Index(fields=["ended_at"], name="mobility_trips_ended"),
        ]
