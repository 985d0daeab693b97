import json
from urllib.parse import unquote

import pytest
from django.http import HttpRequest
from django.test import AsyncRequestFactory, Client
from django.urls import reverse

from lilong.fields.market.pages.resolver import resolve
from lilong.fields.market.rules.digital_link import uri
from lilong.fields.market.services import products, recalls
from lilong.kernel.base import ids
from tests.fields.market.scene import GTINS, Market

pytestmark = pytest.mark.usefixtures("noon")

ITEM = "/market/id/01/06901234567892"
ROOT = "http://testserver/market/id"


@pytest.fixture
def client() -> Client:
    return Client()


def test_a_link_leads_to_the_product(market: Market, client: Client):
    page = f"http://testserver/market/products/{market.eggs}/"
    for path in (ITEM, "/market/id/01/6901234567892", f"{ITEM}/10/ANY?17=300430", f"{ITEM}?linkType=gs1:pip"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (307, page)
        assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(ITEM, headers={"Accept": "application/ld+json"})["Location"] == page.rstrip("/") + ".jsonld"
    assert 'rel="linkset"' in client.get(ITEM)["Link"]
    assert client.head(ITEM).status_code == 307
    assert client.options(ITEM).status_code == 204
    assert client.post(ITEM).status_code == 405


def test_the_printed_link_is_the_one_that_resolves(market: Market, client: Client):
    received = market.receive(market.eggs, 1, "L-1/a")
    printed = uri(ROOT, "06901234567892", "L-1/a")
    assert printed == f"{ROOT}/01/06901234567892/10/L-1%2Fa"
    recalls.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="Glass")
    location = f"http://testserver/market/recalls/{received.lot}/"
    assert client.get(f"{ITEM}/10/L-1")["Location"].endswith(f"/products/{market.eggs}/")
    assert client.get(f"{ITEM}/10/L-1/a").status_code == 400  # a slash that was not encoded is no lot
    response = resolve(as_sent(f"{ITEM}/10/L-1%2Fa"))
    assert (response.status_code, response["Location"]) == (307, location)


def as_sent(path: str) -> HttpRequest:
    """A request as it comes over ASGI, where the path is also given as it was sent."""
    request = AsyncRequestFactory().get(unquote(path))
    request.scope["raw_path"] = path.encode()
    return request


@pytest.mark.parametrize(
    "ask", [{"query": "?linkType=linkset"}, {"query": "?linkType=all"}, {"accept": "application/linkset+json"}]
)
def test_the_whole_linkset(market: Market, client: Client, ask: dict[str, str]):
    response = client.get(ITEM + ask.get("query", ""), headers={"Accept": ask.get("accept", "text/html")})
    assert (response.status_code, response["Content-Type"]) == (200, "application/linkset+json")
    (context,) = response.json()["linkset"]
    assert (context["anchor"], context["description"]) == (f"{ROOT}/01/06901234567892", "Eggs, ten")
    assert {name.removeprefix("https://gs1.org/voc/") for name in context} == {
        "anchor", "description", "defaultLink", "pip", "hasRetailers",
    }  # fmt: skip
    for name, entries in context.items():
        if name.startswith("https://"):
            for entry in entries:
                assert set(entry) == {"href", "title", "type", "hreflang"}
                assert client.get(entry["href"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/market/id/01/06901234567893", 400, "bad-digital-link"),
        ("/market/id/01/notanumber", 400, "bad-digital-link"),
        ("/market/id/00/06901234567892", 400, "bad-digital-link"),
        (f"{ITEM}?17=301301", 400, "bad-digital-link"),
        ("/market/id/01/04006381333931", 404, "unknown-item"),
        (f"{ITEM}?linkType=gs1:recallStatus", 404, "no-such-link-type"),
        (f"{ITEM}?linkType=gs1:epil", 404, "no-such-link-type"),
    ],
)
def test_what_does_not_resolve(market: Market, client: Client, path: str, status: int, code: str):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["type"] == f"urn:lilong:problem:{code}"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_a_retired_item_is_gone(market: Market, client: Client):
    products.retire_item(market.owner, number=GTINS[0])
    assert client.get(ITEM).status_code == 410
    assert client.get(f"{ITEM}?linkType=linkset").status_code == 410


def test_a_recalled_lot_leads_to_its_notice(market: Market, client: Client):
    received = market.receive(market.eggs, 5, "BAD")
    recalls.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="Salmonella <found>")
    notice = f"http://testserver/market/recalls/{received.lot}/"
    assert client.get(f"{ITEM}/10/BAD")["Location"] == notice
    assert client.get(f"{ITEM}/10/BAD?linkType=gs1:recallStatus")["Location"] == notice
    assert client.get(f"{ITEM}/10/BAD?linkType=gs1:pip")["Location"] != notice
    assert client.get(ITEM)["Location"] != notice
    (context,) = client.get(f"{ITEM}/10/BAD?linkType=linkset").json()["linkset"]
    assert context["anchor"] == f"{ROOT}/01/06901234567892/10/BAD"
    assert [entry["href"] for entry in context["https://gs1.org/voc/recallStatus"]] == [notice]
    page = client.get(notice).content.decode()
    assert "Salmonella &lt;found&gt;" in page and "<code>BAD</code>" in page
    products.retire_item(market.owner, number=GTINS[0])
    assert client.get(f"{ITEM}/10/BAD")["Location"] == notice  # a retired item's recall is still told


def test_the_resolver_describes_itself(client: Client):
    found = client.get("/market/id/.well-known/gs1resolver").json()
    assert (found["resolverRoot"], found["supportedPrimaryKeys"]) == (ROOT, ["01"])
    assert found["supportedLinkType"] == [{"namespace": "https://gs1.org/voc/", "prefix": "gs1:"}]


def test_a_product_page_carries_its_data(market: Market, client: Client):
    product = market.product("JS", "</script><b>Tofu", category="tofu", price=450, brand="A&B", gtin=GTINS[2])
    page = client.get(reverse("market:product", kwargs={"id": product})).content.decode()
    assert "</script><b>" not in page
    inside = page.partition('<script type="application/ld+json"')[2].partition(">")[2].partition("</script>")[0]
    data = client.get(reverse("market:product-data", kwargs={"id": product}))
    assert data["Content-Type"] == "application/ld+json"
    assert json.loads(inside) == data.json()
    found = data.json()
    assert (found["@type"], found["gtin"], found["gtin13"]) == ("Product", "04006381333931", "4006381333931")
    assert found["hasGS1DigitalLink"] == f"{ROOT}/01/04006381333931"
    offer = found["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("4.50", "CNY")
    assert (offer["availability"], offer["seller"]["name"]) == ("https://schema.org/OutOfStock", "Fresh Lane")
    market.receive(product, 7, days=3)
    offer = client.get(reverse("market:product-data", kwargs={"id": product})).json()["offers"]
    assert (offer["availability"], offer["availabilityEnds"]) == ("https://schema.org/InStock", "2030-04-11")
    assert offer["inventoryLevel"] == {"@type": "QuantitativeValue", "value": 7, "unitCode": "H87"}
    products.withdraw_product(market.owner, id=product)
    offer = client.get(reverse("market:product-data", kwargs={"id": product})).json()["offers"]
    assert offer["availability"] == "https://schema.org/Discontinued"


def test_the_recall_report_is_for_the_seller(market: Market, client: Client):
    received = market.receive(market.eggs, 5)
    recalls.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="Glass")
    path = reverse("market:recall-report", kwargs={"lot": received.lot})
    assert client.get(path).status_code == 302
    assert client.get(reverse("market:recalls")).status_code == 302


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Do not eat"), ("zh-hans", "请勿食用"), ("ko", "먹거나 사용하지")]
)
def test_the_notice_is_in_three_languages(market: Market, client: Client, language: str, word: str):
    received = market.receive(market.eggs, 5)
    recalls.recall_lot(market.owner, id=ids.uuid7(), lot=received.lot, reason="Glass")
    path = reverse("market:recall", kwargs={"lot": received.lot})
    assert word in client.get(path, headers={"Accept-Language": language}).content.decode()
