"""What the database itself holds: nothing recorded changes, and no event misses the outbox, whoever inserts it."""

import hashlib

from django.db import migrations

from lilong.kernel.base.append_only import append_only

EMPTY = hashlib.sha256(b"").hexdigest()


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        *(append_only(table) for table in ("events_event", "events_leaf", "events_node", "events_head")),
        migrations.RunSQL(
            """
CREATE FUNCTION events_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events_outbox (event_pk) SELECT pk FROM written;
  RETURN NULL;
END $$;
CREATE TRIGGER events_event_outbox AFTER INSERT ON events_event
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION events_to_outbox();
""",
            "DROP TRIGGER events_event_outbox ON events_event; DROP FUNCTION events_to_outbox();",
        ),
        migrations.RunSQL(
            f"INSERT INTO events_tree (id, size, root) VALUES (1, 0, '\\x{EMPTY}')",
            "DELETE FROM events_tree",
        ),
    ]
