from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules.expiry import sellable
from lilong.fields.market.rules.picking import Candidate, plan

DAY = date(2020, 4, 8)


def lot(n: int, days: int | None, available: int, recalled: bool = False) -> Candidate:
    day = None if days is None else DAY + timedelta(days=days)
    return Candidate(lot=UUID(int=n), code=f"L{n}", best_before=day, available=available, recalled=recalled)


def test_the_first_to_expire_goes_first_and_every_choice_is_explained():
    found = plan(7, [lot(1, 5, 9), lot(2, 1, 4), lot(3, -1, 8), lot(4, 2, 0), lot(5, 3, 6, True), lot(6, None, 5)], DAY)
    assert [(p.code, p.quantity, p.why) for p in found.picks] == [
        ("L2", 4, "first-to-expire"),
        ("L1", 3, "rest-after-earlier-lots"),
    ]
    assert [(p.code, p.why) for p in found.passed] == [
        ("L3", "expires-before-delivery"),
        ("L4", "empty"),
        ("L5", "recalled"),
        ("L6", "not-needed"),
    ]
    assert found.missing == 0


def test_a_lot_that_expires_before_the_delivery_is_not_allocated():
    found = plan(3, [lot(1, 1, 10)], DAY + timedelta(days=2))
    assert (found.picks, found.missing) == ((), 3)


LOTS = st.lists(
    st.builds(lot, st.integers(1, 99), st.none() | st.integers(-5, 20), st.integers(0, 50), st.booleans()),
    max_size=8,
    unique_by=lambda c: c.lot,
)


@given(st.integers(0, 200), LOTS, st.integers(0, 10), st.integers(0, 3))
def test_plans_take_all_they_can_in_order_of_expiry(needed: int, lots: list[Candidate], ahead: int, margin: int):
    deliver = DAY + timedelta(days=ahead)
    found = plan(needed, lots, deliver, margin)
    usable = [c for c in lots if not c.recalled and sellable(c.best_before, deliver, margin)]
    assert sum(p.quantity for p in found.picks) + found.missing == needed
    assert found.missing == max(0, needed - sum(c.available for c in usable))
    taken = {p.lot: p.quantity for p in found.picks}
    dates = [p.best_before or date.max for p in found.picks]
    assert dates == sorted(dates)
    for chosen in found.picks[:-1]:  # only the last lot may be opened and not emptied
        assert chosen.quantity == next(c.available for c in lots if c.lot == chosen.lot)
    assert set(taken) <= {c.lot for c in usable}
    assert len(found.picks) + len(found.passed) == len(lots)
