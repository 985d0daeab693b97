"""Accounts in a real browser: joining, a passkey made and used, the pages behind 'me' read by a screen reader's rules."""

import re
from typing import Any

from axe_core_python.sync_playwright import Axe

PASSWORD = "plum-river-482"
PAGES = ("profile", "security", "keys", "consents", "access", "organisations")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_and_signs_in(visit: Any, address: str) -> None:
    local = address.replace("127.0.0.1", "localhost")  # passkeys belong to names, not to numbers
    with visit(width=390) as page:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.goto(f"{local}/accounts/signup/")
        page.fill("[name=name]", "Mei")
        page.fill("[name=email]", "passkey@example.org")
        page.fill("[name=password1]", PASSWORD)
        page.click("main form button")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        page.goto(f"{local}/accounts/2fa/webauthn/add/")
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
        page.wait_for_url(re.compile("webauthn/add"))
        page.fill("[name=name]", "Phone")
        page.check("[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(lambda url: "webauthn/add" not in url)
        page.context.clear_cookies()
        page.goto(f"{local}/accounts/login/")
        page.click("#passkey_login")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        page.goto(f"{local}/me/profile/")
        assert page.input_value("[name=name]") == "Mei"


def test_the_pages_behind_me_are_accessible(visit: Any) -> None:
    with visit(width=390, language="ko", theme="dark", signed_in=True) as page:
        for name in PAGES:
            page.goto(f"/me/{name}/")
            found = [(fault["id"], fault["nodes"][0]["html"]) for fault in Axe().run(page)["violations"]]
            assert (name, found) == (name, [])
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True
