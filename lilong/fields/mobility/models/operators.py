"""Who runs vehicles, and what kinds of vehicles there are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

MODES = ("car-share", "micromobility", "passenger-services")  # MDS 2.0 modes
FORM_FACTORS = ("bicycle", "cargo_bicycle", "car", "moped", "scooter_standing", "scooter_seated", "other")  # GBFS 3.0
PROPULSIONS = (
    "human",
    "electric_assist",
    "electric",
    "combustion",
    "combustion_diesel",
    "hybrid",
    "plug_in_hybrid",
    "hydrogen_fuel_cell",
)


class Operator(models.Model):
    """An organisation party that runs vehicles; `id` is the party's. Its name stands with the party.

    `global_rules` are GBFS rules that count everywhere outside its zones (see `Zone.rules`): an operator with a service
    area refuses start and end here, and allows them in a zone. `apology` is the credit (fen) for a booking let down.
    """

    id = models.UUIDField(primary_key=True)
    modes = ArrayField(models.CharField(max_length=20))
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    global_rules = models.JSONField(default=list)
    apology = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(modes__len__gte=1, modes__contained_by=list(MODES)), name="mobility_operator_modes"
            ),
            models.CheckConstraint(condition=models.Q(apology__gte=0), name="mobility_apology_positive"),
        ]


class VehicleType(models.Model):
    """A kind of vehicle of an operator, in the words of GBFS `vehicle_types`.

    `level` orders kinds by comfort (a replacement has at least the level that was booked); `licence_class` is what its
    rider must hold ('' for none); `plan` is the price plan (see `Tariff`); `driverless` tells a robotaxi from a car.
    """

    id = models.UUIDField(primary_key=True)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="types")
    mode = models.CharField(max_length=20)
    name = models.JSONField()
    make = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=60, blank=True)
    form_factor = models.CharField(max_length=20)
    propulsion_type = models.CharField(max_length=20)
    max_range_m = models.IntegerField(null=True)
    seats = models.SmallIntegerField(default=1)
    level = models.SmallIntegerField(default=0)
    wheelchair = models.BooleanField(default=False)
    driverless = models.BooleanField(default=False)
    licence_class = models.CharField(max_length=4, blank=True)
    reserve_seconds = models.IntegerField(default=900)
    return_constraint = models.CharField(max_length=20, default="hybrid")
    plan = models.UUIDField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=MODES), name="mobility_type_mode"),
            models.CheckConstraint(condition=models.Q(form_factor__in=FORM_FACTORS), name="mobility_type_form"),
            models.CheckConstraint(
                condition=models.Q(propulsion_type__in=PROPULSIONS), name="mobility_type_propulsion"
            ),
            models.CheckConstraint(
                condition=models.Q(propulsion_type="human") | models.Q(max_range_m__gt=0), name="mobility_type_range"
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1, seats__lte=60), name="mobility_type_seats"),
        ]
