"""Tables of contactless delivery, one file a topic. Every table is named here. Money stands in the ledger, never here."""

from lilong.fields.delivery.models.carriers import Carrier, Depot, ServiceLevel, Zone
from lilong.fields.delivery.models.claims import Claim
from lilong.fields.delivery.models.cold import (
    ColdDecision,
    ColdExcursion,
    ColdNotice,
    ColdRecord,
    Gs1Prefix,
    Logger,
    LoggerPlace,
    Reading,
    Sscc,
)
from lilong.fields.delivery.models.control import (
    ControlledVehicle,
    InstantAction,
    RefusedMessage,
    VehicleOrder,
    VehicleTask,
)
from lilong.fields.delivery.models.fleet import Vehicle
from lilong.fields.delivery.models.lockers import LockerBank, LockerCell, LockerStay, PickupCode
from lilong.fields.delivery.models.plans import Desk, Plan, RideOffer, Unplaced
from lilong.fields.delivery.models.runs import Run, Stop
from lilong.fields.delivery.models.shipments import Attempt, ClientEvent, HandOver, Parcel, Proof, Rating, Shipment

__all__ = [
    "Attempt",
    "Carrier",
    "Claim",
    "ClientEvent",
    "ColdDecision",
    "ColdExcursion",
    "ColdNotice",
    "ColdRecord",
    "ControlledVehicle",
    "Depot",
    "Desk",
    "Gs1Prefix",
    "HandOver",
    "InstantAction",
    "LockerBank",
    "LockerCell",
    "LockerStay",
    "Logger",
    "LoggerPlace",
    "Parcel",
    "PickupCode",
    "Plan",
    "Proof",
    "Rating",
    "Reading",
    "RefusedMessage",
    "RideOffer",
    "Run",
    "ServiceLevel",
    "Shipment",
    "Sscc",
    "Stop",
    "Unplaced",
    "Vehicle",
    "VehicleOrder",
    "VehicleTask",
    "Zone",
]
