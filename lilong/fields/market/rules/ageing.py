"""Stock by the days it has left."""

from typing import NamedTuple


class Bucket(NamedTuple):
    """Lots with `least` to `most` days left, today included (None: no bound)."""

    code: str
    least: int | None
    most: int | None


BUCKETS = (
    Bucket("expired", None, 0),
    Bucket("today", 1, 1),
    Bucket("days-2-3", 2, 3),
    Bucket("days-4-7", 4, 7),
    Bucket("days-8-30", 8, 30),
    Bucket("later", 31, None),
)
SOON_DAYS = 3


def bucket(days_left: int) -> str:
    """The code of the bucket that a lot with so many days left belongs to."""
    return next(each.code for each in BUCKETS if each.most is None or days_left <= each.most)
