"""EPCIS 2.0 over HTTP (section 12): events by query, and the events of one shipment as a document to keep."""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from lilong.fields.delivery.queries import epcis as queries
from lilong.fields.delivery.queries.epcis import Wanted
from lilong.fields.delivery.rules.epcis import KINDS, TYPES
from lilong.fields.delivery.standard.epcis import asking, documents
from lilong.kernel.base.http import problem_response
from lilong.kernel.base.problems import Missing, Problem, Violation
from lilong.kernel.parties.http import actor_of_request

_EVENTS_MAX = 2000  # of one shipment
_HEADERS = {
    "GS1-EPCIS-Version": "2.0",
    "GS1-CBV-Version": "2.0",
    "GS1-Extensions": "",
    "GS1-EPC-Format": "Always_EPC_URN",
}


@require_http_methods(["GET", "HEAD", "OPTIONS"])
def events(request: HttpRequest) -> HttpResponse:
    """`/events?eventType=...&GE_eventTime=...`: a page of events of what the asker sends, carries or receives.

    The next page is in `Link: <...>; rel="next"`. 401 for nobody, 422 for a parameter that is not understood.
    """
    if request.method == "OPTIONS":
        return _with_headers(HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS"}))
    try:
        actor = actor_of_request(request)
        wanted = asking.read(request.GET.dict())
        found = queries.rows(actor, wanted) if wanted.kinds else []
    except Problem as problem:
        return _with_headers(problem_response(problem))
    size = wanted.limit - 1
    response = _answer(documents.query_document(found[:size]))
    if len(found) > size:
        given = request.GET.copy()
        given["nextPageToken"] = asking.token(found[size - 1])
        response["Link"] = f'<{request.build_absolute_uri(request.path)}?{given.urlencode()}>; rel="next"'
    return response


@require_GET
def event_types(request: HttpRequest) -> HttpResponse:
    """`/eventTypes`: what kinds of events there are here."""
    return _answer({"@context": documents.CONTEXT, "type": "Collection", "member": list(TYPES)})


@require_GET
def shipment(request: HttpRequest, id: UUID) -> HttpResponse:
    """All events of one shipment as an EPCISDocument, for those whom it concerns."""
    try:
        actor = actor_of_request(request)
        found = queries.rows(actor, Wanted(kinds=list(KINDS), shipment=id, limit=_EVENTS_MAX))
        if not found and not queries.may_read(actor, id):
            raise Missing("no-such-shipment", violations=[Violation(pointer="/id", rule="known")])
    except Problem as problem:
        return _with_headers(problem_response(problem))
    return _answer(documents.document(found))


def _answer(document: documents.Document) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(document), content_type="application/ld+json")
    response["Cache-Control"] = "no-store"
    return _with_headers(response)


def _with_headers(response: HttpResponse) -> HttpResponse:
    for name, value in _HEADERS.items():
        response[name] = value
    return response
