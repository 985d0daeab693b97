"""What vehicles say, taken in: held against the schema, against what was said before, then mirrored in the books."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from lilong.fields.delivery.models import ControlledVehicle, RefusedMessage
from lilong.fields.delivery.rules import vda5050 as rules
from lilong.fields.delivery.services import vehicles_mirror as mirror
from lilong.fields.delivery.services import vehicles_orders as orders
from lilong.fields.delivery.services import vehicles_place as places
from lilong.fields.delivery.standard.vda5050 import reports, topics
from lilong.fields.delivery.standard.vda5050.reports import Connection, Factsheet, Report, Seen, State, Unreadable
from lilong.fields.delivery.standard.vda5050.topics import Heard
from lilong.kernel.base import clock, ids
from lilong.kernel.devices.inbox import Letter, Message

KEPT_REFUSED = 100
_PAYLOAD_KEPT = 2000


@transaction.atomic
def take(messages: list[Message]) -> list[Letter]:
    """Any number of messages of any vehicles, as they came. Never raises for what one of them says; answers nothing.

    Who may publish on a vehicle's topics is the broker's affair (grants): the topic names who speaks.
    """
    heard = [(message, topics.heard(message.subject)) for message in messages]
    named = [(message, found) for message, found in heard if found is not None]
    vehicles = _locked({(found.manufacturer, found.serial) for _, found in named})
    for message, found in named:
        vehicle = vehicles.get((found.manufacturer, found.serial))
        if vehicle is not None:
            _take(vehicle, found, message)
    return []


def _locked(names: set[tuple[str, str]]) -> dict[tuple[str, str], ControlledVehicle]:
    rows = (
        ControlledVehicle.objects.select_for_update(of=("self",))
        .select_related("vehicle__home")
        .filter(manufacturer__in={name for name, _ in names}, vehicle__removed_at=None)
        .order_by("vehicle_id")
    )
    return {(row.manufacturer, row.serial): row for row in rows if (row.manufacturer, row.serial) in names}


def _take(vehicle: ControlledVehicle, heard: Heard, message: Message) -> None:
    try:
        report = reports.read(heard.version, heard.topic, message.payload)
        _require_own(vehicle, heard, report)
    except Unreadable as wrong:
        refuse(vehicle, heard.topic, str(wrong), message.payload)
        return
    mark = vehicle.marks.get(_topic(heard))
    last = (mark[0], datetime.fromisoformat(mark[1])) if mark else None
    found = rules.freshness(last, report.header.id, report.header.at, clock.now())
    if found == "ahead":
        refuse(vehicle, heard.topic, "timestamp: more than five minutes ahead", message.payload)
    elif isinstance(report, Connection) and report.state == reports.BROKEN:
        _broken(vehicle, heard, report)
    elif found == "fresh":
        _mark(vehicle, heard, report)
        _apply(vehicle, heard, report)
    # A duplicate or a stale message changes nothing; that it came shows that somebody lives, but not since when.


def _topic(heard: Heard) -> str:
    return f"{topics.HEADS[heard.version][1]}/{heard.topic}"


def _mark(vehicle: ControlledVehicle, heard: Heard, report: Report) -> None:
    name = _topic(heard)
    before = {f"{name}-before": vehicle.marks[name]} if isinstance(report, Connection) and name in vehicle.marks else {}
    vehicle.marks = vehicle.marks | before | {name: [report.header.id, report.header.at.isoformat()]}


def _broken(vehicle: ControlledVehicle, heard: Heard, connection: Connection) -> None:
    """The broker speaks the vehicle's last will. It was written before the vehicle said ONLINE, so its timestamp is older;
    one that is older than the connection message before that belongs to a session that is over."""
    before = vehicle.marks.get(f"{_topic(heard)}-before")
    if before is None or connection.header.at > datetime.fromisoformat(before[1]):
        vehicle.connection = connection.state
        vehicle.save(update_fields=["connection"])


def _require_own(vehicle: ControlledVehicle, heard: Heard, report: Report) -> None:
    header = report.header
    if (header.manufacturer, header.serial) != (vehicle.manufacturer, vehicle.serial):
        raise Unreadable("the header names another vehicle than the topic")
    if topics.version_of(header.version) != heard.version:
        raise Unreadable(f"version {header.version[:20]} on a topic of {heard.version}")


def _apply(vehicle: ControlledVehicle, heard: Heard, report: Report) -> None:
    vehicle.heard_at = clock.now()
    kinds: dict[type, Callable[[ControlledVehicle, Any], None]] = {
        State: _state, Connection: _connection, Factsheet: _factsheet, Seen: _seen,
    }  # fmt: skip
    if heard.version != vehicle.version and isinstance(report, Connection | State):
        vehicle.version = heard.version  # it speaks another version now: so do we
    vehicle.says = topics.said_to(heard.version, report.header.version)
    kinds[type(report)](vehicle, report)


def _state(vehicle: ControlledVehicle, state: State) -> None:
    vehicle.state_at = state.header.at
    vehicle.order, vehicle.last_node = state.order[:64], state.last_node[:100]
    vehicle.mode, vehicle.driving, vehicle.paused = state.mode[:16], state.driving, state.paused
    vehicle.stopped, vehicle.charging = state.stopped[:16], state.charging
    vehicle.charge_permille = max(0, min(1000, state.charge_permille))
    vehicle.loads = None if state.loads is None else [load[:64] for load in state.loads[:200]]
    vehicle.troubles = [{"kind": each.kind, "level": each.level, "text": each.text} for each in state.troubles]
    if state.pose is not None:
        places.set_pose(vehicle, state.pose)
    vehicle.save()
    mirror.take(vehicle, state)
    places.tell(vehicle, state.header.at)


def _seen(vehicle: ControlledVehicle, seen: Seen) -> None:
    if seen.pose is not None:
        places.set_pose(vehicle, seen.pose)
    vehicle.save()
    places.tell(vehicle, seen.header.at)


def _connection(vehicle: ControlledVehicle, connection: Connection) -> None:
    """ONLINE after an absence: it may have started over, so its older numbers and clock no longer bind it.

    A broken connection is no silence yet: it drives on to the end of its base (2.1.0 section 6.2), and comes back.
    """
    before, vehicle.connection = vehicle.connection, connection.state
    if connection.state == reports.ONLINE and before != reports.ONLINE:
        vehicle.marks = {name: mark for name, mark in vehicle.marks.items() if "/connection" in name}
        vehicle.save()
        orders.tell(vehicle, "stateRequest")
        if vehicle.factsheet is None:
            orders.tell(vehicle, "factsheetRequest")
        return
    vehicle.save()


def _factsheet(vehicle: ControlledVehicle, sheet: Factsheet) -> None:
    vehicle.factsheet, vehicle.factsheet_at = sheet.document, sheet.header.at
    vehicle.save()


def refuse(vehicle: ControlledVehicle, topic: str, reason: str, payload: bytes) -> None:
    """Puts a message aside with the reason. The newest hundred of a vehicle are kept."""
    vehicle.refused += 1
    vehicle.save(update_fields=["refused"])
    text = payload[:_PAYLOAD_KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")
    RefusedMessage.objects.create(
        id=ids.uuid7(), vehicle=vehicle, topic=topic, reason=reason[:400], payload=text[:_PAYLOAD_KEPT], at=clock.now()
    )
    old = vehicle.refused_messages.order_by("-id").values_list("id", flat=True)[KEPT_REFUSED : KEPT_REFUSED + 100]
    RefusedMessage.objects.filter(id__in=list(old)).delete()
