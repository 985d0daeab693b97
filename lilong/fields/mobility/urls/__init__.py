"""Mobility's addresses, under `/mobility/`."""

from django.urls import include, path

app_name = "mobility"

urlpatterns = [
    path("gbfs/3.0/", include("lilong.fields.mobility.urls.gbfs")),
    path("mds/", include("lilong.fields.mobility.urls.mds")),
]
