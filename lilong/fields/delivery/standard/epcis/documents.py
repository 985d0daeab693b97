"""Rows into EPCIS 2.0 events, in JSON-LD by the standard's JSON binding."""

from datetime import datetime
from typing import Any
from uuid import UUID

from lilong.fields.delivery.queries import epcis as queries
from lilong.fields.delivery.queries.epcis import Row
from lilong.fields.delivery.rules.epcis import AGGREGATION, KINDS, TRANSACTION, Kind
from lilong.fields.delivery.rules.sscc import uuid_urn
from lilong.kernel.base import clock, ids

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]
VERSION = "2.0"
# How the second temperature was made of the readings: their mean kinetic temperature by USP <1079.2>.
MEAN_KINETIC = "urn:lilong:method:usp-1079.2-mean-kinetic-temperature"
_ZONE = "+08:00"  # the city's, all year
_KINDS = {(kind.giver, kind.taker, kind.part): kind for kind in KINDS}
Document = dict[str, Any]


def events(found: list[Row]) -> list[Document]:
    urns, records, loggers = queries.parcel_urns(found), queries.records(found), queries.loggers(found)
    return [_event(row, urns, records.get(row.shipment), loggers.get(row.shipment, [])) for row in found]


def query_document(found: list[Row]) -> Document:
    """The answer to a query (EPCIS 2.0 section 8.2.7)."""
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": events(found)}}
    return _head("EPCISQueryDocument") | {"epcisBody": {"queryResults": results}}


def document(found: list[Row]) -> Document:
    """Events to hand on or keep."""
    return _head("EPCISDocument") | {"epcisBody": {"eventList": events(found)}}


def moment(at: datetime) -> str:
    return at.astimezone(clock.CITY_ZONE).isoformat(timespec="milliseconds")


def _head(kind: str) -> Document:
    return {
        "@context": CONTEXT,
        "type": kind,
        "schemaVersion": VERSION,
        "creationDate": moment(clock.now()),
    }


def _event(row: Row, urns: dict[UUID, str], record: Any, loggers: list[UUID]) -> Document:
    kind = _KINDS[row.giver, row.taker, row.part]
    parcels = [urns[id] for id in row.parcels]
    event: Document = {
        "eventID": uuid_urn(ids.named("delivery", "epcis", row.shipment, row.n, row.part, row.taker)),
        "type": kind.type,
        "eventTime": moment(row.at),
        "recordTime": moment(row.recorded_at),
        "eventTimeZoneOffset": _ZONE,
        "action": kind.action,
        "bizStep": kind.step,
        "disposition": kind.disposition,
    }
    if kind.type == AGGREGATION:
        event |= {"parentID": uuid_urn(_vehicle(row)), "childEPCs": parcels}
    else:
        event["epcList"] = parcels
    if row.place is not None:
        event["readPoint"] = {"id": uuid_urn(row.place)}
        if row.taker in ("depot", "cell"):
            event["bizLocation"] = {"id": uuid_urn(row.place)}
    return event | _business(row, kind) | _sensor(row, kind, record, loggers)


def _vehicle(row: Row) -> UUID:
    return row.taker_id if row.taker == "vehicle" else row.giver_id


def _business(row: Row, kind: Kind) -> Document:
    """Whose it is, by their ids here. The recipient, a private person, is named in none."""
    order = {"type": "po", "bizTransaction": uuid_urn(row.order)} if row.order else None
    shipment = {"type": "desadv", "bizTransaction": uuid_urn(row.shipment)}
    made: Document = {"bizTransactionList": [each for each in (order, shipment) if each]}
    if kind.type != TRANSACTION and row.giver == "sender":
        made["sourceList"] = [{"type": "possessing_party", "source": uuid_urn(row.shipper)}]
        made["destinationList"] = [{"type": "possessing_party", "destination": uuid_urn(row.carrier)}]
    return made


def _sensor(row: Row, kind: Kind, record: Any, loggers: list[UUID]) -> Document:
    """What the record says in sum, as of now; a late reading changes it."""
    if not kind.sensor or record is None or not record.readings:
        return {}
    element: Document = {
        "sensorMetadata": {
            "startTime": moment(record.start),
            "endTime": moment(max(record.end or record.assessed_at, record.start)),
        },
        "sensorReport": _reports(row, record),
    }
    if loggers:
        element["sensorMetadata"]["deviceID"] = uuid_urn(loggers[0])
    return {"sensorElementList": [element]}


def _reports(row: Row, record: Any) -> list[Document]:
    told: list[Document] = [
        {
            "type": "Temperature",
            "minValue": record.min_mc / 1000,
            "maxValue": record.max_mc / 1000,
            "meanValue": record.mean_mc / 1000,
            "uom": "CEL",
        },
        {"type": "Temperature", "value": record.mkt_mc / 1000, "uom": "CEL", "dataProcessingMethod": MEAN_KINETIC},
    ]
    if row.taker == "excursion" and row.peak_mc is not None:
        alarm = {"type": "Temperature", "exception": "ALARM_CONDITION", "value": row.peak_mc / 1000, "uom": "CEL"}
        told.append(alarm)
    return told
