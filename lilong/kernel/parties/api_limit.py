"""The site-wide rate limit of the API."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from lilong.kernel.base.http import problem_response
from lilong.kernel.base.problems import Problem, TooMany
from lilong.kernel.parties.http import actor_of_request, client_address, throttle

API_SECONDS = 60
API_LIMIT_DEFAULT = 1200  # a minute, for each party, or for each address of callers who do not say who they are


class ApiLimitMiddleware:
    """The site-wide limit of the API: LILONG_API_LIMIT calls a minute (default 1200, 0 for none), answered by a problem.

    Place it after the session and authentication middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.limit = int(os.environ.get("LILONG_API_LIMIT", API_LIMIT_DEFAULT))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.limit and request.path.startswith("/api/"):
            try:
                throttle("api", _caller(request), self.limit, API_SECONDS)
            except TooMany as problem:
                return problem_response(problem)
        return self.get_response(request)


def _caller(request: HttpRequest) -> str:
    try:
        return str(actor_of_request(request).party)
    except Problem:
        return client_address(request)
