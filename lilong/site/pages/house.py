"""What browsers and robots ask a house for, and the pages of errors."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET

from lilong.ui.templatetags.ui import tag

ROBOTS = "User-agent: *\nDisallow: /accounts/\nDisallow: /admin/\nDisallow: /me/\nDisallow: /api/\n"


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: the lane can be installed on a phone."""
    icon = {"src": static("ui/favicon.svg"), "type": "image/svg+xml", "sizes": "any"}
    return JsonResponse(
        {
            "name": "Lilong 里弄",
            "short_name": "里弄",
            "description": gettext("One lane, twelve doors: the online economy of the city."),
            "lang": tag(get_language() or "en"),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f5f2ea",
            "theme_color": "#9c3d28",
            "icons": [icon | {"purpose": "any"}, icon | {"purpose": "maskable"}],
        },
        content_type="application/manifest+json",
    )


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain")
