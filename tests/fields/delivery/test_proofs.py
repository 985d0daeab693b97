"""Proof of delivery: codes, tags, photos, the position at the door; what a photo may carry; compartments."""

import struct
import zlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from lilong.fields.delivery.drafts import Spot
from lilong.fields.delivery.models import Parcel, PickupCode, Proof, Shipment
from lilong.fields.delivery.rules import codes as code_rules
from lilong.fields.delivery.rules import proofs as rules
from lilong.fields.delivery.services import codes, delivering, fleet, journey, proofs, terminals
from lilong.fields.delivery.services.keys import key
from lilong.kernel.base import clock, ids, photos
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Problem, TooMany
from lilong.kernel.devices.inbox import Message
from tests.fields.delivery.scene import DOOR, NOON, Lane

BESIDE = Spot(latitude_e6=DOOR.latitude_e6 + 500, longitude_e6=DOOR.longitude_e6)  # 56 m north of the door
AWAY = Spot(latitude_e6=DOOR.latitude_e6 + 2000, longitude_e6=DOOR.longitude_e6)  # 222 m


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PIXEL = chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff")) + chunk(b"IEND", b"")
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + PIXEL
FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x2a\xff\xd9"
EXIF = b"\xff\xe1\x00\x10Exif\x00\x00GPS 31.2"
JPEG = b"\xff\xd8" + FRAME + SCAN


def aboard(lane: Lane, proofs_wanted: tuple[str, ...], **more: Any) -> Shipment:
    service = lane.service("proved", seconds=1800, base_fee=100, proofs=proofs_wanted)
    shipment = lane.ship(service=service, **more)
    journey.collect(lane.courier, shipment=shipment.id, vehicle=lane.courier.party)
    return shipment


def hand_over(lane: Lane, shipment: Shipment, **more: Any) -> Shipment:
    return delivering.deliver(lane.courier, shipment=shipment.id, vehicle=lane.courier.party, **more)


def lacking(lane: Lane, shipment: Shipment, **more: Any) -> list[str]:
    with pytest.raises(Conflict) as refused:
        hand_over(lane, shipment, **more)
    assert refused.value.code == "proof-needed"
    return refused.value.extra["proofs"]


def photo(lane: Lane, shipment: Shipment, content: bytes = PNG) -> Proof:
    return proofs.add_photo(
        lane.courier, id=ids.uuid7(), shipment=shipment.id, vehicle=lane.courier.party, content=content
    )


def test_the_recipients_code_is_wanted_and_used_up(lane: Lane):
    shipment = aboard(lane, ("code",))
    assert lacking(lane, shipment) == ["code"]
    code = codes.code_of(lane.recipient, shipment=shipment.id).code
    assert hand_over(lane, shipment, code=code).state == "delivered"
    assert PickupCode.objects.get(shipment=shipment).used_at == NOON
    assert hand_over(lane, shipment, code=code).state == "delivered"  # said again: the same answer
    assert [each.kind for each in Proof.objects.filter(shipment=shipment)] == ["code"]


def test_a_wrong_code_counts_even_though_all_else_is_undone(lane: Lane):
    shipment = aboard(lane, ("code",))
    code = codes.code_of(lane.recipient, shipment=shipment.id).code
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Invalid):
            hand_over(lane, shipment, code="00000000")
        assert PickupCode.objects.get(shipment=shipment).tries == left
    with pytest.raises(Invalid):  # the right one comes too late: the carrier's office must help
        hand_over(lane, shipment, code=code)


def test_codes_cannot_be_tried_by_whoever_has_no_business_here(lane: Lane):
    shipment = aboard(lane, ("code",))
    for actor, vehicle in ((lane.other, lane.courier.party), (lane.rival_owner, lane.courier.party)):
        with pytest.raises(Missing):
            delivering.deliver(actor, shipment=shipment.id, vehicle=vehicle, code="00000000")
    assert PickupCode.objects.get(shipment=shipment).tries == 5


def test_every_parcels_tag_is_scanned(lane: Lane):
    from lilong.fields.delivery.drafts import ParcelDraft

    shipment = aboard(lane, ("tag",), parcels=[ParcelDraft(weight_g=1), ParcelDraft(weight_g=2)])
    first, second = (code_rules.tag(key("tags"), each.id) for each in Parcel.objects.order_by("number"))
    assert lacking(lane, shipment, tags=[first]) == ["tag"]
    with pytest.raises(Invalid):
        hand_over(lane, shipment, tags=[first, "LLP1-AAAA"])
    assert hand_over(lane, shipment, tags=[second.lower(), first]).state == "delivered"


def test_at_the_door_or_with_a_supervisors_reason(lane: Lane):
    shipment = aboard(lane, ("geofence",))
    fleet.set_position(lane.courier, vehicle=lane.courier.party, spot=AWAY, at=NOON + timedelta(seconds=1))
    with clock.at(NOON + timedelta(seconds=30)):
        with pytest.raises(Conflict) as refused:
            hand_over(lane, shipment, position=AWAY)
        assert (refused.value.code, refused.value.extra) == ("outside-geofence", {"metres": 222, "limit": 80})
        with pytest.raises(Conflict):
            hand_over(lane, shipment)  # where the vehicle itself says it is
        with pytest.raises(Forbidden):
            hand_over(lane, shipment, position=AWAY, override_reason="the gate was shut")
        delivering.deliver(
            lane.dispatcher, shipment=shipment.id, vehicle=lane.courier.party, position=AWAY,
            override_reason="the gate was shut",
        )  # fmt: skip
    row = Proof.objects.get(shipment=shipment)
    assert (row.metres, row.override_by, row.override_reason) == (222, lane.dispatcher.party, "the gate was shut")
    assert lane.facts(shipment.id, "proof.overridden")[0]["metres"] == 222


def test_near_enough_is_at_the_door(lane: Lane):
    shipment = aboard(lane, ("geofence",))
    with clock.at(NOON + timedelta(hours=1)):
        assert lacking(lane, shipment) == ["geofence"]  # what the vehicle said an hour ago says nothing
    assert hand_over(lane, shipment, position=BESIDE).state == "delivered"
    assert Proof.objects.get(shipment=shipment).metres == 56


def test_several_proofs_and_a_new_attempt_needs_new_ones(lane: Lane):
    shipment = aboard(lane, ("photo", "geofence"))
    photo(lane, shipment)
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.courier.party}
    with clock.at(NOON + timedelta(seconds=1)):
        journey.fail(lane.courier, **who, outcome="no-answer")
    with clock.at(NOON + timedelta(seconds=2)):
        assert lacking(lane, shipment, position=BESIDE) == ["photo"]
        photo(lane, shipment)
        assert hand_over(lane, shipment, position=BESIDE).state == "delivered"


def test_dear_things_need_more(lane: Lane):
    assert aboard(lane, (), value=0).proofs == []
    assert rules.needed((), 50_000, contactless=False) == ["code"]
    assert rules.needed(("geofence",), 300_000, contactless=True) == ["code", "photo", "geofence"]
    assert rules.needed((), 0, contactless=True) == ["photo"]
    assert rules.needed(("tag",), 0, contactless=True) == ["tag"]


def test_photos_keep_the_picture_and_nothing_else(lane: Lane):
    assert photos.cleaned(b"\xff\xd8" + EXIF + FRAME + SCAN) == (JPEG, "image/jpeg")
    assert photos.cleaned(
        b"\xff\xd8" + b"\xff\xe0\x00\x04ab" + FRAME + b"\xff\xfe\x00\x06note" + SCAN + b"appended"
    ) == (
        b"\xff\xd8\xff\xe0\x00\x04ab" + FRAME + SCAN,
        "image/jpeg",
    )
    text = chunk(b"tEXt", b"Author\0Wang") + chunk(b"eXIf", b"GPS 31.2")
    assert photos.cleaned(b"\x89PNG\r\n\x1a\n" + HEAD + text + PIXEL + b"more") == (PNG, "image/png")
    shipment = aboard(lane, ("photo",))
    made = photo(lane, shipment, b"\xff\xd8" + EXIF + FRAME + SCAN)
    kept = proofs.folder() / made.file
    assert (kept.read_bytes(), made.media_type, made.size) == (JPEG, "image/jpeg", len(JPEG))
    kept.unlink()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "size"),
        (b"\xff\xd8" + b"x" * photos.BYTES_MAX, "size"),
        (b"GIF89a" + b"x" * 50, "media-type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media-type"),
        (JPEG[:-4], "damaged"),
        (b"\xff\xd8" + SCAN, "damaged"),
        (b"\xff\xd8\xff\xe1\xff\xff", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\xff\xd8\xff\xd9", "damaged"),
        (PNG[:-6], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + PIXEL, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + HEAD + chunk(b"IEND", b""), "damaged"),
        (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)) + PIXEL,
            "pixels",
        ),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, rule: str):
    with pytest.raises(Invalid) as refused:
        photos.cleaned(content)
    assert (refused.value.violations[0].pointer, refused.value.violations[0].rule) == ("/photo", rule)


def test_photos_are_the_couriers_to_add_and_once_each(lane: Lane):
    shipment = aboard(lane, ("photo",))
    given: dict[str, Any] = {"id": ids.uuid7(), "shipment": shipment.id, "vehicle": lane.courier.party}
    first = proofs.add_photo(lane.courier, **given, content=PNG)
    assert proofs.add_photo(lane.courier, **given, content=PNG).id == first.id
    with pytest.raises(Conflict):
        proofs.add_photo(lane.courier, **given, content=JPEG)
    for actor in (lane.other, lane.recipient, lane.rival_owner):
        with pytest.raises(Missing):
            proofs.add_photo(actor, **given | {"id": ids.uuid7()}, content=PNG)


def test_a_robots_compartment_opens_by_the_code_on_its_keypad(lane: Lane):
    shipment = lane.ship(contactless=True)
    who: dict[str, Any] = {"shipment": shipment.id, "vehicle": lane.robot}
    journey.collect(lane.dispatcher, **who)
    journey.depart(lane.dispatcher, **who)
    code = codes.code_of(lane.recipient, shipment=shipment.id).code

    def typed(text: str) -> dict[str, Any]:
        payload = msgspec.json.encode({"type": "code", "request": ids.uuid7(), "code": text})
        (letter,) = terminals.take_keypads([Message(lane.robot, f"lilong.{lane.robot}.up.keypad", payload, NOON)])
        return msgspec.json.decode(letter.payload)

    assert typed("11111111")["why"] == "invalid"
    assert typed(code)["shipment"] == str(shipment.id)
    assert typed(code)["why"] == "invalid"
    fact = lane.facts(shipment.id, "shipment.delivered")[0]
    assert (fact["unattended"], fact["kind"], fact["way"]) == (True, "robot", "door")


def test_codes_on_a_keypad_are_limited(lane: Lane):
    refused: list[type[Problem]] = []
    for _ in range(codes.PLACE_TRIES + 1):
        with pytest.raises(Problem) as found:
            delivering.open_compartment(lane.owner, vehicle=lane.robot, code="12345678")
        refused.append(type(found.value))
    assert refused[0] is Invalid
    assert refused[-1] is TooMany
    with pytest.raises(Missing):
        delivering.open_compartment(lane.rival_owner, vehicle=lane.robot, code="12345678")
