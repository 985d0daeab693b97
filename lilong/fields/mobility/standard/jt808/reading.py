"""From a location of JT/T 808 to a reading of the house: units, and GCJ-02 turned into WGS 84 here, once."""

from uuid import UUID

from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.standard.jt808 import location as standard
from lilong.fields.mobility.standard.jt808.location import Location
from lilong.kernel.geo.gcj02 import to_wgs84
from lilong.kernel.geo.points import Point

SOURCE = 2
_FULL_TURN = 360
_PERCENT_MAX = 100


def reading_of(place: Location, *, vehicle: UUID, serial: int, datum: str) -> Reading:
    """Its number is the message's serial number, which wraps, and so counts together with the moment."""
    latitude_e6, longitude_e6 = place.latitude_e6, place.longitude_e6
    if datum == "gcj02":
        shifted = to_wgs84(Point.of_e6(latitude_e6, longitude_e6))
        latitude_e6, longitude_e6 = shifted.latitude_e6, shifted.longitude_e6
    extras = place.extras
    battery = extras.get(standard.BATTERY)
    return Reading(
        vehicle=vehicle,
        source=SOURCE,
        seq=serial,
        at=place.at,
        latitude_e6=latitude_e6,
        longitude_e6=longitude_e6,
        heading=place.direction % _FULL_TURN,
        speed_mms=mms_of(extras.get(standard.SPEED, place.speed)),
        odometer_m=extras[standard.MILEAGE] * 100 if standard.MILEAGE in extras else None,
        energy_pm=battery * 10 if battery is not None and battery <= _PERCENT_MAX else None,
        fuel_ml=extras[standard.FUEL] * 100 if standard.FUEL in extras else None,
        locked=bool(place.status & standard.LOCKED),
        doors=bool(place.status & standard.DOORS),
        engine=bool(place.status & standard.ENGINE),
        fixed=place.located,
        numbered=False,
    )


def mms_of(tenths_kmh: int) -> int:
    """Tenths of km/h in millimetres a second, as far as the tables hold them."""
    return min(tenths_kmh * 1000 // 36, 2**31 - 1)
