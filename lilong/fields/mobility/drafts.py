"""What callers hand in: operators, kinds, stations, vehicles, zones, prices, bookings. Plain data; `rules/` checks it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from lilong.fields.mobility.rules.terms import Terms
from lilong.kernel.base.words import Words

Mode = Literal["car-share", "micromobility", "passenger-services"]


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of GBFS 3.0 `geofencing_zones`; without `vehicle_type_ids` it is for all kinds."""

    ride_start_allowed: bool = True
    ride_end_allowed: bool = True
    ride_through_allowed: bool = True
    maximum_speed_kph: int | None = None
    station_parking: bool | None = None
    vehicle_type_ids: tuple[UUID, ...] = ()


class OperatorDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`id` is the organisation's. `apology` (fen) is credited to who is let down."""

    id: UUID
    modes: tuple[Mode, ...]
    phone: str = ""
    email: str = ""
    global_rules: tuple[RuleDraft, ...] = ()
    apology: int = 0


class VehicleTypeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `models.VehicleType`; the words are GBFS's."""

    id: UUID
    operator: UUID
    mode: Mode
    name: Words
    form_factor: str
    propulsion_type: str
    max_range_m: int | None = None
    make: str = ""
    model: str = ""
    seats: int = 1
    level: int = 0
    wheelchair: bool = False
    driverless: bool = False
    licence_class: str = ""
    reserve_seconds: int = 900
    return_constraint: str = "hybrid"
    plan: UUID | None = None


class StationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`area` is a GeoJSON Polygon or MultiPolygon; positions are millionths of a degree, WGS 84."""

    id: UUID
    operator: UUID
    kind: Literal["dock", "virtual", "lot"]
    name: Words
    latitude_e6: int
    longitude_e6: int
    capacity: int
    address: str = ""
    area: dict[str, Any] | None = None
    charging: bool = False


class VehicleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vehicle as its operator brings it. With `connected` it gets a device party of its own (`device_of`).

    `buffer_seconds` is the turnaround between two bookings of a shared car.
    """

    id: UUID
    type: UUID
    plate: str
    vin: str = ""
    connected: bool = True
    latitude_e6: int
    longitude_e6: int
    energy_pm: int | None = None
    odometer_m: int = 0
    home: UUID | None = None
    buffer_seconds: int = 900


class ZoneDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of a zone: the first, or one in place of the version that counts now. See `models.Zone`."""

    id: UUID
    zone: UUID
    operator: UUID | None
    name: Words
    geometry: dict[str, Any]
    rules: tuple[RuleDraft, ...]
    modes: tuple[Mode, ...] = ()
    precedence: int = 100
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class TariffDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new version of a price plan. `terms` are a rental's (`rules/terms.py`); rides have their own."""

    id: UUID
    plan: UUID
    operator: UUID
    mode: Mode
    name: Words
    description: Words
    terms: Terms
    currency: str = "CNY"
    valid_from: datetime | None = None


class BookingDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shared car from `start` to before `end`, to be driven some `foreseen_m` metres. `price` is what was shown."""

    id: UUID
    vehicle: UUID
    start: datetime
    end: datetime
    foreseen_m: int = 0
    price: int | None = None


class PhotoDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: UUID
    content: bytes


class ReportDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rider sees of the vehicle before or after a trip; `damaged` makes the operator look."""

    id: UUID
    rental: UUID
    phase: Literal["start", "end"]
    note: str = ""
    damaged: bool = False
    photos: tuple[PhotoDraft, ...] = ()


class AlertDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What riders should know; see `models.ServiceAlert`."""

    id: UUID
    operator: UUID
    kind: str
    summary: Words
    description: Words | None = None
    stations: tuple[UUID, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
