"""Delivery's addresses, under `/delivery/`."""

from django.urls import include, path

from lilong.fields.delivery.pages import courier, home, send, shipments, terminal, track

app_name = "delivery"

_SHIPMENT = "shipments/<uuid:id>"

urlpatterns = [
    path("", home.home, name="home"),
    path("follow", home.follow, name="follow"),
    path("lockers/", home.banks, name="lockers"),
    path("send/", send.send, name="send"),
    path("send/promises", send.compare, name="compare"),
    path("track/<str:token>/", track.track, name="track"),
    path("shipments/", shipments.mine, name="shipments"),
    path(f"{_SHIPMENT}/", shipments.shipment, name="shipment"),
    path(f"{_SHIPMENT}/map.json", shipments.features, name="shipment-map"),
    path(f"{_SHIPMENT}/cancel", shipments.cancel, name="cancel"),
    path(f"{_SHIPMENT}/wishes", shipments.wish, name="wishes"),
    path(f"{_SHIPMENT}/claims", shipments.claim, name="claim"),
    path(f"{_SHIPMENT}/claims/<uuid:claim>/appeal", shipments.appeal, name="appeal"),
    path(f"{_SHIPMENT}/decision", shipments.decide, name="cold-decision"),
    path(f"{_SHIPMENT}/rating", shipments.rate, name="rate"),
    path("proofs/<uuid:id>", shipments.photo, name="proof"),
    path("courier/", courier.shell, name="courier"),
    path("courier/worker.js", courier.worker, name="courier-worker"),
    path("courier/today", courier.today, name="courier-today"),
    path("courier/events", courier.events, name="courier-events"),
    path("courier/position", courier.where, name="courier-position"),
    path("courier/duty", courier.duty, name="courier-duty"),
    path("courier/<uuid:shipment>/photos/<uuid:id>", courier.photo, name="courier-photo"),
    path("courier/<uuid:shipment>/cells", courier.cells, name="courier-cells"),
    path("lockers/<uuid:bank>/terminal/", terminal.terminal, name="terminal"),
    path("carriers/", include("lilong.fields.delivery.urls.office")),
    path("epcis/", include("lilong.fields.delivery.urls.epcis")),
]
