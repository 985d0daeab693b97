"""What temperature loggers and the house say to each other over MQTT: JSON, one object a message.

Up:   `lilong/<device>/up/cold`    (QoS 1) a Batch of readings
Down: `lilong/<device>/down/cold`  a Receipt: the readings of that batch are in the house's books; the logger may forget them

A logger numbers its readings 1, 2, 3, ... and never uses a number twice; what it says again changes nothing. `at` is its own
clock, RFC 3339 with an offset. `mc` thousandths of a degree Celsius, `humidity` thousandths.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from lilong.fields.delivery.rules.cold_chain import COLDEST_MC, HOTTEST_MC

SUBJECTS = "lilong.*.up.cold"
MESSAGE_MAX = 262_144
READINGS_MAX = 2000

Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ReadingDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading of a logger, by its number."""

    seq: Seq
    at: Moment
    mc: Annotated[int, msgspec.Meta(ge=COLDEST_MC, le=HOTTEST_MC)]
    humidity: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Readings, in any order. `batch` comes back in the receipt."""

    readings: Annotated[list[ReadingDraft], msgspec.Meta(min_length=1, max_length=READINGS_MAX)]
    batch: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] = 0
    battery: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` new readings, `known` that were there already, `reused` numbers that stand for other readings, `ahead` from a
    future that is more than five minutes away (kept, but they do not count). `problem`: nothing was taken."""

    batch: int = 0
    kept: int = 0
    known: int = 0
    reused: int = 0
    ahead: int = 0
    problem: str = ""


_batches = msgspec.json.Decoder(Batch)


def read(payload: bytes) -> Batch:
    """Raises msgspec.DecodeError (ValidationError names the field) for anything else."""
    if len(payload) > MESSAGE_MAX:
        raise msgspec.DecodeError("too long")
    return _batches.decode(payload)


def down_subject(device: object) -> str:
    return f"lilong.{device}.down.cold"


def up_topic(device: object) -> str:
    return f"lilong/{device}/up/cold"


def down_topic(device: object) -> str:
    return f"lilong/{device}/down/cold"
