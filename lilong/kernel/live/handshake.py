"""Who opens the WebSocket: from which page, in which language, with which credential."""

from collections.abc import Callable
from http.cookies import CookieError
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, parse_cookie
from django.utils import translation

from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.parties import queries
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.throttle import client_address, throttle

PROTOCOL, BEARER = "lilong.live", "bearer."
_BAD_CREDENTIALS, _BAD_SECONDS = 30, 60

Credential = Callable[[], Actor]


class Handshake(HttpRequest):
    """The opening request in Django's terms, so that hosts, proxies, cookies and languages mean the same as for pages."""

    def __init__(self, scope: dict[str, Any]) -> None:
        super().__init__()
        self._secure = scope.get("scheme") == "wss"
        server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
        self.META = {"SERVER_NAME": server[0], "SERVER_PORT": str(server[1] or 80), "REMOTE_ADDR": client[0]}
        for name, value in scope["headers"]:
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            self.META[key] = value.decode("latin-1")
        try:
            self.COOKIES = parse_cookie(self.META.get("HTTP_COOKIE", ""))
        except CookieError:
            self.COOKIES = {}
        self.protocols = [one.strip() for one in self.META.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(",")]

    def _get_scheme(self) -> str:
        return "https" if self._secure else "http"

    def allowed(self) -> bool:
        """Whether the host is ours and the page, if a browser names one, too."""
        try:
            host = self.get_host()
        except DisallowedHost:
            return False
        origin = self.META.get("HTTP_ORIGIN")
        return origin is None or origin in (f"{self.scheme}://{host}", *settings.CSRF_TRUSTED_ORIGINS)

    def language(self) -> str:
        return translation.get_language_from_request(self)

    def bearer(self) -> str:
        """The secret given at the opening: `Authorization: Bearer ...`, or (browsers can do no other) the subprotocols
        `lilong.live, bearer.<secret>`."""
        kind, _, secret = self.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() == "bearer":
            return secret.strip()
        return next((one.removeprefix(BEARER) for one in self.protocols if one.startswith(BEARER)), "")

    def session_credential(self) -> Credential | None:
        """The signed-in browser's session; a caller without Origin is no browser, and its cookies count for nothing."""
        key = self.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not key or "HTTP_ORIGIN" not in self.META:
            return None
        store = import_module(settings.SESSION_ENGINE).SessionStore

        def actor() -> Actor:
            asked = HttpRequest()  # a fresh look at the session each time
            asked.session = store(key)
            return queries.actor_of(get_user(asked))

        return actor if SESSION_KEY in store(key) else None

    def bearer_credential(self, secret: str) -> Credential:
        """Raises Unauthenticated for a secret that is not good, TooMany for whoever tries many."""
        try:
            queries.actor_of_bearer(secret)
        except Unauthenticated:
            throttle("bad-credential", client_address(self), _BAD_CREDENTIALS, _BAD_SECONDS)
            raise
        return lambda: queries.actor_of_bearer(secret)
