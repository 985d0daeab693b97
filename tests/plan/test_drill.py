"""From a number to its events: complete for operators, one's own for parties, none for others."""

from datetime import date

import pytest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Forbidden, Invalid
from lilong.kernel.events import follow
from lilong.kernel.events.services import emit, sequence
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor
from lilong.plan import queries, services
from tests.kernel.parties import city
from tests.plan import trial
from tests.plan.trial import BUYERS, at, returned, sold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_field")]
APRIL = date(2020, 4, 1)
WHY = "checking a complaint"


def advanced() -> None:
    sequence()
    while follow.advance("plan"):
        pass


def buyer(n: int) -> Actor:
    return Actor(party=BUYERS[n], kind="person")


def history() -> None:
    first = sold(100, at(2020, 4, 5), buyer=1)
    sold(30, at(2020, 4, 6), buyer=2, district="jingan", channel="vending")
    sold(7, at(2020, 5, 6), buyer=1)
    returned(first, 40, at(2020, 5, 7), buyer=1)
    advanced()


def test_the_events_add_up_to_the_number_for_an_operator_who_says_why() -> None:
    history()
    operator = city.person("Lin", staff=True)
    for id, start, expected in (
        ("trial.turnover", APRIL, [-40, 30, 100]),
        ("trial.turnover", date(2020, 5, 1), [7]),
        ("trial.buyers", APRIL, [-1, 1, 1]),
    ):
        drill = services.opened(operator, queries.found(id), start, why=WHY)
        assert [event.numerator for event in drill.items] == expected
    sliced = services.opened(operator, queries.found("trial.turnover"), APRIL, "district=pudong", why=WHY)
    assert [event.numerator for event in sliced.items] == [-40, 100]
    share = services.opened(operator, queries.found("trial.unattended"), APRIL, why=WHY)
    assert [(e.numerator, e.denominator) for e in share.items] == [(30, 30), (None, 100)]


def test_what_an_operator_reads_stands_in_the_parties_access_logs() -> None:
    resident = city.person("Mei")
    fact = trial.Returned(buyer=resident.party, district="pudong", channel="online", total=5)
    emit(fact, subject=ids.uuid7(), at=at(2020, 4, 5))
    advanced()
    operator = city.person("Lin", staff=True)
    services.opened(operator, queries.found("trial.turnover"), APRIL, why=WHY)
    entries = parties.access_log(resident.party).items
    assert [(e.reader, e.what, e.why) for e in entries] == [(operator.party, "events behind trial.turnover", WHY)]


def test_a_reason_too_short_is_refused() -> None:
    history()
    with pytest.raises(Invalid):
        services.opened(city.person("Lin", staff=True), queries.found("trial.turnover"), APRIL, why="x")


def test_a_party_sees_its_own_events_only_and_may_not_claim_a_reason() -> None:
    history()
    turnover = queries.found("trial.turnover")
    assert [e.numerator for e in services.opened(buyer(1), turnover, APRIL).items] == [-40, 100]
    assert [e.numerator for e in services.opened(buyer(2), turnover, APRIL).items] == [30]
    assert services.opened(buyer(3), turnover, APRIL).items == []
    with pytest.raises(Forbidden):
        services.opened(buyer(1), turnover, APRIL, why=WHY)


def test_members_see_their_organisations_events_as_far_as_their_role_goes() -> None:
    history()
    turnover = queries.found("trial.turnover")
    for role, expected in (("manager", [30]), ("auditor", [30]), ("picker", [])):
        member = Actor(party=ids.uuid7(), kind="person", roles={BUYERS[2]: frozenset({role})})
        assert [e.numerator for e in services.opened(member, turnover, APRIL).items] == expected


def test_a_credential_without_the_scope_sees_nothing() -> None:
    narrow = Actor(party=BUYERS[1], kind="person", scopes=frozenset({"orders:place"}))
    with pytest.raises(Forbidden):
        services.opened(narrow, queries.found("trial.turnover"), APRIL)


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    for n in range(7):
        sold(n, at(2020, 4, 5), buyer=1)
    advanced()
    seen: list[int | None] = []
    cursor = ""
    while True:
        drill = services.opened(buyer(1), queries.found("trial.turnover"), APRIL, cursor=cursor, size=3)
        seen += [event.numerator for event in drill.items]
        cursor = drill.next
        if not cursor:
            break
    assert seen == [6, 5, 4, 3, 2, 1, 0]
    with pytest.raises(Invalid):
        services.opened(buyer(1), queries.found("trial.turnover"), APRIL, cursor="x'")
