"""What rentals listen to: vehicles' answers to commands, and where vehicles are."""

from lilong.fields.mobility.services import telemetry, vehicle_commands
from lilong.fields.mobility.services.rentals import driving, fences


def register() -> None:
    """Called when the app is ready."""
    vehicle_commands.watch("rentals", driving.answered)
    telemetry.watch("rental-fences", fences.heard)
