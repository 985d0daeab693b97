"""The log over HTTP: heads and proofs for anybody, events and webhooks for those whose they are."""

from base64 import b64encode
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Path, Router
from ninja.responses import Status
from ninja.security.base import AuthBase

from lilong.kernel.base.paging import Slice
from lilong.kernel.base.problems import Missing
from lilong.kernel.events import queries, services, shapes, visibility
from lilong.kernel.events.rules.envelope import CONTENT_TYPE, cloud_event, encoded
from lilong.kernel.events.signing import verifier_keys

MOUNT = ""
READ = "events:read"
BIGINT_MAX = 2**63 - 1


class ReaderAuth(AuthBase):
    """Whoever the house knows the caller to be."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> visibility.Reader:
        return visibility.reader_of(request)


router = Router()
log = Router(tags=["log"])
mine = Router(tags=["events"], auth=ReaderAuth())
hooks = Router(tags=["webhooks"], auth=ReaderAuth())
router.add_router("/log", log)
router.add_router("/events", mine)
router.add_router("/webhooks", hooks)


@log.get("/head", response=shapes.HeadOut, auth=None, summary="The newest signed head")
def head(request: HttpRequest) -> Any:
    """As JSON, or with `Accept: text/plain` the signed note alone (C2SP tlog-checkpoint)."""
    found = queries.head()
    if request.get_preferred_type(["application/json", "text/plain"]) == "text/plain":
        return HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    return {"size": found.size, "root": _b64(found.root), "at": found.at, "note": found.note}


@log.get("/key", response=shapes.VerifierOut, auth=None, summary="The keys that verify heads")
def key(request: HttpRequest) -> dict[str, Any]:
    present, *earlier = verifier_keys()
    return {"origin": settings.LOG_ORIGIN, "key": present, "earlier": earlier}


@log.get("/proof/inclusion", response=shapes.InclusionOut, auth=None, summary="That an event is in the log")
def inclusion(request: HttpRequest, event: UUID, size: int | None = None) -> dict[str, Any]:
    proof = queries.inclusion(event, size)
    return {
        "event": event,
        "index": proof.leaf,
        "size": proof.size,
        "leaf_hash": _b64(proof.leaf_hash),
        "path": [_b64(step) for step in proof.path],
        "root": _b64(proof.root),
    }


@log.get("/proof/consistency", response=shapes.ConsistencyOut, auth=None, summary="That the log only grew")
def consistency(request: HttpRequest, first: int, second: int | None = None) -> dict[str, Any]:
    proof = queries.consistency(first, second)
    return {
        "first": first,
        "second": proof.size,
        "path": [_b64(step) for step in proof.path],
        "root": _b64(proof.root),
    }


@mine.get("", response=shapes.EventsOut, exclude_none=True, summary="Events that are mine to see, newest first")
def events(request: HttpRequest, type: str = "", cursor: str = "", size: int = 20) -> dict[str, Any]:
    parties = visibility.seen_by_reader(visibility.reader_of(request), READ)
    found = queries.visible_to(parties, type=type, cursor=cursor, size=size)
    return {"items": [cloud_event(event) for event in found.items], "next": found.next}


@mine.get("/{uuid:id}", response=shapes.CloudEventOut, summary="One event, byte for byte as its leaf was made of it")
def event(request: HttpRequest, id: UUID) -> HttpResponse:
    parties = visibility.seen_by_reader(visibility.reader_of(request), READ)
    found = queries.by_id(id)
    if not visibility.may_see(parties, found):
        raise Missing("no-such-event", _("There is no such event."))
    return HttpResponse(encoded(found), content_type=CONTENT_TYPE)


@hooks.get("", response=shapes.EndpointsOut, summary="My webhooks, or those of an organisation I manage")
def endpoints(request: HttpRequest, owner: UUID | None = None, cursor: str = "", size: int = 20) -> dict[str, Any]:
    reader = visibility.reader_of(request)
    return _page(queries.endpoints(reader, owner or reader.party, cursor=cursor, size=size))


@hooks.post("", response={201: shapes.NewEndpointOut, 200: shapes.NewEndpointOut}, summary="Subscribe an address")
def subscribe(request: HttpRequest, body: shapes.EndpointIn) -> Any:
    """Deliveries carry Standard Webhooks headers. Idempotent by `id`: the same again answers 200, without the secret."""
    reader = visibility.reader_of(request)
    made, secret = services.subscribe(
        reader, id=body.id, owner=body.owner or reader.party, url=body.url, types=body.types
    )
    return Status(201 if secret else 200, _endpoint(made) | {"secret": secret})


@hooks.get("/{uuid:id}", response=shapes.EndpointOut, summary="One webhook")
def endpoint(request: HttpRequest, id: UUID) -> Any:
    return queries.endpoint(visibility.reader_of(request), id)


@hooks.delete("/{uuid:id}", response=shapes.EndpointOut, summary="Close a webhook")
def unsubscribe(request: HttpRequest, id: UUID) -> Any:
    return services.unsubscribe(visibility.reader_of(request), id=id)


@hooks.get("/{uuid:id}/deliveries", response=shapes.DeliveriesOut, summary="What was sent, and what became of it")
def deliveries(
    request: HttpRequest,
    id: UUID,
    state: Literal["", "due", "sending", "delivered", "dead"] = "",
    cursor: str = "",
    size: int = 20,
) -> dict[str, Any]:
    return _page(queries.deliveries(visibility.reader_of(request), id, state=state, cursor=cursor, size=size))


@hooks.post("/deliveries/{delivery}/redeliver", response=shapes.DeliveryOut, summary="Send a delivery once more")
def redeliver(request: HttpRequest, delivery: int = Path(ge=1, le=BIGINT_MAX)) -> Any:
    return services.redeliver(visibility.reader_of(request), id=delivery)


def _page(found: Slice) -> dict[str, Any]:
    return {"items": found.items, "next": found.next}


def _endpoint(found: queries.Subscribed) -> dict[str, Any]:
    return {name: getattr(found, name) for name in shapes.EndpointOut.model_fields}


def _b64(hash: bytes) -> str:
    return b64encode(hash).decode()
