"""What a journey is: which facts it hears, which of its runs each belongs to, and what it does then."""

from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec

from lilong.kernel.events.follow import Recorded

Reaction = Callable[[Recorded], None]


class Journey(msgspec.Struct, frozen=True):
    """`run_of` answers whose run an event belongs to (None: nobody's, it is not heard). `reactions` are by type of event.

    A reaction calls doors, in one transaction with the note that it was done: it is done once, or as if never. Events of a
    run are answered one after another, in the log's order. A refusal (Problem) whose code is in `waits` means that the time
    has not come yet: asked again later. Any other leaves the run standing for an operator.
    """

    name: str
    run_of: Callable[[Recorded], UUID | None]
    reactions: Mapping[str, Reaction]
    waits: frozenset[str] = frozenset()


_journeys: dict[str, Journey] = {}


def register(journey: Journey) -> None:
    """Makes the journey known (in the app's `ready`); the same name again replaces it."""
    _journeys[journey.name] = journey


def forget(name: str) -> None:
    _journeys.pop(name, None)


def journeys() -> dict[str, Journey]:
    """All journeys by name."""
    return dict(_journeys)
