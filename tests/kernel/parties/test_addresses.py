"""The address book: kept by its owner, read by others with a reason only, gone with the person."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.events.models import Event
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import AddressDraft
from lilong.kernel.parties.models import Address, User
from lilong.kernel.parties.rules import ADDRESSES_MAX

from .city import again, firm, person

pytestmark = pytest.mark.django_db
PERSONAL = ("Mei Lin", "+86 21 5555 0101", "Nanjing East Road 100, door 12")


def draft(party: UUID, **more: object) -> AddressDraft:
    given: dict[str, object] = {
        "id": ids.uuid7(),
        "party": party,
        "recipient": PERSONAL[0],
        "phone": PERSONAL[1],
        "line": PERSONAL[2],
        "latitude_e6": 31_235_000,
        "longitude_e6": 121_475_000,
        "label": "home",
    }
    return AddressDraft(**(given | more))


def test_the_first_is_the_default_and_the_district_that_of_the_point() -> None:
    mei = person("Mei Lin")
    first = services.put_address(mei, draft(mei.party))
    second = services.put_address(mei, draft(mei.party, label="office", longitude_e6=121_505_000))
    assert (first.default, first.district, second.default, second.district) == (True, "huangpu", False, "pudong")
    assert [view.id for view in queries.addresses(mei, mei.party)] == [first.id, second.id]
    assert first.point == (121.475, 31.235)


def test_another_default_takes_the_place_and_removing_it_gives_it_back() -> None:
    mei = person()
    first, second = (services.put_address(mei, draft(mei.party, default=True)) for _ in range(2))
    assert [(view.id, view.default) for view in queries.addresses(mei, mei.party)] == [
        (second.id, True),
        (first.id, False),
    ]
    for _ in range(2):
        services.remove_address(mei, id=second.id)
    assert [(view.id, view.default) for view in queries.addresses(mei, mei.party)] == [(first.id, True)]
    services.remove_address(mei, id=first.id)
    assert queries.addresses(mei, mei.party) == []


def test_the_same_again_changes_nothing_and_facts_hold_no_personal_data() -> None:
    mei = person()
    entry = draft(mei.party)
    kept = services.put_address(mei, entry)
    assert services.put_address(mei, entry) == kept
    changed = services.put_address(mei, msgspec.structs.replace(entry, phone="021 5555 0102"))
    assert (changed.phone, changed.default, Address.objects.count()) == ("021 5555 0102", True, 1)
    services.remove_address(mei, id=kept.id)
    facts = list(Event.objects.filter(subject=mei.party, type__startswith="parties.address.").order_by("id"))
    assert [fact.type for fact in facts] == ["parties.address.kept"] * 2 + ["parties.address.removed"]
    assert set(facts[0].data) == {"address", "party", "district"}


@pytest.mark.parametrize(
    ("wrong", "pointer", "rule"),
    [
        ({"recipient": " "}, "/recipient", "required"),
        ({"recipient": "M" * 101}, "/recipient", "max-length"),
        ({"recipient": "Mei\x07"}, "/recipient", "characters"),
        ({"phone": ""}, "/phone", "required"),
        ({"phone": "call me"}, "/phone", "phone"),
        ({"phone": "1" * 21}, "/phone", "phone"),
        ({"line": ""}, "/line", "required"),
        ({"line": "x" * 301}, "/line", "max-length"),
        ({"label": "x" * 41}, "/label", "max-length"),
        ({"district": "atlantis"}, "/district", "unknown-district"),
        ({"latitude_e6": 90_000_001}, "/latitude_e6", "range"),
        ({"longitude_e6": -180_000_001}, "/longitude_e6", "range"),
        ({"latitude_e6": 0, "longitude_e6": 0}, "/latitude_e6", "in-the-city"),
    ],
)
def test_what_is_no_address_is_refused_by_name(wrong: dict[str, object], pointer: str, rule: str) -> None:
    mei = person()
    with pytest.raises(Invalid) as refused:
        services.put_address(mei, draft(mei.party, **wrong))
    assert [(v.pointer, v.rule) for v in refused.value.violations] == [(pointer, rule)]
    assert Address.objects.count() == 0


def test_nobody_touches_anothers_book() -> None:
    mei, wei = person("Mei"), person("Wei")
    kept = services.put_address(mei, draft(mei.party))
    with pytest.raises(Forbidden):
        services.put_address(wei, draft(mei.party))
    with pytest.raises(Forbidden):
        queries.addresses(wei, mei.party)
    with pytest.raises(Missing):
        queries.address(wei, kept.id)
    with pytest.raises(Missing):
        services.remove_address(wei, id=kept.id)
    with pytest.raises(Conflict) as refused:
        services.put_address(wei, draft(wei.party, id=kept.id))
    assert refused.value.code == "id-taken"
    assert queries.address(mei, kept.id) == kept


def test_an_organisation_has_a_book_that_its_clerks_keep() -> None:
    owner, clerk, picker = person("Owner"), person("Clerk"), person("Picker")
    grocer = firm(owner)
    owner = again(owner)
    services.add_member(owner, organisation=grocer, person=clerk.party, roles=["clerk"])
    services.add_member(owner, organisation=grocer, person=picker.party, roles=["picker"])
    kept = services.put_address(again(clerk), draft(grocer))
    assert queries.addresses(owner, grocer) == [kept]
    with pytest.raises(Forbidden):
        queries.addresses(again(picker), grocer)


def test_the_book_has_an_end_and_a_removed_number_is_not_used_again() -> None:
    mei = person()
    kept = [services.put_address(mei, draft(mei.party)) for _ in range(ADDRESSES_MAX)]
    with pytest.raises(Conflict) as refused:
        services.put_address(mei, draft(mei.party))
    assert (refused.value.code, refused.value.extra) == ("too-many-addresses", {"most": ADDRESSES_MAX})
    services.remove_address(mei, id=kept[0].id)
    with pytest.raises(Conflict, match="id-taken"):
        services.put_address(mei, draft(mei.party, id=kept[0].id))
    services.put_address(mei, draft(mei.party))


def test_a_reader_needs_a_reason_and_its_owner_sees_it() -> None:
    mei, wei, courier = person("Mei"), person("Wei"), person("Courier")
    ours, theirs = (services.put_address(who, draft(who.party)) for who in (mei, wei))
    assert services.read_address(mei, ours.id, "my own") == ours
    assert queries.access_log(mei.party).items == []
    with pytest.raises(Invalid):
        services.read_address(courier, ours.id, "")
    found = services.read_addresses(courier, [ours.id, theirs.id], "Delivering parcel 12")
    assert found == {ours.id: ours, theirs.id: theirs}
    for who in (mei, wei):
        (entry,) = queries.access_log(who.party).items
        assert (entry.reader, entry.what, entry.why) == (courier.party, "address", "Delivering parcel 12")
    with pytest.raises(Missing):
        services.read_addresses(courier, [ours.id, ids.uuid7()], "Delivering parcel 12")
    assert len(queries.access_log(mei.party).items) == 1


def test_a_removed_one_is_read_by_who_is_under_way_until_it_is_forgotten() -> None:
    mei, courier = person("Mei"), person("Courier")
    kept = services.put_address(mei, draft(mei.party))
    services.remove_address(mei, id=kept.id)
    with pytest.raises(Missing):
        queries.address(mei, kept.id)
    assert services.read_address(courier, kept.id, "Delivering parcel 12").removed
    assert services.forget_removed_addresses() == 0
    with clock.at(clock.now() + timedelta(days=61)):
        assert services.forget_removed_addresses() == 1
    with pytest.raises(Missing):
        services.read_address(courier, kept.id, "Delivering parcel 12")


def test_who_leaves_the_city_leaves_no_address() -> None:
    mei = person()
    kept = services.put_address(mei, draft(mei.party))
    services.remove_address(mei, id=kept.id)
    services.put_address(mei, draft(mei.party))
    services.erase_person(mei, person=mei.party)
    assert Address.objects.count() == 0
    with pytest.raises(Missing):
        services.put_address(mei, draft(mei.party))


def _at(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(party=actor.party), "django.contrib.auth.backends.ModelBackend")
    return client


FORM = {
    "label": "home",
    "recipient": PERSONAL[0],
    "phone": PERSONAL[1],
    "line": PERSONAL[2],
    "district": "",
    "latitude": "31.235",
    "longitude": "121.475",
}


def test_the_page_keeps_changes_and_removes() -> None:
    mei, wei = person("Mei"), person("Wei")
    client, book = _at(mei), reverse("parties:addresses")
    assert "No address yet" in client.get(book).content.decode()
    form = FORM | {"id": str(ids.uuid7())}
    assert [client.post(book, form).status_code for _ in range(2)] == [302, 302]
    (kept,) = queries.addresses(mei, mei.party)
    assert (kept.recipient, kept.latitude_e6, kept.district) == (PERSONAL[0], 31_235_000, "huangpu")
    change = reverse("parties:address", args=[kept.id])
    assert 'value="31.235"' in client.get(change).content.decode()
    assert client.post(change, FORM | {"line": "Fuzhou Road 1", "default": "on"}).status_code == 302
    assert queries.address(mei, kept.id).line == "Fuzhou Road 1"
    outside = client.post(book, FORM | {"latitude": "10"})
    assert (outside.status_code, list(outside.context["form"].errors)) == (200, ["latitude"])
    for bad in ({"latitude": "NaN"}, {"longitude": "200"}, {"phone": "x"}, {"line": ""}):
        assert list(client.post(book, FORM | bad).context["form"].errors) == list(bad)
    remove = reverse("parties:remove-address", args=[kept.id])
    assert [_at(wei).get(change).status_code, _at(wei).post(remove).status_code] == [404, 404]
    assert (client.post(remove).status_code, queries.addresses(mei, mei.party)) == (302, [])


def test_the_api_keeps_reads_and_removes_ones_own() -> None:
    mei, wei = person("Mei"), person("Wei")
    client, path = _at(mei), f"/api/parties/addresses/{ids.uuid7()}"
    body = {
        "recipient": PERSONAL[0],
        "phone": PERSONAL[1],
        "line": PERSONAL[2],
        "latitude_e6": 31_235_000,
        "longitude_e6": 121_475_000,
    }
    kept = client.put(path, body, "application/json")
    assert (kept.status_code, kept.json()["district"], kept.json()["default"]) == (200, "huangpu", True)
    assert client.get(path).json() == kept.json() == client.get("/api/parties/addresses").json()[0]
    assert client.put(path, body | {"latitude_e6": 2**40}, "application/json").status_code == 422
    assert client.put(path, body | {"colour": "red"}, "application/json").status_code == 422
    other = _at(wei)
    assert [other.get(path).status_code, other.delete(path).status_code] == [404, 404]
    assert other.get(f"/api/parties/addresses?party={mei.party}").status_code == 403
    assert other.put(path, body, "application/json").status_code == 409
    assert Client().get(path).status_code == 401
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
