"""Consent, and the log of who read whose data."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.models import AccessEntry
from lilong.kernel.parties.services import Access

from .city import again, firm, person, types

pytestmark = pytest.mark.django_db


def test_consent_holds_for_what_it_says_until_it_ends() -> None:
    mei, bo = person(), person("Bo")
    lab, other = firm(bo, "Lab"), firm(bo, "Other")
    id, until = ids.uuid7(), clock.now() + timedelta(days=30)
    body = {"id": id, "to": lab, "purpose": "research", "categories": ["orders", "profile"], "until": until}
    given = services.give_consent(mei, **body)
    assert given == services.give_consent(mei, **body)

    def holds(**more: object) -> bool:
        return queries.consented(
            **({"party": mei.party, "to": lab, "purpose": "research", "category": "orders"} | more)
        )

    assert [
        holds(),
        holds(category="profile"),
        holds(category="health"),
        holds(purpose="adverts"),
        holds(to=other),
        holds(party=bo.party),
    ] == [True, True, False, False, False, False]
    with clock.at(until):
        assert holds() is False
    for stranger in (bo, again(bo)):
        with pytest.raises(Missing):
            services.withdraw_consent(stranger, id=id)
    with pytest.raises(Conflict):
        services.give_consent(mei, **(body | {"purpose": "adverts"}))
    with pytest.raises(Conflict):
        services.give_consent(bo, **body)
    ended = services.withdraw_consent(mei, id=id)
    assert (services.withdraw_consent(mei, id=id), holds()) == (ended, False)
    assert types(mei.party)[1:] == ["parties.consent.given", "parties.consent.withdrawn"]


def test_bad_consents_change_nothing() -> None:
    mei, bo = person(), person("Bo")
    body = {"id": ids.uuid7(), "to": bo.party, "purpose": "research", "categories": ["orders"]}
    for wrong in (
        {"purpose": ""},
        {"purpose": "For Research"},
        {"categories": []},
        {"categories": ["A"]},
        {"until": clock.now()},
        {"until": clock.now() + timedelta(days=9999)},
    ):
        with pytest.raises(Invalid):
            services.give_consent(mei, **(body | wrong))
    with pytest.raises(Missing):
        services.give_consent(mei, **(body | {"to": ids.uuid7()}))
    with pytest.raises(Forbidden):
        services.give_consent(mei.narrowed(frozenset({"parties:read"})), **body)
    assert queries.consents(mei.party) == []


def test_a_resident_sees_who_read_what_when_and_why() -> None:
    mei, bo, boss = person(), person("Bo"), person("Ada", staff=True)
    file = services.read_person(boss, person=mei.party, why="  Complaint   77 of today ")
    assert (file.name, file.id) == ("Mei", mei.party)
    services.record_accesses(
        boss, [Access(mei.party, "orders", "Recall of lot 4"), Access(bo.party, "orders", "Recall of lot 4")]
    )
    entries = queries.access_log(mei.party).items
    assert [(entry.reader, entry.reader_name, entry.what, entry.why) for entry in entries] == [
        (boss.party, "Ada", "orders", "Recall of lot 4"),
        (boss.party, "Ada", "profile", "Complaint 77 of today"),
    ]
    assert len(queries.access_log(bo.party).items) == 1

    def texts(text: str) -> list[str]:
        return [entry.what for entry in queries.access_log(mei.party, text=text).items]

    assert [texts("recall"), texts("PROFILE"), texts("ada"), texts("bo"), texts("100%")] == [
        ["orders"],
        ["profile"],
        ["orders", "profile"],
        [],
        [],
    ]


def test_the_log_pages_and_refuses_foreign_cursors() -> None:
    mei, boss = person(), person("Ada", staff=True)
    services.record_accesses(boss, [Access(mei.party, f"page {n}", "Audit of the year") for n in range(5)])
    first = queries.access_log(mei.party, size=2)
    second = queries.access_log(mei.party, size=2, cursor=first.next)
    third = queries.access_log(mei.party, size=2, cursor=second.next)
    assert [e.what for page in (first, second, third) for e in page.items] == [f"page {n}" for n in (4, 3, 2, 1, 0)]
    assert third.next == ""
    for cursor in ("x", "WyJhIl0", "W10", "bnVsbA", "W1tdXQ"):
        with pytest.raises(Invalid):
            queries.access_log(mei.party, cursor=cursor)
    for size in (0, -1, 101):
        with pytest.raises(Invalid):
            queries.access_log(mei.party, size=size)


def test_no_reason_no_reading() -> None:
    mei, bo, boss = person(), person("Bo"), person("Ada", staff=True)
    for why in ("", "    ", "abc", "x" * 501, "a\x00bcdef"):
        with pytest.raises(Invalid):
            services.read_person(boss, person=mei.party, why=why)
    for actor in (bo, boss.narrowed(frozenset({"parties:read"}))):
        with pytest.raises(Missing):
            services.read_person(actor, person=mei.party, why="I am curious")
    for missing in (ids.uuid7(), firm(bo)):
        with pytest.raises(Missing):
            services.read_person(boss, person=missing, why="Complaint 77")
    assert services.read_person(mei, person=mei.party, why="my own data").name == "Mei"
    assert AccessEntry.objects.count() == 0


def test_the_database_itself_keeps_the_log() -> None:
    mei, boss = person(), person("Ada", staff=True)
    services.record_access(boss, subject=mei.party, what="profile", why="Complaint 77")
    for statement in (
        "UPDATE parties_accessentry SET why = ''",
        "DELETE FROM parties_accessentry",
        "TRUNCATE parties_accessentry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AccessEntry.objects.count() == 1
