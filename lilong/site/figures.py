"""The live figure on each door: the indicator its manifest names, as the plan has counted it. Nothing is invented."""

from collections.abc import Iterable
from typing import NamedTuple

from lilong.kernel.base.manifest import Indicator
from lilong.plan import queries as plan
from lilong.site.registry import Door
from lilong.ui import shown


class OnDoor(NamedTuple):
    """What a door's sign says: the value (a dash while there is none) and what it is."""

    value: str
    name: str


def on_doors(doors: Iterable[Door]) -> dict[str, OnDoor]:
    """The newest figure of every open door, by the field's code, read together."""
    wanted = {door.code: indicator for door in doors if (indicator := _indicator(door))}
    figures = plan.figures(list(wanted.values())) if wanted else {}
    return {
        code: OnDoor(shown.measured(figures[indicator.id].value, indicator.unit), str(indicator.name))
        for code, indicator in wanted.items()
    }


def _indicator(door: Door) -> Indicator | None:
    """The indicator that the field's manifest puts on its door."""
    if door.field is None:
        return None
    return next((each for each in door.field.indicators if each.id == door.field.figure), None)
