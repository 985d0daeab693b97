"""Vehicles that are somebody's for a while: cars by the hour, bikes by the minute."""

from django.db import models

from lilong.fields.mobility.models.operators import Operator, VehicleType
from lilong.fields.mobility.models.tariffs import Tariff
from lilong.fields.mobility.models.vehicles import Station, Vehicle

RENTAL_STATES = ("booked", "unlocking", "started", "ended", "cancelled", "no-show", "moved", "let-down")
RUNNING = ("booked", "unlocking", "started")
REPORT_PHASES = ("start", "end")


class Rental(models.Model):
    """A booking and the trip it becomes. Money in minor units of its tariff's currency.

    A shared car is booked from `start` to before `end` (its calendar booking has the rental's id); a bike has `start`
    alone. `held` is what is held of the rider's money: the price foreseen (`quoted`), extensions, and `deposit`. `owed` is
    what the rider could not pay at the end. `asked_at` is when opening was asked for, `started_at` when the vehicle was open.
    `moved` is one that another vehicle took the place of, `let-down` is a booking that the operator could not keep; `replaces` is the rental whose place this one takes, at the
    price that was booked there (`tariff`).
    """

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="rentals")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="rentals")
    type = models.ForeignKey(VehicleType, models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20)
    rider = models.UUIDField(db_index=True)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    quoted = models.BigIntegerField()
    deposit = models.BigIntegerField()
    held = models.BigIntegerField()
    owed = models.BigIntegerField(default=0)
    foreseen_m = models.IntegerField(default=0)
    booked_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    start_latitude_e6 = models.IntegerField(null=True)
    start_longitude_e6 = models.IntegerField(null=True)
    end_latitude_e6 = models.IntegerField(null=True)
    end_longitude_e6 = models.IntegerField(null=True)
    start_station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+")
    end_station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+")
    start_odometer_m = models.BigIntegerField(null=True)
    end_odometer_m = models.BigIntegerField(null=True)
    metres = models.IntegerField(default=0)
    total = models.BigIntegerField(null=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=RENTAL_STATES), name="mobility_rental_state"),
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gt=models.F("start")), name="mobility_rental_time"
            ),
            models.CheckConstraint(
                condition=models.Q(quoted__gte=0, deposit__gte=0, held__gte=0, owed__gte=0, metres__gte=0),
                name="mobility_rental_positive",
            ),
            models.UniqueConstraint(
                fields=["vehicle"],
                condition=models.Q(state__in=("unlocking", "started")),
                name="mobility_vehicle_one_rider",
            ),
            models.UniqueConstraint(
                fields=["rider"],
                condition=models.Q(state__in=("unlocking", "started")),
                name="mobility_rider_one_vehicle",
            ),
        ]
        indexes = [
            models.Index(fields=["vehicle", "start"], name="mobility_rentals_of_vehicle"),
            models.Index(
                fields=["state", "start"],
                name="mobility_rentals_running",
                condition=models.Q(state__in=("booked", "unlocking", "started")),
            ),
            models.Index(fields=["operator", "booked_at"], name="mobility_rentals_of_operator"),
            models.Index(fields=["rider"], name="mobility_rentals_owed", condition=models.Q(owed__gt=0)),
        ]


class RentalChange(models.Model):
    """An extension or early end that was agreed: `id` is the caller's. The database refuses changes."""

    id = models.UUIDField(primary_key=True)
    rental = models.ForeignKey(Rental, models.PROTECT, related_name="changes")
    end_before = models.DateTimeField()
    end_after = models.DateTimeField()
    held = models.BigIntegerField()
    at = models.DateTimeField()


class DamageReport(models.Model):
    """What a rider found at the start or left at the end. The database refuses changes; what came of it is the
    operator's maintenance."""

    id = models.UUIDField(primary_key=True)
    rental = models.ForeignKey(Rental, models.PROTECT, related_name="reports")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="reports")
    phase = models.CharField(max_length=5)
    note = models.CharField(max_length=1000, blank=True)
    damaged = models.BooleanField()
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(phase__in=REPORT_PHASES), name="mobility_report_phase")
        ]


class DamagePhoto(models.Model):
    """A photograph of a report: JPEG, PNG or WebP as it came, without the place it was taken at."""

    id = models.UUIDField(primary_key=True)
    report = models.ForeignKey(DamageReport, models.PROTECT, related_name="photos")
    media_type = models.CharField(max_length=20)
    content = models.BinaryField()
    sha256 = models.BinaryField()


class Maintenance(models.Model):
    """A time in which a vehicle is not for riders. For a shared car it stands in its calendar under the same id."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="maintenance")
    kind = models.CharField(max_length=12)  # cleaning, repair, inspection, charging
    note = models.CharField(max_length=500, blank=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    report = models.ForeignKey(DamageReport, models.PROTECT, null=True, related_name="maintenance")
    planned_by = models.UUIDField()
    planned_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="mobility_maintenance_time")
        ]
        indexes = [models.Index(fields=["vehicle", "start"], name="mobility_maintenance_of")]


class Charging(models.Model):
    """A vehicle at a charger: from how much to how much, in thousandths."""

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="chargings")
    station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="chargings")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    began_pm = models.SmallIntegerField(null=True)
    ended_pm = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(ended_at__isnull=True), name="mobility_one_charger"
            )
        ]


class TripRule(models.Model):
    """What the geofences say where a trip is right now: how fast (None: as it likes), and whether it may pass there."""

    trip = models.UUIDField(primary_key=True)
    zone = models.UUIDField(null=True)
    speed_kph = models.SmallIntegerField(null=True)
    through = models.BooleanField(default=True)
    at = models.DateTimeField()
