"""How an event looks outside: CloudEvents 1.0, structured JSON, and its leaf in the tree."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from lilong.kernel.events.rules.canonical import canonical
from lilong.kernel.events.rules.merkle import leaf_hash

SOURCE = "/lilong"
CONTENT_TYPE = "application/cloudevents+json"


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded event. `seq` is its place in the log (1, 2, 3, ...), None until it has one."""

    seq: int | None
    id: UUID
    type: str
    version: int
    subject: UUID
    actor: UUID | None
    at: datetime
    recorded_at: datetime
    data: dict[str, Any]
    request: str | None


def cloud_event(event: Recorded) -> dict[str, Any]:
    """The CloudEvent: `time` is when it happened, `recordedtime` (a documented extension) when it was written down.

    `seq` is a string, because a CloudEvents Integer ends at 2^31 - 1 and a log does not.
    """
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event.id),
        "source": SOURCE,
        "type": f"lilong.{event.type}",
        "subject": str(event.subject),
        "time": _moment(event.at),
        "recordedtime": _moment(event.recorded_at),
        "datacontenttype": "application/json",
        "dataschema": f"urn:lilong:fact:{event.type}:{event.version}",
        "data": event.data,
    }
    if event.seq is not None:
        body["seq"] = str(event.seq)
    if event.actor is not None:
        body["actor"] = str(event.actor)
    if event.request:
        body["request"] = event.request
    return body


def encoded(event: Recorded) -> bytes:
    """The CloudEvent as it is published: canonical JSON, so that its bytes are the leaf's."""
    return canonical(cloud_event(event))


def leaf_of(event: Recorded) -> bytes:
    """The event's leaf hash. Raises ValueError for a row that no `emit` can have written."""
    return leaf_hash(encoded(event))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
