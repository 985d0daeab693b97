"""Letters to devices: a row in the caller's transaction, published after its commit, at least once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, invalid
from lilong.kernel.devices import rules
from lilong.kernel.devices.models import DeviceLetter

PAYLOAD_MAX = 262_144
KEPT = timedelta(days=1)
_TIDY_AT_ONCE = 5_000


def send(
    subject: str, payload: bytes, *, id: UUID | None = None, retain: bool = False, expires_at: datetime | None = None
) -> UUID:
    """Tells whoever listens on `subject` (a NATS subject: topic `a/b` is `a.b`). Part of the caller's transaction.

    The same id with the same letter is told once, with another a Conflict. `retain` leaves it with the broker for whoever
    subscribes later (an MQTT retained message, QoS 1). After `expires_at` it is no longer sent. Delivered at least once.
    """
    if not rules.sound(subject):
        raise invalid("/subject", "subject")
    if len(payload) > PAYLOAD_MAX:
        raise invalid("/payload", "maximum", f"{PAYLOAD_MAX}")
    letter = id or ids.uuid7()
    made = DeviceLetter(
        id=letter, subject=subject, payload=payload, retain=retain, expires_at=expires_at, created_at=clock.now()
    )
    if id is None:
        made.save(force_insert=True)
    else:
        _save_once(made)
    return letter


@transaction.atomic
def carry(publish: Callable[[Sequence[DeviceLetter]], None], limit: int) -> int:
    """Hands the oldest letters that nobody else is carrying to `publish`, and notes them as sent when it returns.

    Killed in between, they are published again. Answers how many letters it is done with, sent or dropped as too late.
    """
    now = clock.now()
    waiting = DeviceLetter.objects.filter(sent_at=None, dropped_at=None).order_by("created_at", "id")
    taken = list(waiting.select_for_update(skip_locked=True)[:limit])
    late = [letter.id for letter in taken if letter.expires_at and letter.expires_at <= now]
    good = [letter for letter in taken if letter.id not in set(late)]
    if good:
        publish(good)
        DeviceLetter.objects.filter(id__in=[letter.id for letter in good]).update(sent_at=now)
    if late:
        DeviceLetter.objects.filter(id__in=late).update(dropped_at=now)
    return len(taken)


def tidy() -> int:
    """Forgets letters a day after they were sent or dropped; an id is known, and so sent once, as long."""
    before = clock.now() - KEPT
    gone = 0
    for which in ({"sent_at__lt": before}, {"dropped_at__lt": before}):
        old = DeviceLetter.objects.filter(**which).values("id")[:_TIDY_AT_ONCE]
        gone += DeviceLetter.objects.filter(id__in=list(old.values_list("id", flat=True))).delete()[0]
    return gone


def _save_once(made: DeviceLetter) -> None:
    DeviceLetter.objects.bulk_create([made], ignore_conflicts=True)
    there = DeviceLetter.objects.get(id=made.id)
    same = (there.subject, bytes(there.payload), there.retain, there.expires_at)
    if same != (made.subject, bytes(made.payload), made.retain, made.expires_at):
        raise Conflict("id-taken")
