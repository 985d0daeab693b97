"""Letters to devices, and the messages of devices that could not be taken in."""

from django.db import models
from django.db.models import Q


class DeviceLetter(models.Model):
    """What a device is told. Written with the change it belongs to, published after the commit; void after `expires_at`."""

    id = models.UUIDField(primary_key=True)
    subject = models.CharField(max_length=255)
    payload = models.BinaryField()
    retain = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                name="devices_letter_waiting",
                condition=Q(sent_at=None, dropped_at=None),
            ),
            models.Index(fields=["sent_at"], name="devices_letter_sent", condition=Q(sent_at__isnull=False)),
            models.Index(fields=["dropped_at"], name="devices_letter_dropped", condition=Q(dropped_at__isnull=False)),
        ]


class QuarantinedMessage(models.Model):
    """A message that its inbox failed on again and again: put aside with the error, so that the rest goes on."""

    id = models.UUIDField(primary_key=True)
    inbox = models.CharField(max_length=60)
    subject = models.CharField(max_length=255)
    device = models.UUIDField(null=True)
    payload = models.BinaryField()
    at = models.DateTimeField()
    tries = models.IntegerField()
    error = models.TextField()
    quarantined_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["quarantined_at"], name="devices_quarantined_at")]
