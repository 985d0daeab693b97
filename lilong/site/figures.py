"""The live figure on each door: the indicator its manifest names, as the plan has counted it. Nothing is invented."""

from collections.abc import Iterable
from typing import NamedTuple

from lilong.kernel.base.manifest import Indicator
from lilong.site.registry import Door
from lilong.ui import shown


class Figure(NamedTuple):
    """What the door's sign says: the value (a dash while there is none) and what it is."""

    value: str
    name: str


def indicator_of(door: Door) -> Indicator | None:
    """The indicator that the field's manifest puts on its door."""
    if door.field is None:
        return None
    return next((each for each in door.field.indicators if each.id == door.field.figure), None)


def current(doors: Iterable[Door]) -> dict[str, float | None]:
    """This month's value of every open door's indicator, by indicator id."""
    return {indicator.id: None for door in doors if (indicator := indicator_of(door))}


def figure(door: Door, values: dict[str, float | None]) -> Figure:
    indicator = indicator_of(door)
    if indicator is None:
        return Figure(shown.DASH, "")
    return Figure(shown.measured(values.get(indicator.id), indicator.unit), str(indicator.name))
