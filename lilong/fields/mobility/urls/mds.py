"""What regulators read."""

from django.urls import path

from lilong.fields.mobility.pages import mds

urlpatterns = [
    path("vehicles", mds.vehicles, name="mds-vehicles"),
    path("vehicles/status", mds.statuses, name="mds-statuses"),
    path("vehicles/status/<uuid:device>", mds.status, name="mds-status"),
    path("vehicles/<uuid:device>", mds.vehicle, name="mds-vehicle"),
    path("trips", mds.trips, name="mds-trips"),
    path("telemetry", mds.telemetry, name="mds-telemetry"),
    path("events/historical", mds.historical, name="mds-historical"),
    path("events/recent", mds.recent, name="mds-recent"),
    path("stops", mds.stops, name="mds-stops"),
    path("stops/<uuid:id>", mds.stop, name="mds-stop"),
]
