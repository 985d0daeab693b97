"""Tables of contactless delivery, one file a topic. Every table is named here. Money stands in the ledger, never here."""

from lilong.fields.delivery.models.carriers import Carrier, Depot, ServiceLevel, Zone
from lilong.fields.delivery.models.claims import Claim
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.lockers import LockerBank, LockerCell, LockerStay, PickupCode
from lilong.fields.delivery.models.runs import Run, Stop
from lilong.fields.delivery.models.shipments import Attempt, ClientEvent, HandOver, Parcel, Proof, Rating, Shipment

__all__ = [
    "Attempt",
    "Carrier",
    "Claim",
    "ClientEvent",
    "Depot",
    "HandOver",
    "LockerBank",
    "LockerCell",
    "LockerStay",
    "Parcel",
    "PickupCode",
    "Proof",
    "Rating",
    "Run",
    "ServiceLevel",
    "Shipment",
    "Stop",
    "Vehicle",
    "Zone",
]
