"""The bodies of delivery's API; see `drafts` for what their members mean. Positions are millionths of a degree (WGS 84),
money is fen, weights grams, lengths millimetres."""

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import AwareDatetime, Field

from lilong.fields.delivery.rules.kinds import CLAIMS, OUTCOMES

Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]
Long = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, strict=True)]
Fen = Annotated[int, Field(ge=0, le=10**9, strict=True)]
Temperature = Literal["ambient", "chilled", "frozen", "live"]
ProofKind = Literal["code", "tag", "photo", "geofence"]
Few = Field(max_length=50)

D = TypeVar("D")


class DeliveryWordsIn(Schema):
    """A text in the city's languages; at least one."""

    en: Text = ""
    zh: Text = ""
    ko: Text = ""


class SpotIn(Schema):
    """A position, WGS 84."""

    latitude_e6: Annotated[int, Field(ge=-90_000_000, le=90_000_000, strict=True)]
    longitude_e6: Annotated[int, Field(ge=-180_000_000, le=180_000_000, strict=True)]


class CarrierIn(Schema):
    """An organisation that carries; `id` is its own."""

    id: UUID
    name: DeliveryWordsIn
    district: Short
    attempts: Whole = 2


class CarrierZoneIn(Schema):
    """An area: GeoJSON Polygon or MultiPolygon."""

    id: UUID
    carrier: UUID
    name: DeliveryWordsIn
    geometry: dict[str, Any]
    kind: Literal["serve", "keep-out"] = "serve"


class DepotIn(Schema):
    """A place that shipments start from; `id` is the place's own."""

    id: UUID
    owner: UUID
    name: DeliveryWordsIn
    district: Short
    latitude_e6: Whole
    longitude_e6: Whole
    carrier: UUID | None = None
    address: Text = ""


class ServesIn(Schema):
    """Which carrier serves a depot; none: nobody."""

    carrier: UUID | None


class ServiceLevelIn(Schema):
    """A service level: within `seconds`, or in windows of `window_seconds` from `starts` to `ends`."""

    id: UUID
    carrier: UUID
    code: Short
    name: DeliveryWordsIn
    temperatures: Annotated[list[Temperature], Few]
    base_fee: Fen
    per_hour: Whole
    cover: Fen
    km_fee: Fen = 0
    kg_fee: Fen = 0
    zone: UUID | None = None
    starts: Short = "08:00"
    ends: Short = "22:00"
    seconds: Whole | None = None
    window_seconds: Whole | None = None
    lead_seconds: Whole = 0
    cut_off: Short = ""
    radius_m: Whole = 10_000
    weight_g: Whole = 30_000
    late_percent: Whole = 0
    speed_kmh: Whole = 20
    contactless: bool = False
    proofs: Annotated[list[ProofKind], Few] = []


class FleetVehicleIn(Schema):
    """A courier (`id`: a member of the carrier's) or a vehicle (`id`: a device of the carrier's)."""

    id: UUID
    carrier: UUID
    kind: Literal["courier", "van", "unmanned", "robot", "drone"]
    name: DeliveryWordsIn
    home: UUID
    capacity_g: Whole
    capacity_ml: Whole
    capacity_parcels: Whole
    range_m: Whole
    speed_kmh: Whole
    temperatures: Annotated[list[Temperature], Few] = ["ambient"]
    skills: Annotated[list[Short], Few] = []
    zones: Annotated[list[UUID], Few] = []
    shift_starts: Short = "00:00"
    shift_ends: Short = "24:00"


class FleetStateIn(Schema):
    state: Literal["off", "idle", "busy", "charging", "fault", "silent"]


class FleetPositionIn(Schema):
    """Where it is, by its own clock; earlier positions than the last known are ignored."""

    position: SpotIn
    at: AwareDatetime | None = None
    heading: Whole | None = None
    battery_percent: Whole | None = None


class PromisesIn(Schema):
    """What is to be carried from where to where; `at` is when it can leave (now)."""

    depot: UUID
    to: SpotIn
    weight_g: Annotated[int, Field(ge=1, le=2_000_000, strict=True)]
    temperature: Temperature = "ambient"


class ParcelIn(Schema):
    """One piece."""

    weight_g: Whole
    length_mm: Whole = 300
    width_mm: Whole = 200
    height_mm: Whole = 150
    line: Whole | None = None


class ShipmentIn(Schema):
    """Goods to be carried; a `token` is a promise as it was shown."""

    id: UUID
    shipper: UUID
    recipient: UUID
    parcels: Annotated[list[ParcelIn], Few]
    service: UUID | None = None
    token: Long = ""
    depot: UUID | None = None
    origin: SpotIn | None = None
    to: SpotIn | None = None
    bank: UUID | None = None
    address: UUID | None = None
    order: UUID | None = None
    payer: UUID | None = None
    temperature: Temperature = "ambient"
    skills: Annotated[list[Short], Few] = []
    instructions: Text = ""
    contactless: bool = False
    value: Fen = 0


class WhyIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class CarriedByIn(Schema):
    """Which courier or vehicle, and when by its own clock (now)."""

    vehicle: UUID
    at: AwareDatetime | None = None


class AtDepotIn(CarriedByIn):
    depot: UUID


class DeliveredIn(CarriedByIn):
    """With the proofs that the shipment asks for; `override_reason` is for the carrier's office."""

    code: Short = ""
    tags: Annotated[list[Short], Few] = []
    position: SpotIn | None = None
    override_reason: Text = ""


class FailedIn(CarriedByIn):
    """A try that failed; the same `id` again changes nothing."""

    id: UUID
    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]
    reason: Text = ""


class LostIn(WhyIn):
    """What is lost: these parcels, or all."""

    parcels: Annotated[list[UUID], Few] | None = None


class StopIn(Schema):
    reason: Literal["excursion", "recall", "damaged", "customs", "office"]


class CourierEventIn(Schema):
    """What a phone says happened, by its own id and clock."""

    id: UUID
    shipment: UUID
    kind: Literal[
        "collected", "departed", "arrived", "at-depot", "delivered", "deposited", "failed", "returning", "returned"
    ]
    at: AwareDatetime
    outcome: Short = ""
    reason: Text = ""
    code: Short = ""
    tag: Short = ""
    position: SpotIn | None = None
    place: UUID | None = None


class CourierEventsIn(Schema):
    events: Annotated[list[CourierEventIn], Field(min_length=1, max_length=200)]


class CellsIn(Schema):
    size: Literal["s", "m", "l", "xl"]
    count: Whole
    temperature: Temperature = "ambient"


class LockerBankIn(Schema):
    """A bank of lockers; `device` is its terminal."""

    id: UUID
    carrier: UUID
    name: DeliveryWordsIn
    district: Short
    latitude_e6: Whole
    longitude_e6: Whole
    cells: Annotated[list[CellsIn], Few]
    address: Text = ""
    device: UUID | None = None
    stay_hours: Whole = 24


class LockerCodeIn(Schema):
    """A code as it was typed; the same `request` again is told the same."""

    request: UUID
    code: Short


class DoorIn(Schema):
    """What a door did."""

    door: Literal["opened", "closed", "stuck"]
    at: AwareDatetime
    full: bool | None = None


class CellReasonIn(Schema):
    reason: Literal["stuck", "broken", "dirty", "office"]


class ClaimIn(Schema):
    """A claim; `claimant` is shipper or recipient, by default whichever you are."""

    id: UUID
    shipment: UUID
    kind: Literal[CLAIMS]  # type: ignore[valid-type]
    asked: Annotated[int, Field(ge=1, le=10**9, strict=True)]
    text: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    claimant: UUID | None = None
    parcel: UUID | None = None


class AssessIn(Schema):
    amount: Fen
    answer: Text = ""


class AppealIn(Schema):
    text: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class ShipmentRatingIn(Schema):
    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    text: Text = ""


def draft(body: Schema, kind: type[D]) -> D:
    """The body as the draft that services take."""
    return msgspec.convert(body.model_dump(), kind)


def answered(found: Any, status: int = 200) -> HttpResponse:
    """A view as JSON."""
    return HttpResponse(msgspec.json.encode(found, enc_hook=str), status=status, content_type="application/json")
