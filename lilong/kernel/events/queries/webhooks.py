"""What subscribers see of their webhooks."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.paging import SIZE_DEFAULT, Slice, page
from lilong.kernel.base.problems import Forbidden, Missing
from lilong.kernel.events.models import Delivery, Endpoint
from lilong.kernel.events.visibility import Reader

SCOPE = "webhooks"
ROLE = "manager"


class Subscribed(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint, without its secret. `types` empty: all types; `open` false: closed by its owner or by its answer 410."""

    id: UUID
    owner: UUID
    url: str
    types: list[str]
    open: bool
    created_at: datetime


class Attempted(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery. `state` is due, sending, delivered or dead; `due_at` the next try; `status` the last answer's."""

    id: int
    endpoint: UUID
    event: UUID
    type: str
    state: str
    attempts: int
    due_at: datetime
    tried_at: datetime | None
    status: int | None
    error: str


def endpoints(actor: Reader, owner: UUID, *, cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of the owner's endpoints, newest first. Raises Forbidden for others."""
    actor.require(owner, ROLE, scope=SCOPE)
    found = page(Endpoint.objects.filter(owner=owner), by=("-created_at", "-id"), cursor=cursor, size=size)
    return Slice(items=[subscribed(row) for row in found.items], next=found.next)


def endpoint(actor: Reader, id: UUID) -> Subscribed:
    """One endpoint. Raises Missing when there is none or it is another's, Forbidden when the credential does not reach."""
    actor.require(actor.party, scope=SCOPE)
    found = Endpoint.objects.filter(id=id).first()
    if found is None or not _manages(actor, found.owner):
        raise Missing("no-such-endpoint", _("There is no such webhook."))
    return subscribed(found)


def deliveries(actor: Reader, id: UUID, *, state: str = "", cursor: str = "", size: int = SIZE_DEFAULT) -> Slice:
    """A page of the deliveries to an endpoint, newest first. Raises Missing and Forbidden as `endpoint` does."""
    endpoint(actor, id)
    rows = Delivery.objects.filter(endpoint_id=id)
    found = page(rows.filter(state=state) if state else rows, by=("-key",), cursor=cursor, size=size)
    return Slice(items=[attempted(row) for row in found.items], next=found.next)


def _manages(actor: Reader, owner: UUID) -> bool:
    try:
        actor.require(owner, ROLE)
    except Forbidden:
        return False
    return True


def subscribed(row: Endpoint) -> Subscribed:
    """The row as its owner sees it."""
    return Subscribed(
        id=row.id, owner=row.owner, url=row.url, types=row.types, open=row.open, created_at=row.created_at
    )


def attempted(row: Any) -> Attempted:
    """The row as the endpoint's owner sees it."""
    return Attempted(
        id=row.key,
        endpoint=row.endpoint_id,
        event=row.event,
        type=row.type,
        state=row.state,
        attempts=row.attempts,
        due_at=row.due_at,
        tried_at=row.tried_at,
        status=row.status,
        error=row.error,
    )
