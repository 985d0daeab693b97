"""Reads of imports, for their seller."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.market.models import Import
from lilong.fields.market.rules import roles
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.actor import Actor

_SHOWN = 50


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """An import and its report: for every refused cell `row`, `column`, `rule`, `detail`."""

    id: UUID
    seller: UUID
    kind: str
    dry_run: bool
    whole: bool
    state: str
    rows: int
    done: int
    taken: int
    report: list[dict[str, str | int]]
    unknown: list[str]
    created_at: datetime
    finished_at: datetime | None


def one(actor: Actor, id: UUID) -> ImportView:
    """One import; Missing for others than its seller's people."""
    found = Import.objects.defer("content").filter(id=id).first()
    if found is None or not _sees(actor, found.seller):
        raise Missing("no-such-import", violations=[Violation(pointer="/id", rule="known")])
    return view(found)


def imports_of(actor: Actor, seller: UUID) -> list[ImportView]:
    """A seller's last 50 imports, newest first."""
    if not _sees(actor, seller):
        raise Missing("no-such-seller", violations=[Violation(pointer="/seller", rule="known")])
    rows = Import.objects.defer("content").filter(seller=seller).order_by("-created_at", "-id")[:_SHOWN]
    return [view(row) for row in rows]


def view(row: Import) -> ImportView:
    return ImportView(**{name: getattr(row, name) for name in ImportView.__struct_fields__})


def _sees(actor: Actor, seller: UUID) -> bool:
    return actor.staff or actor.acts_for(seller, *roles.RANGE, *roles.STOCK)
