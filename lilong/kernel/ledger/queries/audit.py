"""Whether the books are right."""

from typing import NamedTuple

from django.db import connection


class Trial(NamedTuple):
    """One asset over all accounts. In a sound ledger debits == credits and held == incoming."""

    code: str
    debits: int
    credits: int
    held: int
    incoming: int


class Difference(NamedTuple):
    """An account whose stored balance is not the sum of its moves."""

    account: int
    stored: tuple[int, int, int]  # posted, held, incoming
    summed: tuple[int, int, int]


def trial_balance() -> list[Trial]:
    """Every asset's sums over all accounts, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL)
        return [Trial(code, *map(int, sums)) for code, *sums in cursor.fetchall()]


def differences() -> list[Difference]:
    """Accounts whose stored balance is not the sum of their moves, recomputed from all of them. Sound: none."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        rows = [(account, tuple(map(int, sums))) for account, *sums in cursor.fetchall()]
    return [Difference(account, (s[0], s[1], s[2]), (s[3], s[4], s[5])) for account, s in rows]


_TRIAL = """
SELECT code, coalesce(-sum(posted) FILTER (WHERE posted < 0), 0), coalesce(sum(posted) FILTER (WHERE posted > 0), 0),
       coalesce(sum(held), 0), coalesce(sum(incoming), 0)
FROM ledger_asset asset LEFT JOIN ledger_account account ON account.asset = asset.id
GROUP BY code ORDER BY code
"""

_DIFFERENCES = """
WITH effect AS (
  SELECT m.source, m.target, CASE WHEN m.kind = 1 THEN 0 ELSE m.amount END AS posted,
         CASE m.kind WHEN 0 THEN 0 WHEN 5 THEN 0 WHEN 1 THEN m.amount ELSE -pending.amount END AS held
  FROM ledger_move m LEFT JOIN ledger_move pending ON pending.id = m.of
), summed AS (
  SELECT account, sum(posted) AS posted, sum(held) AS held, sum(incoming) AS incoming FROM (
    SELECT source AS account, -posted AS posted, held, 0 AS incoming FROM effect
    UNION ALL SELECT target, posted, 0, held FROM effect
  ) sides GROUP BY account
)
SELECT coalesce(a.id, s.account), coalesce(a.posted, 0), coalesce(a.held, 0), coalesce(a.incoming, 0),
       coalesce(s.posted, 0), coalesce(s.held, 0), coalesce(s.incoming, 0)
FROM ledger_account a FULL JOIN summed s ON s.account = a.id
WHERE (coalesce(a.posted, 0), coalesce(a.held, 0), coalesce(a.incoming, 0))
   <> (coalesce(s.posted, 0), coalesce(s.held, 0), coalesce(s.incoming, 0))
ORDER BY 1
"""
