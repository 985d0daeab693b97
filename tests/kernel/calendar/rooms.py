"""Resources made through the services: what calendar tests start from."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import services
from lilong.kernel.calendar.drafts import BookingDraft
from lilong.kernel.parties.actor import SYSTEM, Actor

MONDAY = datetime(2030, 6, 3, tzinfo=UTC)  # Asia/Shanghai: 08:00
HOUR = timedelta(hours=1)


def a_room(**changes: Any) -> UUID:
    """An always open resource of one lane, of nobody in particular."""
    given = {"id": ids.uuid7(), "owner": ids.uuid7(), "kind": "room", "name": Words(en="Room", zh="房间", ko="방")}
    return services.create_resource(SYSTEM, **(given | changes)).id


def a_draft(room: UUID, start: datetime = MONDAY, end: datetime | None = None, **changes: Any) -> BookingDraft:
    given = {"id": ids.uuid7(), "resource": room, "start": start, "end": end or start + HOUR, "party": ids.uuid7()}
    return BookingDraft(**(given | changes))


def wanted(draft: BookingDraft) -> dict[str, Any]:
    """A draft as the arguments of `hold` and `book`."""
    return {name: getattr(draft, name) for name in draft.__struct_fields__}


def resident(party: UUID | None = None) -> Actor:
    return Actor(party=party or ids.uuid7(), kind="person")


def statuses(*drafts: BookingDraft) -> list[str]:
    return [outcome.status for outcome in services.book_many(drafts)]
