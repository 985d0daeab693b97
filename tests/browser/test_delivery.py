"""Delivery in a real browser: a courier without a connection, a recipient who watches, every page at every size and language."""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import CHROMIUM, FLAGS

WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
Open = Callable[..., Any]
_EXPECTED = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_RESET", "GPU stall")  # cut off on purpose; drawn by software


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Iterator[Any]:
    """One that draws maps without a graphics card."""
    made = chromium.browser_type.launch(executable_path=CHROMIUM, args=FLAGS + WEBGL)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lane(module_database: str) -> Any:
    from tests.fields.delivery.scene import Lane

    return Lane()


@pytest.fixture(scope="module")
def address(lane: Any) -> Iterator[str]:
    from tests.kernel.orders.counter_server import serving

    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def visit(browser: Any, address: str) -> Open:
    """`with visit(person, width=360) as page:` a page without script errors."""
    from tests.fields.delivery.visitor import browser as signed_in

    @contextmanager
    def opened(
        who: Any = None, width: int = 1280, language: str = "en", theme: str = "light", **more: Any
    ) -> Iterator[Any]:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            **more,
        )
        cookies = {"lilong_language": language}
        if who is not None:
            cookies["sessionid"] = str(signed_in(who).cookies["sessionid"].value)
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        try:
            yield page
            assert [error for error in errors if not any(word in error for word in _EXPECTED)] == []
        finally:
            context.close()

    return opened


def aboard(lane: Any, **more: Any) -> Any:
    """A shipment that the courier has aboard, out for delivery."""
    from lilong.fields.delivery.services import journey

    made = lane.ship(**more)
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    journey.depart(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    return made


@pytest.fixture(scope="module")
def loaded(lane: Any) -> Any:
    """One for the pages to show: chilled goods in a locker's carrier's hands, a bank beside it."""
    lane.bank(s=3, m=2, l=1)
    return aboard(lane, service=lane.standard, instructions="Second floor, left")


def state(shipment: Any) -> tuple[str, int]:
    """The shipment's state and how often it says that it was delivered."""
    from lilong.kernel.events import queries as events

    shipment.refresh_from_db()
    told = [each.type for each in events.history(shipment.id, size=100).items]
    return shipment.state, told.count("delivery.shipment.delivered")


def test_delivered_in_a_cellar_and_sent_once_up_in_the_street(lane: Any, visit: Open, tmp_path: Path) -> None:
    made = aboard(lane, contactless=True, instructions="Behind the gate")
    picture = tmp_path / "door.png"
    picture.write_bytes(png())
    with visit(lane.courier, width=360) as page:
        page.goto("/delivery/courier/")
        card = page.locator(f'[data-shipment="{made.id}"]')
        card.wait_for()
        page.wait_for_function(
            "() => navigator.serviceWorker.controller || navigator.serviceWorker.ready.then(() => true)"
        )
        page.wait_for_function(
            "async () => { const cache = await caches.open('lilong-courier-1'); "
            "return Boolean(await cache.match('/static/delivery/courier/page.js')) "
            "&& Boolean(await cache.match('/delivery/courier/')) && Boolean(await cache.match('/static/ui/map.js')); }"
        )
        page.context.set_offline(True)
        page.reload()
        card.wait_for()
        assert page.locator("[data-sync]").get_attribute("data-state") == "offline"
        card.get_by_role("button", name="Hand over").click()
        card.get_by_role("button", name="Hand over").click()
        assert "Photo" in card.locator(".error").inner_text()  # the proof that is wanted here
        card.locator('input[type="file"]').set_input_files(picture)
        card.locator(".shots img").wait_for()
        card.get_by_role("button", name="Hand over").click()
        card.wait_for(state="detached")
        assert "2" in page.locator("[data-sync-count]").inner_text()
        page.reload()  # the phone was put away and taken out again
        page.get_by_text("Nothing to do right now.").wait_for()
        assert state(made) == ("out", 0)
        page.context.set_offline(False)
        page.wait_for_function("() => document.querySelector('[data-sync]').dataset.state === 'online'", timeout=30_000)
        assert page.locator("[data-sync-count]").inner_text() == ""
    assert state(made) == ("delivered", 1)
    assert [each.kind for each in made.proofs_given.order_by("kind")] == ["photo"]


def test_the_answer_lost_on_the_way_changes_nothing(lane: Any, visit: Open) -> None:
    made = aboard(lane)
    with visit(lane.courier, width=360) as page:
        page.goto("/delivery/courier/")
        card = page.locator(f'[data-shipment="{made.id}"]')
        card.wait_for()
        lost = []

        def lose(route: Any) -> None:
            """The house takes it, the phone never hears so."""
            if len(lost) < 2:
                lost.append(route.fetch().status)
                route.abort("connectionreset")
            else:
                route.continue_()

        page.context.route("**/delivery/courier/events", lose)
        card.get_by_role("button", name="Hand over").click()
        card.get_by_role("button", name="Hand over").click()
        page.wait_for_function("() => document.querySelector('[data-sync-count]').textContent.startsWith('1')")
        for _ in range(2):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_function(
            "() => document.querySelector('[data-sync]').dataset.state === 'online' "
            "&& document.querySelector('[data-sync-count]').textContent === ''",
            timeout=30_000,
        )
        page.context.unroute("**/delivery/courier/events")
        assert lost == [200, 200]
    assert state(made) == ("delivered", 1)


def test_a_recipient_watches_it_come_without_touching_the_page(lane: Any, visit: Open) -> None:
    """The courier's phone and the recipient's, both with the house and not with each other."""
    from lilong.fields.delivery.services import journey

    made = lane.ship()
    journey.collect(lane.courier, shipment=made.id, vehicle=lane.courier.party)
    where = {"permissions": ["geolocation"], "geolocation": {"latitude": 31.235, "longitude": 121.478}}
    with visit(lane.recipient, width=360) as mine, visit(lane.courier, width=360, **where) as phone:
        mine.goto(f"/delivery/shipments/{made.id}/")
        mine.wait_for_function("() => document.documentElement.dataset.live === 'live'")
        mine.locator('.now[data-state="collected"]').wait_for()
        phone.goto("/delivery/courier/")
        card = phone.locator(f'[data-shipment="{made.id}"]')
        card.get_by_role("button", name="Start the tour").click()
        mine.locator('.now[data-state="out"]').wait_for()
        assert mine.locator("text=Who has had it").count() == 1
        card.get_by_role("button", name="Hand over").click()
        card.get_by_role("button", name="Hand over").click()
        mine.locator('.now[data-state="delivered"]').wait_for()
    assert state(made) == ("delivered", 1)


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (360, "zh-hans"), (360, "ko"), (1280, "en")])
def test_pages_fit_and_have_names(lane: Any, visit: Open, loaded: Any, language: str, width: int) -> None:
    made = loaded
    office = f"/delivery/carriers/{lane.carrier}/"
    seen = [
        (lane.recipient, ["/delivery/", "/delivery/shipments/", f"/delivery/shipments/{made.id}/", "/delivery/send/", "/delivery/lockers/"]),
        (lane.owner, [office, f"{office}plan/", f"{office}fleet/", f"{office}lockers/", f"{office}claims/", f"{office}cold/"]),
        (lane.courier, ["/delivery/courier/"]),
    ]  # fmt: skip
    for who, paths in seen:
        with visit(who, width=width, language=language) as page:
            for path in paths:
                assert page.goto(path).status == 200
                assert (path, page.evaluate("document.documentElement.scrollWidth - innerWidth")) == (path, 0)
                nameless = page.evaluate(
                    "[...document.querySelectorAll('main button, main a, main input:not([type=hidden]), main select')]"
                    ".filter((e) => e.checkVisibility() && !(e.labels?.length) && !e.innerText?.trim() "
                    "&& !e.getAttribute('aria-label') && !e.getAttribute('title')).map((e) => e.outerHTML.slice(0, 120))"
                )
                assert (path, nameless) == (path, [])


def png(side: int = 64) -> bytes:
    """A small grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + bytes([n * 255 // side]) * side for n in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
