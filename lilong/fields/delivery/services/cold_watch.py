"""Cold records of goods under way are computed anew every minute, readings or none: silence makes gaps, and gaps show."""

import asyncio
import contextlib
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from lilong.fields.delivery.models import ColdRecord, Shipment
from lilong.fields.delivery.services import cold_records
from lilong.kernel.base import clock
from lilong.kernel.events.loop import Line

EVERY = timedelta(minutes=1)
_PAUSE_SECONDS, _AT_ONCE = 5.0, 200

log = structlog.get_logger("lilong.delivery.cold")


async def run(stop: asyncio.Event) -> None:
    """Until told to stop (a loop of the role `worker`). Any number may run: locked shipments are passed over."""
    line = Line("delivery-cold")
    try:
        while not stop.is_set():
            try:
                await line.run(tick)
            except Exception:
                log.exception("cold-watch-failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    finally:
        await line.close()


def tick() -> int:
    """Those that are due, one transaction each; answers how many there were."""
    before = clock.now() - EVERY
    due = ColdRecord.objects.filter(Q(assessed_at=None) | Q(assessed_at__lt=before), end=None)
    found = list(due.order_by("assessed_at").values_list("shipment_id", flat=True)[:_AT_ONCE])
    for id in found:
        with transaction.atomic():
            rows = Shipment.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            shipment = rows.select_related("service", "carrier", "vehicle").filter(id=id).first()
            if shipment is not None:
                cold_records.assess(shipment)
    return len(found)
