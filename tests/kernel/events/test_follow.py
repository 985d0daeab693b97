"""Projections: in order, once, whole or not at all."""

from collections.abc import Callable, Iterator

import pytest

from lilong.kernel.base import clock
from lilong.kernel.events import follow, queries
from lilong.kernel.events.follow import Projection
from lilong.kernel.events.services import emit, sequence
from tests.kernel.events.city import LOT, LotSold, received

pytestmark = pytest.mark.django_db
Seen = list[int | None]


@pytest.fixture
def projection() -> Iterator[Callable[..., Seen]]:
    """Registers projections that collect the places they are given."""
    before = dict(follow._projections)

    def register(name: str, types: tuple[str, ...] = (), fails_at: int = 0) -> Seen:
        seen: Seen = []

        def apply(events: list[follow.Recorded]) -> None:
            if any(event.seq == fails_at for event in events):
                raise ZeroDivisionError
            seen.extend(event.seq for event in events)

        follow.register(Projection(name, types, apply, seen.clear))
        return seen

    yield register
    follow._projections.clear()
    follow._projections.update(before)


def test_it_reads_each_event_once_in_order(projection: Callable[..., Seen]) -> None:
    seen = projection("testing.all")
    received(1, 2, 3, 4, 5)
    assert follow.advance("testing.all") == 0
    sequence()
    assert [follow.advance("testing.all", 3), follow.advance("testing.all", 3), follow.advance("testing.all", 3)] == [
        3,
        2,
        0,
    ]
    assert seen == [1, 2, 3, 4, 5]


def test_it_gets_its_own_types_and_passes_over_the_others(projection: Callable[..., Seen]) -> None:
    seen = projection("testing.sold", ("testing.lot.sold",))
    received(1, 2)
    emit(LotSold(lot=LOT, quantity=1), subject=LOT)
    received(3)
    sequence()
    assert follow.advance("testing.sold", 2) == 2
    assert follow.advance("testing.sold", 2) == 2
    assert seen == [3]
    assert queries.cursors()["testing.sold"] == 4


def test_one_that_fails_keeps_its_place_and_does_not_stop_another(projection: Callable[..., Seen]) -> None:
    broken, sound = projection("testing.a-broken", fails_at=2), projection("testing.b-sound")
    received(1, 2, 3)
    sequence()
    with pytest.raises(ZeroDivisionError):
        follow.advance("testing.a-broken")
    follow.advance_all()
    assert (broken, sound) == ([], [1, 2, 3])
    assert follow.advance("testing.a-broken", 1) == 1
    assert broken == [1]


def test_a_replay_gives_the_same_again(projection: Callable[..., Seen]) -> None:
    seen = projection("testing.again")
    received(1, 2, 3)
    sequence()
    follow.advance("testing.again")
    assert follow.replay("testing.again") == 3
    assert seen == [1, 2, 3]


def test_the_lag_is_counted_in_places_and_seconds(projection: Callable[..., Seen]) -> None:
    projection("testing.lag")
    received(1, 2, 3)
    sequence()
    follow.advance("testing.lag", 1)
    then = queries.after(1, 1)[0].recorded_at
    with clock.at(then.replace(year=then.year + 1)):
        lag = next(lag for lag in follow.lags() if lag.name == "testing.lag")
    assert (lag.seq, lag.behind) == (1, 2)
    assert lag.seconds == (then.replace(year=then.year + 1) - then).total_seconds()
    follow.advance("testing.lag")
    lag = next(lag for lag in follow.lags() if lag.name == "testing.lag")
    assert (lag.seq, lag.behind, lag.seconds) == (3, 0, 0.0)


def test_a_name_is_registered_once(projection: Callable[..., Seen]) -> None:
    projection("testing.once")
    with pytest.raises(ValueError, match="registered already"):
        projection("testing.once")
