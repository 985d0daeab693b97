"""The pages of senders and recipients: sending, following, changing, claiming; and what strangers do not see."""

import re

import pytest

from lilong.fields.delivery.models import Claim, Shipment
from lilong.fields.delivery.queries import tracking
from lilong.fields.delivery.services import delivering, fleet, journey, proofs
from lilong.kernel.base import ids
from tests.fields.delivery.scene import DOOR, PIXEL, Lane
from tests.fields.delivery.visitor import address, browser, parcel


@pytest.mark.parametrize("path", ["", "lockers/", "shipments/", "send/", "carriers/", "courier/"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_opens_for_a_resident(lane: Lane, path: str, language: str) -> None:
    lane.bank()
    answer = browser(lane.recipient, language).get(f"/delivery/{path}")
    assert answer.status_code == (404 if path == "courier/" else 200)


@pytest.mark.parametrize("path", ["shipments/", "send/", "courier/", "carriers/"])
def test_what_is_somebodys_own_asks_to_sign_in(db: None, path: str) -> None:
    answer = browser(None).get(f"/delivery/{path}")
    assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)


def test_the_public_pages_need_no_account(lane: Lane) -> None:
    lane.bank()
    assert [browser(None).get(f"/delivery/{path}").status_code for path in ("", "lockers/")] == [200, 200]


def test_comparing_books_nothing_and_sending_books_what_was_chosen_once(lane: Lane) -> None:
    page = browser(lane.recipient)
    form = parcel(lane.recipient)
    compared = page.post("/delivery/send/promises", form, headers={"HX-Request": "true"}).content.decode()
    tokens = re.findall(r'name="token" value="([^"]+)"', compared)
    assert (len(tokens) >= 3, Shipment.objects.count()) == (True, 0)
    for _ in range(2):
        answer = page.post("/delivery/send/", form | {"token": tokens[0]})
        assert (answer.status_code, answer["Location"]) == (302, f"/delivery/shipments/{form['id']}/")
    made = Shipment.objects.get()
    assert (made.shipper, made.weight_g, made.value, made.instructions) == (
        lane.recipient.party, 1500, 8000, "Second floor",
    )  # fmt: skip
    assert lane.purse()[1] == made.fee
    assert page.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight": "0"}, {"weight": "nan"}, {"weight": "1e9"}, {"weight": ""}, {"box": "house"}, {"temperature": "hot"},
        {"to": ""}, {"to": "x"}, {"bank": "00000000-0000-7000-8000-000000000000"}, {"from": "00000000-0000-7000-8000-000000000000"},
    ],
)  # fmt: skip
def test_a_bad_form_says_so_and_books_nothing(lane: Lane, wrong: dict[str, str]) -> None:
    page = browser(lane.recipient)
    form = parcel(lane.recipient) | wrong
    compared = page.post("/delivery/send/promises", form, headers={"HX-Request": "true"}).content.decode()
    assert ('class="notice bad"' in compared, 'name="token"' in compared) == (True, False)
    assert page.post("/delivery/send/", form | {"token": "x"}).status_code in (404, 422)
    assert Shipment.objects.count() == 0


@pytest.mark.parametrize(("changes", "status"), [({"token": "forged"}, 422), ({"email": "nobody@example.org"}, 422), ({"value": "1.234"}, 422)])  # fmt: skip
def test_what_is_refused_at_the_end_shows_the_comparison_again(
    lane: Lane, changes: dict[str, str], status: int
) -> None:
    page = browser(lane.recipient)
    form = parcel(lane.recipient)
    compared = page.post("/delivery/send/promises", form).content.decode()
    token = re.findall(r'name="token" value="([^"]+)"', compared)[0]
    answer = page.post("/delivery/send/", form | {"token": token} | changes)
    assert (answer.status_code, Shipment.objects.count()) == (status, 0)
    assert 'class="notice bad"' in answer.content.decode()


def test_another_ones_address_cannot_be_used(lane: Lane) -> None:
    theirs = address(lane.shop_owner)
    for name in ("from", "to"):
        form = parcel(lane.recipient) | {name: str(theirs)}
        compared = browser(lane.recipient).post("/delivery/send/promises", form, headers={"HX-Request": "true"})
        assert 'name="token"' not in compared.content.decode()


def test_a_shipment_is_shown_to_its_parties_and_to_nobody_else(lane: Lane) -> None:
    made = lane.ship()
    path = f"/delivery/shipments/{made.id}/"
    for who in (lane.recipient, lane.shop_owner, lane.owner, lane.dispatcher):
        assert browser(who).get(path).status_code == 200
    for who in (lane.rival_owner, lane.person("Stranger"), lane.other):
        page = browser(who)
        assert page.get(path).status_code == 404
        assert page.get(f"{path}map.json").status_code == 404
        for what in ("cancel", "wishes", "claims", "rating"):
            page.post(f"{path}{what}", {"kind": "late", "asked": "1", "stars": "5", "instructions": "x"})
    made.refresh_from_db()
    assert (made.state, made.instructions, Claim.objects.count()) == ("requested", "", 0)


def test_no_position_before_it_is_out_and_none_after(lane: Lane) -> None:
    made = lane.ship()
    page = browser(lane.recipient)
    path = f"/delivery/shipments/{made.id}/map.json"

    def vehicles() -> list[str]:
        return [each["id"] for each in page.get(path).json()["features"] if each["id"] == "vehicle"]

    driver = {"shipment": made.id, "vehicle": lane.courier.party}
    seen = [vehicles()]
    journey.collect(lane.courier, **driver)
    fleet.set_position(lane.courier, vehicle=lane.courier.party, spot=DOOR)
    seen.append(vehicles())
    journey.depart(lane.courier, **driver)
    seen.append(vehicles())
    delivering.deliver(lane.courier, **driver)
    seen.append(vehicles())
    assert seen == [[], [], ["vehicle"], []]
    assert tracking.now_of(lane.recipient, made.id)["position"] is None


def test_the_link_shows_state_and_time_and_nothing_else(lane: Lane) -> None:
    made = lane.ship(instructions="The key is under the mat")
    token = tracking.link(lane.recipient, made.id)
    answer = browser(None).get(f"/delivery/track/{token}/")
    text = answer.content.decode()
    assert (answer.status_code, answer["X-Robots-Tag"], answer["Referrer-Policy"]) == (200, "noindex", "no-referrer")
    hidden = [str(made.id), "Wang Min", "Fresh Lane", "mat", "31.23", "121.4", str(lane.courier.party)]
    assert [each for each in hidden if each in text] == []
    for bad in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), str(made.id), "x", token.swapcase()):
        assert browser(None).get(f"/delivery/track/{bad}/").status_code == 404


def test_links_of_two_shipments_have_nothing_in_common_but_the_form(lane: Lane) -> None:
    one, two = (tracking.link(lane.recipient, lane.ship().id) for _ in range(2))
    assert (len(one), one == two) == (43, False)


def test_the_recipient_tells_the_courier_until_it_is_delivered(lane: Lane) -> None:
    made = lane.ship()
    page, path = browser(lane.recipient), f"/delivery/shipments/{made.id}/wishes"
    page.post(path, {"instructions": "Behind the gate", "contactless": "on"})
    made.refresh_from_db()
    assert (made.instructions, made.contactless, made.proofs) == ("Behind the gate", True, ["photo"])
    driver = {"shipment": made.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **driver)
    proofs.add_photo(lane.courier, id=ids.uuid7(), **driver, content=PIXEL)
    delivering.deliver(lane.courier, **driver)
    page.post(path, {"instructions": "Too late", "contactless": ""})
    made.refresh_from_db()
    assert made.instructions == "Behind the gate"


def test_a_photo_is_for_those_entitled(lane: Lane) -> None:
    made = lane.ship()
    driver = {"shipment": made.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **driver)
    photo = proofs.add_photo(lane.courier, id=ids.uuid7(), **driver, content=PIXEL)
    path = f"/delivery/proofs/{photo.id}"
    answer = browser(lane.recipient).get(path)
    assert (answer.status_code, answer["Content-Type"], b"".join(answer.streaming_content)[:4]) == (
        200,
        "image/png",
        b"\x89PNG",
    )
    assert [browser(who).get(path).status_code for who in (lane.rival_owner, lane.person("Stranger"))] == [404, 404]
    assert browser(None).get(path).status_code == 302


def test_claims_are_asked_for_answered_and_appealed(lane: Lane) -> None:
    made = lane.ship()
    driver = {"shipment": made.id, "vehicle": lane.courier.party}
    journey.collect(lane.courier, **driver)
    delivering.deliver(lane.courier, **driver)
    mine, office = browser(lane.recipient), browser(lane.owner)
    form = {"id": str(ids.uuid7()), "kind": "damage", "asked": "12.50", "text": "Broken"}
    for _ in range(2):
        mine.post(f"/delivery/shipments/{made.id}/claims", form)
    claim = Claim.objects.get()
    assert (claim.asked, claim.state) == (1250, "opened")
    desk = f"/delivery/carriers/{lane.carrier}/claims/"
    office.post(f"{desk}{claim.id}/assess", {"amount": "0", "answer": "It was not us"})
    mine.post(f"/delivery/shipments/{made.id}/claims/{claim.id}/appeal", {"text": "It was"})
    claim.refresh_from_db()
    assert (claim.state, claim.answer, claim.appeal) == ("assessed", "It was not us", "It was")
    assert "It was" in office.get(desk).content.decode()


def test_searching_my_shipments_by_number_and_state(lane: Lane) -> None:
    made = [lane.ship() for _ in range(2)]
    page = browser(lane.recipient)

    def found(query: str) -> set[str]:
        text = page.get(f"/delivery/shipments/?{query}").content.decode()
        return {str(each.id) for each in made if f"/delivery/shipments/{each.id}/" in text}

    whole = {str(each.id) for each in made}
    assert found("") == whole
    assert found(f"q={made[0].id}") == {str(made[0].id)}
    assert found("state=delivered") == found("q=zzz") == found("side=shipper") == set()
    assert found("state=requested") == whole
