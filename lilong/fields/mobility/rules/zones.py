"""What geofences say of a place: GBFS 3.0's rules and their precedence.

From the specification (`geofencing_zones.json`, "Geofencing Rule Precedence"): of colliding rules the earlier in the file
counts, in one polygon or in several that overlap; every zone's rules come before the global ones; where nothing is said,
everything is allowed. A rule that names kinds of vehicles counts for those alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from lilong.fields.mobility.drafts import RuleDraft
from lilong.kernel.base.problems import Invalid, Violation

Act = Literal["start", "end", "through"]
SPEED_MAX = 200  # km/h
RULES_MAX = 20


class Verdict(NamedTuple):
    """What holds at a place for a kind of vehicle. `zone` is whose rule it is (None: a global one, or nobody's).

    `speed_kph` and `station_parking` may be another zone's than the permissions: the earliest that speaks of them.
    """

    start: bool = True
    end: bool = True
    through: bool = True
    speed_kph: int | None = None
    station_parking: bool = False
    zone: UUID | None = None
    rule: int | None = None

    def allows(self, act: Act) -> bool:
        return bool(getattr(self, act))


def verdict(
    zones: Iterable[tuple[UUID, list[Mapping[str, Any]]]], everywhere: Iterable[Mapping[str, Any]], kind: UUID
) -> Verdict:
    """From the zones that hold a place, in order of precedence, each with its rules; then the operator's global rules."""
    found: list[tuple[UUID | None, int, Mapping[str, Any]]] = [
        (zone, n, rule) for zone, rules in zones for n, rule in enumerate(rules) if _concerns(rule, kind)
    ]
    found += [(None, n, rule) for n, rule in enumerate(everywhere) if _concerns(rule, kind)]
    if not found:
        return Verdict()
    zone, n, first = found[0]
    speeds = [rule["maximum_speed_kph"] for _, _, rule in found if rule.get("maximum_speed_kph") is not None]
    parking = [rule["station_parking"] for _, _, rule in found if rule.get("station_parking") is not None]
    return Verdict(
        start=first["ride_start_allowed"],
        end=first["ride_end_allowed"],
        through=first["ride_through_allowed"],
        speed_kph=speeds[0] if speeds else None,
        station_parking=bool(parking and parking[0]),
        zone=zone,
        rule=n,
    )


def kinder(one: Verdict, other: Verdict) -> Verdict:
    """The one that lets a trip end: what was published while it was under way does not count against it."""
    if one.end and not other.end:
        return one
    if other.end and not one.end:
        return other
    return other if one.station_parking and not other.station_parking else one


def stored(rules: Iterable[RuleDraft]) -> list[dict[str, Any]]:
    """Rules as GBFS writes them: what is not said is left out."""
    made = []
    for rule in rules:
        row: dict[str, Any] = (
            {"vehicle_type_ids": [str(id) for id in rule.vehicle_type_ids]} if rule.vehicle_type_ids else {}
        )
        row |= {
            name: getattr(rule, name) for name in ("ride_start_allowed", "ride_end_allowed", "ride_through_allowed")
        }
        for name in ("maximum_speed_kph", "station_parking"):
            if getattr(rule, name) is not None:
                row[name] = getattr(rule, name)
        made.append(row)
    return made


def check_rules(rules: tuple[RuleDraft, ...], at: str, *, least: int = 1) -> None:
    """Raises Invalid naming the rule that cannot be."""
    bad = []
    if not least <= len(rules) <= RULES_MAX:
        bad.append(Violation(pointer=at, rule="length", detail=f"{least}..{RULES_MAX}"))
    for n, rule in enumerate(rules):
        if rule.maximum_speed_kph is not None and not 0 <= rule.maximum_speed_kph <= SPEED_MAX:
            bad.append(Violation(pointer=f"{at}/{n}/maximum_speed_kph", rule="range", detail=f"0..{SPEED_MAX}"))
    if bad:
        raise Invalid("invalid", violations=bad)


def _concerns(rule: Mapping[str, Any], kind: UUID) -> bool:
    kinds = rule.get("vehicle_type_ids")
    return not kinds or str(kind) in kinds
