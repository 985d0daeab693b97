"""What a field says of itself, as data. `site` lists fields; `ui` and `plan` read manifests and never a field's code."""

from typing import Literal

import msgspec

from lilong.kernel.base.words import Words

Quality = Literal["planned", "open"]


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A number computed from events alone: over events of `events` types that match `where`, sum `path` or count.

    `path` is a dotted path into the event's data that yields integers ('' counts events; 'lines.*.quantity' sums over a
    list). `where` maps dotted paths to the accepted values (any of them; all paths must match).
    `distinct` counts the different values found at that path within the period instead of summing.
    `minus` are taken away. What they take away belongs to an event of this measure's own types about the same subject
    (the refund's order): it is taken from that event's month and district, so that both cancel out. Without such an
    event before it in the log, it counts in its own month. In a distinct measure, `minus` measures are distinct too.
    """

    events: tuple[str, ...]
    path: str = ""
    where: dict[str, tuple[str | int | bool, ...]] = {}
    distinct: str = ""
    minus: tuple["Measure", ...] = ()


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of the plan. Without `denominator` its value is the numerator's; with one it is their ratio.

    `unit` is what the value is: 'money' (minor units), 'count', 'share' (a ratio: 0.177 is 17.7%), 'growth' (the
    numerator of a period over `baseline`, less one; without a baseline, over the same period of the year before),
    'duration' (an average in seconds: seconds over what they are counted for).
    `baseline` is for one `period`, in the value's own unit (for 'growth' in the numerator's); `target` is in the
    value's own unit. `disaggregation` names paths into the event's data ('district'), at most three besides 'month',
    which every indicator has; 'field' is the data's own, else the first word of the event's type.
    """

    id: str
    name: Words
    definition: Words
    unit: Literal["money", "count", "share", "growth", "duration"]
    numerator: Measure
    denominator: Measure | None = None
    disaggregation: tuple[str, ...] = ("month",)
    period: Literal["month", "quarter"] = "month"
    baseline: float | None = None
    baseline_source: Words | str = ""  # shown to readers: in three languages where it is Words
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
