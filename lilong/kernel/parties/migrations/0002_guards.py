"""What the ORM cannot say: the access log is append-only, rate windows are not written to the write-ahead log."""

from django.db import migrations

from lilong.kernel.base.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [
        append_only("parties_accessentry"),
        migrations.RunSQL(
            "ALTER TABLE parties_ratewindow SET UNLOGGED", "ALTER TABLE parties_ratewindow SET LOGGED"
        ),
    ]
