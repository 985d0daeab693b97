"""What carriers go with: couriers and vehicles, and where they are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.delivery.models.carriers import LATITUDES, LONGITUDES, Carrier, Depot
from lilong.fields.delivery.rules.kinds import TEMPERATURES, VEHICLE_STATES, VEHICLES


class Vehicle(models.Model):
    """A courier (`id`: the person's party) or a vehicle (the device's) in a carrier's fleet.

    What it takes: grams, millilitres, parcels; how far on one charge (m) and how fast; which goods, skills, zones (none:
    everywhere). `shift` is the calendar resource of its working hours. Position: WGS 84, millionths of a degree, and of when.
    """

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="vehicles")
    kind = models.CharField(max_length=8)
    name = models.JSONField()
    capacity_g = models.IntegerField()
    capacity_ml = models.IntegerField()
    capacity_parcels = models.SmallIntegerField()
    range_m = models.IntegerField()
    speed_kmh = models.SmallIntegerField()
    temperatures = ArrayField(models.CharField(max_length=8))
    skills = ArrayField(models.CharField(max_length=32), default=list)
    zones = ArrayField(models.UUIDField(), default=list)
    home = models.ForeignKey(Depot, models.PROTECT, related_name="vehicles")
    shift = models.UUIDField(null=True)
    state = models.CharField(max_length=8, default="off")
    state_at = models.DateTimeField()
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    heading = models.SmallIntegerField(null=True)
    position_at = models.DateTimeField(null=True)
    battery_percent = models.SmallIntegerField(null=True)
    fingerprint = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=VEHICLES), name="delivery_vehicle_kind"),
            models.CheckConstraint(condition=models.Q(state__in=VEHICLE_STATES), name="delivery_vehicle_state"),
            models.CheckConstraint(
                condition=models.Q(temperatures__contained_by=list(TEMPERATURES)), name="delivery_vehicle_temperatures"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    capacity_g__gt=0, capacity_ml__gt=0, capacity_parcels__gt=0, range_m__gt=0, speed_kmh__gt=0
                ),
                name="delivery_vehicle_limits",
            ),
            models.CheckConstraint(condition=models.Q(latitude_e6__range=LATITUDES), name="delivery_vehicle_latitude"),
            models.CheckConstraint(
                condition=models.Q(longitude_e6__range=LONGITUDES), name="delivery_vehicle_longitude"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude_e6=None, longitude_e6=None, position_at=None)
                | models.Q(latitude_e6__isnull=False, longitude_e6__isnull=False, position_at__isnull=False),
                name="delivery_vehicle_position_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["carrier", "state"], name="delivery_vehicle_free", condition=models.Q(removed_at=None)
            ),
        ]
