"""Kinds of vehicles in the city's catalogue."""

import pytest

from lilong.fields.mobility.queries import finding
from lilong.fields.mobility.rules.terms import Band, Terms
from lilong.fields.mobility.services import offers
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.catalog import queries as catalog
from lilong.kernel.orders import services as orders
from lilong.kernel.orders.drafts import LineDraft, OrderDraft
from tests.fields.mobility.scene import Town


@pytest.mark.parametrize("text", ["car by the hour", "共享汽车", "공유 자동차"])
def test_search_over_all_doors_finds_a_car_by_the_hour(town: Town, text: str):
    found = catalog.search(text, field="mobility").items
    assert [(each.id, each.price) for each in found] == [(offers.offer_of(town.small.id), 2400)]
    kind = finding.kind_of_offer(found[0].id)
    assert kind is not None and kind.id == town.small.id
    assert finding.kind_of_offer(ids.uuid7()) is None


def test_a_new_price_is_shown(town: Town):
    town.publish(town.plan, Terms(bands=(Band(per_hour=3100),)))
    assert catalog.offer(offers.offer_of(town.small.id)).price == 3100


def test_nobody_orders_it_like_goods(town: Town):
    line = LineDraft(offer=offers.offer_of(town.small.id), quantity=1, price=2400)
    rider = town.rider()
    with pytest.raises(Conflict, match="not-sold-singly"):
        orders.place_one(rider, OrderDraft(id=ids.uuid7(), buyer=rider.party, lines=[line]))


def test_a_kind_without_a_price_is_not_shown(town: Town):
    kind = town.type("Free", plan=None)
    assert offers.offer_of(kind.id) not in {each.id for each in catalog.search("Free").items}
