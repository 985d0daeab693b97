"""Tables of the calendar. That no lane is booked twice is the database's own constraint (see the first migration)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

UNITS_BITS, SECONDS_BITS = 30, 33  # together the 63 bits of a non-negative bigint
ACTIVE = ("held", "booked")
STATES = (*ACTIVE, "released", "expired")


class Resource(models.Model):
    """Something that is somebody's for a while. `capacity` lanes of it can be booked side by side."""

    id = models.UUIDField(primary_key=True)
    owner = models.UUIDField(_("owner"), db_index=True)
    kind = models.TextField(_("kind"))
    name = models.JSONField(_("name"))
    zone = models.TextField(_("time zone"))
    capacity = models.IntegerField(_("capacity"))
    step_seconds = models.IntegerField(_("step"))
    buffer_seconds = models.IntegerField(_("turnaround"))
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            models.CheckConstraint(condition=Q(capacity__gte=1), name="calendar_capacity_positive"),
            models.CheckConstraint(
                condition=Q(step_seconds__gte=0, buffer_seconds__gte=0), name="calendar_seconds_positive"
            ),
        ]
        indexes = [models.Index(fields=["kind", "id"], name="calendar_of_kind", condition=Q(active=True))]

    def __str__(self) -> str:
        return str(self.pk)


class Unit(models.Model):
    """One lane of a resource, under a small number of its own: ranges of (unit, second) are ranges of one bigint."""

    id = models.AutoField(primary_key=True)
    resource = models.ForeignKey(Resource, models.PROTECT, db_index=False, related_name="units")
    number = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="calendar_lane_once"),
            models.CheckConstraint(condition=Q(id__lt=2**UNITS_BITS), name="calendar_unit_within_bits"),
        ]


class Opening(models.Model):
    """Weekly hours by the wall clock; minutes of the day, `end` above 1440 is the next day's."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="openings")
    weekdays = ArrayField(models.SmallIntegerField())
    start = models.SmallIntegerField()
    end = models.SmallIntegerField()
    slot_seconds = models.IntegerField()
    capacity = models.IntegerField(null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start__gte=0, start__lt=1440, end__gt=F("start"), end__lt=F("start") + 1441),
                name="calendar_opening_sound",
            ),
        ]


class DayException(models.Model):
    """The hours of one date in place of the weekly ones; none: closed. Each is [start, end, slot_seconds, capacity]."""

    pk = models.CompositePrimaryKey("resource_id", "day")
    resource = models.ForeignKey(Resource, models.CASCADE, db_index=False, related_name="exceptions")
    day = models.DateField()
    hours = models.JSONField()

    class Meta:
        db_table = "calendar_exception"


class Booking(models.Model):
    """One lane taken by a booking, which has `units` rows (n = 0, 1, ...). Seconds since 1970, half-open.

    `busy_until` is `end` and the turnaround after it; `body` tells the same request from another under its id.
    """

    pk = models.CompositePrimaryKey("booking", "n")
    booking = models.UUIDField()
    n = models.SmallIntegerField()
    resource = models.ForeignKey(Resource, models.PROTECT, db_index=False, related_name="bookings")
    unit = models.ForeignKey(Unit, models.PROTECT, db_column="unit", db_index=False, related_name="+")
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    busy_until = models.BigIntegerField()
    units = models.SmallIntegerField()
    state = models.TextField()
    party = models.UUIDField()
    ref = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="calendar_state_known"),
            models.CheckConstraint(
                condition=Q(start__gte=0, end__gt=F("start"), busy_until__gte=F("end"), busy_until__lt=2**SECONDS_BITS),
                name="calendar_seconds_within_bits",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_until__isnull=False), name="calendar_holds_expire"
            ),
        ]
        indexes = [
            models.Index(
                fields=["resource", "busy_until", "start"],
                name="calendar_of_resource",
                condition=Q(state__in=["held", "booked"]),
            ),
            models.Index(fields=["party", "start"], name="calendar_of_party"),
            models.Index(fields=["ref"], name="calendar_of_ref", condition=Q(ref__isnull=False)),
            models.Index(fields=["held_until"], name="calendar_holds", condition=Q(state="held")),
        ]
