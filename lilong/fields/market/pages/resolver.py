"""The GS1 Digital Link resolver over HTTP (`/market/id/01/...`) and its description file."""

from urllib.parse import quote

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lilong.fields.market.rules import digital_link
from lilong.fields.market.standard import resolver
from lilong.kernel.base import clock
from lilong.kernel.base.http import problem_response
from lilong.kernel.base.problems import Problem

_NAME = "Lilong market"
_METHODS = ["GET", "HEAD", "OPTIONS"]


def root_of(request: HttpRequest) -> str:
    """The resolver's root, as an absolute URL without a slash at its end."""
    return request.build_absolute_uri(reverse("market:resolver-root")).rstrip("/")


@require_http_methods(_METHODS)
def resolve(request: HttpRequest) -> HttpResponse:
    """307 to the best link; 200 with the linkset where asked for; 400 no Digital Link; 404 unknown; 410 retired."""
    if request.method == "OPTIONS":
        return _open(HttpResponse(status=204))
    root = root_of(request)
    try:
        path = _raw_path(request).removeprefix(reverse("market:resolver-root").rstrip("/"))
        link = digital_link.parse(path, request.GET, clock.today())
        found = resolver.find(link, _addresses(request, root))
        response = _answer(request, found, root)
    except Problem as problem:
        return _open(problem_response(problem))
    response["Link"] = resolver.link_header(root, link)
    return _open(response)


def _answer(request: HttpRequest, found: resolver.Found, root: str) -> HttpResponse:
    link_type, accept = request.GET.get("linkType", ""), request.headers.get("Accept", "")
    if resolver.wants_linkset(link_type, accept):
        body = msgspec.json.encode(resolver.linkset(found, root))
        return HttpResponse(body, content_type=resolver.LINKSET_TYPE)
    target = resolver.choose(found, link_type, accept, request.headers.get("Accept-Language", ""))
    response = HttpResponse(status=307)
    response["Location"] = target.href
    return response


@require_http_methods(_METHODS)
def describe(request: HttpRequest) -> HttpResponse:
    """The resolver description file (GS1-Conformant Resolver standard, section on well-known location)."""
    body = msgspec.json.encode(resolver.description(root_of(request), _NAME))
    return _open(HttpResponse(body, content_type="application/json"))


def _open(response: HttpResponse) -> HttpResponse:
    """Any web page may ask (the standard requires CORS), and caches must tell answers apart."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
    response["Access-Control-Allow-Headers"] = "Accept, Accept-Language"
    response["Access-Control-Expose-Headers"] = "Link, Location"
    response["Vary"] = "Accept, Accept-Language"
    return response


def _raw_path(request: HttpRequest) -> str:
    """The path as it was sent: a lot code may hold an encoded slash, which Django's own path has already decoded."""
    sent = getattr(request, "scope", {}).get("raw_path")
    return sent.decode("ascii", "replace").partition("?")[0] if sent else quote(request.path)


def _addresses(request: HttpRequest, root: str) -> resolver.Addresses:
    zero = "00000000-0000-0000-0000-000000000000"

    def address(name: str, **arguments: str) -> str:
        return request.build_absolute_uri(reverse(f"market:{name}", kwargs=arguments))

    return resolver.Addresses(
        root=root,
        product=address("product", id=zero).replace(zero, "{id}"),
        product_data=address("product-data", id=zero).replace(zero, "{id}"),
        retailers=address("retailers", gtin="0" * 14).replace("0" * 14, "{gtin}"),
        recall=address("recall", lot=zero).replace(zero, "{lot}"),
    )
