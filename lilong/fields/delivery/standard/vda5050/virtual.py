"""A vehicle of software, without its radio: takes orders and instant actions, drives, acts, says how it is.

It goes by sections 6.6 to 6.11 of VDA 5050 2.1.0 (6.1 to 6.6 of 3.0.0), as a strict vehicle would: what a real one would
refuse, it refuses.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from lilong.fields.delivery.rules.vda5050 import ENDED
from lilong.fields.delivery.standard.vda5050 import schemas
from lilong.fields.delivery.standard.vda5050.topics import V3

Document = dict[str, Any]
_NO_TIME, _NO_WAY = 1e-9, 1e-9
INSTANT = (
    "cancelOrder", "startPause", "stopPause", "stateRequest", "factsheetRequest", "initPosition", "startCharging",
    "stopCharging",
)  # fmt: skip
ACTIONS = ("pick", "drop")


@dataclass
class Memory:
    """What outlives a restart of the vehicle, if its maker did it well."""

    order: str = ""
    update: int = 0
    nodes: list[Document] = field(default_factory=list)
    edges: list[Document] = field(default_factory=list)
    actions: dict[str, Document] = field(default_factory=dict)
    acts: dict[str, Document] = field(default_factory=dict)
    last_node: str = ""
    last_sequence: int = 0
    base_end: Document | None = None
    cancelled: bool = False
    x: float = 0.0
    y: float = 0.0
    theta: float = 0.0
    map: str = ""
    loads: list[str] = field(default_factory=list)


class VirtualVehicle:
    """`speed` in m/s; an action takes `action_seconds`. `jammed` are load ids whose actions fail."""

    def __init__(
        self, version: str, *, memory: Memory | None = None, speed: float = 5.0, action_seconds: float = 2.0
    ) -> None:
        self.version = version
        self.v3 = version == V3
        self.memory = memory or Memory()
        self.speed, self.action_seconds = speed, action_seconds
        self.paused = self.charging = self.driving = False
        self.charge = 90.0
        self.jammed: set[str] = set()
        self.instant: dict[str, Document] = {}
        self.errors: list[Document] = []
        self.wants: set[str] = set()  # topics somebody asked for
        self._acting: tuple[str, float] | None = None

    # --- what it is told ---

    def told_order(self, document: Document) -> None:
        """Takes an order or update over, or says by an error why not (figure 8)."""
        memory = self.memory
        if schemas.complaints(self.version, "order", document):
            self._refuse(document, "validationError", "VALIDATION_FAILURE")
            return
        strange = {a["actionType"] for n in document["nodes"] for a in n["actions"]} - set(ACTIONS)
        if strange:
            self._refuse(document, "orderError", "INVALID_ORDER_ACTION")
        elif document["orderId"] != memory.order:
            self._new_order(document)
        elif document["orderUpdateId"] == memory.update:
            if self.v3:
                self._refuse(document, "", "SAME_ORDER_UPDATE_ID")
        elif document["orderUpdateId"] < memory.update:
            self._refuse(document, "orderUpdateError", "OUTDATED_ORDER_UPDATE")
        elif memory.cancelled:
            self._refuse(document, "orderUpdateError", "ORDER_UPDATE_FOLLOWING_CANCEL")
        else:
            self._update(document)

    def told_instant(self, document: Document) -> None:
        if schemas.complaints(self.version, "instantActions", document):
            self.errors.append(self._error("validationError" if not self.v3 else "VALIDATION_FAILURE", []))
            return
        for action in document["actions"]:
            if action["actionId"] not in self.instant:
                self._instant(action)

    def _new_order(self, document: Document) -> None:
        memory = self.memory
        first = document["nodes"][0]
        if self.busy:
            self._refuse(document, "orderError", "VALIDATION_FAILURE")
        elif not self._near(first):
            self._refuse(document, "noRouteError", "NO_ROUTE_TO_TARGET")
        else:
            memory.order, memory.update, memory.cancelled = document["orderId"], document["orderUpdateId"], False
            memory.actions, memory.acts = {}, {}
            memory.nodes, memory.edges = [], []
            self.errors.clear()
            self._append(document["nodes"], document["edges"])
            self._reached(memory.nodes[0])

    def _update(self, document: Document) -> None:
        memory = self.memory
        first, end = document["nodes"][0], memory.base_end
        if end is None or (first["nodeId"], first["sequenceId"]) != (end["nodeId"], end["sequenceId"]):
            self._refuse(document, "orderUpdateError", "VALIDATION_FAILURE")
            return
        memory.update = document["orderUpdateId"]
        gone = [node for node in memory.nodes if not node["released"]]
        for action in [action for node in gone for action in node["actions"]]:
            memory.actions.pop(action["actionId"], None)
        memory.nodes = [node for node in memory.nodes if node["released"]]
        memory.edges = [edge for edge in memory.edges if edge["released"]]
        self.errors.clear()
        self._append(document["nodes"][1:], document["edges"])

    def _append(self, nodes: list[Document], edges: list[Document]) -> None:
        memory = self.memory
        memory.nodes += nodes
        memory.edges += edges
        for node in nodes:
            for action in node["actions"]:
                memory.acts[action["actionId"]] = action
                memory.actions[action["actionId"]] = self._action_state(action, "WAITING")
        base = [node for node in nodes if node["released"]]
        memory.base_end = base[-1] if base else memory.base_end

    def _instant(self, action: Document) -> None:
        kind, state = action["actionType"], self._action_state(action, "FINISHED")
        self.instant[action["actionId"]] = state
        given = {each["key"]: each["value"] for each in action.get("actionParameters", [])}
        if kind == "cancelOrder":
            self._cancel(action, state, given.get("orderId", ""))
        elif kind in ("startPause", "stopPause"):
            self.paused = kind == "startPause"
        elif kind in ("startCharging", "stopCharging"):
            self.charging = kind == "startCharging"
        elif kind == "initPosition":
            memory = self.memory
            memory.x, memory.y, memory.theta, memory.map = given["x"], given["y"], given["theta"], given["mapId"]
            memory.last_node = given.get("lastNodeId", "")
        elif kind in ("stateRequest", "factsheetRequest"):
            self.wants.add(kind.removesuffix("Request"))
        else:
            state["actionStatus"] = "FAILED"

    def _cancel(self, action: Document, state: Document, order: str) -> None:
        memory = self.memory
        if not self.busy or (order and order != memory.order):
            state["actionStatus"] = "FAILED"
            references = [{"referenceKey": "actionId", "referenceValue": action["actionId"]}]
            self.errors.append(self._error("NO_ORDER_TO_CANCEL" if self.v3 else "noOrderToCancel", references))
            return
        for each in memory.actions.values():
            if each["actionStatus"] not in ENDED:
                each["actionStatus"] = "FAILED"
        memory.nodes, memory.edges, memory.cancelled = [], [], True
        self._acting, self.driving = None, False

    # --- what it does ---

    @property
    def busy(self) -> bool:
        memory = self.memory
        return bool(memory.nodes) or any(each["actionStatus"] not in ENDED for each in memory.actions.values())

    def tick(self, seconds: float) -> None:
        """Lets time pass: it finishes what it is at, then drives on, as far as its base goes."""
        left = seconds
        while left > _NO_TIME and not self.paused:
            used = self._act(left) if self._acting else self._drive(left)
            if used is None:
                break
            left -= used
        self.driving = self.driving and not self.paused and self._acting is None

    def _act(self, seconds: float) -> float | None:
        assert self._acting is not None
        id, needed = self._acting
        if needed > seconds:
            self._acting = (id, needed - seconds)
            return seconds
        self._acting = None
        self._finish(id)
        self._next_action()
        return needed

    def _finish(self, id: str) -> None:
        memory, state = self.memory, self.memory.actions[id]
        given = {each["key"]: each["value"] for each in memory.acts[id].get("actionParameters", [])}
        load, kind = str(given.get("loadId", "")), memory.acts[id]["actionType"]
        if load in self.jammed or (kind == "drop" and load not in memory.loads):
            state["actionStatus"] = "FAILED"
            return
        state["actionStatus"] = "FINISHED"
        if kind == "pick":
            memory.loads.append(load)
        else:
            memory.loads.remove(load)

    def _next_action(self) -> None:
        """The actions of the last node, in order; the node before it was reached has none left by then."""
        memory = self.memory
        here = [id for id, act in memory.acts.items() if act.get("_at") == memory.last_sequence]
        waiting = [id for id in here if memory.actions[id]["actionStatus"] == "WAITING"]
        if waiting:
            memory.actions[waiting[0]]["actionStatus"] = "RUNNING"
            self._acting = (waiting[0], self.action_seconds)

    def _drive(self, seconds: float) -> float | None:
        memory = self.memory
        if not memory.nodes or not memory.nodes[0]["released"]:
            self.driving = False
            return None
        target = memory.nodes[0]
        x, y = target["nodePosition"]["x"], target["nodePosition"]["y"]
        away = math.hypot(x - memory.x, y - memory.y)
        self.driving = True
        if away > _NO_WAY:
            memory.theta = math.atan2(y - memory.y, x - memory.x)
        reach = self.speed * seconds
        if reach < away:
            memory.x += (x - memory.x) * reach / away
            memory.y += (y - memory.y) * reach / away
            return seconds
        memory.x, memory.y = x, y
        self._reached(target)
        return away / self.speed

    def _reached(self, node: Document) -> None:
        memory = self.memory
        memory.last_node, memory.last_sequence = node["nodeId"], node["sequenceId"]
        memory.map = node["nodePosition"]["mapId"]
        memory.nodes.remove(node)
        memory.edges = [edge for edge in memory.edges if edge["sequenceId"] > node["sequenceId"]]
        for action in node["actions"]:
            memory.acts[action["actionId"]] = action | {"_at": node["sequenceId"]}
        self._next_action()

    def _near(self, node: Document) -> bool:
        place = node["nodePosition"]
        allowed = place.get("allowedDeviationXY", 0.0)
        radius = max(1.0, allowed["a"] if isinstance(allowed, dict) else allowed)
        return math.hypot(place["x"] - self.memory.x, place["y"] - self.memory.y) <= radius

    # --- what it says ---

    def state(self) -> Document:
        """The body of a state message, without its header."""
        memory, v3 = self.memory, self.v3
        actions, instant = list(memory.actions.values()), list(self.instant.values())
        position = {"x": memory.x, "y": memory.y, "theta": memory.theta, "mapId": memory.map}
        body: Document = {
            "orderId": memory.order,
            "orderUpdateId": memory.update,
            "lastNodeId": memory.last_node,
            "lastNodeSequenceId": memory.last_sequence,
            "nodeStates": [
                {"nodeId": each["nodeId"], "sequenceId": each["sequenceId"], "released": each["released"]}
                for each in memory.nodes
            ],
            "edgeStates": [
                {"edgeId": each["edgeId"], "sequenceId": each["sequenceId"], "released": each["released"]}
                for each in memory.edges
            ],
            "driving": self.driving,
            "paused": self.paused,
            "newBaseRequest": bool(memory.nodes) and not memory.nodes[0]["released"] and self._acting is None,
            "operatingMode": "AUTOMATIC",
            "errors": self.errors[-20:],
            "loads": [{"loadId": load} for load in memory.loads],
        }
        power = {"charging": self.charging, "stateOfCharge" if v3 else "batteryCharge": self.charge}
        if v3:
            return body | {
                "actionStates": actions,
                "instantActionStates": instant,
                "powerSupply": power,
                "mobileRobotPosition": position | {"localized": True},
                "safetyState": {"activeEmergencyStop": "NONE", "fieldViolation": False},
            }
        return body | {
            "actionStates": actions + instant,
            "batteryState": power,
            "agvPosition": position | {"positionInitialized": True},
            "safetyState": {"eStop": "NONE", "fieldViolation": False},
        }

    def pose(self) -> Document:
        """The body of a visualization message."""
        memory = self.memory
        position = {"x": memory.x, "y": memory.y, "theta": memory.theta, "mapId": memory.map}
        if self.v3:
            return {"referenceStateHeaderId": 0, "mobileRobotPosition": position | {"localized": True}}
        return {"agvPosition": position | {"positionInitialized": True}}

    def _action_state(self, action: Document, status: str) -> Document:
        return {"actionId": action["actionId"], "actionType": action["actionType"], "actionStatus": status}

    def _refuse(self, document: Document, v2: str, v3: str) -> None:
        references = [
            {"referenceKey": key, "referenceValue": str(document.get(key, ""))}
            for key in ("orderId", "orderUpdateId", "headerId")
        ]
        self.errors.append(self._error(v3 if self.v3 else v2, references))

    def _error(self, kind: str, references: list[Document]) -> Document:
        return {"errorType": kind, "errorLevel": "WARNING", "errorReferences": references}
