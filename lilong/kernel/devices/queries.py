"""Figures about letters and quarantined messages."""

from typing import NamedTuple

from django.db.models import Min

from lilong.kernel.base import clock
from lilong.kernel.devices.models import DeviceLetter, QuarantinedMessage


class Depths(NamedTuple):
    """Letters waiting, how old the oldest is, letters dropped as too late (in the last day), messages put aside."""

    waiting: int
    oldest_seconds: float
    dropped: int
    quarantined: int


def depths() -> Depths:
    waiting = DeviceLetter.objects.filter(sent_at=None, dropped_at=None)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    return Depths(
        waiting.count(),
        max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0,
        DeviceLetter.objects.filter(dropped_at__isnull=False).count(),
        QuarantinedMessage.objects.count(),
    )
