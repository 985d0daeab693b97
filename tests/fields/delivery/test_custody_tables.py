"""Custody as the database itself keeps it, whoever writes."""

from django.db import connection


def test_the_chain_is_held_by_the_database(db: None):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid IN ('delivery_handover'::regclass, 'delivery_parcel'::regclass)"
            " AND contype = 'f' AND array_length(conkey, 1) = 4 ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == [
            "delivery_hand_over_from_holder",
            "delivery_parcel_with_its_holder",
        ]
