"""Custody and the cold chain as EPCIS 2.0 events, held against the standard's own JSON schema."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from django.test import Client

from lilong.fields.delivery.drafts import ParcelDraft
from lilong.fields.delivery.queries import epcis as queries
from lilong.fields.delivery.queries.epcis import Wanted
from lilong.fields.delivery.rules import sscc
from lilong.fields.delivery.rules.epcis import KINDS, STEPS
from lilong.fields.delivery.services import cold_decisions, gs1, journey
from lilong.fields.delivery.standard.epcis import asking, documents
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import Actor
from tests.fields.delivery.road import Road
from tests.fields.delivery.test_cold_chain import START, Cold, after

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "epcis" / "EPCIS-JSON-Schema.json").read_text())
CHECK = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def road() -> Road:
    with clock.at(START):
        return Road()


def delivered(road: Road, **more: Any) -> Cold:
    cold = Cold(road, **more)
    cold.steady(0, 60, 5)
    assert cold.deliver(60) == "delivered"
    return cold


def get(actor: Actor | None, path: str, given: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {tokens.issue(actor, 900)}"} if actor else {}
    return Client().get(path, given or {}, headers=headers)


def told(actor: Actor, **given: Any) -> list[dict[str, Any]]:
    answer = get(actor, "/delivery/epcis/events", given)
    assert answer.status_code == 200, answer.content
    document = answer.json()
    assert [error.message for error in CHECK.iter_errors(document)] == []
    return document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def shape(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["type"], each["action"], each["bizStep"]) for each in events]


def test_a_cold_delivery_is_shipped_loaded_unloaded_received_with_its_temperatures(road: Road):
    cold = delivered(road, parcels=[ParcelDraft(weight_g=500), ParcelDraft(weight_g=700)])
    events = told(road.sender)
    assert shape(events) == [
        ("ObjectEvent", "OBSERVE", "shipping"),
        ("AggregationEvent", "ADD", "loading"),
        ("AggregationEvent", "DELETE", "unloading"),
        ("ObjectEvent", "OBSERVE", "receiving"),
        ("TransactionEvent", "ADD", "accepting"),
    ]
    received = events[3]
    assert len(received["epcList"]) == 2
    element = received["sensorElementList"][0]
    assert element["sensorMetadata"]["deviceID"] == f"urn:uuid:{cold.logger}"
    assert element["sensorReport"] == [
        {"type": "Temperature", "minValue": 5.0, "maxValue": 5.0, "meanValue": 5.0, "uom": "CEL"},
        {"type": "Temperature", "value": 5.0, "uom": "CEL", "dataProcessingMethod": documents.MEAN_KINETIC},
    ]
    assert events[1]["parentID"] == f"urn:uuid:{cold.robot.id}"
    assert str(road.resident.party) not in json.dumps(events)  # a private person is named in none


def test_an_excursion_and_its_decision_are_inspections(road: Road):
    cold = Cold(road)
    cold.reads((1, 30))
    with clock.at(after(2)):
        cold_decisions.decide(
            road.sender, id=ids.uuid7(), shipment=cold.shipment, outcome="release", reason="Looked at."
        )
    found = told(road.sender, EQ_bizStep="inspecting")
    assert [each["disposition"] for each in found] == ["non_conformant", "conformant"]
    alarm = found[0]["sensorElementList"][0]["sensorReport"][-1]
    assert (alarm["exception"], alarm["value"]) == ("ALARM_CONDITION", 30.0)


def test_the_document_of_a_shipment_is_valid_and_for_those_whom_it_concerns(road: Road):
    cold = delivered(road)
    for actor in (road.sender, road.office, road.resident):
        answer = get(actor, f"/delivery/epcis/shipments/{cold.shipment}")
        assert (answer.status_code, answer["GS1-EPCIS-Version"]) == (200, "2.0")
        assert [error.message for error in CHECK.iter_errors(answer.json())] == []
        assert len(answer.json()["epcisBody"]["eventList"]) == 5
    for stranger in (road.person("Li Wei"), Road().office):
        assert get(stranger, f"/delivery/epcis/shipments/{cold.shipment}").status_code == 404
        assert told(stranger) == []
    assert get(None, "/delivery/epcis/events").status_code == 401


def test_queries_choose_by_what_the_standard_names(road: Road):
    first, second = delivered(road), delivered(road)
    parcel = told(road.sender, MATCH_epc=f"urn:uuid:{first.row().parcels.get().id}")
    assert len(parcel) == 5
    assert (
        shape(told(road.sender, eventType="TransactionEvent,AggregationEvent", EQ_action="ADD", EQ_bizStep="loading"))
        == [("AggregationEvent", "ADD", "loading")] * 2
    )
    assert len(told(road.sender, EQ_bizStep="urn:epcglobal:cbv:bizstep:receiving")) == 2
    assert (
        len(told(road.sender, EQ_bizStep="https://ref.gs1.org/cbv/BizStep-receiving", EQ_disposition="in_progress"))
        == 2
    )
    assert told(road.sender, EQ_bizStep="retail_selling") == []
    assert len(told(road.sender, MATCH_parentID=f"urn:uuid:{second.robot.id}")) == 2
    late = documents.moment(after(30))
    assert len(told(road.sender, GE_eventTime=late)) == 6
    assert len(told(road.sender, LT_eventTime=late)) == 4
    assert told(road.sender, GE_recordTime=documents.moment(clock.now() + timedelta(days=9000))) == []


def test_pages_follow_each_other_without_gap_or_double(road: Road):
    for _ in range(3):
        delivered(road)
    whole = [each["eventID"] for each in told(road.sender)]
    assert (len(whole), len(set(whole))) == (15, 15)
    found, address = [], "/delivery/epcis/events?perPage=4"
    while address:
        answer = get(road.sender, address)
        found += [each["eventID"] for each in answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        link = answer.headers.get("Link", "")
        parts = urlsplit(link.partition(">")[0].lstrip("<"))
        address = f"{parts.path}?{parts.query}" if link else ""
    assert found == whole


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"EQ_bizLocation": "x"}, "/EQ_bizLocation"),
        ({"eventType": "TransformationEvent"}, "/eventType"),
        ({"eventType": ""}, "/eventType"),
        ({"EQ_action": "LOOK"}, "/EQ_action"),
        ({"GE_eventTime": "yesterday"}, "/GE_eventTime"),
        ({"GE_eventTime": "2030-01-01T00:00:00"}, "/GE_eventTime"),
        ({"perPage": "0"}, "/perPage"),
        ({"perPage": "x"}, "/perPage"),
        ({"nextPageToken": "????"}, "/nextPageToken"),
        ({"nextPageToken": "e30"}, "/nextPageToken"),
        ({"MATCH_epc": "urn:epc:id:sgtin:1.2.3"}, "/MATCH_epc"),
        ({"MATCH_epc": "a,,b"}, "/MATCH_epc"),
        ({"MATCH_parentID": "urn:uuid:1"}, "/MATCH_parentID"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(road: Road, given: dict[str, str], pointer: str):
    answer = get(road.sender, "/delivery/epcis/events", given)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_parcels_get_ssccs_that_are_theirs_for_ever(road: Road):
    cold = delivered(road, parcels=[ParcelDraft(weight_g=500), ParcelDraft(weight_g=700)])
    with pytest.raises(Conflict):
        gs1.number_parcels(road.office, shipment=cold.shipment)
    gs1.set_prefix(road.office, carrier=road.carrier, prefix="0614141", extension=1)
    codes = gs1.number_parcels(road.office, shipment=cold.shipment)
    assert codes == ["106141410000000002", "106141410000000019"]
    assert gs1.number_parcels(road.office, shipment=cold.shipment) == codes
    found = told(road.sender, MATCH_epc="urn:epc:id:sscc:0614141.1000000001")
    assert len(found) == 5
    assert found[0]["epcList"] == ["urn:epc:id:sscc:0614141.1000000000", "urn:epc:id:sscc:0614141.1000000001"]
    for actor in (road.sender, road.resident):
        with pytest.raises((Forbidden, Missing)):
            gs1.number_parcels(actor, shipment=cold.shipment)
        with pytest.raises(Forbidden):
            gs1.set_prefix(actor, carrier=road.carrier, prefix="0614141", extension=1)
    with pytest.raises(Conflict):
        gs1.set_prefix(road.office, carrier=road.carrier, prefix="0614142")
    for bad in ("12345", "1234567890123", "06141a1", ""):
        with pytest.raises(Invalid):
            gs1.set_prefix(road.office, carrier=road.carrier, prefix=bad)


def test_sscc_numbers():
    assert sscc.sscc("0614141", 1, 234567890 % 10**9) == "106141412345678908"  # GS1's own example
    assert sscc.epc_urn("106141412345678908", "0614141") == "urn:epc:id:sscc:0614141.1234567890"
    assert sscc.of_urn("urn:epc:id:sscc:0614141.1234567890") == "106141412345678908"
    assert sscc.is_sscc("106141412345678908")
    assert not sscc.is_sscc("106141412345678909")
    assert [
        sscc.of_urn(bad) for bad in ("", "urn:epc:id:sscc:", "urn:epc:id:sscc:0614141.1", "urn:epc:id:sscc:a.b")
    ] == [None] * 4
    with pytest.raises(ValueError, match="used up"):
        sscc.sscc("061414112345", 0, 10**4)


def test_every_step_that_custody_can_take_has_its_events(road: Road):
    """Every kind makes an event that the standard accepts, also those that no other test here comes by."""
    from lilong.fields.delivery.rules.kinds import HOLDERS

    assert {kind.giver for kind in KINDS} - {"cold"} <= set(HOLDERS)
    assert {kind.taker for kind in KINDS if kind.giver != "cold"} <= set(HOLDERS)
    cold = delivered(road)
    row = queries.rows(road.sender, Wanted(kinds=list(KINDS), shipment=cold.shipment))[0]
    import msgspec

    made = [
        msgspec.structs.replace(row, giver=kind.giver, taker=kind.taker, part=kind.part, place=road.depot, peak_mc=1)
        for kind in KINDS
    ]
    with clock.at(after(61)):
        document = documents.document(made)
    assert [error.message for error in CHECK.iter_errors(document)] == []
    assert {each["bizStep"] for each in document["epcisBody"]["eventList"]} == set(STEPS)


def test_tokens_of_pages_are_read_back(road: Road):
    row = queries.rows(road.sender, Wanted(kinds=list(KINDS), shipment=delivered(road).shipment))[0]
    place = asking.read({"nextPageToken": asking.token(row)}).after
    assert place is not None
    assert (place.at, place.shipment, place.n, place.part) == (row.at, row.shipment, row.n, row.part)


def test_what_comes_back_is_returned(road: Road):
    cold = Cold(road)
    cold.steady(0, 20, 5)
    with clock.at(after(20)):
        journey.fail(road.office, shipment=cold.shipment, vehicle=cold.robot.id, outcome="refused")
        journey.send_back(road.office, shipment=cold.shipment, reason="refused")
        journey.hand_back(road.office, shipment=cold.shipment, vehicle=cold.robot.id)
    found = told(road.office, EQ_disposition="returned")
    assert shape(found) == [("ObjectEvent", "OBSERVE", "receiving")]
