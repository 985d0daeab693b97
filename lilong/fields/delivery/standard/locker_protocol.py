"""What locker terminals, vehicles' keypads and the house say to each other over MQTT: JSON, one object a message.

Up:   `lilong/<device>/up/locker`, `lilong/<device>/up/keypad`      (QoS 1) one of the reports below, by `type`
Down: `lilong/<device>/down/locker`, `lilong/<device>/down/keypad`  `open`, `refused`

Somebody types a code, or a parcel's tag is scanned: the report has a `request` id of its own, and the answer names it. Sent
again, it is answered the same. Doors are reported as they move; a door that was told to open and did not is `stuck`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

LOCKERS, KEYPADS = "lilong.*.up.locker", "lilong.*.up.keypad"
MESSAGE_MAX = 4096
OPEN_SECONDS = 60  # an order to open that is older than this opens nothing

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What a device says."""


class Door(Report, tag="door"):
    """The door of a cell moved, or did not. `full`: something is inside, where the cell can tell."""

    cell: Annotated[int, msgspec.Meta(ge=1, le=400)]
    door: Literal["opened", "closed", "stuck"]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    full: bool | None = None


class Code(Report, tag="code"):
    """Somebody typed a code (a printed one does as well as a phone's)."""

    request: UUID
    code: Text


class Tag(Report, tag="tag"):
    """A courier or robot holds a parcel's tag before the scanner, to put it in."""

    request: UUID
    tag: Text


class Here(Report, tag="here"):
    """It lives."""


_decoder = msgspec.json.Decoder(Door | Code | Tag | Here)


def read(payload: bytes) -> Door | Code | Tag | Here:
    """Raises msgspec.DecodeError (ValidationError is one) for whatever is not a report."""
    if len(payload) > MESSAGE_MAX:
        raise msgspec.DecodeError("too long")
    return _decoder.decode(payload)


def down(device: UUID, what: Literal["locker", "keypad"]) -> str:
    """The NATS subject a device listens on."""
    return f"lilong.{device}.down.{what}"


def opening(cells: list[int], shipment: UUID | None = None, request: UUID | None = None) -> bytes:
    """Open these cells."""
    body: dict[str, Any] = {"type": "open", "cells": cells}
    body |= {"shipment": shipment} if shipment else {}
    return msgspec.json.encode(body | ({"request": request} if request else {}))


def refusal(request: UUID, why: str) -> bytes:
    """Nothing opens, and why: a problem's code."""
    return msgspec.json.encode({"type": "refused", "request": request, "why": why})
