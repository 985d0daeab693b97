"""The public feeds."""

from django.urls import path

from lilong.fields.mobility.pages import gbfs

urlpatterns = [
    path("manifest.json", gbfs.manifest, name="gbfs-manifest"),
    path("<uuid:operator>/<slug:feed>.json", gbfs.feed, name="gbfs-feed"),
]
