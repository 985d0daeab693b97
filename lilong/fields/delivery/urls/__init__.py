"""Delivery's addresses, under `/delivery/`."""

from django.urls import include, path

app_name = "delivery"

urlpatterns = [
    path("epcis/", include("lilong.fields.delivery.urls.epcis")),
]
