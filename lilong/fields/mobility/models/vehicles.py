"""Vehicles, where they are and what state they are in, and the stations they stand at."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.mobility.models.operators import MODES, Operator, VehicleType

STATES = (  # MDS 2.0 vehicle states
    "removed",
    "available",
    "non_operational",
    "reserved",
    "on_trip",
    "stopped",
    "non_contactable",
    "missing",
    "elsewhere",
)
STATION_KINDS = ("dock", "virtual", "lot")
COMMAND_STATES = ("sent", "done", "refused", "expired")


class Station(models.Model):
    """Where vehicles are parked: docks, a painted area (`virtual`), or a car park (`lot`). `area` is GeoJSON."""

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="stations")
    kind = models.CharField(max_length=8)
    name = models.JSONField()
    address = models.CharField(max_length=200, blank=True)
    district = models.CharField(max_length=20, db_index=True)
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    area = models.JSONField(null=True)
    capacity = models.IntegerField()
    charging = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=STATION_KINDS), name="mobility_station_kind"),
            models.CheckConstraint(condition=models.Q(capacity__gte=0), name="mobility_station_capacity"),
        ]


class Vehicle(models.Model):
    """One vehicle as it is now. What happened to it stands in its events.

    `device` is the party of its telematics unit. `public` is the id that feeds show: another after each trip, so that
    nobody can follow a vehicle. `state` and `event` are MDS's, `sequence` the number of its last event. `energy_pm` is
    what battery or tank hold, in thousandths. `trip` is the rental or ride under way. A shared car's calendar resource
    has the vehicle's own id.
    """

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="vehicles")
    type = models.ForeignKey(VehicleType, models.PROTECT, related_name="vehicles")
    mode = models.CharField(max_length=20)
    device = models.UUIDField(null=True, unique=True)
    plate = models.CharField(max_length=20)
    vin = models.CharField(max_length=17, blank=True)
    public = models.UUIDField(unique=True)
    district = models.CharField(max_length=20, blank=True)
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    heading = models.SmallIntegerField(null=True)
    speed_mms = models.IntegerField(null=True)
    at = models.DateTimeField(null=True)
    energy_pm = models.SmallIntegerField(null=True)
    odometer_m = models.BigIntegerField(default=0)
    locked = models.BooleanField(null=True)
    engine_on = models.BooleanField(null=True)
    station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="vehicles")
    home = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=16, default="removed")
    event = models.CharField(max_length=30, blank=True)
    state_at = models.DateTimeField()
    sequence = models.BigIntegerField(default=0)
    trip = models.UUIDField(null=True)
    registered_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=MODES), name="mobility_vehicle_mode"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="mobility_vehicle_state"),
            models.UniqueConstraint(fields=["operator", "plate"], name="mobility_plate_once"),
            models.CheckConstraint(
                condition=models.Q(energy_pm__isnull=True) | models.Q(energy_pm__gte=0, energy_pm__lte=1000),
                name="mobility_vehicle_energy",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude_e6__isnull=True, longitude_e6__isnull=True)
                | models.Q(
                    latitude_e6__gte=-90_000_000,
                    latitude_e6__lte=90_000_000,
                    longitude_e6__gte=-180_000_000,
                    longitude_e6__lte=180_000_000,
                ),
                name="mobility_vehicle_place",
            ),
        ]
        indexes = [
            models.Index(fields=["mode", "state"], name="mobility_vehicles_free"),
            models.Index(fields=["trip"], name="mobility_vehicle_of_trip", condition=models.Q(trip__isnull=False)),
        ]


class VehicleEvent(models.Model):
    """One change of a vehicle's state, number `sequence` of it (MDS 2.0 `events`). The database refuses changes.

    `trip_state` is MDS's ('' where the table says N/A); `trips` are the rentals or rides it belongs to.
    """

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="events")
    sequence = models.BigIntegerField()
    previous = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    trip_state = models.CharField(max_length=16, blank=True)
    events = ArrayField(models.CharField(max_length=30))
    trips = ArrayField(models.UUIDField(), default=list)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    energy_pm = models.SmallIntegerField(null=True)
    odometer_m = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vehicle", "sequence"], name="mobility_event_once")]
        indexes = [
            models.Index(fields=["at"], name="mobility_events_at"),
            models.Index(fields=["recorded_at"], name="mobility_events_recorded"),
        ]


class VehicleCommand(models.Model):
    """What a vehicle was told, and what it answered. Written with the change it belongs to; the kernel's outbox sends it.

    `kind`: unlock, lock, honk, limit, ride (see `standard/vehicle_protocol.py`). Void after `expires_at`.
    """

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="commands")
    trip = models.UUIDField(null=True, db_index=True)
    kind = models.CharField(max_length=12)
    body = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="sent")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=COMMAND_STATES), name="mobility_command_state")
        ]
        indexes = [models.Index(fields=["expires_at"], name="mobility_command_open", condition=models.Q(state="sent"))]
