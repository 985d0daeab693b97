"""Inserting people and their accounts by two statements, whatever their number and whoever else is at it."""

from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from lilong.kernel.parties.models import Party, User

_PARTIES = """
INSERT INTO parties_party (id, kind, category, name, search, district, language, created_at)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::jsonb[], %s::text[], %s::text[], %s::text[],
                     %s::timestamptz[])
ON CONFLICT (id) DO NOTHING RETURNING id
"""
_USERS = """
INSERT INTO parties_user (party_id, email, password, is_staff, is_superuser, is_active, date_joined)
SELECT party, email, password, staff, false, true, joined
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[]) AS given (party, email, password, staff, joined)
ON CONFLICT (email) DO NOTHING RETURNING party_id, id
"""


def parties(rows: list[Party]) -> set[UUID]:
    """Writes those whose id is free, in id order (so that two batches never wait for each other), and says which."""
    ordered = sorted({row.id: row for row in reversed(rows)}.values(), key=lambda row: row.id)
    if not ordered:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _PARTIES,
            [
                [row.id for row in ordered],
                [str(row.kind) for row in ordered],
                [row.category for row in ordered],
                [Jsonb(row.name) for row in ordered],
                [row.search for row in ordered],
                [row.district for row in ordered],
                [row.language for row in ordered],
                [row.created_at for row in ordered],
            ],
        )
        return {found[0] for found in cursor.fetchall()}


def people(rows: dict[int, tuple[Party, User]]) -> dict[int, int]:
    """Writes those whose id and address are both free: place in the batch -> the account's number.

    Of two members with one id or address the first counts. A person whose address is taken leaves no row.
    """
    first: dict[UUID, int] = {}
    for place in sorted(rows):
        first.setdefault(rows[place][0].id, place)
    fresh = parties([rows[place][0] for place in first.values()])
    wanted: dict[str, User] = {}
    for place in first.values():
        party, user = rows[place]
        if party.id in fresh:
            wanted.setdefault(user.email, user)
    users = [wanted[email] for email in sorted(wanted)]
    if not users:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _USERS,
            [
                [user.party_id for user in users],
                [user.email for user in users],
                [user.password for user in users],
                [user.is_staff for user in users],
                [user.date_joined for user in users],
            ],
        )
        accounts: dict[UUID, int] = dict(cursor.fetchall())
        cursor.execute("DELETE FROM parties_party WHERE id = ANY(%s)", [list(fresh - accounts.keys())])
    return {first[party]: account for party, account in accounts.items()}
