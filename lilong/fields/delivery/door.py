"""What journeys may call of delivery: ask for a shipment, follow it, stop it, and say in whose name money is owed."""

from lilong.fields.delivery.drafts import ParcelDraft, ShipmentDraft, Spot
from lilong.fields.delivery.queries.promises import PromiseView, at_depot
from lilong.fields.delivery.queries.shipments import ShipmentView, shipment, shipments_of_order
from lilong.fields.delivery.rules.states import WAITING
from lilong.fields.delivery.services.booking import request_shipment
from lilong.fields.delivery.services.carriage import shipment_of
from lilong.fields.delivery.services.claims import open_claim
from lilong.fields.delivery.services.journey import cancel, send_back
from lilong.fields.delivery.services.stopping import go_on, stop

__all__ = [
    "WAITING",
    "ParcelDraft",
    "PromiseView",
    "ShipmentDraft",
    "ShipmentView",
    "Spot",
    "at_depot",
    "cancel",
    "go_on",
    "open_claim",
    "request_shipment",
    "send_back",
    "shipment",
    "shipment_of",
    "shipments_of_order",
    "stop",
]
