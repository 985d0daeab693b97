"""Telling those who watch a ride: that there is something new, after the commit. They ask for what it is."""

from typing import Any
from uuid import UUID

from lilong.fields.mobility.models import Ride

RIDE, DUTY = "mobility.ride", "mobility.duty"  # kinds of live topics


def tell(ride: Ride, *duties: UUID | None, **more: Any) -> None:
    """To the ride's watchers, and to those of the duties that it was given to or taken from."""
    del ride, duties, more
