"""What master control says: orders and instant actions, in the words of the vehicle's version."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from lilong.fields.delivery.rules.vda5050 import Act, Course, Edge, Node
from lilong.fields.delivery.standard.vda5050.topics import V3


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """`id` counts up for each topic of a vehicle. `version` is ours, `says` what the header says: a vehicle of 2.0.0 takes no
    message that calls itself 2.1.0, though all that we send is in both."""

    id: int
    at: datetime
    version: str
    manufacturer: str
    serial: str
    says: str = ""


def order(header: Header, *, order: str, update: int, part: Course) -> dict[str, Any]:
    """An order, or with `update` > 0 the continuation that `part` is."""
    v3 = header.version == V3
    return _header(header) | {
        "orderId": order,
        "orderUpdateId": update,
        "nodes": [_node(node, v3) for node in part.nodes],
        "edges": [_edge(edge, v3) for edge in part.edges],
    }


def instant_actions(header: Header, acts: list[Act]) -> dict[str, Any]:
    """Actions to do at once. Version 3 knows only blocking type NONE for them; version 2 asks HARD of what stops driving."""
    v3 = header.version == V3
    return _header(header) | {"actions": [_act(act) | ({"blockingType": "NONE"} if v3 else {}) for act in acts]}


def moment(at: datetime) -> str:
    """ISO 8601, UTC, milliseconds: 2017-04-15T11:40:03.120Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _header(header: Header) -> dict[str, Any]:
    return {
        "headerId": header.id % 2**32,
        "timestamp": moment(header.at),
        "version": header.says or header.version,
        "manufacturer": header.manufacturer,
        "serialNumber": header.serial,
    }


def _node(node: Node, v3: bool) -> dict[str, Any]:
    metres = node.deviation_mm / 1000
    return {
        "nodeId": node.id,
        "sequenceId": node.sequence,
        "released": node.released,
        "nodePosition": {
            "x": node.x_mm / 1000,
            "y": node.y_mm / 1000,
            "mapId": node.map,
            "allowedDeviationXY": {"a": metres, "b": metres, "theta": 0.0} if v3 else metres,
        },
        "actions": [_act(act) for act in node.acts],
    }


def _edge(edge: Edge, v3: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "edgeId": edge.id,
        "sequenceId": edge.sequence,
        "released": edge.released,
        "length": edge.length_mm / 1000,
        "actions": [],
    }
    if edge.max_speed_mm_s is not None:
        made["maximumSpeed" if v3 else "maxSpeed"] = edge.max_speed_mm_s / 1000
    return made if v3 else made | {"startNodeId": edge.start, "endNodeId": edge.end}


def _act(act: Act) -> dict[str, Any]:
    made: dict[str, Any] = {"actionId": act.id, "actionType": act.kind, "blockingType": act.blocking}
    if act.parameters:
        made["actionParameters"] = [{"key": key, "value": value} for key, value in act.parameters]
    return made
