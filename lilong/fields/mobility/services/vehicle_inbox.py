"""What vehicles say over MQTT, taken in by the house's inbox for devices."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from lilong.fields.mobility.models import Vehicle
from lilong.fields.mobility.models.telemetry import MQTT
from lilong.fields.mobility.rules.points import REASONS, Reading
from lilong.fields.mobility.services import telemetry, vehicle_commands
from lilong.fields.mobility.services.rides import robotaxis
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.fields.mobility.standard.jt808.reading import mms_of
from lilong.kernel.devices.inbox import Inbox, Letter, Message

AT_ONCE = 256


def take(messages: Sequence[Message]) -> list[Letter]:
    """A batch of messages in the inbox's transaction; answers the receipts. What cannot be read is put aside and never
    stops the rest; devices that are no vehicle's are not listened to."""
    vehicles = _vehicles({message.device for message in messages if message.device})
    letters: list[Letter] = []
    readings: list[Reading] = []
    reports: list[tuple[UUID, int]] = []  # whose points, and how many of the readings
    for message in messages:
        device = message.device
        if device is None or device not in vehicles:
            continue
        try:
            report = protocol.read_report(message.payload)
        except msgspec.DecodeError:
            telemetry.put_aside(MQTT, "unreadable", message.payload, vehicle=vehicles[device])
            continue
        match report:
            case protocol.Points():
                readings += [_reading(point, vehicles[device]) for point in report.points]
                reports.append((device, len(report.points)))
            case protocol.Hello():
                hello(device)
            case protocol.Answer():
                answered(device, report)
            case protocol.Ride():
                robotaxis.heard(device, report)
    verdicts = telemetry.take(readings) if readings else []
    start = 0
    for device, count in reports:
        its, said = readings[start : start + count], verdicts[start : start + count]
        receipt = protocol.Receipt(seqs=[each.seq for each in its], quarantined=sum(v in REASONS for v in said))
        letters.append(Letter(protocol.down_subject(device, "ack"), protocol.encode(receipt)))
        start += count
    return letters


def hello(device: UUID) -> None:
    vehicle_commands.again(device)


def answered(device: UUID, answer: protocol.Answer) -> None:
    vehicle_commands.answered(device, answer)


def _vehicles(devices: set[UUID]) -> dict[UUID, UUID]:
    rows = Vehicle.objects.filter(device__in=devices, retired_at=None).values_list("device", "id")
    return {device: vehicle for device, vehicle in rows if device is not None}


def _reading(point: protocol.Point, vehicle: UUID) -> Reading:
    return Reading(
        vehicle=vehicle,
        source=MQTT,
        seq=point.seq,
        at=point.at,
        latitude_e6=point.latitude_e6,
        longitude_e6=point.longitude_e6,
        heading=point.heading % 360 if point.heading is not None else None,
        speed_mms=mms_of(point.speed) if point.speed is not None else None,
        odometer_m=point.odometer,
        accuracy_m=point.accuracy,
        energy_pm=point.battery * 10 if point.battery is not None else None,
        fuel_ml=point.fuel,
        locked=point.locked,
        doors=point.doors,
        engine=point.engine,
    )


INBOX = Inbox(name="mobility-vehicles", subject=protocol.SUBJECTS, take=take, at_once=AT_ONCE)
# What an answer sets off locks a rental and its money: many in one transaction would wait for riders, and they for it.
ANSWERS = Inbox(name="mobility-answers", subject=protocol.ANSWERS, take=take, at_once=1)
