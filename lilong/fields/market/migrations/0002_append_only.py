"""Papers, recalls and invoices stand as they were written."""

from django.db import migrations

from lilong.kernel.base.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("market", "0001_initial")]
    operations = [
        append_only("market_stockpaper"),
        append_only("market_invoice"),
        append_only("market_recall"),
        append_only("market_recallreach"),
    ]
