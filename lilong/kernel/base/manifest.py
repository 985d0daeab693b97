"""What a field says of itself, as data. `site` lists fields; `ui` and `plan` read manifests and never a field's code."""

from typing import Literal

import msgspec

from lilong.kernel.base.words import Words

Quality = Literal["planned", "open"]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A number computed from events alone: over events of `events` types that match `where`, sum `path` or count.

    `path` is a dotted path into the event's data that yields an integer ('' counts events; 'lines.*.quantity' sums).
    `where` maps dotted paths to the accepted values (any of). `sign` -1 subtracts (refunds).
    `distinct` counts different values of that path within the period instead of summing.
    """

    events: tuple[str, ...]
    path: str = ""
    where: dict[str, tuple[str | int | bool, ...]] = {}
    distinct: str = ""
    minus: tuple["Measure", ...] = ()


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of the plan. Without `denominator` its value is the numerator's; with one it is their ratio.

    `scale` is how the value is shown: 'money' (minor units), 'count', 'share' (ratio as per cent), 'growth' (against the
    baseline, per cent). `baseline` and `target` are in the value's own unit, `baseline_source` says where it is from.
    Disaggregation keys are paths into the event's data ('district') or 'field' and 'month', which every event has.
    """

    id: str
    name: Words
    definition: Words
    unit: Literal["money", "count", "share", "growth"]
    numerator: Measure
    denominator: Measure | None = None
    disaggregation: tuple[str, ...] = ("month",)
    baseline: float | None = None
    baseline_source: str = ""
    target: float | None = None
    due: str = ""
    better: Literal["more", "less"] = "more"
    measure: str = ""  # which of the plan's 23 measures it belongs to, e.g. 'F7'
    goal: str = ""  # which goal, e.g. 'G2'


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the field's own menu: a URL name and its words. `role` limits it ('' is everybody)."""

    name: Words
    url: str
    role: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One of the twelve doors. `figure` names the indicator shown on the door itself."""

    code: str
    number: int
    name: Words
    promise: Words
    standards: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    pages: tuple[Page, ...] = ()
    figure: str = ""
    colour: str = ""
    quality: Quality = "open"
