"""Topics: `<interface>/<major version>/<manufacturer>/<serial number>/<topic>` (2.1.0 section 6.3, 3.0.0 section 4.3)."""

import re
from typing import NamedTuple
from uuid import UUID

V2, V3 = "2.1.0", "3.0.0"
VERSIONS = (V2, V3)
HEADS = {V2: ("uagv", "v2"), V3: ("vda5050", "v3")}
UP = ("state", "visualization", "connection", "factsheet")
DOWN = ("order", "instantActions")
# One consumer for all topics of a version, so that what a vehicle says on several comes in the order it said it. Our own
# orders pass by there, too, and are let go.
INBOXES = {f"delivery-vda5050-{b}": f"{a}.{b}.*.*.*" for a, b in HEADS.values()}

# The standard also allows '.' and ':'. A '.' splits NATS subjects, so names that have one cannot be registered here.
_NAME = re.compile(r"[A-Za-z0-9_:-]{1,40}")


class Heard(NamedTuple):
    version: str
    manufacturer: str
    serial: str
    topic: str


def is_name(text: str) -> bool:
    """Whether a manufacturer or serial number can stand in a topic here."""
    return _NAME.fullmatch(text) is not None


def subject(version: str, manufacturer: str, serial: str, name: str) -> str:
    """The NATS subject; MQTT's topic has '/' for each '.'."""
    return ".".join((*HEADS[version], manufacturer, serial, name))


def topic(version: str, manufacturer: str, serial: str, name: str) -> str:
    return "/".join((*HEADS[version], manufacturer, serial, name))


def heard(subject: str) -> Heard | None:
    """What a subject names; None for one that no vehicle speaks on."""
    parts = subject.split(".")
    version = next((v for v, head in HEADS.items() if tuple(parts[:2]) == head), None)
    if version is None or len(parts) != len(HEADS[version]) + 3:
        return None
    _, _, manufacturer, serial, name = parts
    if name not in UP or not is_name(manufacturer) or not is_name(serial):
        return None
    return Heard(version, manufacturer, serial, name)


def no_device(subject: str) -> UUID | None:
    """Subjects of this protocol name no device by its id."""
    return None


def said_to(version: str, text: str) -> str:
    """What our headers say to a vehicle that says `text`: its own version, as long as it is not newer than what we speak."""
    known = {V2: ("2.0.0", "2.1.0"), V3: ("3.0.0",)}[version]
    return text if text in known else version


def version_of(text: str) -> str | None:
    """The version we speak to a vehicle that says `text` ("2.0.0", "3.0.0", ...): of its major version, ours."""
    return {"2": V2, "3": V3}.get(text.partition(".")[0])
