"""Prices, receipts, reports and what happened to vehicles stand as they were written."""

from django.db import migrations

from lilong.kernel.base.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("mobility", "0001_fleet")]
    operations = [
        append_only("mobility_vehicleevent"),
        append_only("mobility_tariff"),
        append_only("mobility_receipt"),
        append_only("mobility_rentalchange"),
        append_only("mobility_damagereport"),
        append_only("mobility_damagephoto"),
    ]
