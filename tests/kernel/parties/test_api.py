"""Parties over HTTP: credentials, scopes, and that nobody crosses to another."""

from datetime import timedelta

import pytest
from django.test import Client

from lilong.kernel.base import clock, ids
from lilong.kernel.parties import queries, services, tokens
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import User

from .city import address, again, firm, person

pytestmark = pytest.mark.django_db


class Caller:
    """A program with a bearer credential."""

    def __init__(self, bearer: str = "") -> None:
        self.client = Client(headers={"authorization": f"Bearer {bearer}"} if bearer else {})

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(self.client, method)(f"/api{path}", **more)
        return answer.status_code, answer.json() if answer.content else None


def _by_token(actor: Actor) -> Caller:
    return Caller(tokens.issue(actor))


def _by_key(actor: Actor, *scopes: str) -> Caller:
    return Caller(services.issue_key(actor, id=ids.uuid7(), party=actor.party, name="Till", scopes=scopes or ["*"])[1])


def test_me_by_session_key_and_token_is_the_same_person() -> None:
    mei = person("Mei", district="putuo")
    shop = firm(mei)
    mei = again(mei)
    browser = Client()
    browser.force_login(User.objects.get(party=mei.party), "django.contrib.auth.backends.ModelBackend")
    session = browser.get("/api/me").json()
    assert session == {
        "party": {
            "id": str(mei.party),
            "kind": "person",
            "name": {"en": "Mei", "zh": "", "ko": ""},
            "district": "putuo",
            "language": "en",
            "category": "",
            "closed": False,
        },
        "email": address(mei.party),
        "staff": False,
        "scopes": ["*"],
        "roles": {str(shop): ["owner"]},
    }
    assert [_by_key(mei)("get", "/me"), _by_token(mei)("get", "/me")] == [(200, session)] * 2


def test_bad_credentials_are_problems_and_never_fall_back_to_the_session() -> None:
    mei = person()
    browser = Client()
    browser.force_login(User.objects.get(party=mei.party), "django.contrib.auth.backends.ModelBackend")
    for header in ("Bearer lk_wrong", "Bearer lt1.a.b", "Bearer", "Bearer  ", "Basic bWVpOm1laQ==", "lk_x", "é"):
        answer = browser.get("/api/me", headers={"authorization": header})
        assert (header, answer.status_code, answer["Content-Type"]) == (header, 401, "application/problem+json")
    assert Client().get("/api/me").json()["type"] == "urn:lilong:problem:sign-in"
    assert browser.get("/api/me").status_code == 200


def test_a_session_writes_only_with_its_csrf_token() -> None:
    mei = person()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(party=mei.party), "django.contrib.auth.backends.ModelBackend")
    body = {"data": {"name": "Forged"}, "content_type": "application/json"}
    refused = browser.patch("/api/me", **body)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:lilong:problem:csrf")
    token = browser.get("/me/profile/").context["csrf_token"]
    assert browser.patch("/api/me", **body, headers={"x-csrftoken": str(token)}).status_code == 200
    bearer = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {tokens.issue(mei)}"})
    assert bearer.patch("/api/me", **body).status_code == 200


def test_tokens_narrow_and_do_not_breed() -> None:
    mei = person()
    key = _by_key(mei, "orders:*", "parties:read")
    status, made = key("post", "/token", {"scopes": ["orders:place"], "seconds": 60})
    actor = tokens.read(made["token"])
    assert (status, made["expires_in"], actor.party, actor.scopes) == (200, 60, mei.party, {"orders:place"})
    assert tokens.read(key("post", "/token", {})[1]["token"]).scopes == {"orders:*", "parties:read"}
    refused = [
        key("post", "/token", {"scopes": ["*"]})[0],
        key("post", "/token", {"scopes": ["ledger:read"]})[0],
        key("post", "/token", {"scopes": []})[0],
        key("post", "/token", {"seconds": 0})[0],
        key("post", "/token", {"seconds": 3601})[0],
        key("post", "/token", {"second": 5})[0],
        Caller(made["token"])("post", "/token", {})[0],
        Caller()("post", "/token", {})[0],
    ]
    assert refused == [403, 403, 422, 422, 422, 422, 403, 401]


def test_keys_are_issued_once_listed_without_secret_and_revoked() -> None:
    mei, bo = person(), person("Bo")
    id = str(ids.uuid7())
    body = {"id": id, "name": "Till", "scopes": ["orders:place"]}
    caller = _by_token(mei)
    status, made = caller("post", "/keys", body)
    assert (status, made["key"]["party"], Caller(made["secret"])("get", "/me")[0]) == (201, str(mei.party), 200)
    assert caller("post", "/keys", body) == (201, {"key": queries_view(mei, id), "secret": ""})
    assert caller("post", "/keys", body | {"scopes": ["orders:read"]})[0] == 409
    assert made["secret"] not in str(caller("get", "/keys"))
    stranger = _by_token(bo)
    assert [
        stranger("get", f"/keys?party={mei.party}")[0],
        stranger("delete", f"/keys/{id}")[0],
        stranger("post", "/keys", body | {"id": str(ids.uuid7()), "party": str(mei.party)})[0],
        _by_key(mei, "orders:place")("post", "/keys", body | {"id": str(ids.uuid7())})[0],
        _by_key(mei, "orders:place")("get", "/keys")[0],
    ] == [403, 404, 404, 403, 403]
    assert [caller("delete", f"/keys/{id}")[0], caller("delete", f"/keys/{ids.uuid7()}")[0]] == [204, 404]
    assert Caller(made["secret"])("get", "/me")[0] == 401


def queries_view(actor: Actor, id: str) -> object:
    import json

    import msgspec
    from ninja.responses import NinjaJSONEncoder

    view = next(view for view in queries.keys(actor.party) if str(view.id) == id)
    return json.loads(json.dumps(msgspec.structs.asdict(view), cls=NinjaJSONEncoder))


def test_organisations_members_and_devices() -> None:
    mei, bo, cy = person("Mei"), person("Bo"), person("Cy")
    shop, scale = str(ids.uuid7()), str(ids.uuid7())
    body = {"id": shop, "name": {"en": "Gate", "zh": "石库门"}, "kind": "grocer", "district": "xuhui"}
    assert _by_token(mei)("post", "/organisations", body)[0] == 201
    owner, clerk, stranger = _by_token(again(mei)), None, _by_token(bo)
    assert owner("put", f"/organisations/{shop}/members/{cy.party}", {"roles": ["clerk"]})[0] == 200
    clerk = _by_token(again(cy))
    assert owner("post", "/devices", {"id": scale, "name": {"en": "Scale"}, "owner": shop})[0] == 201
    status, made = owner("post", f"/devices/{scale}/secret")
    assert (status, made["secret"][:3]) == (200, "ld_")
    assert [member["name"] for member in clerk("get", f"/organisations/{shop}/members")[1]] == ["Mei", "Cy"]
    assert clerk("get", "/organisations")[1][0]["roles"] == ["clerk"]
    attempts = [
        ("get", f"/organisations/{shop}/members", None),
        ("get", f"/organisations/{shop}/devices", None),
        ("put", f"/organisations/{shop}/members/{bo.party}", {"roles": ["owner"]}),
        ("delete", f"/organisations/{shop}/members/{cy.party}", None),
        ("post", "/devices", {"id": str(ids.uuid7()), "name": {"en": "X"}, "owner": shop}),
        ("post", f"/devices/{scale}/secret", None),
        ("delete", f"/devices/{scale}", None),
        ("post", "/organisations", body),
    ]
    assert [stranger(*attempt)[0] for attempt in attempts] == [404, 404, 403, 403, 403, 404, 404, 409]
    assert [clerk(*attempt)[0] for attempt in attempts[1:7]] == [404, 403, 204, 403, 404, 404]
    assert owner("delete", f"/organisations/{shop}/members/{mei.party}")[0] == 409
    assert [owner("delete", f"/devices/{scale}")[0], owner("post", f"/devices/{scale}/secret")[0]] == [204, 409]


def test_people_are_not_to_be_found_by_others() -> None:
    mei, bo, boss = person("Mei Lin"), person("Bo"), person("Ada", staff=True)
    shop = firm(mei, "Mei Lin's Shop")
    caller = _by_token(bo)
    assert caller("get", f"/parties/{mei.party}")[0] == 404
    assert caller("get", f"/parties/{bo.party}")[1]["name"]["en"] == "Bo"
    assert caller("get", f"/parties/{shop}")[1]["name"]["en"] == "Mei Lin's Shop"
    assert [party["id"] for party in caller("get", "/parties?text=mei")[1]] == [str(shop)]
    assert caller("post", f"/people/{mei.party}/read", {"why": "I am curious"})[0] == 404
    assert _by_token(boss)("post", f"/people/{mei.party}/read", {"why": "no"})[0] == 422
    status, file = _by_token(boss)("post", f"/people/{mei.party}/read", {"why": "Complaint 77"})
    assert (status, file["name"], file["email"]) == (200, "Mei Lin", address(mei.party))
    log = _by_token(mei)("get", "/me/access-log")[1]
    assert [(entry["reader_name"], entry["why"]) for entry in log["items"]] == [("Ada", "Complaint 77")]
    assert caller("get", "/me/access-log")[1] == {"items": [], "next": ""}


def test_consents_and_leaving_the_city() -> None:
    mei, bo = person(), person("Bo")
    lab, id = firm(bo), str(ids.uuid7())
    caller = _by_token(mei)
    until = (clock.now() + timedelta(days=1)).isoformat()
    body = {"id": id, "to": str(lab), "purpose": "research", "categories": ["orders"], "until": until}
    assert [caller("post", "/consents", body)[0] for _ in range(2)] == [201, 201]
    assert _by_token(bo)("post", f"/consents/{id}/withdraw")[0] == 404
    assert caller("post", f"/consents/{id}/withdraw")[1]["withdrawn_at"] is not None
    assert caller("post", "/me/erase", {"email": "other@example.org"})[0] == 422
    assert caller("post", "/me/erase", {"email": address(mei.party)}) == (204, None)
    assert queries.party(mei.party).closed is True


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("patch", "/me", {"district": "atlantis"}, "/district"),
        ("patch", "/me", {"name": ""}, "/name"),
        ("patch", "/me", {"nmae": "x"}, "/nmae"),
        ("get", "/parties?text=%00", None, "/text"),
        ("get", "/me/access-log?size=0", None, "/size"),
        ("get", "/me/access-log?cursor=zzz", None, "/cursor"),
        ("post", "/keys", {"id": "x", "name": "a", "scopes": ["a"]}, "/id"),
        ("post", "/organisations", {"id": str(ids.uuid7()), "name": {}}, "/name"),
    ],
)
def test_bad_input_names_the_field(method: str, path: str, body: object, pointer: str) -> None:
    status, problem = _by_token(person())(method, path, body)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
