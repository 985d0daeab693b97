"""One at a time: who asks for the same thing at the same moment waits for the other, and then sees what came of it."""

from django.db import connection


def wait_for(*names: object) -> None:
    """Holds everybody else who names the same until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["mobility " + " ".join(map(str, names))]
        )
