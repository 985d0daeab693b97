"""Which readings speak for a shipment: of loggers with its goods, and of those in the vehicle that its parcels were in."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from lilong.fields.delivery.models import ColdRecord, HandOver, LoggerPlace, Parcel
from lilong.fields.delivery.rules.cold_chain import Sample
from lilong.kernel.base.arrays import numbers, uuids


class Stretch(NamedTuple):
    """A logger spoke for a shipment from `start` to `end`."""

    logger: UUID
    start: datetime
    end: datetime


def traces(record: ColdRecord, end: datetime) -> list[list[Sample]]:
    """One list a logger, in order of time, from the record's start to `end`; readings from the future do not count."""
    stretches = stretches_of(record.shipment_id, record.start, end)
    if not stretches:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT r.logger, extract(epoch FROM r.at)::bigint, r.mc, r.sequence
            FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS s (logger, start, "end")
            JOIN delivery_reading r ON r.logger = s.logger AND NOT r.ahead
              AND r.at >= to_timestamp(s.start) AND r.at < to_timestamp(s."end")
            ORDER BY 1, 2, 4
            """,
            [
                uuids(each.logger for each in stretches),
                numbers(int(each.start.timestamp()) for each in stretches),
                numbers(int(each.end.timestamp()) + 1 for each in stretches),
            ],
        )
        rows = cursor.fetchall()
    found: dict[UUID, list[Sample]] = {}
    for logger, at, mc, _ in rows:
        found.setdefault(logger, []).append(Sample(at, mc))
    return list(found.values())


def stretches_of(shipment: UUID, start: datetime, end: datetime) -> list[Stretch]:
    """Loggers placed with the goods, and those of vehicles for the time that a parcel of it was aboard."""
    found = [
        Stretch(place.logger_id, max(start, place.start), min(end, place.end or end))
        for place in LoggerPlace.objects.filter(shipment=shipment)
    ]
    for vehicle, since, until in aboard(shipment, end):
        found += [
            Stretch(place.logger_id, max(start, since, place.start), min(end, until, place.end or end))
            for place in LoggerPlace.objects.filter(vehicle=vehicle)
        ]
    return [each for each in found if each.start < each.end]


def aboard(shipment: UUID, end: datetime) -> list[tuple[UUID, datetime, datetime]]:
    """(vehicle, since, until) of its first parcel that was in it; parcels travel together, the first stands for all."""
    parcel = Parcel.objects.filter(shipment=shipment).order_by("number").first()
    if parcel is None:
        return []
    moves = list(HandOver.objects.filter(parcel=parcel).order_by("n").values_list("to_kind", "to_holder", "at"))
    ends = [at for _, _, at in moves[1:]] + [end]
    return [
        (holder, at, until)
        for (kind, holder, at), until in zip(moves, ends, strict=True)
        if kind == "vehicle" and at < until
    ]


def concerned(logger: UUID, first: datetime, last: datetime) -> set[UUID]:
    """Shipments that a logger's readings between two moments may speak for: those with a cold record."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.shipment_id FROM delivery_loggerplace p
            WHERE p.logger_id = %(logger)s AND p.shipment_id IS NOT NULL
              AND p.start <= %(last)s AND coalesce(p."end", 'infinity') >= %(first)s
            UNION
            SELECT c.shipment_id FROM delivery_loggerplace p
            JOIN delivery_handover h ON h.to_kind = 'vehicle' AND h.to_holder = p.vehicle_id AND h.at <= %(last)s
            JOIN delivery_parcel c ON c.id = h.parcel_id
            JOIN delivery_coldrecord r ON r.shipment_id = c.shipment_id
            WHERE p.logger_id = %(logger)s AND p.vehicle_id IS NOT NULL
              AND p.start <= %(last)s AND coalesce(p."end", 'infinity') >= %(first)s
              AND NOT EXISTS (
                SELECT 1 FROM delivery_handover n
                WHERE n.parcel_id = h.parcel_id AND n.n = h.n + 1 AND n.at < %(first)s)
            """,
            {"logger": logger, "first": first, "last": last},
        )
        return {row[0] for row in cursor.fetchall()}
