"""Delivery over HTTP as a program uses it, from the promise to the receipt; scopes and other people's things."""

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lilong.fields.delivery.models import Proof
from lilong.fields.delivery.services import proofs
from lilong.kernel.base import ids
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor
from tests.fields.delivery.scene import DOOR, Lane
from tests.fields.delivery.test_proofs import JPEG


class Program:
    """Calls the API with a key of somebody's."""

    def __init__(self, actor: Actor, *scopes: str) -> None:
        _key, secret = parties.issue_key(
            actor, id=ids.uuid7(), party=actor.party, name="test", scopes=list(scopes or ["*"]), expires_at=None
        )
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self._said(self.client.get(f"/api/delivery{path}", query, headers=self.headers), status)

    def post(self, path: str, status: int = 200, **body: Any) -> Any:
        answer = self.client.post(f"/api/delivery{path}", body, content_type="application/json", headers=self.headers)
        return self._said(answer, status)

    def _said(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None


def sent(lane: Lane, by: Program, **more: Any) -> dict[str, Any]:
    body = {
        "id": str(ids.uuid7()), "shipper": str(lane.recipient.party), "recipient": str(lane.person("Friend").party),
        "service": str(lane.rapid), "origin": spot(DOOR), "to": spot(DOOR), "parcels": [{"weight_g": 500}],
    }  # fmt: skip
    return by.post("/shipments", 201, **(body | more))


def spot(at: Any) -> dict[str, int]:
    return {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6}


def test_from_the_promise_to_the_receipt(lane: Lane):
    buyer, rider = Program(lane.recipient), Program(lane.courier, "delivery:carry")
    shown = buyer.post("/promises", depot=str(lane.depot), to=spot(DOOR), weight_g=500)
    assert [each["code"] for each in shown] == ["rapid", "standard", "standard", "standard"]
    shipment = sent(lane, buyer)
    path = f"/shipments/{shipment['id']}"
    vehicle = str(lane.courier.party)
    assert rider.post(f"{path}/collect", vehicle=vehicle)["state"] == "collected"
    assert buyer.get(path)["vehicle_latitude_e6"] is None  # others' shipments may be aboard too
    assert rider.post(f"{path}/depart", vehicle=vehicle)["state"] == "out"
    assert buyer.get(path)["vehicle_latitude_e6"] is not None
    event = {"id": str(ids.uuid7()), "shipment": shipment["id"], "kind": "delivered", "at": "2030-04-08T12:00:00+08:00"}
    for _ in range(2):
        (told,) = rider.post(f"/vehicles/{vehicle}/events", events=[event])
        assert (told["state"], told["problem"]) == ("applied", "")
    after = buyer.get(path)
    assert (after["state"], after["vehicle_latitude_e6"]) == ("delivered", None)
    assert [each["to_kind"] for each in buyer.get(f"{path}/custody")] == ["sender", "vehicle", "recipient"]
    assert buyer.get("/shipments", party=str(lane.recipient.party), side="shipper")["items"][0]["id"] == shipment["id"]
    assert rider.get(f"/vehicles/{vehicle}/today")["shipments"] == []


def test_a_photo_is_kept_without_what_it_carried(lane: Lane):
    buyer, rider = Program(lane.recipient), Program(lane.courier)
    shipment = sent(lane, buyer, contactless=True)
    path, vehicle = f"/shipments/{shipment['id']}", str(lane.courier.party)
    rider.post(f"{path}/collect", vehicle=vehicle)
    lacking = rider.post(f"{path}/deliver", 409, vehicle=vehicle)
    assert (lacking["type"], lacking["proofs"]) == ("urn:lilong:problem:proof-needed", ["photo"])
    exif = b"\xff\xe1\x00\x10Exif\x00\x00GPS 31.2"
    form = {"id": str(ids.uuid7()), "vehicle": vehicle}
    for name, content, status in (("a.jpg", JPEG[:2] + exif + JPEG[2:], 201), ("b.jpg", b"GIF89a", 422)):
        answer = rider.client.post(
            f"/api/delivery{path}/photos", form | {"photo": SimpleUploadedFile(name, content)}, headers=rider.headers
        )
        assert answer.status_code == status, answer.content
    answer = rider.client.post(f"/api/delivery{path}/photos", {"a\0b": "x"}, headers=rider.headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/")
    row = Proof.objects.get()
    kept = proofs.folder() / row.file
    assert kept.read_bytes() == JPEG
    kept.unlink()
    assert rider.post(f"{path}/deliver", vehicle=vehicle)["state"] == "delivered"


@pytest.mark.parametrize(
    ("path", "scope"),
    [("collect", "delivery:ship"), ("cancel", "delivery:carry"), ("rating", "delivery:carry")],
)
def test_a_key_reaches_no_further_than_its_scope(lane: Lane, path: str, scope: str):
    shipment = sent(lane, Program(lane.recipient))
    body = {"vehicle": str(lane.courier.party), "reason": "x", "stars": 5}
    who = lane.courier if path == "collect" else lane.recipient
    if path == "rating":
        who = Actor(party=UUID(shipment["recipient"]), kind="person")
    assert Program(who, scope).post(f"/shipments/{shipment['id']}/{path}", 403, **body)["status"] == 403


def test_others_find_nothing(lane: Lane):
    shipment = sent(lane, Program(lane.recipient))
    path = f"/shipments/{shipment['id']}"
    for actor in (lane.person("Stranger"), lane.rival_owner, lane.other):
        stranger = Program(actor)
        for what in ("", "/custody", "/attempts", "/code"):
            stranger.get(path + what, 404)
        stranger.post(f"{path}/cancel", 404, reason="mischief")
        stranger.post(f"{path}/accept", 404)
        stranger.get("/shipments", 403, party=str(lane.recipient.party))
        stranger.get(f"/vehicles/{lane.courier.party}/today", 404)
    Program(lane.rival_owner).get(f"/carriers/{lane.carrier}/shipments", 403)
    Program(lane.rival_owner).get(f"/carriers/{lane.carrier}/claims", 403)
    Program(lane.dispatcher).get(path)
    assert Client().get(f"/api/delivery{path}").status_code == 401


def test_a_locker_over_http(lane: Lane):
    bank = lane.bank(s=1)
    buyer, rider = Program(lane.recipient), Program(lane.courier)
    shipment = sent(
        lane,
        buyer,
        bank=str(bank),
        to=None,
        recipient=str(lane.recipient.party),
        parcels=[{"weight_g": 1, "height_mm": 80}],
    )
    path, vehicle = f"/shipments/{shipment['id']}", str(lane.courier.party)
    rider.post(f"{path}/collect", vehicle=vehicle)
    assert rider.post(f"{path}/locker/open", vehicle=vehicle)["cells"] == [1]
    assert rider.post(f"{path}/locker/put-in", vehicle=vehicle)["state"] == "in-locker"
    code = buyer.get(f"{path}/code")["code"]
    given = {"request": str(ids.uuid7()), "code": code}
    buyer.post(f"/lockers/{bank}/codes", 422, request=given["request"], code="00000000")
    assert buyer.post(f"/lockers/{bank}/codes", **given) == {"shipment": shipment["id"], "cells": [1], "opened": True}
    assert buyer.get(path)["state"] == "delivered"
    assert buyer.get("/lockers", district="huangpu")[0]["empty"]["s"] == 1
