"""Problems at the HTTP edge: `application/problem+json` for programs, a page for people (RFC 9457)."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from lilong.kernel.base.problems import Problem
from lilong.kernel.base.requests import request_id

PROBLEM_TYPE = "application/problem+json"
# What Django, ninja or a server answer on their own, by status.
_CODES = {
    400: "bad-request",
    401: "sign-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "media-type",
    422: "invalid",
    429: "too-many",
    500: "internal-error",
    503: "unavailable",
}


def problem_response(problem: Problem) -> HttpResponse:
    """The problem as its JSON body, status and headers."""
    response = HttpResponse(
        msgspec.json.encode(problem.body(), enc_hook=str),
        status=problem.status,
        content_type=PROBLEM_TYPE,
    )
    if "retry_after" in problem.extra:
        response["Retry-After"] = str(problem.extra["retry_after"])
    return response


def problem_of_status(status: int) -> Problem:
    """The problem for an answer that only has a status. A fault of ours tells nothing but the request's id."""
    found = Problem(_CODES.get(status, "internal-error" if status >= 500 else "bad-request"))  # noqa: PLR2004
    found.status = status
    if status >= 500:  # noqa: PLR2004
        found.extra = {"request": request_id.get()}
    return found


class ApiProblemMiddleware:
    """Under `/api/` every error is a problem: also those that Django answers itself (bad host, CSRF, no such address, wrong
    method, a fault). What an answer to a caller with a credential says is not to be kept by caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            return response
        if response.status_code >= 400 and response.headers.get("Content-Type") != PROBLEM_TYPE:  # noqa: PLR2004
            response = _as_problem(request, response)
        if "Authorization" in request.headers or request.COOKIES or response.status_code >= 400:  # noqa: PLR2004
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        found = problem_response(problem_of_status(response.status_code))
    for name, value in response.headers.items():
        if not name.lower().startswith("content-") or name == "Content-Security-Policy":
            found[name] = value
    found.cookies = response.cookies
    return found


class ProblemMiddleware:
    """Turns a Problem that a view raises into its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answered(request, exception) if isinstance(exception, Problem) else None


def answered(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as this reader wants it: a page for a browser, else its JSON body."""
    if "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/"):
        page: dict[str, Any] = {"problem": problem}
        response = render(request, "ui/problem.html", page, status=problem.status)
        if "retry_after" in problem.extra:
            response["Retry-After"] = str(problem.extra["retry_after"])
        return response
    return problem_response(problem)
