"""What this field listens to and looks after: vehicles, loggers, and the cold that goods need."""

from lilong.fields.delivery.queries import vehicles as reads
from lilong.fields.delivery.services import (
    cold_readings,
    cold_records,
    cold_watch,
    steps,
    vehicles_inbox,
    vehicles_place,
    vehicles_watch,
)
from lilong.fields.delivery.standard import cold_protocol
from lilong.fields.delivery.standard.vda5050 import topics
from lilong.kernel import live
from lilong.kernel.base import loops
from lilong.kernel.devices import grants
from lilong.kernel.devices.inbox import Inbox
from lilong.kernel.devices.inbox import register as listen


def register() -> None:
    """In the app's `ready()`."""
    listen(Inbox(name="delivery-cold", subject=cold_protocol.SUBJECTS, take=cold_readings.take))
    for name, subject in topics.INBOXES.items():  # one by one: a state may settle a shipment, and its money
        listen(Inbox(name=name, subject=subject, take=vehicles_inbox.take, device_of=topics.no_device, at_once=1))
    grants.register(reads.grants)
    steps.watch(cold_records.stepped)
    live.register(vehicles_place.TOPIC, reads.watched)
    loops.register("delivery-vehicles", vehicles_watch.run, role="relay")
    loops.register("delivery-cold", cold_watch.run, role="worker")
