"""Plans and dispatching over HTTP: each for whom it is; times that follow where vehicles are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lilong.fields.delivery import jobs
from lilong.fields.delivery.models import Run, Stop
from lilong.fields.delivery.services import dispatch, etas, fleet, journey
from lilong.kernel.base import clock, ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.fields.delivery.planner import at_work, door, holders, many, stops_of
from tests.fields.delivery.scene import DEPOT, NOON, Lane

API = "/api/delivery"


@pytest.fixture
def duty(lane: Lane) -> Lane:
    etas._kept.clear()
    at_work(lane, lane.courier.party)
    for vehicle in (lane.other.party, lane.robot):
        fleet.set_state(SYSTEM, vehicle=vehicle, state="fault")
    return lane


def client_of(actor: Actor, *scopes: str) -> Client:
    expires = clock.now() + timedelta(days=1)
    _, secret = parties.issue_key(
        actor, id=ids.uuid7(), party=actor.party, name="test", scopes=list(scopes or ["*"]), expires_at=expires
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    response = client.post(f"{API}{path}", body, content_type="application/json")
    return response.status_code, response.json() if response.content else None


def get(client: Client, path: str) -> tuple[int, Any]:
    response = client.get(f"{API}{path}")
    return response.status_code, response.json() if response.content else None


def test_a_plan_is_asked_for_made_by_the_job_and_looked_at(duty: Lane):
    client, (shipment, *_) = client_of(duty.dispatcher), many(duty, 3)
    asked = {"id": str(ids.uuid7()), "day": str(clock.today()), "seconds": 1}
    status, plan = post(client, f"/carriers/{duty.carrier}/plans", asked)
    assert (status, plan["state"], plan["progress"]) == (202, "asked", 0)
    jobs.make_plan(id=plan["id"], party=str(duty.dispatcher.party))
    assert get(client, f"/plans/{plan['id']}")[1]["state"] == "active"
    assert post(client, f"/carriers/{duty.carrier}/plans", asked)[1]["shipments"] == 3
    assert [each["id"] for each in get(client, f"/carriers/{duty.carrier}/plans")[1]] == [plan["id"]]
    (run,) = get(client, f"/carriers/{duty.carrier}/runs")[1]
    assert run["vehicle"] == str(duty.courier.party)
    assert (len(run["stops"]), run["stops"][-1]["load_parcels"], max(s["load_parcels"] for s in run["stops"])) == (
        6,
        0,
        3,
    )
    shown = get(client, f"/carriers/{duty.carrier}/map")[1]
    kinds = [feature["geometry"]["type"] for feature in shown["features"]]
    assert (kinds.count("LineString"), kinds.count("Point") >= 7) == (1, True)
    assert str(shipment.id)[-6:] in {feature["properties"]["label"] for feature in shown["features"]}


def test_a_dead_maker_s_plan_is_gone_on_with_by_the_minute_s_job(duty: Lane):
    many(duty, 2)
    asked = {"id": str(ids.uuid7()), "day": str(clock.today()), "seconds": 1}
    post(client_of(duty.dispatcher), f"/carriers/{duty.carrier}/plans", asked)
    with clock.at(NOON + timedelta(minutes=2)):
        jobs.resume_plans(timestamp=0)
    assert get(client_of(duty.dispatcher), f"/plans/{asked['id']}")[1]["state"] == "active"


def test_a_shipment_is_given_away_refused_and_says_why_it_stays(duty: Lane):
    office, courier, shipment = client_of(duty.dispatcher), client_of(duty.courier), duty.ship()
    status, given = post(office, f"/shipments/{shipment.id}/dispatch", {})
    assert (status, given["vehicle"], given["code"]) == (200, str(duty.courier.party), "")
    assert [each["shipment"] for each in get(courier, f"/vehicles/{duty.courier.party}/offers")[1]] == [
        str(shipment.id)
    ]
    assert get(office, f"/shipments/{shipment.id}/why") == (204, None)
    assert post(courier, f"/shipments/{shipment.id}/refuse", {"vehicle": str(duty.courier.party)}) == (204, None)
    assert get(office, f"/shipments/{shipment.id}/why")[1]["code"] == "no-vehicle"
    assert [each["code"] for each in get(office, f"/carriers/{duty.carrier}/unplaced")[1]] == ["no-vehicle"]
    at_work(duty, duty.other.party)
    assert post(office, f"/shipments/{shipment.id}/dispatch", {})[1]["vehicle"] == str(duty.other.party)
    other = client_of(duty.other)
    assert post(other, f"/shipments/{shipment.id}/take", {"vehicle": str(duty.other.party)}) == (204, None)
    status, mended = post(office, f"/carriers/{duty.carrier}/mend", {"why": "test"})
    assert (status, mended) == (200, {"shipments": 1, "moved": 0, "unplaced": 0})


def test_it_is_nobody_else_s(duty: Lane):
    shipment = duty.ship()
    plan = str(ids.uuid7())
    asked = {"id": plan, "day": str(clock.today()), "seconds": 1}
    assert post(client_of(duty.dispatcher), f"/carriers/{duty.carrier}/plans", asked)[0] == 202
    for stranger in (duty.rival_owner, duty.recipient, duty.courier):
        client = client_of(stranger)
        for path in ("plans", "runs", "map", "unplaced"):
            assert get(client, f"/carriers/{duty.carrier}/{path}")[0] == 404
        assert get(client, f"/plans/{plan}")[0] == 404
        assert post(client, f"/carriers/{duty.carrier}/plans", asked)[0] == 404
        assert post(client, f"/carriers/{duty.carrier}/mend", {"why": "x"})[0] == 404
    for stranger in (duty.rival_owner, duty.other):
        client = client_of(stranger)
        assert get(client, f"/shipments/{shipment.id}/why")[0] == 404
        assert get(client, f"/vehicles/{duty.courier.party}/offers")[0] == 404
        assert post(client, f"/shipments/{shipment.id}/take", {"vehicle": str(duty.courier.party)})[0] == 404
        assert post(client, f"/shipments/{shipment.id}/dispatch", {})[0] in (403, 404)
    assert Client().get(f"{API}/carriers/{duty.carrier}/runs").status_code == 401
    assert post(client_of(duty.owner, "delivery:ship"), f"/carriers/{duty.carrier}/mend", {"why": "x"})[0] == 403


BAD = [({"day": "soon"}, "/day"), ({"seconds": 0}, "/seconds"), ({"id": "x"}, "/id"), ({"depot": "x"}, "/depot")]


@pytest.mark.parametrize(("change", "pointer"), BAD)
def test_bad_input_names_its_field(duty: Lane, change: dict[str, Any], pointer: str):
    asked = {"id": str(ids.uuid7()), "day": str(clock.today()), "seconds": 1} | change
    status, problem = post(client_of(duty.dispatcher), f"/carriers/{duty.carrier}/plans", asked)
    assert (status, [each["pointer"] for each in problem["errors"]]) == (422, [pointer])


def test_the_recipient_hears_why_but_not_of_whom(lane: Lane):
    shipment = lane.ship(skills=("stairs",))
    at_work(lane, lane.courier.party)
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    status, told = get(client_of(lane.recipient), f"/shipments/{shipment.id}/why")
    assert (status, told["code"], told["vehicle"]) == (200, "skill", None)


def test_times_follow_where_the_vehicle_is(duty: Lane):
    shipment = duty.ship(to=door(3))
    dispatch.dispatch(SYSTEM, shipment=shipment.id)
    Run.objects.update(state="under-way")
    before = Stop.objects.get(kind="delivery").eta
    with clock.at(NOON + timedelta(minutes=10)):
        fleet.set_position(duty.courier, vehicle=duty.courier.party, spot=door(-3))
        later = Stop.objects.get(kind="delivery").eta
        assert later > before + timedelta(minutes=9)
        assert etas.keep(duty.courier.party) == 0  # too soon
    with clock.at(NOON + timedelta(minutes=11)):
        fleet.set_position(duty.courier, vehicle=duty.courier.party, spot=DEPOT)
        assert Stop.objects.get(kind="delivery").eta < later
        assert Stop.objects.get(kind="pickup").leg_seconds == 0


def test_who_waits_for_his_shift_to_begin_is_left_alone(duty: Lane):
    dispatch.dispatch(SYSTEM, shipment=duty.ship().id)
    Run.objects.update(starts_at=NOON + timedelta(hours=2))
    with clock.at(NOON + timedelta(minutes=5)):
        assert etas.keep(duty.courier.party) == 0


def test_what_lies_at_a_depot_is_fetched_there_by_whom_it_is_given(duty: Lane):
    shipment = duty.ship()
    who = {"shipment": shipment.id, "vehicle": duty.courier.party}
    journey.collect(duty.courier, **who)
    journey.bring_to_depot(duty.courier, **who, depot=duty.depot)
    at_work(duty, duty.other.party)
    fleet.set_state(SYSTEM, vehicle=duty.courier.party, state="off")
    (given,) = dispatch.dispatch_waiting()
    assert (given.vehicle, stops_of(duty.other.party)) == (
        duty.other.party,
        [(shipment.id, "pickup"), (shipment.id, "delivery")],
    )
    journey.depart(duty.other, shipment=shipment.id, vehicle=duty.other.party)
    assert (stops_of(duty.other.party), holders(shipment)) == ([(shipment.id, "delivery")], [duty.other.party])
