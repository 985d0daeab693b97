"""Guessing is slow: limits on signing in, signing up and resetting passwords that hold over all web processes.

django-allauth's own limits (failed attempts, kept in each process's memory) stay on as a second fence.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from lilong.kernel.base.http import answered
from lilong.kernel.base.problems import TooMany
from lilong.kernel.parties.throttle import client_address, throttle

SECONDS = 300
# URL name -> (uses an address, uses a mailbox) in SECONDS
LIMITS = {
    "account_login": (100, 15),
    "account_signup": (50, 5),
    "account_reset_password": (30, 5),
    "account_reset_password_from_key": (50, 0),
    "account_reauthenticate": (50, 0),
    "mfa_authenticate": (50, 0),
    "mfa_reauthenticate": (50, 0),
    "mfa_login_webauthn": (100, 0),
}
_MAILBOXES = ("login", "email")


class SignInLimitMiddleware:
    """Answers 429, with Retry-After, before a form of LIMITS is looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if request.method != "POST" or match is None or match.url_name not in LIMITS:
            return None
        try:
            _count(request, match.url_name)
        except TooMany as problem:
            return answered(request, problem)
        return None


def _count(request: HttpRequest, name: str) -> None:
    per_address, per_mailbox = LIMITS[name]
    throttle(name, client_address(request), per_address, SECONDS)
    for field in _MAILBOXES:
        mailbox = request.POST.get(field, "").strip().lower()
        if per_mailbox and mailbox:
            throttle(f"{name}.mailbox", mailbox, per_mailbox, SECONDS)
