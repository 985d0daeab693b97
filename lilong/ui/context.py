"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def lane(request: HttpRequest) -> dict[str, Any]:
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
