"""Driving licences of residents: what must be known to hand over a car, and no more."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

LICENCE_STATES = ("submitted", "verified", "refused", "revoked")


class Licence(models.Model):
    """A person's driving licence. Its number is kept as a keyed digest alone, to find one number with two people."""

    id = models.UUIDField(primary_key=True)
    person = models.UUIDField(db_index=True)
    classes = ArrayField(models.CharField(max_length=4))
    digest = models.BinaryField()
    valid_until = models.DateField()
    state = models.CharField(max_length=10, default="submitted")
    submitted_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=LICENCE_STATES), name="mobility_licence_state"),
            models.UniqueConstraint(
                fields=["digest"], condition=models.Q(state="verified"), name="mobility_licence_one_holder"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="verified"), name="mobility_licence_one_each"
            ),
        ]
