"""Lockers: banks of cells, whose parcel is in which cell until when, and the codes that open them."""

from django.db import models

from lilong.fields.delivery.models.carriers import LATITUDES, LONGITUDES, Carrier
from lilong.fields.delivery.rules.kinds import SIZES, TEMPERATURES
from lilong.kernel.base.districts import SLUGS

STAY_STATES = ("reserved", "occupied", "collected", "returned", "expired", "released")
CODE_PURPOSES = ("locker", "door", "compartment")


class LockerBank(models.Model):
    """A bank of cells at a place. `device` is its terminal's party, where it has one."""

    id = models.UUIDField(primary_key=True)
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="banks")
    name = models.JSONField()
    district = models.CharField(max_length=16, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    latitude_e6 = models.IntegerField()
    longitude_e6 = models.IntegerField()
    device = models.UUIDField(null=True, unique=True)
    stay_hours = models.SmallIntegerField(default=24)
    seen_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="delivery_bank_district"),
            models.CheckConstraint(condition=models.Q(latitude_e6__range=LATITUDES), name="delivery_bank_latitude"),
            models.CheckConstraint(condition=models.Q(longitude_e6__range=LONGITUDES), name="delivery_bank_longitude"),
            models.CheckConstraint(condition=models.Q(stay_hours__range=(1, 240)), name="delivery_bank_stay"),
        ]


class LockerCell(models.Model):
    """One cell; `id` is its calendar resource too. Out of order since `out_at` because of `out_reason`."""

    id = models.UUIDField(primary_key=True)
    bank = models.ForeignKey(LockerBank, models.PROTECT, related_name="cells", db_index=False)
    number = models.SmallIntegerField()
    size = models.CharField(max_length=2)
    temperature = models.CharField(max_length=8, default="ambient")
    door = models.CharField(max_length=6, default="closed")
    door_at = models.DateTimeField(null=True)
    out_at = models.DateTimeField(null=True)
    out_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="delivery_cell_number_once"),
            models.CheckConstraint(condition=models.Q(size__in=SIZES), name="delivery_cell_size"),
            models.CheckConstraint(condition=models.Q(temperature__in=TEMPERATURES), name="delivery_cell_temperature"),
            models.CheckConstraint(condition=models.Q(door__in=["open", "closed"]), name="delivery_cell_door"),
        ]


class LockerStay(models.Model):
    """A shipment's time in a cell: reserved until it is put in, then to be collected until `until`. `booking` is the
    calendar's. `opening_at`: the door was told to open, for putting in (while reserved) or for a code. A parcel has one
    open stay, a cell one parcel inside."""

    id = models.UUIDField(primary_key=True)
    cell = models.ForeignKey(LockerCell, models.PROTECT, related_name="stays")
    shipment = models.ForeignKey("delivery.Shipment", models.PROTECT, related_name="stays")
    parcel = models.UUIDField()
    booking = models.UUIDField()
    state = models.CharField(max_length=9)
    reserved_at = models.DateTimeField()
    until = models.DateTimeField()
    put_in_at = models.DateTimeField(null=True)
    opening_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STAY_STATES), name="delivery_stay_state"),
            models.UniqueConstraint(
                fields=["cell"], condition=models.Q(state="occupied"), name="delivery_one_parcel_a_cell"
            ),
            models.UniqueConstraint(
                fields=["parcel"],
                condition=models.Q(state__in=["reserved", "occupied"]),
                name="delivery_one_cell_a_parcel",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"], name="delivery_stay_open", condition=models.Q(state__in=["reserved", "occupied"])
            )
        ]


class PickupCode(models.Model):
    """A code that opens a cell or a vehicle's compartment, or that is told at the door; only its keyed digest is kept.

    `place` is where it is entered: the bank, or the vehicle ('door': the shipment). Works once, until `expires_at`, for
    `tries` wrong attempts at most; `used_by` is the request that used it, which may ask again.
    """

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey("delivery.Shipment", models.PROTECT, related_name="codes")
    purpose = models.CharField(max_length=11)
    place = models.UUIDField()
    digest = models.CharField(max_length=64)
    turn = models.SmallIntegerField()
    tries = models.SmallIntegerField(default=5)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=CODE_PURPOSES), name="delivery_code_purpose"),
            models.CheckConstraint(condition=models.Q(tries__gte=0), name="delivery_code_tries"),
            models.UniqueConstraint(
                fields=["place", "digest"],
                condition=models.Q(used_at=None, ended_at=None),
                name="delivery_code_once_a_place",
            ),
            models.UniqueConstraint(
                fields=["shipment", "purpose"],
                condition=models.Q(used_at=None, ended_at=None),
                name="delivery_one_code_a_purpose",
            ),
        ]
