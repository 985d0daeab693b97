"""What a crowd does to the calendar. Run as a program (see `crowd.be`)."""

from typing import Any
from uuid import UUID

from tests.races import crowd


def book(n: int, *, room: str, start: str, end: str, id: str = "", party: str = "") -> str:
    """Everybody for themselves, or all with one id."""
    from datetime import datetime

    from lilong.kernel.base import ids
    from lilong.kernel.calendar import services
    from lilong.kernel.parties.actor import Actor

    who = UUID(party) if party else ids.uuid7()
    made = services.book(
        Actor(party=who, kind="person"),
        id=UUID(id) if id else ids.uuid7(),
        resource=UUID(room),
        start=datetime.fromisoformat(start),
        end=datetime.fromisoformat(end),
        party=who,
    )
    return str(made.id)


def batch(n: int, *, rooms: list[str], start: str, seconds: int) -> dict[str, list[list[Any]]]:
    """A batch over all rooms, each caller's in another order, with intervals that overlap in every way."""
    import random
    from datetime import datetime, timedelta

    from lilong.kernel.base import ids
    from lilong.kernel.calendar.services import BookingDraft, book_many

    source, begin = random.Random(n), datetime.fromisoformat(start)
    drafts = []
    for room in source.sample(rooms, len(rooms)):
        at = begin + timedelta(seconds=source.randrange(seconds))
        until = at + timedelta(seconds=source.randrange(1, seconds))
        drafts.append(
            BookingDraft(
                id=ids.uuid7(),
                resource=UUID(room),
                start=at,
                end=until,
                party=ids.uuid7(),
                units=source.choice((1, 1, 2)),
            )
        )
    return {"statuses": [[str(outcome.id), outcome.status] for outcome in book_many(drafts)]}


def past_the_services(n: int, *, unit: int, room: str, start: int, end: int) -> str:
    """Writes the row itself, without any lock: only the database stands in between."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO calendar_booking (booking, n, resource_id, unit, start, "end", busy_until, units, state, party,'
            " created_at, body) VALUES (gen_random_uuid(), 0, %s, %s, %s, %s, %s, 1, 'booked', gen_random_uuid(), now(), '')",
            [room, unit, start + n % 5, end + n % 7, end + n % 7],
        )
    return "created"


def confirm_or_expire(n: int, *, id: str, at: str) -> str:
    """Half the crowd books the held time at the very moment at which the other half ends it."""
    from datetime import datetime, timedelta

    from lilong.kernel.base import clock
    from lilong.kernel.calendar import services
    from lilong.kernel.parties.actor import SYSTEM

    runs_out = datetime.fromisoformat(at)
    if n % 2:
        with clock.at(runs_out + timedelta(seconds=1)):
            return f"expired {services.expire_due()}"
    with clock.at(runs_out - timedelta(seconds=1)):
        return services.book(SYSTEM, id=UUID(id)).state


if __name__ == "__main__":
    crowd.be(book, batch, past_the_services, confirm_or_expire)
