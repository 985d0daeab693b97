"""The pages of broadcasts, groups and campaigns through Django's client, and their API."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lilong.fields.market.queries import campaigns as campaign_reads
from lilong.fields.market.queries import groups as group_reads
from lilong.fields.market.services import campaigns
from lilong.kernel.base import clock, ids
from tests.fields.market.deal_scene import PRICE, Community, a_broadcast, a_group, broadcast_draft, group_offer, purse
from tests.fields.market.scene import NOON, Market
from tests.fields.market.test_shop_pages import client_of

TAGS = {"en": "en", "zh-hans": "zh-Hans", "ko": "ko"}

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def stocked(market: Market) -> Market:
    market.receive(market.eggs, 20)
    return market


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def sent(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(body, default=str), content_type="application/json")


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_stands_in_every_language_for_everybody(stocked: Market, language: str):
    sale, opener = a_broadcast(stocked, released_at=NOON + timedelta(minutes=5)), stocked.buyer()
    group, community = a_group(stocked, opener), Community(stocked)
    offer = group_reads.group(group).offer.id
    paths = [
        "/market/broadcast/",
        f"/market/broadcast/{sale}/",
        "/market/groups/",
        f"/market/groups/{group}/",
        f"/market/group-offers/{offer}/",
        "/market/campaigns/",
        f"/market/campaigns/{community.id}/",
    ]
    for client in (client_of(None), client_of(opener)):
        client.cookies["lilong_language"] = language
        for path in paths:
            page = text(client.get(path))
            assert "<h1>" in page and f'<html lang="{TAGS[language]}"' in page
        gone = client.get(f"/market/groups/{ids.uuid7()}/")
        assert gone.status_code == 404


def test_a_sale_says_what_its_script_needs(stocked: Market):
    sale = a_broadcast(stocked, released_at=NOON + timedelta(minutes=5), limit_per_buyer=2)
    page = text(client_of(stocked.buyer()).get(f"/market/broadcast/{sale}/"))
    assert f'data-sale="{sale}"' in page and f'data-price="{PRICE}"' in page and 'max="2"' in page
    texts = json.loads(re.search(r'id="sale-texts"[^>]*>(.*?)</script>', page)[1])
    assert {"sold-out", "over-limit", "price-changed", "again", "bought"} <= set(texts)
    left = client_of(None).get(f"/api/market/broadcasts/{sale}/remaining").json()
    assert (left["remaining"], left["state"]) == (20, "coming")


def test_a_group_from_opening_to_leaving_by_forms(stocked: Market):
    offer, first, second = group_offer(stocked, size=2), stocked.buyer(), stocked.buyer()
    client = client_of(first)
    form = hidden(text(client.get(f"/market/group-offers/{offer}/"))) | {"quantity": "1"}
    for _ in range(2):  # sent twice, it is opened once
        answer = client.post(f"/market/group-offers/{offer}/open", form)
        assert answer.headers["Location"] == f"/market/groups/{form['group']}/"
    group = UUID(form["group"])
    assert (group_reads.group(group).members, purse(first)) == (1, (100_000, PRICE))
    client.post(f"/market/groups/{group}/leave")
    assert (group_reads.group(group).members, purse(first)) == (0, (100_000, 0))
    for each in (first, second):
        client = client_of(each)
        form = hidden(text(client.get(f"/market/groups/{group}/"))) | {"quantity": "1"}
        client.post(f"/market/groups/{group}/join", form)
    assert (group_reads.group(group).state, purse(second)) == ("complete", (100_000, PRICE))
    late = client_of(stocked.buyer())
    assert "full" in text(late.post(f"/market/groups/{group}/join", form | {"order": ids.uuid7()}, follow=True))


def test_a_campaign_from_order_to_hand_over_by_forms(stocked: Market):
    community, buyer = Community(stocked), stocked.buyer()
    path, client = f"/market/campaigns/{community.id}/", client_of(buyer)
    form = hidden(text(client.get(path))) | {"leader": community.leader, f"quantity-{community.offer}": "2"}
    for _ in range(2):
        assert client.post(path, form).status_code == 302
    code = re.search(r'class="pickcode">(\d{8})<', text(client.get(path)))[1]
    assert client.post(path, {"order": ids.uuid7(), "leader": community.leader}).status_code == 422
    with clock.at(NOON + timedelta(hours=2)):
        campaigns.cut_off_due()
        leader = client_of(community.person)
        assert "Gate 3" in text(leader.get(f"{path}hand-over/"))
        given = {"leader": community.leader, "code": code}
        assert leader.post(f"{path}hand-over/", given | {"code": "999999x"}).status_code == 422
        assert "1.98" in text(leader.post(f"{path}hand-over/", given, follow=True))
        assert "Gate 3" in text(client_of(stocked.clerk).get(f"{path}seller/"))
        for stranger in (buyer, stocked.rival_owner):
            assert client_of(stranger).get(f"{path}hand-over/").status_code == 404
            assert client_of(stranger).get(f"{path}seller/").status_code == 404
    assert (purse(buyer), community.earned()) == ((100_000 - 2 * PRICE, 0), 198)


def test_the_api_announces_joins_and_hands_over(stocked: Market):
    owner, buyer = client_of(stocked.owner), client_of(stocked.buyer())
    draft = broadcast_draft(stocked, released_at=NOON + timedelta(minutes=5))
    body = {name: getattr(draft, name) for name in draft.__struct_fields__} | {"title": draft.title.stored()}
    assert sent(owner, "/api/market/broadcasts", body).status_code == 201
    assert sent(buyer, "/api/market/broadcasts", body | {"id": ids.uuid7()}).status_code == 403
    assert sent(owner, f"/api/market/broadcasts/{draft.id}/cancel", {}).json()["state"] == "cancelled"
    given = {"id": ids.uuid7(), "product": stocked.eggs, "price": PRICE, "size": 2, "seconds": 600}
    assert sent(owner, "/api/market/group-offers", given).status_code == 201
    seat = {"group": ids.uuid7(), "order": ids.uuid7(), "quantity": 1, "price": PRICE, "place": stocked.warehouse}
    opened = sent(buyer, f"/api/market/group-offers/{given['id']}/groups", seat)
    assert (opened.status_code, opened.json()["group"]["members"]) == (201, 1)
    assert sent(buyer, f"/api/market/group-offers/{given['id']}/groups", seat).status_code == 200
    assert len(buyer.get(f"/api/market/group-offers/{given['id']}/groups").json()) == 1
    wrong = sent(buyer, f"/api/market/groups/{seat['group']}/join", {"order": ids.uuid7()})
    assert wrong.status_code == 422
    other = client_of(stocked.buyer())
    assert sent(other, f"/api/market/group-seats/{seat['order']}/leave", {}).status_code == 404
    assert sent(buyer, f"/api/market/group-seats/{seat['order']}/leave", {}).json()["members"] == 0


def test_the_api_of_campaigns_keeps_parcels_to_those_concerned(stocked: Market):
    community, buyer = Community(stocked), stocked.buyer()
    client, leader = client_of(buyer), client_of(community.person)
    body = {
        "id": ids.uuid7(),
        "leader": community.leader,
        "lines": [{"offer": community.offer, "quantity": 1, "price": PRICE}],
    }
    made = sent(client, f"/api/market/campaigns/{community.id}/orders", body)
    assert (made.status_code, len(made.json()["code"])) == (201, 8)
    assert client.get(f"/api/market/campaign-orders/{body['id']}/code").json() == {"code": made.json()["code"]}
    assert leader.get(f"/api/market/campaign-orders/{body['id']}/code").status_code == 404
    for path in ("picks", "parcels"):
        assert client.get(f"/api/market/campaigns/{community.id}/{path}").status_code == 404
        assert leader.get(f"/api/market/campaigns/{community.id}/{path}").status_code == 200
    with clock.at(NOON + timedelta(hours=2)):
        campaigns.cut_off_due()
        given = {"leader": community.leader, "code": made.json()["code"]}
        assert sent(client, f"/api/market/campaigns/{community.id}/hand-over", given).status_code == 404
        assert sent(leader, f"/api/market/campaigns/{community.id}/hand-over", given).json()["commission"] == 99
    assert [p.state for p in campaign_reads.parcels_of(buyer).items] == ["handed"]
