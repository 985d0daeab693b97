"""What machines and the house say to each other over MQTT: JSON, one object a message.

Up:   `lilong/<device>/up/market`            (QoS 1) one of the reports below, by `type`
Down: `lilong/<device>/down/market/ack`      {"seq": n}: report n is in the house's books; the machine may forget it
      `lilong/<device>/down/market/command`  {"command": base64url JSON of Command, "signature": base64url Ed25519}

Reports with a `seq` are journalled by the machine (1, 2, 3, ... never reused) and sent until acknowledged; the house takes
each number once. Moments are RFC 3339 with an offset, quantities whole pieces, weights whole grams.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

SUBJECTS = "lilong.*.up.market"
MESSAGE_MAX = 65_536

Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Slot = Annotated[str, msgspec.Meta(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9]+$")]
Parts = Annotated[list[Seq], msgspec.Meta(max_length=500)]
Material = Literal["paper", "pet", "metal", "glass", "textile"]


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """`at` is the machine's own clock."""

    at: Moment


class Hello(Report, tag="hello"):
    """The machine is (again) there: commands that still hold are sent to it again."""


class Heartbeat(Report, tag="heartbeat"):
    """It lives, every 30 seconds; temperature in thousandths of a degree Celsius."""

    temperature_mc: Annotated[int, msgspec.Meta(ge=-60_000, le=90_000)] | None = None


class Fault(Report, tag="fault"):
    """A slot (or, with none, the machine) is out of order."""

    seq: Seq
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    slot: Slot | None = None


class Cleared(Report, tag="cleared"):
    """It is in order again."""

    seq: Seq
    slot: Slot | None = None


class Vended(Report, tag="vended"):
    """So many pieces left a slot for an order."""

    seq: Seq
    order: UUID
    slot: Slot
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)]


class Closed(Report, tag="closed"):
    """The order is done with: `parts` are the numbers of all its `vended` reports, `jammed` slots gave nothing more."""

    seq: Seq
    order: UUID
    parts: Parts
    jammed: Annotated[list[Slot], msgspec.Meta(max_length=50)] = []


class Enter(Report, tag="enter"):
    """Somebody showed a pass at the gate; `people` is how many the sensor sees there."""

    seq: Seq
    token: Annotated[str, msgspec.Meta(max_length=400)]
    people: Annotated[int, msgspec.Meta(ge=0, le=100)] = 1


class Moved(Report, tag="moved"):
    """Pieces were taken off a shelf (positive) or put back (negative); `lot` where the goods' tags tell it."""

    seq: Seq
    session: UUID
    slot: Slot
    quantity: Annotated[int, msgspec.Meta(ge=-100, le=100)]
    lot: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Exit(Report, tag="exit"):
    """The person left; `parts` are the numbers of all reports of the session after `enter`."""

    seq: Seq
    session: UUID
    parts: Parts


class Weighed(Report, tag="weighed"):
    """Material went into a bin."""

    seq: Seq
    session: UUID
    material: Material
    grams: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Bin(Report, tag="bin"):
    """A bin is full, or has been emptied."""

    seq: Seq
    material: Material
    full: bool


Numbered = Fault | Cleared | Vended | Closed | Enter | Moved | Exit | Weighed | Bin
AnyReport = Hello | Heartbeat | Numbered

_reports = msgspec.json.Decoder(AnyReport)
_encode = msgspec.json.Encoder().encode


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """An order to a machine. It obeys an `id` once, only if the signature holds, `machine` is itself, and `expires_at`
    has not passed. Types: `vend` {order, lines: [{slot, quantity}]}, `open` {session}, `refuse` {seq, why}."""

    id: UUID
    machine: UUID
    type: str
    body: dict[str, Any]
    expires_at: datetime


def read_report(payload: bytes) -> AnyReport:
    """Raises msgspec.DecodeError (ValidationError names the field) for anything else."""
    if len(payload) > MESSAGE_MAX:
        raise msgspec.DecodeError("too long")
    return _reports.decode(payload)


def written(report: AnyReport) -> bytes:
    return _encode(report)


def body_of(report: AnyReport) -> dict[str, Any]:
    """As the journal keeps it."""
    found: dict[str, Any] = msgspec.json.decode(_encode(report))
    return found


def up_topic(device: UUID) -> str:
    return f"lilong/{device}/up/market"


def down_topic(device: UUID) -> str:
    return f"lilong/{device}/down/market/#"


def down_subject(device: UUID, kind: Literal["ack", "command"]) -> str:
    return f"lilong.{device}.down.market.{kind}"


def device_of(subject: str) -> UUID | None:
    """The device a NATS subject names; None for anything that is no machine's subject."""
    head, _, rest = subject.partition(".")
    device, _, topic = rest.partition(".")
    try:
        return UUID(device) if (head, topic) == ("lilong", "up.market") else None
    except ValueError:
        return None


def signing_key(token_key: str) -> SigningKey:
    """The house's key for commands: fixed by the installation's token key, for this use alone."""
    return SigningKey(hashlib.sha256(b"lilong machine commands 1\x00" + token_key.encode()).digest())


def public_key(token_key: str) -> str:
    """What a machine is given, with its secret, to know the house's commands by."""
    return _text(bytes(signing_key(token_key).verify_key))


def signed(command: Command, key: SigningKey) -> bytes:
    body = _encode(command)
    return _encode({"command": _text(body), "signature": _text(key.sign(body).signature)})


def verified(payload: bytes, key: str, machine: UUID, now: datetime) -> Command | None:
    """The machine's side: the command, or None for one that it must not obey."""
    try:
        given = msgspec.json.decode(payload, type=dict[str, str])
        body = _bytes(given["command"])
        VerifyKey(_bytes(key)).verify(body, _bytes(given["signature"]))
        command = msgspec.json.decode(body, type=Command)
    except (BadSignatureError, KeyError, ValueError, binascii.Error, msgspec.MsgspecError):
        return None
    return command if command.machine == machine and now < command.expires_at else None


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """What the QR code at a gate says: who may enter where, once (`id`), until (seconds since 1970)."""

    id: UUID
    person: UUID
    place: UUID
    until: int


def pass_text(entry: Pass, token_key: str) -> str:
    body = msgspec.msgpack.Encoder(uuid_format="bytes").encode(entry)
    return f"lm1.{_text(body)}.{_text(_seal(body, token_key))}"


def read_pass(text: str, token_key: str) -> Pass | None:
    """None for anything that the house did not write."""
    try:
        head, body, seal = text.split(".")
        raw = _bytes(body)
        good = head == "lm1" and hmac.compare_digest(_bytes(seal), _seal(raw, token_key))
        return msgspec.msgpack.decode(raw, type=Pass) if good else None
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return None


def _seal(body: bytes, token_key: str) -> bytes:
    key = hashlib.sha256(b"lilong machine pass 1\x00" + token_key.encode()).digest()
    return hmac.digest(key, body, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
