"""What vehicles and the house say to each other over MQTT: JSON, one object a message.

Up:   `lilong/<device>/up/mobility`            (QoS 1) one of the reports below, by `type`
      `lilong/<device>/up/mobility/answer`     (QoS 1) an Answer: taken in one by one, for it may move money
Down: `lilong/<device>/down/mobility/ack`      {"seqs": [n, ...], "quarantined": m}: these points of one report are in the
                                               house's books, m of them as ones it does not believe; forget them
      `lilong/<device>/down/mobility/command`  Command: do this, once, unless it has expired

A vehicle numbers its points 1, 2, 3, ... and never reuses a number; it keeps them until they are acknowledged and may send
them again in any order. Moments are RFC 3339 with an offset. Everything is a whole number of a small unit: positions
millionths of a degree (WGS 84), speeds tenths of a kilometre an hour, lengths metres, fuel millilitres.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

SUBJECTS, ANSWERS = "lilong.*.up.mobility", "lilong.*.up.mobility.answer"
MESSAGE_MAX = 65_536
POINTS_MAX = 500

Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
# Wide enough for nonsense, which is quarantined with its reason, point by point; a report is never lost for one bad point.
E6 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Small = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Heading = Annotated[int, msgspec.Meta(ge=0, le=360)]
Why = Annotated[str, msgspec.Meta(max_length=60)]

CommandType = Literal["unlock", "lock", "honk", "limit", "ride"]


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the vehicle was and how it stood at `at`, by its own clock. What it cannot measure is left out.

    `heading` is in degrees from north, clockwise; `speed` in tenths of km/h; `odometer` and `accuracy` in metres; `battery`
    in percent of full; `fuel` in millilitres; `locked` the central lock, `doors` whether any is open, `engine` whether on.
    """

    seq: Seq
    at: Moment
    latitude_e6: E6
    longitude_e6: E6
    heading: Heading | None = None
    speed: Small | None = None
    odometer: Small | None = None
    accuracy: Small | None = None
    battery: Percent | None = None
    fuel: Small | None = None
    locked: bool | None = None
    doors: bool | None = None
    engine: bool | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """One message of a vehicle."""


class Hello(Report, tag="hello"):
    """The vehicle is (again) there: commands that still hold are sent to it again."""


class Points(Report, tag="points"):
    """One point or a batch, such as what was collected in a tunnel."""

    points: Annotated[list[Point], msgspec.Meta(min_length=1, max_length=POINTS_MAX)]


class Answer(Report, tag="answer"):
    """What became of a command: it was done, or why not."""

    command: UUID
    outcome: Literal["done", "failed"]
    why: Why = ""


class Ride(Report, tag="ride"):
    """A vehicle that drives itself, of a ride it has: it set out, stands at the pick-up, heard a code at its door, is at the end,
    or cannot go on. Said again every few seconds until a command says what comes next."""

    ride: UUID
    phase: Literal["departed", "arrived", "code", "ended", "broken"]
    code: Annotated[str, msgspec.Meta(max_length=8)] = ""


AnyReport = Hello | Points | Answer | Ride


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """For one `Points` report: its numbers are in the books."""

    seqs: list[int]
    quarantined: int = 0


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """An order to a vehicle, which obeys each `id` once and not after `expires_at`. It may come more than once.

    `unlock`, `lock`, `honk`: no body. `limit`: {"kmh": n | null}, a speed limit and its end. `ride`: what a vehicle that drives
    itself is to do, {"ride": id, "version": n, "leg": "offer" | "pick-up" | "wait" | "drop-off" | "stop" | "cancelled",
    "latitude_e6": n, "longitude_e6": n}. The answer to an offer says whether it takes the ride; until it hears "pick-up" it does
    not set out. "wait" brings the `door`'s code to show, and `refused` after a wrong code; "drop-off" the `stops` on the way,
    [longitude_e6, latitude_e6, ...]. A command of an older version of a ride than one heard before is not obeyed.
    """

    id: UUID
    type: CommandType
    body: dict[str, Any]
    expires_at: datetime


_reports = msgspec.json.Decoder(AnyReport)
_commands = msgspec.json.Decoder(Command)
_receipts = msgspec.json.Decoder(Receipt)
encode = msgspec.json.Encoder().encode


def read_report(payload: bytes) -> AnyReport:
    """Raises msgspec.DecodeError (ValidationError names the field) for anything else."""
    if len(payload) > MESSAGE_MAX:
        raise msgspec.DecodeError("too long")
    try:
        return _reports.decode(payload)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("not UTF-8") from None


def read_command(payload: bytes) -> Command:
    """The vehicle's side. Raises msgspec.DecodeError."""
    return _commands.decode(payload)


def read_receipt(payload: bytes) -> Receipt:
    """The vehicle's side. Raises msgspec.DecodeError."""
    return _receipts.decode(payload)


def up_topic(device: UUID) -> str:
    return f"lilong/{device}/up/mobility"


def answer_topic(device: UUID) -> str:
    return f"lilong/{device}/up/mobility/answer"


def down_topic(device: UUID) -> str:
    """What a vehicle subscribes to."""
    return f"lilong/{device}/down/mobility/#"


def down_subject(device: UUID, kind: Literal["ack", "command"]) -> str:
    """The NATS subject that the house publishes on."""
    return f"lilong.{device}.down.mobility.{kind}"
