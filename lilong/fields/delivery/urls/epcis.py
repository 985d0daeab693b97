"""EPCIS 2.0, under `/delivery/epcis/`."""

from django.urls import path

from lilong.fields.delivery.pages import epcis

urlpatterns = [
    path("events", epcis.events, name="epcis-events"),
    path("eventTypes", epcis.event_types, name="epcis-event-types"),
    path("shipments/<uuid:id>", epcis.shipment, name="epcis-shipment"),
]
