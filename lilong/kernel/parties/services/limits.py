"""Rate limits that hold over every web process: one row a name and key in an unlogged table, one statement a request."""

import hashlib
import math

from django.db import connection

from lilong.kernel.base import clock
from lilong.kernel.base.problems import invalid
from lilong.kernel.parties import refusals

# A window slides: what the window before it took counts by the part of it that is still inside the last `seconds`.
_UPSERT = """
INSERT INTO parties_ratewindow AS kept (name, key, started_at, count, before, ends_at)
VALUES (%(name)s, %(key)s, to_timestamp(%(start)s), 1, 0, to_timestamp(%(start)s + 2 * %(seconds)s))
ON CONFLICT (name, key) DO UPDATE SET
  before = CASE WHEN kept.started_at >= excluded.started_at THEN kept.before
                WHEN kept.started_at = to_timestamp(%(start)s - %(seconds)s) THEN kept.count
                ELSE 0 END,
  count = CASE WHEN kept.started_at >= excluded.started_at THEN least(kept.count, %(limit)s) + 1 ELSE 1 END,
  started_at = greatest(kept.started_at, excluded.started_at),
  ends_at = greatest(kept.ends_at, excluded.ends_at)
RETURNING count, before
"""


def count_against(name: str, key: str, limit: int, seconds: int) -> None:
    """Counts one use by `key` and raises TooMany when it is over `limit` in the last `seconds` (sliding, to within the
    evenness of the window before). Call it outside transactions: one that is undone forgets its count.

    Refused uses count too, but no further than one above the limit: a client that keeps knocking is let in again when
    it has kept to the limit for a window.
    """
    if limit < 1 or seconds < 1:
        raise invalid("/limit", "minimum", "1")
    moment = clock.now().timestamp()
    start = int(moment // seconds) * seconds
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, {"name": name, "key": digest, "start": start, "seconds": seconds, "limit": limit})
        count, before = cursor.fetchone()
    elapsed, before = moment - start, min(before, limit)
    if count + before * (1 - elapsed / seconds) > limit:
        raise refusals.too_often(_retry_after(count, before, limit, seconds, elapsed))


def _retry_after(count: int, before: int, limit: int, seconds: int, elapsed: float) -> int:
    """Whole seconds until one more use fits, if none is made meanwhile."""
    if count < limit and before:  # the window before is sliding out: until its part leaves room
        return max(1, math.ceil(seconds * (1 - (limit - count - 1) / before) - elapsed))
    return max(1, math.ceil(seconds - elapsed))


def forget_past_windows(limit: int = 10_000) -> int:
    """Removes up to `limit` rows that mean nothing any more, and says how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM parties_ratewindow WHERE (name, key) IN "
            "(SELECT name, key FROM parties_ratewindow WHERE ends_at < %s LIMIT %s FOR UPDATE SKIP LOCKED)",
            [clock.now(), limit],
        )
        return int(cursor.rowcount)
