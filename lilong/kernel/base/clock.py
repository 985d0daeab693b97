"""The one source of the current moment (UTC, aware), which demo and tests may move."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
_moment: ContextVar[datetime | None] = ContextVar("lilong_moment", default=None)


def now() -> datetime:
    """The current moment, timezone-aware, in UTC."""
    return _moment.get() or datetime.now(UTC)


def today(zone: ZoneInfo = CITY_ZONE) -> date:
    """The calendar date of `now` where `zone` applies (the city's own by default)."""
    return now().astimezone(zone).date()


def is_travelling() -> bool:
    return _moment.get() is not None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, `now` answers `moment`. A naive moment is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)
