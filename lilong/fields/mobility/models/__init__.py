"""Tables of new mobility, one file a topic. Every table is named here."""

from lilong.fields.mobility.models.alerts import ServiceAlert
from lilong.fields.mobility.models.duties import DriverPermit, Duty
from lilong.fields.mobility.models.licences import Licence
from lilong.fields.mobility.models.operators import Operator, VehicleType
from lilong.fields.mobility.models.rentals import (
    Charging,
    DamagePhoto,
    DamageReport,
    Maintenance,
    Rental,
    RentalChange,
    TripRule,
)
from lilong.fields.mobility.models.rides import (
    LostItem,
    Ride,
    RideAlarm,
    RideOffer,
    RideQuote,
    RideRating,
    RideRound,
    RideShare,
)
from lilong.fields.mobility.models.tariffs import Receipt, Tariff
from lilong.fields.mobility.models.telemetry import Terminal, TrackPoint, TrackQuarantine, Trip
from lilong.fields.mobility.models.vehicles import Station, Vehicle, VehicleCommand, VehicleEvent
from lilong.fields.mobility.models.zones import Zone

__all__ = [
    "Charging",
    "DamagePhoto",
    "DamageReport",
    "DriverPermit",
    "Duty",
    "Licence",
    "LostItem",
    "Maintenance",
    "Operator",
    "Receipt",
    "Rental",
    "RentalChange",
    "Ride",
    "RideAlarm",
    "RideOffer",
    "RideQuote",
    "RideRating",
    "RideRound",
    "RideShare",
    "ServiceAlert",
    "Station",
    "Tariff",
    "Terminal",
    "TrackPoint",
    "TrackQuarantine",
    "Trip",
    "TripRule",
    "Vehicle",
    "VehicleCommand",
    "VehicleEvent",
    "VehicleType",
    "Zone",
]
