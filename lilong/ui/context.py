"""What every page knows."""

from typing import Any

from django.http import HttpRequest

THEMES = ("light", "dark")


def lane(request: HttpRequest) -> dict[str, Any]:
    """`csp_nonce` for a script or style of the page's own, `theme` 'light', 'dark' or '' (as the reader's system is)."""
    theme = request.COOKIES.get("lilong_theme", "")
    return {"csp_nonce": getattr(request, "csp_nonce", ""), "theme": theme if theme in THEMES else ""}
