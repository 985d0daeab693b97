"""The site's own pages: the lane, search, what is mine and only mine."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.orders import services as order_services
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM
from lilong.site.demo_mark import is_demo_city
from lilong.site.lane import scene
from lilong.site.registry import doors, manifests
from tests.kernel.orders.stall import a_stall

pytestmark = pytest.mark.django_db
PAGE = {"HTTP_ACCEPT": "text/html"}


def a_resident(email: str) -> tuple[UUID, Client]:
    person = ids.uuid7()
    parties.create_person(SYSTEM, id=person, name="Wang", email=email, district="pudong")
    client = Client()
    client.force_login(get_user_model().objects.get(party=person), "django.contrib.auth.backends.ModelBackend")
    return person, client


@pytest.fixture
def demo(settings: object) -> None:
    settings.DEMO_CITY = True  # type: ignore[attr-defined]


def test_there_are_twelve_doors_named_by_the_plan_or_by_their_manifest() -> None:
    assert [door.number for door in doors()] == list(range(1, 13))
    assert {door.code: door.name for door in doors() if door.open} == {
        code: field.name for code, field in manifests().items()
    }


def test_houses_stand_in_two_rows_that_mirror_each_other() -> None:
    assert scene.place(1) == "matrix(1.0000 0 0 1.0000 0 0)"
    assert scene.place(7) == "matrix(-1.0000 0 0 1.0000 1600 0)"


def test_a_door_without_a_number_yet_shows_a_dash(client: Client) -> None:
    page = client.get("/").content.decode()
    assert page.count('class="door ') == 12
    assert "<b>–</b>" in page


@pytest.mark.parametrize(
    ("path", "status"), [("/factory/", 200), ("/atlantis/", 404), ("/search?from=-5", 422), ("/search?sort=luck", 422)]
)
def test_pages_answer_with_the_right_status(client: Client, path: str, status: int) -> None:
    assert client.get(path, **PAGE).status_code == status


def test_every_page_forbids_foreign_and_inline_code(client: Client) -> None:
    answer = client.get("/")
    assert "style-src 'self' 'nonce-" in answer["Content-Security-Policy"]
    assert ' style="' not in answer.content.decode() and " onclick" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/me/", "/me/orders/", "/me/wallet", f"/me/orders/{ids.named('nobody')}"])
def test_what_is_mine_asks_who_i_am(client: Client, path: str) -> None:
    answer = client.get(path, **PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_search_finds_offers_of_all_doors(client: Client) -> None:
    stall = a_stall(price=1290)
    page = client.get("/search?q=apple").content.decode()
    assert f"/market/offers/{stall.offer}/" in page
    assert "¥12.90" in page
    assert str(stall.offer) not in client.get("/search?q=apple&from=13").content.decode()
    assert str(stall.offer) not in client.get("/search?q=apple&field=health").content.decode()


def test_orders_are_shown_to_their_buyer_alone(demo: None) -> None:
    me, mine = a_resident("me@example.org")
    _, others = a_resident("other@example.org")
    mine.post("/me/wallet", {"yuan": "100", "id": str(ids.uuid7())})
    [placed] = order_services.place([a_stall().draft(me, 2)])
    assert "Apple" in mine.get(f"/me/orders/{placed.id}").content.decode()
    assert others.get(f"/me/orders/{placed.id}", **PAGE).status_code == 404
    assert "Apple" not in others.get("/me/orders/").content.decode()
    assert others.post(f"/me/orders/{placed.id}/cancel", **PAGE).status_code == 404
    assert orders.orders_by([placed.id])[placed.id].state == "placed"
    assert mine.post(f"/me/orders/{placed.id}/cancel").status_code == 302
    assert orders.orders_by([placed.id])[placed.id].state == "cancelled"
    assert ledger.wallet_of(me).available == 100_00


def test_orders_are_filtered_by_a_state_that_exists() -> None:
    _, client = a_resident("me@example.org")
    assert client.get("/me/orders/?state=placed").status_code == 200
    assert client.get("/me/orders/?state=lost", **PAGE).status_code == 422


def test_one_form_tops_up_once(demo: None) -> None:
    me, client = a_resident("me@example.org")
    form = {"yuan": "500", "id": str(ids.uuid7())}
    assert [client.post("/me/wallet", form).status_code for _ in range(2)] == [302, 302]
    assert ledger.wallet_of(me).available == 500_00


@pytest.mark.parametrize("yuan", ["0", "-5", "5001", "1.5", "", "１００", "99999999999999999999"])
def test_a_bad_amount_is_named_and_nothing_is_moved(demo: None, yuan: str) -> None:
    me, client = a_resident("me@example.org")
    answer = client.post("/me/wallet", {"yuan": yuan, "id": str(ids.uuid7())})
    assert answer.status_code == 422
    assert 'aria-describedby="yuan-error"' in answer.content.decode()
    assert ledger.wallet_of(me) is None or ledger.wallet_of(me).available == 0


def test_a_real_city_gives_no_money_away() -> None:
    _, client = a_resident("me@example.org")
    assert client.post("/me/wallet", {"yuan": "5", "id": str(ids.uuid7())}, **PAGE).status_code == 403
    assert 'name="yuan"' not in client.get("/me/wallet").content.decode()


@pytest.mark.parametrize(
    ("language", "title"), [("en", "No such door"), ("zh-hans", "没有这扇门"), ("ko", "그런 문은 없습니다")]
)
def test_errors_speak_the_readers_language(client: Client, language: str, title: str) -> None:
    client.cookies["lilong_language"] = language
    assert f"<h1>{title}</h1>" in client.get("/no-such-door/", **PAGE).content.decode()


def test_the_lane_can_be_installed(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert json.loads(answer.content)["start_url"] == "/"
    assert "Disallow: /me/" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize(("mark", "demo"), [("yes", True), ("begun", True), ("no", False), (None, False)])
def test_the_data_folder_says_whether_money_is_play_money(
    settings: object, tmp_path: Path, mark: str | None, demo: bool
) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    if mark is not None:
        (tmp_path / "demo").write_text(mark)
    assert is_demo_city() is demo
