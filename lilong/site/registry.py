"""The twelve doors: the plan's fields, those of them that this house has opened, and what each says of itself."""

from functools import cache
from importlib import import_module

import msgspec

from lilong.kernel.base.manifest import Field
from lilong.kernel.base.words import Words
from lilong.plan import content as plan
from lilong.site.fields import FIELD_APPS


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """One of the twelve, open or not yet."""

    number: int
    code: str
    name: Words
    promise: Words
    field: Field | None = None

    @property
    def open(self) -> bool:
        return self.field is not None and self.field.quality == "open"


@cache
def manifests() -> dict[str, Field]:
    """The manifests of the installed fields by code, in the doors' order."""
    found = [import_module(f"{app}.field").FIELD for app in FIELD_APPS]
    return {field.code: field for field in sorted(found, key=lambda field: field.number)}


@cache
def doors() -> tuple[Door, ...]:
    """All twelve by number: named by their manifest where there is one, by the plan otherwise."""
    opened = manifests()
    return tuple(
        Door(
            number=planned.number,
            code=planned.code,
            name=opened[planned.code].name if planned.code in opened else planned.name,
            promise=opened[planned.code].promise if planned.code in opened else planned.promise,
            field=opened.get(planned.code),
        )
        for planned in sorted(plan.fields(), key=lambda planned: planned.number)
    )


def open_codes() -> list[str]:
    return [door.code for door in doors() if door.open]
