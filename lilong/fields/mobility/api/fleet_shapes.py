"""The bodies of operators' work: fleet, prices, geofences, maintenance. See `drafts.py` for what the members mean."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from lilong.fields.mobility.api.rental_shapes import E6, Mode, Note, RentalBody, Short, Whole

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, strict=True)]
Tiny = Annotated[int, Field(ge=-(2**15), le=2**15 - 1, strict=True)]


class FleetWordsIn(Schema):
    """A text in the city's languages; at least one."""

    en: Text = ""
    zh: Text = ""
    ko: Text = ""


class FenceRuleIn(RentalBody):
    """A rule of GBFS 3.0 `geofencing_zones`."""

    ride_start_allowed: bool = True
    ride_end_allowed: bool = True
    ride_through_allowed: bool = True
    maximum_speed_kph: Tiny | None = None
    station_parking: bool | None = None
    vehicle_type_ids: list[UUID] = Field([], max_length=50)


class FleetOperatorIn(RentalBody):
    id: UUID
    modes: list[Mode] = Field(max_length=3)
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    global_rules: list[FenceRuleIn] = Field([], max_length=20)
    apology: Whole = 0


class FleetKindIn(RentalBody):
    id: UUID
    operator: UUID
    mode: Mode
    name: FleetWordsIn
    form_factor: Short
    propulsion_type: Short
    max_range_m: Small | None = None
    make: Short = ""
    model: Short = ""
    seats: Tiny = 1
    level: Tiny = 0
    wheelchair: bool = False
    driverless: bool = False
    licence_class: Short = ""
    reserve_seconds: Small = 900
    return_constraint: Short = "hybrid"
    plan: UUID | None = None


class FleetStationIn(RentalBody):
    id: UUID
    operator: UUID
    kind: Annotated[str, Field(pattern="^(dock|virtual|lot)$")]
    name: FleetWordsIn
    latitude_e6: E6
    longitude_e6: E6
    capacity: Small
    address: Text = ""
    area: dict[str, Any] | None = None
    charging: bool = False


class SharedVehicleIn(RentalBody):
    id: UUID
    type: UUID
    plate: Text
    vin: Short = ""
    connected: bool = True
    latitude_e6: E6
    longitude_e6: E6
    energy_pm: Tiny | None = None
    odometer_m: Whole = 0
    home: UUID | None = None
    buffer_seconds: Small = 900


class FenceZoneIn(RentalBody):
    id: UUID
    zone: UUID
    operator: UUID | None
    name: FleetWordsIn
    geometry: dict[str, Any]
    rules: list[FenceRuleIn] = Field(max_length=20)
    modes: list[Mode] = Field([], max_length=3)
    precedence: Small = 100
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class BandIn(RentalBody):
    """What an hour costs from `start` to `end` (minutes of the day; an end not after the start is the next day's)."""

    per_hour: Whole
    start: Small = 0
    end: Small = 1440
    weekdays: list[Tiny] = Field([1, 2, 3, 4, 5, 6, 7], max_length=7)
    cap: Whole | None = None


class CancellingIn(RentalBody):
    before_seconds: Whole
    percent: Small


class RentalTermsIn(RentalBody):
    """Money in fen, times in seconds."""

    bands: list[BandIn] = Field(max_length=12)
    step_seconds: Whole = 60
    unlock: Whole = 0
    free_seconds: Whole = 0
    day_cap: Whole | None = None
    per_km: Whole = 0
    free_m: Whole = 0
    minimum: Whole = 0
    deposit: Whole = 0
    early_percent: Whole = 0
    late_fee: Whole = 0
    late_seconds: Whole = 1800
    grace_seconds: Whole = 300
    cancel: list[CancellingIn] = Field([], max_length=6)
    no_show_percent: Whole = 0


class RentalTariffIn(RentalBody):
    id: UUID
    plan: UUID
    operator: UUID
    mode: Mode
    name: FleetWordsIn
    description: FleetWordsIn
    terms: RentalTermsIn
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "CNY"
    valid_from: AwareDatetime | None = None


class HappeningIn(RentalBody):
    """MDS 2.0 event types, one after another; `state` where they leave a choice."""

    id: UUID
    events: list[Short] = Field(max_length=5)
    state: Short = ""
    at: AwareDatetime | None = None


class MaintenanceIn(RentalBody):
    id: UUID
    kind: Short
    start: AwareDatetime
    end: AwareDatetime
    note: Note = ""
    report: UUID | None = None


class DoneIn(RentalBody):
    done: bool = True


class PlugIn(RentalBody):
    id: UUID
    station: UUID | None = None


class UnplugIn(RentalBody):
    energy_pm: Tiny | None = None
