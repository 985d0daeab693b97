"""Rows that become EPCIS events: hand-overs of a shipment's parcels, excursions and decisions, in the order of their time."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from lilong.fields.delivery.models import ColdRecord, Gs1Prefix, LoggerPlace, Shipment, Sscc
from lilong.fields.delivery.rules import roles, sscc
from lilong.fields.delivery.rules.epcis import Kind
from lilong.kernel.base.arrays import uuids
from lilong.kernel.parties.actor import Actor

_SHIPPERS = ("manager", "clerk", "picker", "auditor", "pharmacist", "quality")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One event to be: (`at`, `shipment`, `n`, `part`) is its place in the order of all. `n` of findings is above 32,767."""

    at: datetime
    recorded_at: datetime
    shipment: UUID
    n: int
    part: int
    giver: str
    giver_id: UUID
    taker: str
    taker_id: UUID
    place: UUID | None
    parcels: list[UUID]
    carrier: UUID
    shipper: UUID
    order: UUID | None
    peak_mc: int | None
    finding: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The row that a page ended with."""

    at: datetime
    shipment: UUID
    n: int
    part: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """`since` inclusive, `until` exclusive, as the standard has it; `codes` are SSCCs, `ids` of parcels, `parents` vehicles'."""

    kinds: list[Kind]
    since: datetime | None = None
    until: datetime | None = None
    recorded_since: datetime | None = None
    recorded_until: datetime | None = None
    codes: list[str] | None = None
    ids: list[UUID] = []
    parents: list[UUID] | None = None
    shipment: UUID | None = None
    after: Place | None = None
    limit: int = 30


_ROWS = """
WITH wanted AS (SELECT * FROM unnest(%(givers)s::text[], %(takers)s::text[], %(parts)s::integer[]) AS k (giver, taker, part)),
seen AS (
  SELECT s.id, s.carrier_id, s.shipper, s."order" FROM delivery_shipment s
  WHERE (%(all)s OR s.carrier_id = ANY(%(mine)s::uuid[]) OR s.shipper = ANY(%(mine)s::uuid[]) OR s.recipient = %(self)s)
    AND (%(shipment)s::uuid IS NULL OR s.id = %(shipment)s::uuid)
    AND (NOT %(by_epc)s OR EXISTS (
      SELECT 1 FROM delivery_parcel p LEFT JOIN delivery_sscc c ON c.parcel_id = p.id
      WHERE p.shipment_id = s.id AND (p.id = ANY(%(ids)s::uuid[]) OR c.code = ANY(%(codes)s::text[]))))
),
steps AS (
  SELECT h.at, max(h.recorded_at) AS recorded_at, p.shipment_id, min(h.n)::integer AS n, h.from_kind AS giver,
    h.from_holder AS giver_id, h.to_kind AS taker, h.to_holder AS taker_id, (array_agg(h.place))[1] AS place,
    array_agg(p.id ORDER BY p.number) AS parcels, NULL::integer AS peak_mc, '' AS finding
  FROM delivery_handover h JOIN delivery_parcel p ON p.id = h.parcel_id JOIN seen ON seen.id = p.shipment_id
  WHERE h.n > 0
  GROUP BY p.shipment_id, h.at, h.from_kind, h.from_holder, h.to_kind, h.to_holder
  UNION ALL
  SELECT x.at, x.found_at, x.record_id, 32768 + (row_number() OVER (PARTITION BY x.record_id ORDER BY x.id))::integer,
    'cold', seen.carrier_id, 'excursion', seen.shipper, NULL::uuid,
    (SELECT array_agg(p.id ORDER BY p.number) FROM delivery_parcel p WHERE p.shipment_id = x.record_id), x.peak_mc, x.kind
  FROM delivery_coldexcursion x JOIN seen ON seen.id = x.record_id
  UNION ALL
  SELECT d.at, d.at, d.record_id, 65536 + (row_number() OVER (PARTITION BY d.record_id ORDER BY d.id))::integer,
    'cold', seen.carrier_id, d.outcome, seen.shipper, NULL::uuid,
    (SELECT array_agg(p.id ORDER BY p.number) FROM delivery_parcel p WHERE p.shipment_id = d.record_id), NULL, d.outcome
  FROM delivery_colddecision d JOIN seen ON seen.id = d.record_id
)
SELECT steps.at, steps.recorded_at, steps.shipment_id, steps.n, wanted.part, steps.giver, steps.giver_id, steps.taker,
  steps.taker_id, steps.place, steps.parcels, seen.carrier_id, seen.shipper, seen."order", steps.peak_mc, steps.finding
FROM steps JOIN wanted ON wanted.giver = steps.giver AND wanted.taker = steps.taker JOIN seen ON seen.id = steps.shipment_id
WHERE (%(since)s::timestamptz IS NULL OR steps.at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR steps.at < %(until)s)
  AND (%(recorded_since)s::timestamptz IS NULL OR steps.recorded_at >= %(recorded_since)s)
  AND (%(recorded_until)s::timestamptz IS NULL OR steps.recorded_at < %(recorded_until)s)
  AND (NOT %(by_parent)s OR (steps.giver = 'vehicle' AND steps.giver_id = ANY(%(parents)s::uuid[]))
    OR (steps.taker = 'vehicle' AND steps.taker_id = ANY(%(parents)s::uuid[])))
  AND (NOT %(by_epc)s OR steps.parcels && (
    SELECT coalesce(array_agg(p.id), '{}') FROM delivery_parcel p LEFT JOIN delivery_sscc c ON c.parcel_id = p.id
    WHERE p.id = ANY(%(ids)s::uuid[]) OR c.code = ANY(%(codes)s::text[])))
  AND (%(after_at)s::timestamptz IS NULL
    OR (steps.at, steps.shipment_id, steps.n, wanted.part)
       > (%(after_at)s, %(after_shipment)s::uuid, %(after_n)s::integer, %(after_part)s::integer))
ORDER BY steps.at, steps.shipment_id, steps.n, wanted.part
LIMIT %(limit)s
"""


def may_read(actor: Actor, shipment: UUID) -> bool:
    """Whether the shipment is one that the actor sends, carries or receives, or the actor an operator."""
    found = Shipment.objects.filter(id=shipment).first()
    return found is not None and (
        actor.staff or actor.party == found.recipient or bool({found.carrier_id, found.shipper} & set(_mine(actor)))
    )


def _mine(actor: Actor) -> list[UUID]:
    return [actor.party, *(org for org in actor.roles if actor.acts_for(org, *roles.LOOK, *_SHIPPERS))]


def rows(actor: Actor, wanted: Wanted) -> list[Row]:
    """Of shipments that the actor sends, carries or receives (operators: of all), at most `limit`."""
    mine = _mine(actor)
    after = wanted.after
    given = {
        "givers": [kind.giver for kind in wanted.kinds],
        "takers": [kind.taker for kind in wanted.kinds],
        "parts": [kind.part for kind in wanted.kinds],
        "all": actor.staff,
        "mine": uuids(mine),
        "self": actor.party,
        "shipment": wanted.shipment,
        "by_epc": wanted.codes is not None,
        "ids": uuids(wanted.ids),
        "codes": wanted.codes or [],
        "by_parent": wanted.parents is not None,
        "parents": uuids(wanted.parents or []),
        "since": wanted.since,
        "until": wanted.until,
        "recorded_since": wanted.recorded_since,
        "recorded_until": wanted.recorded_until,
        "after_at": after.at if after else None,
        "after_shipment": after.shipment if after else None,
        "after_n": after.n if after else None,
        "after_part": after.part if after else None,
        "limit": wanted.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)
        return [Row(**dict(zip(Row.__struct_fields__, found, strict=True))) for found in cursor.fetchall()]


def parcel_urns(found: list[Row]) -> dict[UUID, str]:
    """Each parcel's SSCC where its carrier numbers by GS1, else its id here."""
    ids = {id for row in found for id in row.parcels}
    codes = dict(Sscc.objects.filter(parcel__in=ids).values_list("parcel", "code"))
    prefixes = dict(
        Gs1Prefix.objects.filter(carrier__in={row.carrier for row in found}).values_list("carrier", "prefix")
    )
    return {
        id: sscc.epc_urn(codes[id], prefixes[row.carrier]) if id in codes else sscc.uuid_urn(id)
        for row in found
        for id in row.parcels
    }


def records(found: list[Row]) -> dict[UUID, ColdRecord]:
    return ColdRecord.objects.in_bulk({row.shipment for row in found})


def loggers(found: list[Row]) -> dict[UUID, list[UUID]]:
    """The loggers that were with a shipment's goods."""
    told: dict[UUID, list[UUID]] = {}
    places = LoggerPlace.objects.filter(shipment__in={row.shipment for row in found}).order_by("start")
    for shipment, logger in places.values_list("shipment", "logger"):
        if logger not in told.setdefault(shipment, []):
            told[shipment].append(logger)
    return told
