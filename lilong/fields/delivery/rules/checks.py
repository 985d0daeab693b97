"""Whether what callers hand in can stand; every violation at once."""

import hashlib
import re
from collections.abc import Iterable

import msgspec

from lilong.fields.delivery.drafts import (
    BankDraft,
    CarrierDraft,
    DepotDraft,
    ParcelDraft,
    ServiceDraft,
    ShipmentDraft,
    Spot,
    VehicleDraft,
    ZoneDraft,
)
from lilong.fields.delivery.rules import clocks
from lilong.fields.delivery.rules.lockers import CELLS_MAX
from lilong.kernel.base.districts import SLUGS
from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.kernel.base.words import Words

NAME_MAX, ADDRESS_MAX, INSTRUCTIONS_MAX = 120, 200, 500
SKILLS_MAX, ZONES_MAX, TOKEN_MAX = 20, 50, 2000
PARCELS_MAX, FEN_MAX, GRAMS_MAX, LENGTH_MAX = 50, 10**9, 2_000_000, 5_000
LATITUDE, LONGITUDE = 90_000_000, 180_000_000
_CODE = re.compile(r"^[a-z][a-z0-9-]{0,15}$")
_SKILL = re.compile(r"^[a-z][a-z0-9-]{0,31}$")
_DAY_SECONDS = 86_400

Check = tuple[str, str, bool]  # pointer, rule, whether it holds


def fingerprint(draft: msgspec.Struct) -> str:
    """Tells the same draft from another under its id."""
    return hashlib.sha256(msgspec.json.encode(draft, order="deterministic", enc_hook=str)).hexdigest()


def carrier(draft: CarrierDraft) -> None:
    """Raises Invalid."""
    _require(
        [
            *_name(draft.name),
            ("/district", "unknown", draft.district in SLUGS),
            _range("attempts", draft.attempts, 1, 9),
        ]
    )


def zone(draft: ZoneDraft) -> None:
    """Raises Invalid; the geometry itself is the map room's to check."""
    _require(_name(draft.name))


def depot(draft: DepotDraft) -> None:
    """Raises Invalid."""
    _require([*_name(draft.name), *_stands(draft)])


def bank(draft: BankDraft) -> None:
    """Raises Invalid."""
    count = sum(cell.count for cell in draft.cells)
    _require(
        [
            *_name(draft.name),
            *_stands(draft),
            _range("stay_hours", draft.stay_hours, 1, 240),
            ("/cells", "range", 0 < count <= CELLS_MAX and all(cell.count > 0 for cell in draft.cells)),
        ]
    )


def service(draft: ServiceDraft) -> None:
    """Raises Invalid."""
    found: list[Check] = [
        *_name(draft.name),
        ("/code", "slug", bool(_CODE.match(draft.code))),
        ("/temperatures", "required", bool(draft.temperatures)),
        ("/temperatures", "unique", len(set(draft.temperatures)) == len(draft.temperatures)),
        ("/proofs", "unique", len(set(draft.proofs)) == len(draft.proofs)),
        ("/seconds", "seconds-or-windows", (draft.seconds is None) != (draft.window_seconds is None)),
        ("/cut_off", "with-windows", draft.seconds is None or not draft.cut_off),
        _range("seconds", draft.seconds or 600, 600, _DAY_SECONDS),
        _range("window_seconds", draft.window_seconds or 900, 900, _DAY_SECONDS),
        _range("lead_seconds", draft.lead_seconds, 0, 2 * _DAY_SECONDS),
        _range("per_hour", draft.per_hour, 1, 400),
        _range("radius_m", draft.radius_m, 100, 200_000),
        _range("weight_g", draft.weight_g, 100, GRAMS_MAX),
        _range("late_percent", draft.late_percent, 0, 100),
        _range("speed_kmh", draft.speed_kmh, 1, 200),
        *(_range(name, getattr(draft, name), 0, FEN_MAX) for name in ("base_fee", "km_fee", "kg_fee", "cover")),
        *_times(draft),
    ]
    _require(found)


def vehicle(draft: VehicleDraft) -> None:
    """Raises Invalid."""
    found: list[Check] = [
        *_name(draft.name),
        *_skills(draft.skills),
        ("/temperatures", "required", bool(draft.temperatures)),
        ("/temperatures", "unique", len(set(draft.temperatures)) == len(draft.temperatures)),
        ("/zones", "max-length", len(draft.zones) <= ZONES_MAX),
        _range("capacity_g", draft.capacity_g, 1, 10 * GRAMS_MAX),
        _range("capacity_ml", draft.capacity_ml, 1, 50_000_000),
        _range("capacity_parcels", draft.capacity_parcels, 1, 1000),
        _range("range_m", draft.range_m, 100, 2_000_000),
        _range("speed_kmh", draft.speed_kmh, 1, 200),
    ]
    for name in ("shift_starts", "shift_ends"):
        try:
            clocks.minutes(getattr(draft, name), f"/{name}")
        except Problem:
            found.append((f"/{name}", "time", False))
    _require(found)


def shipment(draft: ShipmentDraft) -> None:
    """Raises Invalid."""
    found: list[Check] = [
        ("/parcels", "range", 0 < len(draft.parcels) <= PARCELS_MAX),
        ("/origin", "depot-or-origin", (draft.depot is None) != (draft.origin is None)),
        ("/to", "to-or-bank", (draft.to is None) != (draft.bank is None)),
        ("/service", "service-or-token", draft.service is not None or bool(draft.token)),
        ("/payer", "party-to-it", draft.payer in (None, draft.shipper, draft.recipient)),
        ("/instructions", "length", len(draft.instructions) <= INSTRUCTIONS_MAX),
        ("/instructions", "characters", "\0" not in draft.instructions),
        ("/token", "length", len(draft.token) <= TOKEN_MAX),
        _range("value", draft.value, 0, FEN_MAX),
        *_skills(draft.skills),
        *_spot("origin", draft.origin),
        *_spot("to", draft.to),
    ]
    for n, parcel in enumerate(draft.parcels[: PARCELS_MAX + 1]):
        found += _parcel(f"parcels/{n}", parcel)
    _require(found)


def _parcel(at: str, draft: ParcelDraft) -> Iterable[Check]:
    yield _range(f"{at}/weight_g", draft.weight_g, 1, GRAMS_MAX)
    for name in ("length_mm", "width_mm", "height_mm"):
        yield _range(f"{at}/{name}", getattr(draft, name), 1, LENGTH_MAX)
    yield _range(f"{at}/line", draft.line or 0, 0, 10_000)


def spot(name: str, value: Spot | None) -> None:
    """Raises Invalid."""
    _require(_spot(name, value))


def _times(draft: ServiceDraft) -> Iterable[Check]:
    for name in ("starts", "ends", "cut_off"):
        text = getattr(draft, name)
        try:
            if text or name != "cut_off":
                clocks.minutes(text, f"/{name}")
        except Problem:
            yield f"/{name}", "time", False


def _spot(name: str, value: Spot | None) -> Iterable[Check]:
    if value is not None:
        yield _range(f"{name}/latitude_e6", value.latitude_e6, -LATITUDE, LATITUDE)
        yield _range(f"{name}/longitude_e6", value.longitude_e6, -LONGITUDE, LONGITUDE)


def _stands(draft: DepotDraft | BankDraft) -> Iterable[Check]:
    yield "/district", "unknown", draft.district in SLUGS
    yield "/address", "length", len(draft.address) <= ADDRESS_MAX
    yield "/address", "characters", "\0" not in draft.address
    yield _range("latitude_e6", draft.latitude_e6, -LATITUDE, LATITUDE)
    yield _range("longitude_e6", draft.longitude_e6, -LONGITUDE, LONGITUDE)


def _name(name: Words) -> list[Check]:
    texts = (name.en, name.zh, name.ko)
    return [
        ("/name", "required", any(text.strip() for text in texts)),
        ("/name", "length", all(len(text) <= NAME_MAX for text in texts)),
        ("/name", "characters", not any("\0" in text for text in texts)),
    ]


def _skills(skills: tuple[str, ...]) -> Iterable[Check]:
    yield "/skills", "max-length", len(skills) <= SKILLS_MAX
    yield "/skills", "slug", all(_SKILL.match(each) for each in skills)


def _range(name: str, value: int, least: int, most: int) -> Check:
    return f"/{name}", "range", not isinstance(value, bool) and least <= value <= most


def _require(checks: Iterable[Check]) -> None:
    found = [Violation(pointer=pointer, rule=rule) for pointer, rule, good in checks if not good]
    if found:
        raise Invalid("invalid", violations=found)
