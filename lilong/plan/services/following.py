"""The projection `plan`: a batch of events into the cells, by a handful of statements whatever its size."""

import logging

from lilong.kernel.events import queries as log
from lilong.kernel.events.follow import Projection
from lilong.kernel.events.rules.envelope import Recorded
from lilong.plan import registry
from lilong.plan.queries.origins import origins_of
from lilong.plan.rules.contributions import Contribution, contributions, reversed_types
from lilong.plan.rules.fold import fold, keys_of
from lilong.plan.services import store

RECOMPUTE_BATCH = 2000

_log = logging.getLogger(__name__)


def apply(events: list[Recorded]) -> None:
    """Adds the events to the numbers. Definitions that changed since the last batch are computed anew from the log's
    beginning first, in the same transaction: readers see the old numbers, then the new ones."""
    if store.definitions() != registry.fingerprint():
        _recompute((events[0].seq or 1) - 1)
    _add(events)


def reset() -> None:
    """Empties the numbers."""
    store.empty(registry.fingerprint())


def _recompute(until: int) -> None:
    """All numbers from the events at the places 1 .. `until`."""
    if until:
        _log.info("the plan's definitions changed: computing from %s places of the log", until)
    reset()
    for start in range(0, until, RECOMPUTE_BATCH):
        _add(log.after(start, min(RECOMPUTE_BATCH, until - start)))


def _add(events: list[Recorded]) -> None:
    batch = _contributed(events)
    state = store.read(*keys_of(batch))
    fold(state, batch)
    store.write(state)


def _contributed(events: list[Recorded]) -> list[tuple[Recorded, list[Contribution]]]:
    terms = registry.terms()
    reversing = reversed_types(terms)
    taking_back = [event for event in events if event.type in reversing]
    types = sorted({type for event in taking_back for type in reversing[event.type]})
    origins = origins_of({event.subject for event in taking_back}, types)
    return [(event, contributions(event, terms, origins)) for event in events]


PROJECTION = Projection("plan", (), apply, reset)
