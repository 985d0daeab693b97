"""Readings taken in: each number of a logger once, in bulk, and what they say about goods in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

from lilong.fields.delivery.models import Logger, Reading
from lilong.fields.delivery.queries.cold_traces import concerned
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services import cold_records
from lilong.fields.delivery.services.cold_records import AHEAD
from lilong.fields.delivery.standard import cold_protocol as protocol
from lilong.fields.delivery.standard.cold_protocol import Batch, ReadingDraft, Receipt
from lilong.kernel.base import clock
from lilong.kernel.base.arrays import numbers
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.devices.inbox import Letter, Message
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def take(messages: list[Message]) -> list[Letter]:
    """Batches of any number of loggers, in one transaction; each gets a receipt. What cannot be read is refused alone."""
    given: dict[UUID, list[Batch]] = defaultdict(list)
    letters = []
    for message in messages:
        if message.device is None:
            continue
        try:
            given[message.device].append(protocol.read(message.payload))
        except msgspec.DecodeError as error:
            letters.append(_letter(message.device, Receipt(problem=str(error)[:200])))
    for device, receipts in _store(given).items():
        letters += [_letter(device, receipt) for receipt in receipts]
    return letters


@transaction.atomic
def report(actor: Actor, *, logger: UUID, batch: Batch) -> Receipt:
    """The same over HTTP: the logger itself, or people of its carrier who read it out. Raises Missing, Forbidden."""
    found = Logger.objects.filter(id=logger).first()
    if found is None:
        raise Missing("no-such-item", violations=[Violation(pointer="/logger", rule="known")])
    if actor.party != logger:
        actor.require(found.carrier_id, *roles.DISPATCH, "courier", scope=roles.CARRY)
    return _store({logger: [batch]})[logger][0]


def _store(given: dict[UUID, list[Batch]]) -> dict[UUID, list[Receipt]]:
    now = clock.now()
    loggers = Logger.objects.select_for_update().filter(id__in=given).order_by("id").in_bulk()
    goods = cold_records.shipments_locked({id for logger in loggers for id in _concerned(logger, given[logger], now)})
    receipts = {
        id: _kept(loggers[id], batches, now)
        if id in loggers
        else [Receipt(batch=b.batch, problem="unknown-logger") for b in batches]
        for id, batches in given.items()
    }
    for shipment in goods:
        cold_records.assess(shipment)
    return receipts


def _concerned(logger: UUID, batches: list[Batch], now: datetime) -> set[UUID]:
    moments = [reading.at for batch in batches for reading in batch.readings if reading.at <= now + AHEAD]
    return concerned(logger, min(moments), max(moments)) if moments else set()


def _kept(logger: Logger, batches: list[Batch], now: datetime) -> list[Receipt]:
    """Inserts what is new in one statement; a number twice in one batch counts as said twice."""
    receipts = []
    for batch in batches:
        first: dict[int, ReadingDraft] = {}
        twice = 0
        for reading in batch.readings:
            there = first.setdefault(reading.seq, reading)
            twice += there is not reading and not _same(there, reading.at, reading.mc)
        new = _insert(logger.id, first.values(), now)
        known = [reading for seq, reading in first.items() if seq not in new]
        reused = twice + _reused(logger.id, known)
        ahead = sum(1 for seq in new if first[seq].at > now + AHEAD)
        receipts.append(
            Receipt(
                batch=batch.batch,
                kept=len(new),
                known=len(batch.readings) - len(new) - reused,
                reused=reused,
                ahead=ahead,
            )
        )
        _seen(logger, batch, receipts[-1], now)
    logger.save()
    return receipts


def _insert(logger: UUID, readings: Iterable[ReadingDraft], now: datetime) -> set[int]:
    rows = list(readings)
    humidity = ",".join("NULL" if each.humidity is None else str(each.humidity) for each in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO delivery_reading (logger, sequence, at, mc, humidity_permille, received_at, ahead)
            SELECT %s, n, to_timestamp(us / 1000000.0), mc, h, %s, us > %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::smallint[]) AS r (n, us, mc, h)
            ON CONFLICT DO NOTHING RETURNING sequence
            """,
            [
                logger,
                now,
                _micros(now + AHEAD),
                numbers(each.seq for each in rows),
                numbers(_micros(each.at) for each in rows),
                numbers(each.mc for each in rows),
                f"{{{humidity}}}",
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def _reused(logger: UUID, known: list[ReadingDraft]) -> int:
    """How many of the numbers that were there already stand for another reading. The first one stays."""
    there = Reading.objects.filter(logger=logger, sequence__in=[each.seq for each in known]) if known else ()
    before = {row.sequence: row for row in there}
    return sum(1 for each in known if not _same(each, before[each.seq].at, before[each.seq].mc))


def _same(reading: ReadingDraft, at: datetime, mc: int) -> bool:
    return (reading.at, reading.mc) == (at, mc)


def _seen(logger: Logger, batch: Batch, receipt: Receipt, now: datetime) -> None:
    logger.seen_at = now
    logger.reused += receipt.reused
    logger.ahead += receipt.ahead
    if batch.battery is not None:
        logger.battery_percent = batch.battery
    past = [reading for reading in batch.readings if reading.at <= now + AHEAD]
    newest = max(past, key=lambda reading: reading.at, default=None)
    if newest is not None and (logger.last_at is None or newest.at > logger.last_at):
        logger.last_sequence, logger.last_at, logger.last_mc = newest.seq, newest.at, newest.mc


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _letter(device: UUID, receipt: Receipt) -> Letter:
    return Letter(protocol.down_subject(device), msgspec.json.encode(receipt))
