"""Which closed months changed afterwards, and why."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.plan.models import Restatement


class Restated(msgspec.Struct, frozen=True, kw_only=True):
    """One change: `part` 'n' or 'd' of `month` went `before` -> `after` when event number `seq` of the log was read.

    `event` is that event's id, for those who may see it; `at` is when it was recorded.
    """

    month: date
    part: str
    before: int
    after: int
    seq: int
    event: UUID
    at: datetime


def restatements(indicator: str, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of an indicator's restatements, newest first."""
    found = page(
        Restatement.objects.filter(indicator=indicator), by=("-seq", "-part", "-month"), cursor=cursor, size=size
    )
    return Slice(
        items=[
            Restated(month=r.month, part=r.part, before=r.before, after=r.after, seq=r.seq, event=r.event, at=r.at)
            for r in found.items
        ],
        next=found.next,
    )
