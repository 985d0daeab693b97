"""Whether operators, kinds of vehicles, stations and vehicles can be what their drafts say; every violation at once."""

import re
from collections.abc import Iterable, Iterator

from lilong.fields.mobility import drafts
from lilong.kernel.base.problems import Invalid, Violation
from lilong.kernel.base.words import Words

FORM_FACTORS = ("bicycle", "cargo_bicycle", "car", "moped", "scooter_standing", "scooter_seated", "other")  # GBFS 3.0
PROPULSIONS = (
    "human",
    "electric_assist",
    "electric",
    "combustion",
    "combustion_diesel",
    "hybrid",
    "plug_in_hybrid",
    "hydrogen_fuel_cell",
)
RETURNS = ("free_floating", "roundtrip_station", "any_station", "hybrid")
LICENCE_CLASSES = ("A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "D", "E", "F")  # of the People's Republic
CARRIES_C1 = frozenset({"A1", "A2", "A3", "B1", "B2", "C1"})  # who may drive A or B may drive C1, and C1 drives C2
SEATS_MAX, LEVEL_MAX, CAPACITY_MAX = 60, 9, 10_000
RANGE_MAX_M, ODOMETER_MAX_M, FULL_PM, BUFFER_MAX = 2_000_000, 10_000_000_000, 1000, 86_400
RESERVE_MAX = 86_400
PLATE_MAX, TEXT_MAX, ADDRESS_MAX, APOLOGY_MAX = 20, 60, 200, 10_000_00
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9 -]{3,20}")

Found = Iterable[tuple[str, str, bool]]


def drives(held: Iterable[str], needed: str) -> bool:
    """Whether somebody with these licence classes may drive what needs `needed`."""
    classes = set(held)
    if not needed or needed in classes:
        return True
    if needed in ("C1", "C2"):
        return not classes.isdisjoint(CARRIES_C1)
    return False


def refuse(found: Found) -> None:
    """Raises Invalid for every (pointer, rule, good) that is not good."""
    bad = [Violation(pointer=pointer, rule=rule) for pointer, rule, good in found if not good]
    if bad:
        raise Invalid("invalid", violations=bad)


def check_operator(draft: drafts.OperatorDraft) -> None:
    refuse(
        [
            ("/modes", "required", bool(draft.modes)),
            ("/modes", "unique", len(set(draft.modes)) == len(draft.modes)),
            ("/email", "pattern", not draft.email or bool(_EMAIL.fullmatch(draft.email))),
            ("/phone", "pattern", not draft.phone or bool(_PHONE.fullmatch(draft.phone))),
            ("/apology", "range", 0 <= draft.apology <= APOLOGY_MAX),
        ]
    )


def check_type(draft: drafts.VehicleTypeDraft) -> None:
    rolls = draft.propulsion_type == "human"
    refuse(
        [
            *_words("/name", draft.name),
            ("/form_factor", "known", draft.form_factor in FORM_FACTORS),
            ("/form_factor", "car", draft.mode != "car-share" or draft.form_factor == "car"),
            ("/propulsion_type", "known", draft.propulsion_type in PROPULSIONS),
            ("/max_range_m", "required", rolls or draft.max_range_m is not None),
            ("/max_range_m", "range", draft.max_range_m is None or 1 <= draft.max_range_m <= RANGE_MAX_M),
            ("/seats", "range", 1 <= draft.seats <= SEATS_MAX),
            ("/level", "range", 0 <= draft.level <= LEVEL_MAX),
            ("/licence_class", "known", draft.licence_class in ("", *LICENCE_CLASSES)),
            ("/licence_class", "required", draft.mode != "car-share" or bool(draft.licence_class)),
            ("/reserve_seconds", "range", 0 <= draft.reserve_seconds <= RESERVE_MAX),
            ("/return_constraint", "known", draft.return_constraint in RETURNS),
            *_text("/make", draft.make, TEXT_MAX),
            *_text("/model", draft.model, TEXT_MAX),
        ]
    )


def check_station(draft: drafts.StationDraft) -> None:
    refuse(
        [
            *_words("/name", draft.name),
            *_text("/address", draft.address, ADDRESS_MAX),
            ("/capacity", "range", 0 <= draft.capacity <= CAPACITY_MAX),
            *place(draft.latitude_e6, draft.longitude_e6),
        ]
    )


def check_vehicle(draft: drafts.VehicleDraft) -> None:
    refuse(
        [
            ("/plate", "required", bool(draft.plate.strip())),
            *_text("/plate", draft.plate, PLATE_MAX),
            ("/vin", "pattern", not draft.vin or bool(_VIN.fullmatch(draft.vin))),
            ("/energy_pm", "range", draft.energy_pm is None or 0 <= draft.energy_pm <= FULL_PM),
            ("/odometer_m", "range", 0 <= draft.odometer_m <= ODOMETER_MAX_M),
            ("/buffer_seconds", "range", 0 <= draft.buffer_seconds <= BUFFER_MAX),
            *place(draft.latitude_e6, draft.longitude_e6),
        ]
    )


def place(latitude_e6: int, longitude_e6: int, at: str = "") -> Iterator[tuple[str, str, bool]]:
    """A position on earth that is not (0, 0), which is what a receiver without a fix says."""
    yield f"{at}/latitude_e6", "range", abs(latitude_e6) <= 90_000_000  # noqa: PLR2004 (the pole)
    yield f"{at}/longitude_e6", "range", abs(longitude_e6) <= 180_000_000  # noqa: PLR2004 (the date line)
    yield f"{at}/latitude_e6", "fix", (latitude_e6, longitude_e6) != (0, 0)


def _words(at: str, words: Words) -> Iterator[tuple[str, str, bool]]:
    yield at, "required", bool(words.within(None).strip())
    yield at, "length", max(len(words.en), len(words.zh), len(words.ko)) <= ADDRESS_MAX
    yield at, "characters", "\0" not in words.en + words.zh + words.ko


def _text(at: str, text: str, most: int) -> Iterator[tuple[str, str, bool]]:
    yield at, "length", len(text) <= most
    yield at, "characters", "\0" not in text
