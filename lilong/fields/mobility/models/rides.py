"""Rides from the quote to the end, and what goes with one. Money is fen, positions are millionths of a degree."""

from django.db import models

from lilong.fields.mobility.models.duties import Duty
from lilong.fields.mobility.models.operators import Operator
from lilong.fields.mobility.models.tariffs import Tariff
from lilong.fields.mobility.models.vehicles import Vehicle
from lilong.fields.mobility.rules.rides.states import CLOSED, OPEN, STATES, WITH_CAR

OFFER_STATES = ("open", "accepted", "declined", "lapsed", "withdrawn")
SIDES = ("rider", "driver")


class RideQuote(models.Model):
    """A price for a way, which holds until `expires_at` and is used once. `tariff` is the version it was made by.

    `path` (the way) and `stops` are [longitude_e6, latitude_e6, ...]. With `changes` it is the price of another destination for a ride
    that has begun or been asked for.
    """

    id = models.UUIDField(primary_key=True)
    rider = models.UUIDField()
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="quotes")
    plan = models.UUIDField()
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="+")
    people = models.SmallIntegerField()
    wheelchair = models.BooleanField(default=False)
    from_latitude_e6 = models.IntegerField()
    from_longitude_e6 = models.IntegerField()
    to_latitude_e6 = models.IntegerField()
    to_longitude_e6 = models.IntegerField()
    district = models.CharField(max_length=20)
    metres = models.IntegerField()
    seconds = models.IntegerField()
    stops = models.JSONField(default=list)
    path = models.JSONField()
    lines = models.JSONField()
    total = models.BigIntegerField()
    changes = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(people__gte=1, metres__gte=0, seconds__gte=0, total__gte=0),
                name="mobility_quote_positive",
            )
        ]
        indexes = [
            models.Index(fields=["rider", "made_at"], name="mobility_quotes_of_rider"),
            models.Index(fields=["made_at"], name="mobility_quotes_by_time"),
        ]


class Ride(models.Model):
    """A ride. Its quote says where to; `state` and the steps are those of `rules/rides/states.py`.

    `version` counts the steps: what was said to a car under an older one no longer holds. `hold` is the pending move that
    holds `held` of the rider's money. `turn` numbers its start codes, `tries` the wrong ones of this turn. The meter is
    `metres` (of them `bridged_m` over gaps) with its last point. `by` is whose doing the end was.
    """

    id = models.UUIDField(primary_key=True)
    rider = models.UUIDField()
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="rides")
    plan = models.UUIDField()
    quote = models.OneToOneField(RideQuote, models.PROTECT, related_name="ride")
    state = models.CharField(max_length=10, default="requested")
    version = models.IntegerField(default=1)
    duty = models.ForeignKey(Duty, models.PROTECT, null=True, related_name="rides")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="rides")
    driver = models.UUIDField(null=True)
    hold = models.UUIDField()
    held = models.BigIntegerField()
    holds = models.SmallIntegerField(default=1)
    turn = models.SmallIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    reassigned = models.SmallIntegerField(default=0)
    pickup_seconds = models.IntegerField(null=True)  # as foreseen when the car was given
    pickup_metres = models.IntegerField(null=True)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    metres = models.IntegerField(default=0)
    bridged_m = models.IntegerField(default=0)
    last_latitude_e6 = models.IntegerField(null=True)
    last_longitude_e6 = models.IntegerField(null=True)
    last_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=10, blank=True)  # arrived, early, breakdown
    by = models.CharField(max_length=10, blank=True)  # rider, car, house, no-show
    reason = models.CharField(max_length=40, blank=True)
    total = models.BigIntegerField(null=True)
    refunded = models.BooleanField(default=False)
    tip = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="mobility_ride_state"),
            models.CheckConstraint(
                condition=models.Q(version__gte=1, held__gte=0, metres__gte=0, tip__gte=0),
                name="mobility_ride_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=WITH_CAR) | models.Q(duty__isnull=False, vehicle__isnull=False),
                name="mobility_ride_has_car",
            ),
            models.CheckConstraint(
                condition=models.Q(total__isnull=False, ended_at__isnull=False) | ~models.Q(state__in=sorted(CLOSED)),
                name="mobility_ride_settled",
            ),
            models.UniqueConstraint(
                fields=["rider"], condition=models.Q(state__in=OPEN), name="mobility_rider_one_ride"
            ),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(state__in=WITH_CAR), name="mobility_vehicle_one_ride"
            ),
            models.UniqueConstraint(
                fields=["driver"], condition=models.Q(state__in=WITH_CAR), name="mobility_driver_one_ride"
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], name="mobility_rides_open", condition=models.Q(state__in=OPEN)),
            models.Index(fields=["rider", "requested_at"], name="mobility_rides_of_rider"),
            models.Index(fields=["operator", "requested_at"], name="mobility_rides_of_operator"),
            models.Index(fields=["driver", "requested_at"], name="mobility_rides_of_driver"),
        ]


class RideOffer(models.Model):
    """A ride offered to a car, which answers before `expires_at` or loses it. `version` is the ride's at the offer."""

    id = models.UUIDField(primary_key=True)
    ride = models.ForeignKey(Ride, models.PROTECT, related_name="offers")
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="offers")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="open")
    version = models.IntegerField()
    seconds = models.IntegerField()
    metres = models.IntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OFFER_STATES), name="mobility_offer_state"),
            models.UniqueConstraint(fields=["ride"], condition=models.Q(state="open"), name="mobility_ride_one_offer"),
            models.UniqueConstraint(fields=["duty"], condition=models.Q(state="open"), name="mobility_duty_one_offer"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="mobility_offers_open", condition=models.Q(state="open")),
        ]


class RideRound(models.Model):
    """The last round of matching, in one row: whoever matches next looks here first. `took_ms` is its own time."""

    id = models.SmallIntegerField(primary_key=True)
    at = models.DateTimeField()
    riders = models.IntegerField()
    cars = models.IntegerField()
    pairs = models.IntegerField()
    took_ms = models.IntegerField()


class RideRating(models.Model):
    """What rider and driver say of each other, once each. The words are personal and never leave this table."""

    id = models.UUIDField(primary_key=True)
    ride = models.ForeignKey(Ride, models.PROTECT, related_name="ratings")
    by = models.CharField(max_length=6)
    stars = models.SmallIntegerField()
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(by__in=SIDES), name="mobility_rating_by"),
            models.CheckConstraint(condition=models.Q(stars__gte=1, stars__lte=5), name="mobility_rating_stars"),
            models.UniqueConstraint(fields=["ride", "by"], name="mobility_rating_once"),
        ]


class RideShare(models.Model):
    """A link by which somebody without an account watches a ride until it ends. Only the link's digest is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    ride = models.ForeignKey(Ride, models.PROTECT, related_name="shares")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class RideAlarm(models.Model):
    """Somebody in the car pressed the emergency button. `place` is where the car was."""

    id = models.UUIDField(primary_key=True)
    ride = models.ForeignKey(Ride, models.PROTECT, related_name="alarms")
    party = models.UUIDField()
    by = models.CharField(max_length=6)
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    raised_at = models.DateTimeField()
    taken_by = models.UUIDField(null=True)
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(by__in=SIDES), name="mobility_alarm_by")]
        indexes = [
            models.Index(fields=["raised_at"], name="mobility_alarms_open", condition=models.Q(closed_at__isnull=True))
        ]


class LostItem(models.Model):
    """Something left in a car, and what the operator found of it."""

    id = models.UUIDField(primary_key=True)
    ride = models.ForeignKey(Ride, models.PROTECT, related_name="lost")
    what = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default="reported")  # reported, found, not-found, returned
    answer = models.CharField(max_length=500, blank=True)
    reported_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("reported", "found", "not-found", "returned")), name="mobility_lost_state"
            )
        ]
