"""Problems at the HTTP edge: `application/problem+json` for programs, a page for people (RFC 9457)."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lilong.kernel.base.problems import Problem


def problem_response(problem: Problem) -> HttpResponse:
    """The problem as its JSON body, status and headers."""
    response = HttpResponse(
        msgspec.json.encode(problem.body(), enc_hook=str),
        status=problem.status,
        content_type="application/problem+json",
    )
    if "retry_after" in problem.extra:
        response["Retry-After"] = str(problem.extra["retry_after"])
    return response


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
