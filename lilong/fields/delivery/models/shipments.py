"""What is carried: shipments, their parcels, who had each parcel when, what was tried and what proves it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from lilong.fields.delivery.models.carriers import LATITUDES, LONGITUDES, Carrier, Depot, ServiceLevel
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.lockers import LockerBank
from lilong.fields.delivery.rules.kinds import HOLDERS, OUTCOMES, PROOFS, TEMPERATURES
from lilong.fields.delivery.rules.states import STATES
from lilong.kernel.base.districts import SLUGS

CLIENT_STATES = ("applied", "kept", "refused")


class Shipment(models.Model):
    """Goods on their way from a shipper to a recipient. `id` is the caller's; `order` whose goods they are, of any field.

    From `depot`, else from `from_*`; to `to_*`, which is the locker `bank`'s position if one is wanted. Money in fen: `fee` is
    held from `payer` under the move `ids.child(id, 0)` and taken on delivery; `value` declared, `cover` the most that
    claims can get, `claimed` what they got. `slot` is the booking of the service's capacity. While `stopped` says why
    (an excursion, a recall) nothing of it is handed to anybody but the carrier itself.
    """

    id = models.UUIDField(primary_key=True)
    shipper = models.UUIDField()
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="shipments")
    service = models.ForeignKey(ServiceLevel, models.PROTECT, related_name="+")
    recipient = models.UUIDField()
    payer = models.UUIDField()
    order = models.UUIDField(null=True)
    depot = models.ForeignKey(Depot, models.PROTECT, null=True, related_name="shipments")
    from_latitude_e6 = models.IntegerField()
    from_longitude_e6 = models.IntegerField()
    to_latitude_e6 = models.IntegerField()
    to_longitude_e6 = models.IntegerField()
    bank = models.ForeignKey(LockerBank, models.PROTECT, null=True, related_name="shipments")
    address = models.UUIDField(null=True)
    district = models.CharField(max_length=16)
    earliest = models.DateTimeField()
    latest = models.DateTimeField()
    weight_g = models.IntegerField()
    volume_ml = models.IntegerField()
    temperature = models.CharField(max_length=8)
    skills = ArrayField(models.CharField(max_length=32), default=list)
    instructions = models.CharField(max_length=500, blank=True)
    contactless = models.BooleanField(default=False)
    proofs = ArrayField(models.CharField(max_length=8), default=list)
    fee = models.BigIntegerField()
    value = models.BigIntegerField(default=0)
    cover = models.BigIntegerField(default=0)
    claimed = models.BigIntegerField(default=0)
    slot = models.UUIDField(null=True)
    state = models.CharField(max_length=9)
    state_at = models.DateTimeField()
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="shipments")
    stopped = models.CharField(max_length=32, blank=True)
    late_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="delivery_shipment_state"),
            models.CheckConstraint(
                condition=models.Q(temperature__in=TEMPERATURES), name="delivery_shipment_temperature"
            ),
            models.CheckConstraint(condition=models.Q(district__in=SLUGS), name="delivery_shipment_district"),
            models.CheckConstraint(
                condition=models.Q(latest__gt=models.F("earliest")), name="delivery_shipment_window"
            ),
            models.CheckConstraint(
                condition=models.Q(from_latitude_e6__range=LATITUDES, to_latitude_e6__range=LATITUDES),
                name="delivery_shipment_latitudes",
            ),
            models.CheckConstraint(
                condition=models.Q(from_longitude_e6__range=LONGITUDES, to_longitude_e6__range=LONGITUDES),
                name="delivery_shipment_longitudes",
            ),
            models.CheckConstraint(
                condition=models.Q(fee__gte=0, value__gte=0, claimed__gte=0, claimed__lte=models.F("cover")),
                name="delivery_shipment_money",
            ),
            models.CheckConstraint(condition=models.Q(weight_g__gt=0, volume_ml__gt=0), name="delivery_shipment_size"),
        ]
        indexes = [
            models.Index(fields=["carrier", "state", "latest"], name="delivery_shipment_open"),
            models.Index(fields=["recipient", "requested_at"], name="delivery_shipment_to"),
            models.Index(fields=["shipper", "requested_at"], name="delivery_shipment_of"),
            models.Index(fields=["order"], name="delivery_shipment_order", condition=models.Q(order__isnull=False)),
            models.Index(fields=["vehicle", "state"], name="delivery_shipment_aboard"),
        ]


class Parcel(models.Model):
    """One piece of a shipment. Its current holder is that of its last hand-over (`n`); the database keeps the two equal.

    `tag_digest` is a keyed digest of what its door tag (QR) says.
    """

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="parcels")
    number = models.SmallIntegerField()
    weight_g = models.IntegerField()
    length_mm = models.IntegerField()
    width_mm = models.IntegerField()
    height_mm = models.IntegerField()
    line = models.SmallIntegerField(null=True)
    tag_digest = models.CharField(max_length=64, unique=True)
    n = models.SmallIntegerField()
    holder_kind = models.CharField(max_length=9)
    holder = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "number"], name="delivery_parcel_number_once"),
            models.CheckConstraint(condition=models.Q(holder_kind__in=HOLDERS), name="delivery_parcel_holder"),
            models.CheckConstraint(
                condition=models.Q(weight_g__gt=0, length_mm__gt=0, width_mm__gt=0, height_mm__gt=0),
                name="delivery_parcel_size",
            ),
        ]
        indexes = [models.Index(fields=["holder"], name="delivery_parcel_of_holder")]


class HandOver(models.Model):
    """Custody of a parcel, one row a hand-over, never changed: `n` counts from 0; who gives is who received at `before`
    (a foreign key onto the same table, see the migration). `place` is the depot or locker bank where, `evidence` a proof."""

    pk = models.CompositePrimaryKey("parcel_id", "n")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="hand_overs", db_index=False)
    n = models.SmallIntegerField()
    before = models.SmallIntegerField(null=True)
    from_kind = models.CharField(max_length=9)
    from_holder = models.UUIDField()
    to_kind = models.CharField(max_length=9)
    to_holder = models.UUIDField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    place = models.UUIDField(null=True)
    evidence = models.UUIDField(null=True)
    by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_kind__in=HOLDERS, to_kind__in=HOLDERS), name="delivery_holders"
            ),
            models.CheckConstraint(
                condition=models.Q(n=0, before=None) | models.Q(n__gt=0, before=models.F("n") - 1),
                name="delivery_hand_over_follows",
            ),
            models.UniqueConstraint(fields=["parcel", "n", "to_kind", "to_holder"], name="delivery_hand_over_receiver"),
        ]


class Attempt(models.Model):
    """A try to deliver that failed, and why. Never changed."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="attempts")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=11)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="delivery_attempt_outcome")
        ]


class Proof(models.Model):
    """What shows that a shipment was handed over: a code used, a tag scanned, a photo, a position, a locker's cell. Never
    changed. `digest` is the photo's (SHA-256, hex) or names what was used; `metres` how far from the door it was."""

    id = models.UUIDField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="proofs_given")
    kind = models.CharField(max_length=8)
    digest = models.CharField(max_length=64, blank=True)
    file = models.CharField(max_length=100, blank=True)
    media_type = models.CharField(max_length=16, blank=True)
    size = models.IntegerField(default=0)
    latitude_e6 = models.IntegerField(null=True)
    longitude_e6 = models.IntegerField(null=True)
    metres = models.IntegerField(null=True)
    override_by = models.UUIDField(null=True)
    override_reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=PROOFS), name="delivery_proof_kind"),
            models.CheckConstraint(
                condition=models.Q(override_by=None) | ~models.Q(override_reason=""), name="delivery_override_says_why"
            ),
        ]


class ClientEvent(models.Model):
    """What a courier's phone or a vehicle said happened, by its own id and clock; said again, it changes nothing.

    'applied', or 'kept' because the state did not allow it (with the `problem`'s code), to be looked at.
    """

    id = models.UUIDField(primary_key=True)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="said")
    shipment = models.UUIDField(null=True)
    kind = models.CharField(max_length=12)
    body = models.JSONField()
    client_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    problem = models.CharField(max_length=40, blank=True)
    seen_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CLIENT_STATES), name="delivery_client_state")
        ]
        indexes = [
            models.Index(fields=["vehicle", "received_at"], name="delivery_said_by"),
            models.Index(
                fields=["received_at"], name="delivery_said_kept", condition=models.Q(state="kept", seen_by=None)
            ),
        ]


class Rating(models.Model):
    """What the recipient thinks of it, once."""

    shipment = models.OneToOneField(Shipment, models.PROTECT, primary_key=True, related_name="rating")
    stars = models.SmallIntegerField()
    text = models.CharField(max_length=500, blank=True)
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(stars__range=(1, 5)), name="delivery_rating_stars")]
