"""Adding a batch of events to the cells, in the order of the log: the same cells whatever the batches were.

A month is *closed* from the first event in the log that happened more than a day after its end; until then its numbers
are preliminary. What changes the city's number of a closed month (a late event, a refund of an earlier month's order)
is a *restatement*, and is kept. An event dated after its own recording closes nothing: a wrong clock must not.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.events.rules.envelope import Recorded
from lilong.plan.rules.contributions import TOTAL, Contribution, Key, party_of

PARTIES_MIN = 5
GRACE = timedelta(days=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Cell(msgspec.Struct):
    """A number: its value, how many events are behind it, and up to PARTIES_MIN of the parties (slices only)."""

    value: int = 0
    events: int = 0
    parties: list[str] = []


class Restatement(NamedTuple):
    """A closed month's number changed: which, when, from what to what, and by which event."""

    seq: int
    event: UUID
    at: datetime
    indicator: str
    part: str
    month: date
    before: int
    after: int


class State(msgspec.Struct):
    """What a batch starts from and leaves behind. `uses` says how often a distinct value was seen in a cell."""

    cells: dict[Key, Cell]
    uses: dict[tuple[Key, str], int]
    latest: datetime = BEGINNING
    restatements: list[Restatement] = []
    sources: set[tuple[str, date, int]] = set()


def keys_of(batch: Iterable[tuple[Recorded, list[Contribution]]]) -> tuple[set[Key], set[tuple[Key, str]]]:
    """The cells and distinct values that the batch touches: what must be read before it is folded in."""
    cells: set[Key] = set()
    uses: set[tuple[Key, str]] = set()
    for _, contributed in batch:
        for key, _, values in contributed:
            cells.add(key)
            uses.update((key, value) for value, _ in values)
    return cells, uses


def fold(state: State, batch: Iterable[tuple[Recorded, list[Contribution]]]) -> None:
    """Adds the batch to the state, event by event."""
    for event, contributed in batch:
        party = party_of(event)
        for contribution in contributed:
            _add(state, event, contribution, party)
        if event.at <= event.recorded_at + GRACE:
            state.latest = max(state.latest, event.at)


def is_closed(month: date, latest: datetime) -> bool:
    """Whether the log has gone more than a day beyond the end of the month."""
    return latest >= _end_of(month) + GRACE


@lru_cache(maxsize=512)
def _end_of(month: date) -> datetime:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime(following.year, following.month, 1, tzinfo=CITY_ZONE)


def _add(state: State, event: Recorded, contribution: Contribution, party: str) -> None:
    key = contribution.key
    cell = state.cells.get(key)
    if cell is None:
        cell = state.cells[key] = Cell()
    before = cell.value
    cell.events += 1
    cell.value += contribution.amount + _counted(state.uses, contribution)
    if key.slice != TOTAL:
        if len(cell.parties) < PARTIES_MIN and party not in cell.parties:
            cell.parties.append(party)
        return
    seq = event.seq or 0
    state.sources.add((event.type, key.month, seq))
    if cell.value != before and is_closed(key.month, state.latest):
        state.restatements.append(
            Restatement(seq, event.id, event.recorded_at, key.indicator, key.part, key.month, before, cell.value)
        )


def _counted(uses: dict[tuple[Key, str], int], contribution: Contribution) -> int:
    """How many distinct values came (or went), once the uses of each are counted."""
    change = 0
    for value, used in contribution.values:
        before = uses.get((contribution.key, value), 0)
        after = uses[contribution.key, value] = before + used
        change += (after > 0) - (before > 0)
    return change
