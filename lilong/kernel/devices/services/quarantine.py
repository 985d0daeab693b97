"""Messages that an inbox cannot take in, put aside."""

from datetime import datetime, timedelta
from uuid import UUID

from lilong.kernel.base import clock, ids
from lilong.kernel.devices.models import QuarantinedMessage

KEPT = timedelta(days=90)
ERROR_MAX = 4_000


def put_aside(
    inbox: str, *, subject: str, device: UUID | None, payload: bytes, at: datetime, place: int, tries: int, error: str
) -> UUID:
    """Keeps the message with what went wrong; `place` is its number in the stream. The same message is kept once."""
    row = QuarantinedMessage(
        id=ids.named("devices", "quarantine", inbox, place, at.isoformat()),
        inbox=inbox,
        subject=subject[:255],
        device=device,
        payload=payload,
        at=at,
        tries=tries,
        error=error.replace("\x00", "")[-ERROR_MAX:],
        quarantined_at=clock.now(),
    )
    QuarantinedMessage.objects.bulk_create([row], ignore_conflicts=True)
    return row.id


def tidy() -> int:
    return QuarantinedMessage.objects.filter(quarantined_at__lt=clock.now() - KEPT).delete()[0]
