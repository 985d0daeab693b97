"""The access log: who read whose data, what and why, written where the data is read."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from lilong.kernel.base import clock
from lilong.kernel.base.problems import invalid
from lilong.kernel.base.requests import request_id
from lilong.kernel.parties import rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import AccessEntry

WHAT_MAX = 200


class Access(NamedTuple):
    """One reading: whose data, what of it ('orders', 'profile', 'prescription 12'), and why."""

    subject: UUID
    what: str
    why: str


def record_access(reader: Actor, *, subject: UUID, what: str, why: str) -> None:
    """Records that `reader` read `what` of the party `subject`, for the reason `why` (5 to 500 characters).

    Reading one's own data is not recorded. Raises Invalid for a missing reason: no reason, no reading.
    """
    record_accesses(reader, [Access(subject, what, why)])


def record_accesses(reader: Actor, accesses: Sequence[Access]) -> None:
    """Any number by one statement; all or, with a Problem, none."""
    moment, request = clock.now(), reader.request or request_id.get()
    rows = []
    for access in accesses:
        what = " ".join(access.what.split())
        if not 1 <= len(what) <= WHAT_MAX:
            raise invalid("/what", "max-length", str(WHAT_MAX))
        why = rules.why(access.why)
        if access.subject != reader.party:
            rows.append(
                AccessEntry(subject=access.subject, reader=reader.party, what=what, why=why, at=moment, request=request)
            )
    AccessEntry.objects.bulk_create(rows)
