"""The paper of a stock movement: written first, so that of two callers with one id the second waits and then sees it."""

from typing import Any
from uuid import UUID

from django.db import connection

from lilong.fields.market.models import Lot, Place, StockPaper
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Violation
from lilong.kernel.parties.actor import Actor

_COLUMNS = ("id", "kind", "lot_id", "place_id", "to_place_id", "quantity", "value", "reason", "asked", "actor", "at")


def paper(
    actor: Actor, *, id: UUID, kind: str, lot: Lot, place: Place, asked: dict[str, Any], **more: Any
) -> StockPaper:
    """An unwritten paper. `asked` is what the caller wanted, as plain JSON: it tells whether a repeated id asks the same."""
    return StockPaper(
        id=id, kind=kind, lot=lot, place=place, asked={"kind": kind} | asked, actor=actor.party, at=clock.now(), **more
    )


def write(papers: list[StockPaper]) -> dict[UUID, StockPaper]:
    """Writes papers in one statement. Answers those whose id was taken before, as they stand; all others were written."""
    if not papers:
        return {}
    row = f"({', '.join(['%s'] * len(_COLUMNS))})"
    adapt = StockPaper._meta.get_field("asked").get_db_prep_save
    values = [
        adapt(getattr(each, name), connection) if name == "asked" else getattr(each, name)
        for each in papers
        for name in _COLUMNS
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO market_stockpaper ({', '.join(_COLUMNS)}) VALUES {', '.join([row] * len(papers))} "  # noqa: S608
            "ON CONFLICT (id) DO NOTHING RETURNING id",
            values,
        )
        written = {id for (id,) in cursor.fetchall()}
    return {each.id: each for each in StockPaper.objects.filter(id__in=[p.id for p in papers if p.id not in written])}


def write_one(new: StockPaper) -> StockPaper | None:
    """Writes one paper, or answers the same that stands. Raises Conflict `id-taken` when the id asked for something else."""
    standing = write([new]).get(new.id)
    if standing is not None:
        require_same(standing, new)
    return standing


def require_same(standing: StockPaper, new: StockPaper) -> None:
    """Raises Conflict `id-taken` unless both papers ask for the same."""
    require_asked(standing, new.asked)


def require_asked(standing: StockPaper, asked: dict[str, Any]) -> None:
    """Raises Conflict `id-taken` unless the paper was asked for so."""
    if standing.asked != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
