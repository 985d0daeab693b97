"""The carriage registry: promises of whoever carries, tokens that cannot be altered, booking with the order or not at all."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from django.db import transaction

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Invalid, Missing, Problem
from lilong.kernel.geo.points import Point
from lilong.kernel.orders import carriage, queries
from lilong.kernel.orders.models import Order
from lilong.kernel.orders.services import place_one
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import AddressDraft
from tests.kernel.orders.carrier import BicycleCourier
from tests.kernel.orders.stall import Stall, a_stall, purse
from tests.kernel.parties.city import person

pytestmark = pytest.mark.django_db
HOME = Point(121.475, 31.235)


@pytest.fixture
def courier() -> Iterator[BicycleCourier]:
    before = carriage.unregister()
    made = BicycleCourier(Point(121.47, 31.23))
    carriage.register(made)
    yield made
    carriage.unregister()
    if before is not None:
        carriage.register(before)


def buyer_with_address(fen: int = 10_000) -> tuple[Actor, UUID]:
    from lilong.kernel.ledger import services as ledger
    from lilong.kernel.parties.actor import SYSTEM

    mei = person("Mei")
    ledger.top_up(SYSTEM, id=ids.uuid7(), owner=mei.party, amount=fen)
    draft = AddressDraft(
        id=ids.uuid7(), party=mei.party, recipient="Mei", phone="021 5555 0101", line="Nanjing East Road 100",
        latitude_e6=HOME.latitude_e6, longitude_e6=HOME.longitude_e6,
    )  # fmt: skip
    return mei, parties.put_address(mei, draft).id


def promised(place: UUID, **more: object) -> str:
    given = {"place": place, "to": HOME, "weight_g": 1_000, "temperature": "chilled"} | more
    return carriage.promises(**given)[0].token


def bought(mei: Actor, stall: Stall, token: str, address: UUID) -> UUID:
    """An order and its carriage, as a seller's service does it."""
    with transaction.atomic():
        placed = place_one(mei, stall.draft(mei.party))
        carriage.book(
            mei, order=placed.id, token=token, address=address, place=stall.place, weight_g=900, temperature="chilled"
        )
        return placed.id


def test_nobody_carries() -> None:
    before = carriage.unregister()
    try:
        assert not carriage.carries()
        assert carriage.promises(place=ids.uuid7(), to=HOME, weight_g=1, temperature="chilled") == []
    finally:
        if before is not None:
            carriage.register(before)


def test_what_was_promised_is_booked_with_the_order(courier: BicycleCourier) -> None:
    (mei, address), stall = buyer_with_address(), a_stall()
    order = bought(mei, stall, promised(stall.place), address)
    assert courier.shipments == {order: ids.child(order, 0x7001)}
    assert courier.told == [("Mei", "Nanjing East Road 100")]
    assert purse(mei.party) == (10_000 - 500 - 600, 0)
    assert queries.order(mei, order).state == "placed"


def test_a_token_says_what_was_promised(courier: BicycleCourier) -> None:
    place = ids.uuid7()
    offered = carriage.read(promised(place))
    assert (offered.place, offered.to, offered.weight_g, offered.fee) == (place, (31_235_000, 121_475_000), 1_000, 600)
    assert (offered.via, offered.inner, offered.service) == ("delivery", "", "bicycle")


@pytest.mark.parametrize("at", [0, 20, -1])
def test_an_altered_token_is_none(courier: BicycleCourier, at: int) -> None:
    token = promised(ids.uuid7())
    place = at % len(token)
    for wrong in (
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :],
        "",
        ".",
        "x.y",
        "é" + token,
    ):
        with pytest.raises(Invalid) as refused:
            carriage.read(wrong)
        assert (refused.value.violations[0].pointer, refused.value.violations[0].rule) == ("/carriage", "token")


def test_a_cheaper_fee_is_not_believed(courier: BicycleCourier) -> None:
    body, _, signature = promised(ids.uuid7()).partition(".")
    offered = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    cheap = base64.urlsafe_b64encode(msgspec.json.encode(offered | {"fee": 1})).rstrip(b"=").decode()
    with pytest.raises(Invalid):
        carriage.read(f"{cheap}.{signature}")


def refusal(stall: Stall, mei: Actor, token: str, address: UUID) -> Problem:
    with pytest.raises(Problem) as refused:
        bought(mei, stall, token, address)
    assert refused.value.violations[0].pointer == "/carriage"
    assert Order.objects.count() == 0
    assert purse(mei.party)[0] == 10_000
    return refused.value


def test_every_refusal_leaves_no_order(courier: BicycleCourier) -> None:
    (mei, address), stall, other = buyer_with_address(), a_stall(), a_stall()
    token = promised(stall.place)
    assert refusal(stall, mei, "nonsense", address).code == "invalid"
    assert refusal(stall, mei, promised(other.place), address).code == "promise-differs"
    assert refusal(stall, mei, promised(stall.place, to=Point(121.48, 31.235)), address).code == "promise-differs"
    assert refusal(stall, mei, promised(stall.place, weight_g=800), address).code == "promise-differs"
    assert refusal(stall, mei, promised(stall.place, temperature="ambient"), address).code == "promise-differs"
    assert isinstance(refusal(stall, mei, token, buyer_with_address()[1]), Missing)
    courier.free = 0
    assert refusal(stall, mei, token, address).code == "slot-taken"
    courier.free, courier.fee = 1, 9_800
    assert refusal(stall, mei, promised(stall.place), address).code == "ledger-insufficient"
    carriage.unregister()
    assert refusal(stall, mei, token, address).code == "promise-expired"
    carriage.register(courier)
    with clock.at(clock.now() + carriage.GOOD_FOR + timedelta(seconds=1)):
        assert refusal(stall, mei, token, address).code == "promise-expired"
    courier.fee = 600
    assert bought(mei, stall, token, address) in courier.shipments


def test_several_carriages_are_asked_and_the_chosen_one_books(courier: BicycleCourier) -> None:
    other = BicycleCourier(Point(121.47, 31.23), fee=400)
    carriage.register(other, "cheap")
    try:
        (mei, address), stall = buyer_with_address(), a_stall()
        found = carriage.promises(place=stall.place, to=HOME, weight_g=1_000, temperature="chilled")
        assert [promise.fee for promise in found] == [400, 600]
        order = bought(mei, stall, found[0].token, address)
        assert (list(other.shipments), list(courier.shipments)) == ([order], [])
    finally:
        carriage.unregister("cheap")


def test_a_carriage_gets_its_own_token_back(courier: BicycleCourier) -> None:
    seen: list[str] = []
    plain = courier.promises

    def with_token(**given: object) -> list[carriage.Promise]:
        return [msgspec.structs.replace(each, token="mine") for each in plain(**given)]  # type: ignore[arg-type]

    def book(actor: Actor, *, order: UUID, token: str, address: UUID) -> UUID:
        seen.append(token)
        raise Conflict("slot-taken")

    courier.promises, courier.book = with_token, book  # type: ignore[method-assign]
    (mei, address), stall = buyer_with_address(), a_stall()
    assert refusal(stall, mei, promised(stall.place), address).code == "slot-taken"
    assert seen == ["mine"]
