"""Signing up, in and out: passwords, an authenticator's codes, a passkey; and slow guessing."""

import base64
import hashlib
import hmac
import json
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.cose import ES256

from lilong.kernel.base import ids
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.models import Party, User

from .city import PASSWORD, address, person, types

pytestmark = pytest.mark.django_db
SIGNUP = {"name": "Mei Lin", "email": "Mei@Example.org", "password1": PASSWORD, "district": "xuhui"}


def _login(client: Client, email: str, password: str = PASSWORD) -> object:
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_signing_up_makes_the_person_the_account_and_the_event() -> None:
    client = Client(headers={"accept-language": "ko"})
    answer = client.post("/accounts/signup/", SIGNUP)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="mei@example.org")
    view = queries.party(user.party_id)
    assert (view.name.en, view.district, view.language, view.kind) == ("Mei Lin", "xuhui", "ko", "person")
    assert types(user.party_id) == ["parties.person.joined"]
    assert client.get("/api/me").json()["email"] == "mei@example.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x07b"),
        ("email", "nobody"),
        ("password1", "short"),
        ("district", "atlantis"),
    ],
)
def test_a_bad_sign_up_names_the_field_and_writes_nothing(field: str, value: str) -> None:
    answer = Client().post("/accounts/signup/", SIGNUP | {field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert Party.objects.count() == 0


def test_an_address_joins_once() -> None:
    assert Client().post("/accounts/signup/", SIGNUP).status_code == 302
    again = Client().post("/accounts/signup/", SIGNUP | {"email": "MEI@EXAMPLE.ORG"})
    assert (again.status_code, list(again.context["form"].errors)) == (200, ["email"])
    assert Party.objects.count() == 1


def test_in_by_password_and_out() -> None:
    mei = person(password=PASSWORD)
    client = Client()
    assert client.get("/api/me").status_code == 401
    assert _login(client, address(mei.party).upper()).status_code == 302
    assert client.get("/api/me").json()["party"]["id"] == str(mei.party)
    client.post("/accounts/logout/")
    assert client.get("/api/me").status_code == 401
    for email, password in (
        (address(mei.party), "wrong-password"),
        (address(mei.party), ""),
        ("nobody@example.org", PASSWORD),
    ):
        assert _login(Client(), email, password).status_code == 200
    no_password = person()
    assert _login(Client(), address(no_password.party), "").status_code == 200


def test_an_erased_person_does_not_come_back() -> None:
    mei = person(password=PASSWORD)
    client = Client()
    _login(client, address(mei.party))
    services.erase_person(mei, person=mei.party)
    assert client.get("/api/me").status_code == 401
    assert _login(Client(), address(mei.party)).status_code == 200
    assert Client().login(email=f"{mei.party}@erased.invalid", password=PASSWORD) is False


def test_changing_the_password_ends_the_other_sessions() -> None:
    mei = person(password=PASSWORD)
    here, there = Client(), Client()
    for client in (here, there):
        _login(client, address(mei.party))
    new = "another-river-77"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert [client.get("/api/me").status_code for client in (here, there)] == [200, 401]


def _code(secret: str) -> str:
    """RFC 6238: SHA-1, 30 seconds, six digits."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_an_authenticator_is_asked_for_after_the_password() -> None:
    mei = person(password=PASSWORD)
    client = Client()
    _login(client, address(mei.party))
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    done = client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    assert done.status_code == 302
    kinds = set(Authenticator.objects.filter(user__party=mei.party).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    fresh = Client()
    halfway = _login(fresh, address(mei.party))
    assert halfway["Location"].startswith("/accounts/2fa/authenticate/")
    assert fresh.get("/api/me").status_code == 401
    assert fresh.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert fresh.get("/api/me").status_code == 401


class Passkey:
    """A software authenticator (WebAuthn level 2): one ES256 credential for localhost."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = b"lilong-test-credential"
        self.user = b""

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        return hashlib.sha256(b"localhost").digest() + struct.pack(">BI", flags, 0) + more

    @staticmethod
    def _client(kind: str, options: dict[str, object]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": "http://localhost", "crossOrigin": False}
        return json.dumps(said).encode()

    def made(self, options: dict[str, object]) -> dict[str, object]:
        self.user = _unbase64(options["user"]["id"])
        cose = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        body = {"fmt": "none", "attStmt": {}, "authData": self._data(0x45, attested)}
        return self._answer(
            {
                "clientDataJSON": _base64(self._client("webauthn.create", options)),
                "attestationObject": _base64(cbor.encode(body)),
            }
        )

    def used(self, options: dict[str, object]) -> dict[str, object]:
        client, data = self._client("webauthn.get", options), self._data(0x05)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _base64(client),
                "authenticatorData": _base64(data),
                "signature": _base64(signature),
                "userHandle": _base64(self.user),
            }
        )

    def _answer(self, response: dict[str, str]) -> dict[str, object]:
        shown = _base64(self.id)
        return {
            "id": shown,
            "rawId": shown,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {"credProps": {"rk": True}},
        }


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_passkey_signs_in_without_a_password() -> None:
    mei = person(password=PASSWORD)
    client = Client(SERVER_NAME="localhost")
    _login(client, address(mei.party))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/webauthn/add/")
    options = page.context["js_data"]["creation_options"]["publicKey"]
    passkey = Passkey()
    added = client.post(
        "/accounts/2fa/webauthn/add/",
        {"name": "Phone", "passwordless": "on", "credential": json.dumps(passkey.made(options))},
    )
    assert added.status_code == 302
    assert "Phone" in client.get("/accounts/2fa/webauthn/").content.decode()

    def sign_in(key: Passkey) -> int:
        fresh = Client(SERVER_NAME="localhost")
        asked = fresh.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
        options = asked.json()["request_options"]["publicKey"]
        fresh.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(key.used(options))})
        return fresh.get("/api/me").status_code

    forged = Passkey()
    forged.user = passkey.user
    assert [sign_in(passkey), sign_in(forged)] == [200, 401]


def test_guessing_is_slow_for_a_mailbox_and_for_an_address() -> None:
    mei = person(password=PASSWORD)
    answers = [
        Client(REMOTE_ADDR=f"198.51.100.{n}").post(
            "/accounts/login/", {"login": address(mei.party), "password": "wrong-one"}
        )
        for n in range(16)
    ]
    assert [answer.status_code for answer in answers] == [200] * 15 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    page = Client(headers={"accept": "text/html"}).post(
        "/accounts/login/", {"login": address(mei.party), "password": PASSWORD}
    )
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (429, "text/html")
    many = [
        Client(REMOTE_ADDR="203.0.113.5").post("/accounts/signup/", {"email": f"p{n}@example.org"}).status_code
        for n in range(21)
    ]
    assert many.count(429) >= 1


def test_the_admin_is_entered_by_the_same_door() -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True)
    boss, mei = person("Ada", staff=True, password=PASSWORD), person("Mei Lin")
    User.objects.filter(party=boss.party).update(is_superuser=True)
    client = Client()
    _login(client, address(boss.party))
    for table in ("party", "user", "membership", "device", "apikey", "accessentry"):
        page = client.get(f"/admin/parties/{table}/")
        assert (table, page.status_code, "Mei" in page.content.decode()) == (table, 200, False)
        assert address(mei.party) not in page.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
@pytest.mark.parametrize("path", ["login", "signup", "password/reset"])
def test_entrance_forms_have_a_label_for_every_input(path: str, language: str) -> None:
    html = Client(headers={"accept-language": language}).get(f"/accounts/{path}/").content.decode()
    form = html[html.index('class="stack"') :]
    inputs = re.findall(r'<(?:input|select)(?![^>]*type="hidden")[^>]*id="([^"]+)"', form[: form.index("</form>")])
    assert inputs != []
    assert [name for name in inputs if f'for="{name}"' not in form] == []


def test_resetting_a_password_by_mail(mailoutbox: list[object]) -> None:
    mei = person(password=PASSWORD)
    client = Client()
    assert client.post("/accounts/password/reset/", {"email": address(mei.party)}).status_code == 302
    assert client.post("/accounts/password/reset/", {"email": f"{ids.uuid7().hex}@example.org"}).status_code == 302
    letter = mailoutbox[0]
    assert letter.to == [address(mei.party)]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", letter.body).group(1)
    form = client.get(link, follow=True)
    new = "another-river-77"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert _login(Client(), address(mei.party), new).status_code == 302
