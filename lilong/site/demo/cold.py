"""Loggers that ride with the demo's cold goods and say every five minutes how warm it is; now and then a door stands open."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.services import cold_loggers, cold_readings
from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import SYSTEM

EVERY = timedelta(minutes=5)
WARM, SILENT = 0.05, 0.05  # shares of rides: a door stands open for a while; a logger has gaps
_NAME = Words(en="Logger", zh="温度记录仪", ko="온도 기록기")


def ride_along(shipment: Shipment) -> UUID | None:
    """Puts a logger of its own with goods that must stay cold."""
    if shipment.temperature == "ambient":
        return None
    logger = cold_loggers.add_logger(SYSTEM, id=ids.uuid7(), carrier=shipment.carrier_id, name=_NAME).id
    cold_loggers.place(SYSTEM, id=ids.uuid7(), logger=logger, shipment=shipment.id)
    return logger


def tell(rng: Random, logger: UUID | None, start: datetime, end: datetime) -> None:
    """What the logger measured from one moment to another."""
    if logger is None:
        return
    moments = [start + n * EVERY for n in range((end - start) // EVERY + 1)]
    warm, silent = rng.random() < WARM, rng.random() < SILENT
    readings = [
        ReadingDraft(seq=n + 1, at=at, mc=rng.randrange(2200, 6800) + (5500 if warm and n in (3, 4) else 0))
        for n, at in enumerate(moments)
        if not (silent and n % 12 > 3)  # noqa: PLR2004 (forty minutes of every hour)
    ]
    cold_readings.report(SYSTEM, logger=logger, batch=Batch(readings=readings))
