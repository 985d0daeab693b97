"""The cold chain: loggers, what they read, and what that says about shipments."""

from django.db import models

from lilong.fields.delivery.models.carriers import Carrier
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.shipments import Parcel, Shipment

VERDICTS = ("", "in-range", "excursion")
OUTCOMES = ("release", "destroy")


class Logger(models.Model):
    """A carrier's temperature logger; `id` is the device's party. `reused`: how often it gave a number to two readings;
    `ahead`: how many readings came from the future and do not count."""

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="loggers")
    name = models.JSONField()
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    battery_percent = models.SmallIntegerField(null=True)
    last_sequence = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_mc = models.IntegerField(null=True)
    reused = models.IntegerField(default=0)
    ahead = models.IntegerField(default=0)


class LoggerPlace(models.Model):
    """Where a logger was: with a shipment's goods, or in a vehicle (then it speaks for what is aboard). One place at a time."""

    id = models.UUIDField(primary_key=True)
    logger = models.ForeignKey(Logger, models.PROTECT, related_name="places")
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, related_name="logger_places")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="logger_places")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shipment=None, vehicle__isnull=False)
                | models.Q(shipment__isnull=False, vehicle=None),
                name="delivery_logger_with_one",
            ),
            models.UniqueConstraint(fields=["logger"], condition=models.Q(end=None), name="delivery_logger_one_place"),
        ]


class Reading(models.Model):
    """What a logger read: its own number, thousandths of a degree Celsius, thousandths of humidity. Never changed. Nothing
    points at or from here, so that it can be partitioned by logger."""

    pk = models.CompositePrimaryKey("logger", "sequence")
    logger = models.UUIDField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    mc = models.IntegerField()
    humidity_permille = models.SmallIntegerField(null=True)
    received_at = models.DateTimeField()
    ahead = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["logger", "at"], name="delivery_reading_when")]


class ColdRecord(models.Model):
    """What the readings say about a shipment from `start` to `end` (none: it goes on). Times in whole seconds.

    `state`: 'open', 'stopped' (an excursion waits for a decision), 'released', 'destroyed', 'closed' (delivered, in range).
    `assessed` counts how often it was computed anew; `restated_at`: a late reading changed the verdict after the end.
    """

    shipment = models.OneToOneField(Shipment, models.PROTECT, primary_key=True, related_name="cold")
    profile = models.CharField(max_length=16)
    state = models.CharField(max_length=9, default="open")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=9, default="", blank=True)
    complete = models.BooleanField(default=False)
    readings = models.IntegerField(default=0)
    min_mc = models.IntegerField(null=True)
    max_mc = models.IntegerField(null=True)
    mean_mc = models.IntegerField(null=True)
    mkt_mc = models.IntegerField(null=True)
    out_seconds = models.IntegerField(default=0)
    longest_out_seconds = models.IntegerField(default=0)
    covered_permille = models.SmallIntegerField(default=0)
    longest_gap_seconds = models.IntegerField(default=0)
    gaps = models.JSONField(default=list)
    assessed = models.IntegerField(default=0)
    assessed_at = models.DateTimeField(null=True)
    restated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "stopped", "released", "destroyed", "closed"]),
                name="delivery_cold_state",
            ),
            models.CheckConstraint(condition=models.Q(verdict__in=VERDICTS), name="delivery_cold_verdict"),
        ]


class ColdExcursion(models.Model):
    """An excursion, once a kind: 'limit', 'duration', 'cumulative', 'mkt'. `late`: found after the goods had been handed over."""

    id = models.UUIDField(primary_key=True)
    record = models.ForeignKey(ColdRecord, models.PROTECT, related_name="excursions")
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    peak_mc = models.IntegerField()
    seconds = models.IntegerField()
    found_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    claim = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "kind"], name="delivery_excursion_kind_once"),
        ]


class ColdDecision(models.Model):
    """What a quality person decided about a stopped shipment, and why. Never changed; a later excursion asks anew."""

    id = models.UUIDField(primary_key=True)
    record = models.ForeignKey(ColdRecord, models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=7)
    reason = models.CharField(max_length=500)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="delivery_cold_outcome"),
        ]


class ColdNotice(models.Model):
    """Whom an excursion concerns: told here, and seen when they have opened it."""

    excursion = models.ForeignKey(ColdExcursion, models.PROTECT, related_name="notices")
    party = models.UUIDField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["excursion", "party"], name="delivery_cold_told_once"),
        ]
        indexes = [models.Index(fields=["party", "at"], name="delivery_cold_told")]


class Gs1Prefix(models.Model):
    """A carrier's GS1 company prefix and the extension digit it numbers parcels under; `used` serial references so far."""

    carrier = models.OneToOneField(Carrier, models.PROTECT, primary_key=True, related_name="gs1")
    prefix = models.CharField(max_length=12, unique=True)
    extension = models.SmallIntegerField(default=0)
    used = models.BigIntegerField(default=0)


class Sscc(models.Model):
    """The Serial Shipping Container Code of a parcel: 18 digits, never given twice."""

    parcel = models.OneToOneField(Parcel, models.PROTECT, primary_key=True, related_name="sscc")
    code = models.CharField(max_length=18, unique=True)
