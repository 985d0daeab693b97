"""What journeys may call of mobility: find a car, price it, book it, open it, bring it back, read the receipt."""

from lilong.fields.mobility.queries.finding import FoundVehicle, RentalPrice, cars, quote
from lilong.fields.mobility.queries.rentals import ReceiptView, RentalView, receipt, rental
from lilong.fields.mobility.services.rentals.booking import book, cancel
from lilong.fields.mobility.services.rentals.driving import unlock
from lilong.fields.mobility.services.rentals.ending import end

__all__ = [
    "FoundVehicle",
    "ReceiptView",
    "RentalPrice",
    "RentalView",
    "book",
    "cancel",
    "cars",
    "end",
    "quote",
    "receipt",
    "rental",
    "unlock",
]
