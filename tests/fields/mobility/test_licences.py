"""Driving licences: whose, until when, and who decides."""

from datetime import date

import pytest

from lilong.fields.mobility.models import Licence
from lilong.fields.mobility.rules.licences import sound_number
from lilong.fields.mobility.services import licences
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.mobility.scene import Town, later, number_of

GOOD = "11010519491231002X"  # the example of GB 11643-1999


def submit(town: Town, who: Actor, **more: object) -> Licence:
    given = {"id": ids.uuid7(), "number": GOOD, "classes": ["C1"], "valid_until": date(2035, 1, 1)} | more
    return licences.submit_licence(who, **given)  # type: ignore[arg-type]


def test_the_check_digit_of_the_standard():
    assert sound_number(GOOD) and sound_number(number_of(ids.uuid7()))
    assert not any(
        map(sound_number, ["110105194912310021", "11010519491231002", "", "1101051949123100XX", GOOD.lower()])
    )


def test_what_is_kept_is_no_number(town: Town, noon: None):
    rider = town.rider()
    row = submit(town, rider, number=f" {GOOD.lower()} ")
    assert GOOD.encode() not in bytes(row.digest)
    assert (row.state, len(bytes(row.digest))) == ("submitted", 32)
    again = submit(town, rider, id=row.id)
    assert (again.id, Licence.objects.count()) == (row.id, 1)
    with pytest.raises(Conflict, match="id-taken"):
        submit(town, rider, id=row.id, classes=["A1"])


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"number": "110105194912310021"}, "/number"),
        ({"number": ""}, "/number"),
        ({"classes": []}, "/classes"),
        ({"classes": ["Q"]}, "/classes"),
        ({"valid_until": date(2030, 4, 7)}, "/valid_until"),
        ({"valid_until": date(9999, 4, 7)}, "/valid_until"),
    ],
)
def test_a_licence_that_cannot_be(town: Town, noon: None, more: dict[str, object], pointer: str):
    with pytest.raises(Invalid) as refused:
        submit(town, town.rider(), **more)
    assert [each.pointer for each in refused.value.violations] == [pointer]


def test_only_verified_and_until_the_end_and_of_the_class(town: Town, noon: None):
    rider = town.rider()
    row = submit(town, rider, valid_until=date(2030, 4, 8))

    def rule(end: object = later(hours=2), needed: str = "C1") -> str:
        try:
            licences.require_licence(rider.party, needed, end)  # type: ignore[arg-type]
        except Conflict as refused:
            return refused.violations[0].rule
        return ""

    assert rule() == "verified"
    licences.decide_licence(SYSTEM, id=row.id, accept=True)
    assert (rule(), rule(needed="C2"), rule(needed="A1"), rule(needed="")) == ("", "", "class", "")
    assert rule(later(hours=11, minutes=59)) == ""  # 23:59 of its last day in Shanghai
    assert rule(later(hours=12)) == "valid-until-end"
    licences.revoke_licence(SYSTEM, id=row.id, reason="suspended")
    assert rule() == "verified"


def test_the_city_decides_and_the_holder_sees_who_looked(town: Town, noon: None):
    rider = town.rider()
    row = submit(town, rider)
    for actor in (rider, town.owner, town.manager):
        with pytest.raises(Forbidden):
            licences.decide_licence(actor, id=row.id, accept=True)
    desk = Actor(party=town.person("Desk").party, kind="person", staff=True)
    assert licences.decide_licence(desk, id=row.id, accept=True).state == "verified"
    assert licences.decide_licence(desk, id=row.id, accept=True).state == "verified"
    (seen,) = parties.access_log(rider.party).items
    assert (seen.reader, seen.what) == (desk.party, "licence")
    with pytest.raises(Conflict, match="wrong-state"):
        licences.decide_licence(desk, id=row.id, accept=False, reason="blurred")
    with pytest.raises(Missing):
        licences.decide_licence(desk, id=ids.uuid7(), accept=True)


def test_one_number_has_one_holder_and_a_holder_one_licence(town: Town, noon: None):
    first, second = town.rider(), town.rider()
    mine, theirs = submit(town, first), submit(town, second)
    licences.decide_licence(SYSTEM, id=mine.id, accept=True)
    with pytest.raises(Conflict, match="licence-taken"):
        licences.decide_licence(SYSTEM, id=theirs.id, accept=True)
    renewed = submit(town, first, valid_until=date(2040, 1, 1))
    licences.decide_licence(SYSTEM, id=renewed.id, accept=True)
    mine.refresh_from_db()
    assert (mine.state, mine.reason) == ("revoked", "replaced")


def test_firms_and_refusals(town: Town, noon: None):
    firm = parties.actor_of_party(town.operator)
    with pytest.raises(Forbidden):
        submit(town, firm)
    row = submit(town, town.rider())
    with pytest.raises(Invalid):
        licences.decide_licence(SYSTEM, id=row.id, accept=False)
    assert licences.decide_licence(SYSTEM, id=row.id, accept=False, reason="blurred").state == "refused"
