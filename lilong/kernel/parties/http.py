"""Who is asking, at the HTTP edge: sessions, API keys and tokens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from lilong.kernel.base.problems import Forbidden, Unauthenticated
from lilong.kernel.base.requests import request_id
from lilong.kernel.parties import queries, refusals
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.throttle import client_address, throttle

__all__ = [
    "ANY_CREDENTIAL",
    "BearerAuth",
    "SessionAuth",
    "actor_of_request",
    "client_address",
    "member_of",
    "signed_in",
    "throttle",
]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_BAD_CREDENTIALS, _BAD_SECONDS = 30, 60

View = Callable[..., HttpResponseBase]


def actor_of_request(request: HttpRequest) -> Actor:
    """Who asks: `Authorization: Bearer <API key or token>`, else the session. Raises Unauthenticated.

    A bad bearer is refused and never falls back to the session. A session that changes something must carry the CSRF
    token, also where a view is exempt from Django's own check (the API's are). Worked out once a request.
    """
    known: Actor | None = getattr(request, "_lilong_actor", None)
    if known is None:
        known = _by_bearer(request) or _by_session(request)
        known = msgspec.structs.replace(known, request=request_id.get())
        request._lilong_actor = known  # type: ignore[attr-defined]
    return known


def _by_bearer(request: HttpRequest) -> Actor | None:
    given = request.headers.get("Authorization", "")
    if not given:
        return None
    kind, _space, secret = given.partition(" ")
    try:
        if kind.lower() != "bearer" or not secret.strip():
            raise Unauthenticated("sign-in", _("Please sign in."), detail="Authorization: Bearer <token or API key>")
        return queries.actor_of_bearer(secret.strip())
    except Unauthenticated:
        throttle("bad-credential", client_address(request), _BAD_CREDENTIALS, _BAD_SECONDS)
        raise


def _by_session(request: HttpRequest) -> Actor:
    actor = queries.actor_of(request.user)
    checked = getattr(request, "csrf_processing_done", False)
    if request.method not in _SAFE and not checked and check_csrf(request) is not None:
        raise Forbidden("csrf", _("The page was open too long, or the request came from elsewhere. Please try again."))
    return actor


class BearerAuth(AuthBase):
    """For ninja: an API key or a token. `request.auth` is the Actor."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Actor | None:
        return actor_of_request(request) if request.headers.get("Authorization") else None


class SessionAuth(AuthBase):
    """For ninja: the browser's session, with its CSRF token for writes. `request.auth` is the Actor."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Actor:
        return actor_of_request(request)


ANY_CREDENTIAL: list[Any] = [BearerAuth(), SessionAuth()]


def signed_in(view: View) -> View:
    """For pages: sends a browser that is not signed in to the sign-in page, and back afterwards."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            actor_of_request(request)
        except Unauthenticated:
            if request.method in _SAFE and "Authorization" not in request.headers and not _partial(request):
                return redirect_to_login(request.get_full_path())
            raise
        return view(request, *args, **kwargs)

    return wrapped


def _partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page: a sign-in page must not end up inside it."""
    return request.headers.get("HX-Request") == "true"


def member_of(*roles: str) -> Callable[[View], View]:
    """For pages with an `organisation` in their address: owners and members with one of the roles; others find nothing."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not actor_of_request(request).acts_for(kwargs["organisation"], *roles):
                raise refusals.no_party()
            return view(request, *args, **kwargs)

        return signed_in(wrapped)

    return decorate
