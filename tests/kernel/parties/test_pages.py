"""The pages behind 'me': what they show, take and refuse, and that nobody sees another's."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from lilong.kernel.base import clock, ids
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import User

from .city import address, again, firm, person

pytestmark = pytest.mark.django_db
OWN = ("profile", "addresses", "security", "keys", "consents", "access", "organisations")


def _at(actor: Actor, **more: object) -> Client:
    client = Client(**more)
    client.force_login(User.objects.get(party=actor.party), "django.contrib.auth.backends.ModelBackend")
    return client


def _html(answer: object) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("name", OWN)
def test_strangers_are_sent_to_the_sign_in_page_and_back(name: str) -> None:
    path = reverse(f"parties:{name}")
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    assert Client().get(path, headers={"hx-request": "true"}).status_code == 401
    assert Client().post(path).status_code in {401, 403}


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
@pytest.mark.parametrize("name", OWN)
def test_every_page_answers_in_every_language(name: str, language: str) -> None:
    mei = person("Mei Lin")
    answer = _at(mei, headers={"accept-language": language}).get(reverse(f"parties:{name}"))
    assert (answer.status_code, "<h1>" in _html(answer)) == (200, True)
    titles = {
        "profile": ("My profile", "我的资料", "내 프로필"),
        "addresses": ("Addresses", "收货地址", "주소록"),
        "security": ("Security", "安全", "보안"),
        "keys": ("API keys", "API 密钥", "API 키"),
        "consents": ("Consents", "授权同意", "동의"),
        "access": ("Who read my data", "谁看过我的数据", "내 정보를 본 사람"),
        "organisations": ("Organisations", "机构", "기관"),
    }[name]
    assert f"<h1>{titles[('en', 'zh-hans', 'ko').index(language)]}</h1>" in _html(answer)


def test_the_profile_is_corrected_and_bad_values_are_told() -> None:
    mei = person("Mei")
    client = _at(mei)
    form = {"do": "save", "name": "Mei Lin", "district": "yangpu", "language": "zh-hans"}
    assert client.post(reverse("parties:profile"), form).status_code == 302
    view = queries.party(mei.party)
    assert (view.name.en, view.district, view.language) == ("Mei Lin", "yangpu", "zh-hans")
    for wrong in ({"name": ""}, {"name": "a\x07"}, {"district": "atlantis"}, {"language": "xx"}):
        refused = client.post(reverse("parties:profile"), form | wrong)
        assert (refused.status_code, list(refused.context["form"].errors)) == (200, list(wrong))
    assert queries.party(mei.party) == view


def test_leaving_the_city_asks_for_the_address() -> None:
    mei = person("Mei")
    client = _at(mei)
    wrong = client.post(reverse("parties:profile"), {"do": "erase", "email": "other@example.org"})
    assert (wrong.status_code, queries.party(mei.party).closed) == (200, False)
    done = client.post(reverse("parties:profile"), {"do": "erase", "email": address(mei.party)})
    assert (done.status_code, queries.party(mei.party).closed) == (302, True)
    assert client.get(reverse("parties:profile")).status_code == 302


def test_the_last_owner_is_told_why_not() -> None:
    mei = person("Mei")
    firm(mei)
    answer = _at(mei).post(reverse("parties:profile"), {"do": "erase", "email": address(mei.party)})
    assert (answer.status_code, queries.party(mei.party).closed) == (200, False)
    assert len(answer.context["erase"].non_field_errors()) == 1


def test_a_key_is_shown_once_and_revoked() -> None:
    mei = person("Mei")
    shop = firm(mei)
    client, path = _at(mei), reverse("parties:keys")
    made = client.post(path, {"party": str(shop), "name": "Till", "scopes": "orders:place  catalog:read"})
    secret = made.context["secret"]
    assert (made.status_code, secret in _html(made), secret in _html(client.get(path))) == (200, True, False)
    assert (made["Cache-Control"].find("no-store") >= 0, queries.actor_of_key(secret).party) == (True, shop)
    key = queries.keys(shop)[0]
    assert client.post(reverse("parties:revoke-key", args=[key.id])).status_code == 302
    assert queries.keys(shop)[0].revoked_at is not None
    day = (clock.today() - timedelta(days=1)).isoformat()
    for wrong in ({"party": str(ids.uuid7())}, {"scopes": "Orders!"}, {"name": ""}, {"expires_on": day}):
        body = {"party": str(shop), "name": "Till", "scopes": "orders:place"} | wrong
        answer = client.post(path, body)
        assert (answer.status_code, answer.context["secret"], answer.context["form"].is_valid()) == (200, "", False)
    assert len(queries.keys(shop)) == 1


def test_nobody_touches_anothers_keys_consents_or_devices() -> None:
    mei, bo = person("Mei"), person("Bo")
    shop, other = firm(mei), firm(bo)
    mei = again(mei)
    key, _secret = services.issue_key(mei, id=ids.uuid7(), party=mei.party, name="Till", scopes=["orders:place"])
    consent = services.give_consent(mei, id=ids.uuid7(), to=other, purpose="research", categories=["orders"])
    device = services.create_device(mei, id=ids.uuid7(), name="Scale", owner=shop).id
    attempts = [
        ("revoke-key", [key.id]),
        ("withdraw", [consent.id]),
        ("remove-member", [shop, mei.party]),
        ("device-secret", [shop, device]),
        ("revoke-device", [shop, device]),
        ("device-secret", [other, device]),
        ("revoke-device", [other, device]),
    ]
    client = _at(bo)
    said = [client.post(reverse(f"parties:{name}", args=args)).status_code for name, args in attempts]
    assert said == [404] * len(attempts)
    pages = [client.get(reverse("parties:organisation", args=[id])) for id in (shop, mei.party, device, ids.uuid7())]
    assert [page.status_code for page in pages] == [404] * 4
    for name in ("keys", "consents", "access", "organisations", "profile"):
        assert str(key.prefix) not in _html(client.get(reverse(f"parties:{name}")))
    assert [k.revoked_at for k in queries.keys(mei.party)] == [None]
    assert (queries.device(device).has_secret, queries.device(device).closed) == (False, False)


def test_an_organisation_from_founding_to_its_devices() -> None:
    mei, bo = person("Mei"), person("Bo")
    client = _at(mei)
    none = client.post(reverse("parties:organisations"), {"name_en": "", "kind": "grocer"})
    assert (none.status_code, none.context["form"].is_valid()) == (200, False)
    made = client.post(reverse("parties:organisations"), {"name_zh": "里弄生鲜", "kind": "grocer", "district": "xuhui"})
    shop = UUID(made["Location"].strip("/").split("/")[-1])
    path = reverse("parties:organisation", args=[shop])
    assert client.post(path, {"do": "member", "email": "nobody@example.org", "roles": "clerk"}).status_code == 200
    assert client.post(path, {"do": "member", "email": address(bo.party), "roles": "clerk PICKER"}).status_code == 302
    assert again(bo).roles == {shop: frozenset({"clerk", "picker"})}
    assert client.post(path, {"do": "device", "name": "Scale 1", "kind": "scale"}).status_code == 302
    device = queries.devices(shop)[0].id
    shown = client.post(reverse("parties:device-secret", args=[shop, device]))
    secret = shown.context["secret"]
    assert (queries.actor_of_device(device, secret).party, secret in _html(client.get(path))) == (device, False)
    clerk = _at(bo)
    seen = _html(clerk.get(path))
    assert ("Scale 1" in seen, "里弄生鲜" in seen, "Mei" in seen) == (False, True, True)
    refused = [
        clerk.post(path, {"do": "member", "email": address(bo.party), "roles": "owner"}).status_code,
        clerk.post(reverse("parties:device-secret", args=[shop, device])).status_code,
        clerk.post(reverse("parties:remove-member", args=[shop, mei.party])).status_code,
    ]
    assert refused == [403, 404, 403]
    assert client.post(reverse("parties:remove-member", args=[shop, mei.party])).status_code == 409
    assert clerk.post(reverse("parties:remove-member", args=[shop, bo.party])).status_code == 302
    assert client.post(reverse("parties:revoke-device", args=[shop, device])).status_code == 302
    assert [member.person for member in queries.members(shop)] == [mei.party]
    assert queries.device(device).closed is True


def test_consents_are_given_and_withdrawn() -> None:
    mei, bo = person("Mei"), person("Bo")
    lab = firm(bo, "Harbour Lab")
    client, path = _at(mei), reverse("parties:consents")
    body = {"to": str(lab), "purpose": "research", "categories": "orders profile"}
    for wrong in ({"to": str(ids.uuid7())}, {"to": "x"}, {"purpose": ""}, {"categories": "!"}):
        assert client.post(path, body | wrong).status_code == 200
    assert queries.consents(mei.party) == []
    assert client.post(path, body).status_code == 302
    assert "Harbour Lab" in _html(client.get(path))
    consent = queries.consents(mei.party)[0]
    assert client.post(reverse("parties:withdraw", args=[consent.id])).status_code == 302
    assert queries.consented(mei.party, to=lab, purpose="research", category="orders") is False


def test_operators_read_with_a_reason_and_the_resident_sees_it() -> None:
    mei, bo, boss = person("Mei Lin"), person("Bo"), person("Ada", staff=True)
    path = reverse("parties:people")
    assert [_at(actor).get(path).status_code for actor in (bo, boss)] == [404, 200]
    assert _at(bo).post(path, {"who": str(mei.party), "why": "I am curious"}).status_code == 404
    client = _at(boss)
    silent = client.post(path, {"who": address(mei.party), "why": ""})
    nobody = client.post(path, {"who": "nobody@example.org", "why": "Complaint 77"})
    assert ("Mei Lin" in _html(silent), nobody.context["file"]) == (False, None)
    read = client.post(path, {"who": address(mei.party), "why": "Complaint 77"})
    assert (read.context["file"].name, "Mei Lin" in _html(read)) == ("Mei Lin", True)
    mine = _html(_at(mei).get(reverse("parties:access")))
    assert ("Complaint 77" in mine, "Ada" in mine) == (True, True)
    assert "Complaint 77" not in _html(_at(mei).get(reverse("parties:access"), {"text": "recall"}))
    assert "Complaint 77" not in _html(_at(bo).get(reverse("parties:access")))


def test_forms_are_refused_without_the_csrf_token() -> None:
    mei = person("Mei")
    client = _at(mei, enforce_csrf_checks=True)
    form = {"do": "save", "name": "Forged", "district": "", "language": "en"}
    assert client.post(reverse("parties:profile"), form).status_code == 403
    assert queries.party(mei.party).name.en == "Mei"
