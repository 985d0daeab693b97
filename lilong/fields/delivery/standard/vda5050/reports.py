"""What vehicles say, read into one shape whatever their version. The schema comes first: `read` is for valid documents."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from lilong.fields.delivery.standard.vda5050 import schemas
from lilong.fields.delivery.standard.vda5050.topics import V3

MESSAGE_MAX = 262_144
_MM, _MRAD, _PERMILLE = 1000, 1000, 10

ONLINE, OFFLINE, BROKEN, HIBERNATING = "ONLINE", "OFFLINE", "CONNECTIONBROKEN", "HIBERNATING"


class Unreadable(Exception):
    """Not a message of this protocol; the text says why, without the payload."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: datetime
    version: str
    manufacturer: str
    serial: str


class Pose(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is: mm in the map, thousandths of a radian counter-clockwise from the x axis. Not `known`: it is lost."""

    x_mm: int
    y_mm: int
    theta_mrad: int
    map: str
    known: bool


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How far an action is."""

    id: str
    status: str
    result: str = ""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    level: str
    text: str = ""
    references: tuple[tuple[str, str], ...] = ()


class State(msgspec.Struct, frozen=True, kw_only=True):
    header: Header
    order: str
    update: int
    last_node: str
    last_sequence: int
    ahead: tuple[int, ...]
    driving: bool
    paused: bool
    wants_base: bool
    mode: str
    actions: tuple[Done, ...]
    instant: tuple[Done, ...]
    pose: Pose | None
    charge_permille: int
    charging: bool
    loads: tuple[str, ...] | None
    troubles: tuple[Trouble, ...]
    stopped: str
    """Why it may not move: an emergency stop or a violated field; '' when it may."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A position between two states."""

    header: Header
    pose: Pose | None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    header: Header
    state: str


class Factsheet(msgspec.Struct, frozen=True, kw_only=True):
    """What it can: the document, and of it what master control goes by."""

    header: Header
    document: dict[str, Any]
    series: str
    speed_mm_s: int
    actions: tuple[str, ...]
    nodes_max: int | None


Report = State | Seen | Connection | Factsheet


def read(version: str, topic: str, payload: bytes) -> Report:
    """Raises Unreadable (too long, not JSON, against the schema) for anything that is no `topic` message of `version`."""
    if len(payload) > MESSAGE_MAX:
        raise Unreadable("too-long")
    if b"\\u0000" in payload:  # no database keeps it in a text
        raise Unreadable("nul")
    try:
        document = msgspec.json.decode(payload)
    except msgspec.DecodeError:
        raise Unreadable("not-json") from None
    if not isinstance(document, dict):
        raise Unreadable("not-an-object")
    wrong = schemas.complaints(version, topic, document)
    if wrong:
        raise Unreadable("; ".join(wrong)[:400])
    header = _header(document)
    v3 = version == V3
    match topic:
        case "state":
            return _state(header, document, v3)
        case "connection":
            given = document["connectionState"]
            return Connection(header=header, state=BROKEN if given == "CONNECTION_BROKEN" else given)
        case "factsheet":
            return _factsheet(header, document, v3)
    return Seen(header=header, pose=_pose(document.get("mobileRobotPosition" if v3 else "agvPosition"), v3))


def _header(document: dict[str, Any]) -> Header:
    """Where a schema leaves header fields out (2.1.0: visualization and factsheet), the message has no place in an order."""
    missing = {"headerId", "timestamp", "version", "manufacturer", "serialNumber"} - document.keys()
    if missing:
        raise Unreadable(f"no {', '.join(sorted(missing))}")
    if not 0 <= document["headerId"] < 2**32:
        raise Unreadable("/headerId: uint32")
    try:
        at = datetime.fromisoformat(document["timestamp"].upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # a leap second, the year 0: the schema's format allows both
        raise Unreadable("/timestamp: no moment") from None
    return Header(
        id=document["headerId"],
        at=at,
        version=document["version"],
        manufacturer=document["manufacturer"],
        serial=document["serialNumber"],
    )


def _state(header: Header, document: dict[str, Any], v3: bool) -> State:
    power = document["powerSupply" if v3 else "batteryState"]
    safety = document["safetyState"]
    stop = safety["activeEmergencyStop" if v3 else "eStop"]
    actions = _done(document["actionStates"], v3)
    return State(
        header=header,
        order=document["orderId"],
        update=document["orderUpdateId"],
        last_node=document["lastNodeId"],
        last_sequence=document["lastNodeSequenceId"],
        ahead=tuple(node["sequenceId"] for node in document["nodeStates"]),
        driving=document["driving"],
        paused=document.get("paused", False),
        wants_base=document.get("newBaseRequest", False),
        mode=document["operatingMode"].replace("_", ""),
        actions=actions,
        # Version 2 reports instant actions among the order's.
        instant=_done(document["instantActionStates"], v3) if v3 else actions,
        pose=_pose(document.get("mobileRobotPosition" if v3 else "agvPosition"), v3),
        charge_permille=_scaled(power["stateOfCharge" if v3 else "batteryCharge"], _PERMILLE),
        charging=power["charging"],
        loads=_loads(document.get("loads")),
        troubles=tuple(_trouble(error) for error in document["errors"][:50]),
        stopped=""
        if stop == "NONE" and not safety["fieldViolation"]
        else ("field" if stop == "NONE" else stop.lower()),
    )


def _done(states: list[dict[str, Any]], v3: bool) -> tuple[Done, ...]:
    result = "actionResult" if v3 else "resultDescription"
    return tuple(
        Done(id=each["actionId"], status=each["actionStatus"], result=each.get(result, "")[:200]) for each in states
    )


def _pose(given: dict[str, Any] | None, v3: bool) -> Pose | None:
    if given is None:
        return None
    return Pose(
        x_mm=_scaled(given["x"], _MM),
        y_mm=_scaled(given["y"], _MM),
        theta_mrad=_scaled(given["theta"], _MRAD),
        map=given["mapId"],
        known=given["localized" if v3 else "positionInitialized"],
    )


def _scaled(value: float, by: int) -> int:
    """Kept within what a 32-bit column holds; 2,000 km from the origin is no delivery."""
    return max(-(2**31) + 1, min(2**31 - 1, round(value * by)))


def _loads(given: list[dict[str, Any]] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(load.get("loadId", "") for load in given)


def _trouble(error: dict[str, Any]) -> Trouble:
    references = error.get("errorReferences", [])[:20]
    return Trouble(
        kind=error["errorType"][:100],
        level=error["errorLevel"],
        text=error.get("errorDescription", "")[:200],
        references=tuple((each["referenceKey"][:60], each["referenceValue"][:100]) for each in references),
    )


def _factsheet(header: Header, document: dict[str, Any], v3: bool) -> Factsheet:
    features = document["protocolFeatures"]
    actions = features["mobileRobotActions" if v3 else "agvActions"]
    physical = document["physicalParameters"]
    arrays = document["protocolLimits"]["maximumArrayLengths" if v3 else "maxArrayLens"]
    return Factsheet(
        header=header,
        document=document,
        series=document["typeSpecification"]["seriesName"][:100],
        speed_mm_s=_scaled(physical["maximumSpeed" if v3 else "speedMax"], _MM),
        actions=tuple(sorted({each["actionType"] for each in actions})),
        nodes_max=arrays.get("order.nodes") or None,
    )
