"""People and organisations: created, repeated, refused, corrected, erased."""

from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem
from lilong.kernel.base.words import Words
from lilong.kernel.events.models import Event
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM
from lilong.kernel.parties.drafts import OrganisationDraft, PersonDraft
from lilong.kernel.parties.models import Party, User

from .city import PASSWORD, address, again, firm, person, types

pytestmark = pytest.mark.django_db


def test_a_person_is_created_once_whatever_is_repeated() -> None:
    id = ids.uuid7()
    body = {"id": id, "name": "Mei Lin", "email": "Mei@Example.org", "district": "huangpu", "language": "ko"}
    first = services.create_person(SYSTEM, **body)
    assert first == services.create_person(SYSTEM, **body)
    assert (first.kind, str(first.name), first.district, first.language) == ("person", "Mei Lin", "huangpu", "ko")
    assert queries.email_of(id) == "mei@example.org"
    with pytest.raises(Conflict) as other:
        services.create_person(SYSTEM, **(body | {"name": "Another"}))
    assert other.value.code == "id-taken"
    with pytest.raises(Conflict) as taken:
        services.create_person(SYSTEM, **(body | {"id": ids.uuid7()}))
    assert (taken.value.code, taken.value.violations[0].pointer) == ("email-taken", "/email")
    assert queries.districts([id]) == {id: "huangpu"}
    assert types(id) == ["parties.person.joined"]


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("name", "", "required"),
        ("name", "  ", "required"),
        ("name", "x" * 201, "max-length"),
        ("name", "a\x00b", "characters"),
        ("name", "a\u202eb", "characters"),
        ("name", "\ud800", "characters"),
        ("email", "", "email"),
        ("email", "nobody", "email"),
        ("email", "a@b@c.org", "email"),
        ("email", "a b@c.org", "email"),
        ("email", "a@c.org\n", ""),
        ("email", "\ud800@c.org", "email"),
        ("email", "x" * 250 + "@c.org", "email"),
        ("district", "atlantis", "unknown-district"),
        ("language", "xx", "unknown-language"),
        ("password", "short", "password_too_short"),
        ("password", "1234567890123", "password_entirely_numeric"),
        ("password", "password1234", "password_too_common"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(member: str, value: str, rule: str) -> None:
    body = {"id": ids.uuid7(), "name": "Mei", "email": "mei@example.org", "password": PASSWORD} | {member: value}
    if not rule:  # white space around an address is no fault
        assert queries.email_of(services.create_person(SYSTEM, **body).id) == value.strip()
        return
    before = Party.objects.count(), Event.objects.count()
    with pytest.raises(Invalid) as refused:
        services.create_person(SYSTEM, **body)
    assert (f"/{member}", rule) in [(v.pointer, v.rule) for v in refused.value.violations]
    assert (Party.objects.count(), Event.objects.count()) == before


def test_a_batch_answers_each_in_order_and_a_bad_one_touches_only_itself() -> None:
    good, twin = ids.uuid7(), ids.uuid7()
    kept = person()
    drafts = [
        PersonDraft(id=good, name="A", email="a@example.org"),
        PersonDraft(id=ids.uuid7(), name="", email="b@example.org"),
        PersonDraft(id=ids.uuid7(), name="C", email=address(kept.party)),
        PersonDraft(id=good, name="A", email="a@example.org"),
        PersonDraft(id=good, name="Z", email="z@example.org"),
        PersonDraft(id=twin, name="D", email="A@example.org"),
        PersonDraft(id=kept.party, name="E", email="e@example.org"),
    ]
    answers = services.create_people(SYSTEM, drafts)
    said = [answer.code if isinstance(answer, Problem) else answer.id for answer in answers]
    assert said == [good, "invalid", "email-taken", good, "id-taken", "email-taken", "id-taken"]
    assert not Party.objects.filter(id=twin).exists()
    assert services.create_people(SYSTEM, []) == []


def test_hundreds_are_written_by_a_handful_of_statements(django_assert_max_num_queries: object) -> None:
    shared = make_password(PASSWORD)
    drafts = [
        PersonDraft(id=ids.uuid7(), name=f"R{n}", email=f"r{n}@example.org", password_hash=shared) for n in range(400)
    ]
    with django_assert_max_num_queries(12):
        answers = services.create_people(SYSTEM, drafts)
    assert [answer.id for answer in answers] == [draft.id for draft in drafts]
    assert User.objects.get(email="r399@example.org").check_password(PASSWORD)
    firms = [
        OrganisationDraft(id=ids.uuid7(), name=Words(zh="里弄"), owner=draft.id, kind="grocer") for draft in drafts
    ]
    with django_assert_max_num_queries(12):
        founded = services.create_organisations(SYSTEM, firms)
    assert [answer.id for answer in founded] == [draft.id for draft in firms]
    assert Event.objects.filter(type="parties.organisation.founded").count() == 400


def test_only_operators_and_the_house_enter_people() -> None:
    mei, boss = person(), person("Ada", staff=True)
    draft = {"id": ids.uuid7(), "name": "New", "email": "new@example.org"}
    with pytest.raises(Forbidden):
        services.create_person(mei, **draft)
    with pytest.raises(Forbidden):
        services.create_person(boss.narrowed(frozenset({"staff", "orders:place"})), **draft)
    with pytest.raises(Forbidden):
        services.create_person(boss.narrowed(frozenset({"staff", "parties:write"})), **draft, staff=True)
    assert services.create_person(boss, **draft).id == draft["id"]


def test_organisations_are_founded_for_oneself_only() -> None:
    mei, bo = person(), person("Bo")
    id = ids.uuid7()
    body = {"id": id, "name": Words(en="Lane", zh="里弄"), "owner": mei.party, "kind": "grocer", "district": "xuhui"}
    with pytest.raises(Forbidden):
        services.create_organisation(bo, **body)
    first = services.create_organisation(mei, **body)
    assert first == services.create_organisation(mei, **body)
    assert again(mei).roles == {id: frozenset({"owner"})}
    with pytest.raises(Conflict):
        services.create_organisation(bo, **(body | {"owner": bo.party}))
    with pytest.raises(Missing):
        services.create_organisation(SYSTEM, **(body | {"id": ids.uuid7(), "owner": ids.uuid7()}))
    with pytest.raises(Missing):
        services.create_organisation(SYSTEM, **(body | {"id": ids.uuid7(), "owner": id}))
    for wrong in ({"name": Words()}, {"kind": "Big Shop"}, {"district": "atlantis"}):
        with pytest.raises(Invalid):
            services.create_organisation(mei, **(body | {"id": ids.uuid7()} | wrong))
    assert types(id) == ["parties.organisation.founded", "parties.member.added"]


def test_members_are_the_owners_affair_and_the_last_owner_stays() -> None:
    mei, bo, cy = person(), person("Bo"), person("Cy")
    shop, other = firm(mei), firm(bo)
    mei, bo = again(mei), again(bo)
    add = {"organisation": shop, "person": cy.party, "roles": ["picker", "clerk", "picker"]}
    for stranger in (bo, cy):
        with pytest.raises(Forbidden):
            services.add_member(stranger, **add)
    view = services.add_member(mei, **add)
    assert (view, view.roles) == (services.add_member(mei, **add), ["clerk", "picker"])
    cy = again(cy)
    with pytest.raises(Forbidden):
        services.add_member(cy, **(add | {"roles": ["owner"]}))
    with pytest.raises(Forbidden):
        services.remove_member(cy, organisation=shop, person=mei.party)
    for attempt in (
        lambda: services.remove_member(mei, organisation=shop, person=mei.party),
        lambda: services.add_member(mei, organisation=shop, person=mei.party, roles=["clerk"]),
        lambda: services.erase_person(mei, person=mei.party),
    ):
        with pytest.raises(Conflict) as last:
            attempt()
        assert last.value.code == "last-owner"
    services.add_member(mei, **(add | {"roles": ["owner"]}))
    services.remove_member(mei, organisation=shop, person=mei.party)
    with pytest.raises(Forbidden):  # the Actor still says owner; the table no longer does
        services.remove_member(mei, organisation=shop, person=cy.party)
    services.remove_member(bo, organisation=shop, person=bo.party)
    assert [member.person for member in queries.members(shop)] == [cy.party]
    assert [member.person for member in queries.members(other)] == [bo.party]
    with pytest.raises(Missing):
        services.add_member(again(bo), organisation=other, person=shop, roles=["clerk"])
    assert types(shop)[2:] == [
        "parties.member.added",
        "parties.member.changed",
        "parties.member.removed",
    ]


def test_correcting_is_for_oneself_and_operators() -> None:
    mei, bo, boss = person(), person("Bo"), person("Ada", staff=True)
    assert str(services.correct_person(mei, person=mei.party, name="Mei Lin").name) == "Mei Lin"
    assert services.correct_person(boss, person=mei.party, district="putuo").district == "putuo"
    assert services.correct_person(mei, person=mei.party, language="ko", district="putuo").language == "ko"
    for actor, id in ((bo, mei.party), (mei, ids.uuid7()), (boss, firm(bo))):
        with pytest.raises(Missing):
            services.correct_person(actor, person=id, name="X")
    with pytest.raises(Forbidden):
        services.correct_person(mei.narrowed(frozenset({"orders:place"})), person=mei.party, name="X")
    corrected = Event.objects.filter(subject=mei.party, type="parties.person.corrected").order_by("id")
    assert [event.data["members"] for event in corrected] == [["name"], ["district"], ["language"]]
    assert "Mei" not in str(list(Event.objects.values_list("data", flat=True)))


def test_erasing_leaves_the_number_and_nothing_else() -> None:
    mei, bo, boss = person("Mei Lin", password=PASSWORD), person("Bo"), person("Ada", staff=True)
    shop = firm(bo)
    services.add_member(again(bo), organisation=shop, person=mei.party, roles=["clerk"])
    consent = services.give_consent(mei, id=ids.uuid7(), to=shop, purpose="research", categories=["orders"])
    with pytest.raises(Missing):
        services.erase_person(bo, person=mei.party)
    services.erase_person(mei, person=mei.party)
    services.erase_person(boss, person=mei.party)
    view = queries.party(mei.party)
    assert (view.name.stored(), view.district, view.closed, queries.email_of(mei.party)) == ({}, "", True, "")
    user = User.objects.get(party=mei.party)
    assert (user.is_active, user.has_usable_password(), user.email) == (False, False, f"{mei.party}@erased.invalid")
    assert [member.person for member in queries.members(shop)] == [bo.party]
    assert queries.consents(mei.party)[0].withdrawn_at is not None
    assert queries.consented(mei.party, to=shop, purpose="research", category="orders") is False
    assert (consent.withdrawn_at, queries.search("mei lin", "person")) == (None, [])
    fresh = services.create_person(SYSTEM, id=ids.uuid7(), name="Mei Lin", email=address(mei.party))
    assert fresh.id != mei.party
    assert types(mei.party)[-1] == "parties.person.erased"
    with pytest.raises(Missing):
        services.correct_person(boss, person=mei.party, name="Back")


def test_search_finds_names_in_any_language() -> None:
    mei = person()
    shop = services.create_organisation(
        mei,
        id=ids.uuid7(),
        name=Words(en="Brick Gate", zh="石库门生鲜", ko="석고문"),
        owner=mei.party,
        district="xuhui",
    ).id
    firm(mei, "Another 100%_shop")

    def found(text: str, **more: str) -> list[UUID]:
        return [view.id for view in queries.search(text, **more)]

    assert [found(text) for text in ("brick", "BRICK G", "库门", "고문", "mei")] == [[shop]] * 4 + [[]]
    assert [len(found("100%_s")), found("%"), found("brick", district="putuo")] == [1, found("100%"), []]
    for wrong in ("\x00", "x" * 101, "\ud800"):
        with pytest.raises(Invalid):
            found(wrong)


def test_default_passwords_of_operators_are_named() -> None:
    person("Bo", password=PASSWORD)
    boss = person("Ada", staff=True, password=PASSWORD)
    assert queries.default_passwords() == []
    user = User.objects.get(party=boss.party)
    user.set_password("lilong-demo")
    user.save()
    assert queries.default_passwords() == [user.email]
    User.objects.create_superuser("root@example.org", "admin")
    assert queries.default_passwords() == sorted([user.email, "root@example.org"])
