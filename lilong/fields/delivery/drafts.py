"""What callers hand in: carriers, fleets, services, shipments, lockers as wanted. Plain data; `rules/` checks it.

Positions are WGS 84 in millionths of a degree, money in fen, weights in g, volumes in ml, lengths in mm.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from lilong.kernel.base.words import Words

Temperature = Literal["ambient", "chilled", "frozen", "live"]
VehicleKind = Literal["courier", "van", "unmanned", "robot", "drone"]
ProofKind = Literal["code", "tag", "photo", "geofence"]
Size = Literal["s", "m", "l", "xl"]
EventKind = Literal[
    "collected", "departed", "arrived", "at-depot", "delivered", "deposited", "failed", "returning", "returned"
]


class CarrierDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation (`id`) that wants to carry; `attempts` at the door before a shipment goes back."""

    id: UUID
    name: Words
    district: str
    attempts: int = 2


class ZoneDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An area: where the carrier goes ('serve'), or where its unattended vehicles must not ('keep-out')."""

    id: UUID
    carrier: UUID
    name: Words
    geometry: dict[str, Any]
    kind: Literal["serve", "keep-out"] = "serve"


class DepotDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where shipments start: `id` is the place's own in whatever field, `owner` whose goods stand there, `carrier` who serves it."""

    id: UUID
    owner: UUID
    name: Words
    district: str
    latitude_e6: int
    longitude_e6: int
    carrier: UUID | None = None
    address: str = ""


class ServiceDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service level. `starts`, `ends`, `cut_off` are times of the city's day ("08:00"); an `ends` before `starts` is the next
    day's. Either `seconds` after being ordered or windows of `window_seconds`. See `models.ServiceLevel`."""

    id: UUID
    carrier: UUID
    code: str
    name: Words
    temperatures: tuple[Temperature, ...]
    base_fee: int
    per_hour: int
    cover: int
    km_fee: int = 0
    kg_fee: int = 0
    zone: UUID | None = None
    starts: str = "08:00"
    ends: str = "22:00"
    seconds: int | None = None
    window_seconds: int | None = None
    lead_seconds: int = 0
    cut_off: str = ""
    radius_m: int = 10_000
    weight_g: int = 30_000
    late_percent: int = 0
    speed_kmh: int = 20
    contactless: bool = False
    proofs: tuple[ProofKind, ...] = ()


class VehicleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A courier (`id`: a person) or a vehicle (`id`: a device of the carrier's); `home` is its depot."""

    id: UUID
    carrier: UUID
    kind: VehicleKind
    name: Words
    home: UUID
    capacity_g: int
    capacity_ml: int
    capacity_parcels: int
    range_m: int
    speed_kmh: int
    temperatures: tuple[Temperature, ...] = ("ambient",)
    skills: tuple[str, ...] = ()
    zones: tuple[UUID, ...] = ()
    shift_starts: str = "00:00"
    shift_ends: str = "24:00"


class ParcelDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One piece: `line` is the order's line that is in it, where one is."""

    weight_g: int
    length_mm: int = 300
    width_mm: int = 200
    height_mm: int = 150
    line: int | None = None


class Spot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position."""

    latitude_e6: int
    longitude_e6: int


class ShipmentDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods to be carried. From `depot`, else from `origin` (the sender's door); to `to`, or to a locker `bank`.

    `token` is a promise as it was shown (`promises`): its service, window and fee. Without one the `service`'s next window
    is taken. `payer` is shipper or recipient (the shipper by default). `value` declared. `address` is the recipient's own
    entry in the address book, for the courier to read; never part of a fact.
    """

    id: UUID
    shipper: UUID
    recipient: UUID
    parcels: list[ParcelDraft]
    service: UUID | None = None
    token: str = ""
    depot: UUID | None = None
    origin: Spot | None = None
    to: Spot | None = None
    bank: UUID | None = None
    address: UUID | None = None
    order: UUID | None = None
    payer: UUID | None = None
    temperature: Temperature = "ambient"
    skills: tuple[str, ...] = ()
    instructions: str = ""
    contactless: bool = False
    value: int = 0


class CellDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many cells of a size."""

    size: Size
    count: int
    temperature: Temperature = "ambient"


class BankDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bank of lockers; `device` is its terminal. Parcels may stay `stay_hours`."""

    id: UUID
    carrier: UUID
    name: Words
    district: str
    latitude_e6: int
    longitude_e6: int
    cells: list[CellDraft]
    address: str = ""
    device: UUID | None = None
    stay_hours: int = 24


class ClientEventDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a courier's phone says happened, by its own id and clock: what it told us while it had no connection comes late.

    `outcome`, `reason` of a failure; `code`, `tag`, `position` of a hand-over; `place` the depot or locker bank where.
    """

    id: UUID
    shipment: UUID
    kind: EventKind
    at: datetime
    outcome: str = ""
    reason: str = ""
    code: str = ""
    tag: str = ""
    position: Spot | None = None
    place: UUID | None = None
