"""The settings of signing in, with and without mail; and that every text of this room is translated."""

import re
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.test import Client

import lilong.kernel.parties
from lilong.kernel.parties import jobs, queries
from lilong.kernel.parties.models import User
from lilong.kernel.parties.sign_in import sign_in_settings

from .city import PASSWORD, address, person

ROOM = Path(lilong.kernel.parties.__file__).parent


def test_without_mail_addresses_need_no_confirmation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    found = sign_in_settings(tmp_path)
    assert (found["ACCOUNT_EMAIL_VERIFICATION"], found["MFA_ALLOW_UNVERIFIED_EMAIL"]) == ("none", True)
    assert found["EMAIL_FILE_PATH"] == tmp_path / "mail"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtp://lane:p%40ss@mail.example.org?from=lane@example.org",
            ("mail.example.org", 587, "lane", "p@ss", False, True, "lane@example.org"),
        ),
        ("smtps://mail.example.org:4650", ("mail.example.org", 4650, "", "", True, False, "lilong@mail.example.org")),
        ("smtps://mail.example.org", ("mail.example.org", 465, "", "", True, False, "lilong@mail.example.org")),
        ("smtp://localhost:2525?tls=0", ("localhost", 2525, "", "", False, False, "lilong@localhost")),
    ],
)
def test_with_mail_addresses_are_confirmed(
    url: str, expected: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    found = sign_in_settings(tmp_path)
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS")
    assert (*(found[f"EMAIL_{name}"] for name in names), found["DEFAULT_FROM_EMAIL"]) == expected
    assert (found["ACCOUNT_EMAIL_VERIFICATION"], found["MFA_ALLOW_UNVERIFIED_EMAIL"]) == ("mandatory", False)


@pytest.mark.parametrize("url", ["mail.example.org", "imap://mail.example.org", "smtp://"])
def test_an_address_of_mail_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ValueError, match="EMAIL_URL"):
        sign_in_settings(tmp_path)


@pytest.mark.django_db
def test_where_mail_is_set_up_one_joins_by_following_the_letters_link(
    settings: object, mailoutbox: list[object]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    form = {"name": "Mei", "email": "mei@example.org", "password1": PASSWORD}
    client = Client()
    client.post("/accounts/signup/", form)
    login = {"login": "mei@example.org", "password": PASSWORD}
    client.post("/accounts/login/", login)
    assert (client.get("/api/me").status_code, [letter.to for letter in mailoutbox]) == (401, [["mei@example.org"]])
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mailoutbox[0].body).group(1)
    assert client.get(link).status_code == 200
    client.post(link)
    fresh = Client()
    fresh.post("/accounts/login/", login)
    assert fresh.get("/api/me").status_code == 200
    before = User.objects.count()
    taken = Client().post("/accounts/signup/", form | {"name": "Bo"})
    assert (taken.status_code, User.objects.count(), queries.party(User.objects.get().party_id).name.en) == (
        302,
        before,
        "Mei",
    )
    known = person("Cy", password=PASSWORD)  # entered by the house: its address counts as confirmed
    house = Client()
    house.post("/accounts/login/", {"login": address(known.party), "password": PASSWORD})
    assert house.get("/api/me").status_code == 200


@pytest.mark.parametrize("language", ["zh_Hans", "ko"])
def test_every_text_is_translated_and_compiled(language: str, tmp_path: Path) -> None:
    folder = ROOM / "locale" / language / "LC_MESSAGES"
    source, compiled = polib.pofile(str(folder / "django.po")), polib.mofile(str(folder / "django.mo"))
    assert [entry.msgid for entry in source if entry.obsolete or entry.fuzzy or not entry.msgstr] == []
    assert {entry.msgid: entry.msgstr for entry in compiled} == {entry.msgid: entry.msgstr for entry in source}
    patterns = (r'\b_\(\s*"([^"]+)"', r'{% translate "([^"]+)"', r"{% blocktranslate[^%]*%}(.*?){% endblock")
    known = {re.sub(r"%\((\w+)\)s", r"{{ \1 }}", entry.msgid) for entry in source}
    files = [path.read_text() for path in [*ROOM.rglob("*.py"), *ROOM.rglob("*.html")]]
    used = {text for content in files for pattern in patterns for text in re.findall(pattern, content)}
    assert (len(used) > 100, sorted(used - known)) == (True, [])


@pytest.mark.django_db
def test_the_tables_are_as_the_models_say() -> None:
    call_command("makemigrations", "parties", check=True, dry_run=True, verbosity=0)
    assert jobs.forget_past_windows(0) == 0
