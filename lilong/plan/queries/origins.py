"""The events that refunds and cancellations take back."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from lilong.plan.rules.contributions import Origin

_ORIGINS = """
SELECT e.subject, l.seq, e.occurred_at, e.type, e.data::text
FROM events_event e JOIN events_leaf l ON l.event_pk = e.pk
WHERE e.subject = ANY(%s) AND e.type = ANY(%s) ORDER BY l.seq
"""


def origins_of(subjects: Collection[UUID], types: Sequence[str]) -> dict[UUID, list[Origin]]:
    """The events of those types about those subjects, in the log's order."""
    found: dict[UUID, list[Origin]] = {}
    if subjects and types:
        with connection.cursor() as cursor:
            cursor.execute(_ORIGINS, [list(subjects), list(types)])
            for subject, seq, at, type, data in cursor.fetchall():
                found.setdefault(subject, []).append(Origin(seq, at, type, msgspec.json.decode(data)))
    return found
