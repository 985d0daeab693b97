"""The shapes of the event log's and the webhooks' API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema


class CloudEventOut(Schema):
    """A CloudEvent 1.0. Its canonical JSON (RFC 8785) is the leaf in the log's tree once it has a `seq`."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: str
    recordedtime: str
    datacontenttype: str
    dataschema: str
    seq: str | None = None
    actor: UUID | None = None
    request: str | None = None
    data: dict[str, Any]


class EventsOut(Schema):
    items: list[CloudEventOut]
    next: str


class HeadOut(Schema):
    """A signed head: `root` in base64, `note` the C2SP checkpoint with its signature."""

    size: int
    root: str
    at: datetime
    note: str


class VerifierOut(Schema):
    """What verifies heads: the log's origin, its present key and earlier ones, as signed-note verifier keys."""

    origin: str
    key: str
    earlier: list[str]


class InclusionOut(Schema):
    """The audit path of leaf `index` (0-based) in the tree of `size`; hashes in base64 (RFC 9162 section 2.1.3)."""

    event: UUID
    index: int
    size: int
    leaf_hash: str
    path: list[str]
    root: str


class ConsistencyOut(Schema):
    """The proof that the tree of `second` extends that of `first`; hashes in base64 (RFC 9162 section 2.1.4)."""

    first: int
    second: int
    path: list[str]
    root: str


class EndpointIn(Schema):
    """`types`: exact event types or prefixes (`market.*`); none means all that the owner may see."""

    id: UUID
    owner: UUID | None = None
    url: str = Field(max_length=2000)
    types: list[str] = Field(default=[], max_length=100)


class EndpointOut(Schema):
    id: UUID
    owner: UUID
    url: str
    types: list[str]
    open: bool
    created_at: datetime


class NewEndpointOut(EndpointOut):
    """`secret` (Standard Webhooks, `whsec_...`) is shown this once; empty when the endpoint was there already."""

    secret: str


class EndpointsOut(Schema):
    items: list[EndpointOut]
    next: str


class DeliveryOut(Schema):
    """`state`: due, sending, delivered or dead. `status` and `error` are of the last try."""

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


class DeliveriesOut(Schema):
    items: list[DeliveryOut]
    next: str
