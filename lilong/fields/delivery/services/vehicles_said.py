"""What master control sends: the letter in the transaction of what it belongs to, its header counted for each topic."""

from typing import Any

import msgspec

from lilong.fields.delivery.models import ControlledVehicle
from lilong.fields.delivery.standard.vda5050 import said, schemas, topics
from lilong.kernel.base import clock
from lilong.kernel.devices import outbox


def header(vehicle: ControlledVehicle, topic: str) -> said.Header:
    """The next header on a topic. `vehicle` is locked, and saved by whoever calls."""
    number = vehicle.said.get(topic, 0)
    vehicle.said = vehicle.said | {topic: (number + 1) % 2**32}
    return said.Header(
        id=number,
        at=clock.now(),
        version=vehicle.version,
        manufacturer=vehicle.manufacturer,
        serial=vehicle.serial,
        says=vehicle.says,
    )


def send(vehicle: ControlledVehicle, topic: str, document: dict[str, Any]) -> None:
    """Writes the letter. What does not hold against the published schema never leaves: that is a mistake of ours."""
    wrong = schemas.complaints(vehicle.version, topic, document)
    if wrong:
        raise AssertionError(f"our own {topic} is against the schema: {wrong[0]}")
    subject = topics.subject(vehicle.version, vehicle.manufacturer, vehicle.serial, topic)
    outbox.send(subject, msgspec.json.encode(document))
    vehicle.save(update_fields=["said"])
