"""What the house tells about itself: request ids, structured logs, metrics."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lilong.kernel.base import ids
from lilong.kernel.base.requests import request_id


class RequestMiddleware:
    """Gives every request an id (the caller's own X-Request-ID if it is a sensible one) and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(
            given if 0 < len(given) <= 64 and given.isascii() and given.isprintable() else ids.uuid7().hex
        )
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
