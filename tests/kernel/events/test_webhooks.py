"""Webhooks: who gets what, signed how, tried again when, and nothing inside the house reached."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.events import deliver, follow, queries, visibility
from lilong.kernel.events.rules import webhooks as rules
from lilong.kernel.events.services import forget_deliveries, redeliver, sequence, subscribe, unsubscribe
from lilong.kernel.events.services.webhooks import LEASE, Answer, claim, settle
from tests.kernel.events.city import received
from tests.kernel.events.subscriber import Somebody, Subscriber

pytestmark = pytest.mark.django_db
FARM, SHOP, STAFF = (ids.named("testing", name) for name in ("farm", "shop", "staff"))


@pytest.fixture
def subscriber(settings: Any) -> Iterator[Subscriber]:
    settings.WEBHOOKS_TO_PRIVATE = True
    server = Subscriber()
    yield server
    server.close()


@pytest.fixture
def staff_sees_all() -> Iterator[None]:
    before = list(visibility._sees)
    visibility.register(lambda party: None if party == STAFF else frozenset({party}))
    yield
    visibility._sees[:] = before


def hook(subscriber: Subscriber, owner: UUID = FARM, types: list[str] | None = None) -> tuple[UUID, str]:
    id = ids.uuid7()
    _, secret = subscribe(Somebody(owner), id=id, owner=owner, url=subscriber.url, types=types or [])
    return id, secret


def spread() -> None:
    """Places for the events, and deliveries of them."""
    sequence()
    while follow.advance(deliver.PROJECTION):
        pass


def deliver_due() -> int:
    tried = claim(100)
    for one in tried:
        settle(one.key, one.attempt, asyncio.run(deliver.post(one)))
    return len(tried)


def states(id: UUID, owner: UUID = FARM) -> list[tuple[str, int, int | None]]:
    found = queries.deliveries(Somebody(owner), id).items
    return [(one.state, one.attempts, one.status) for one in reversed(found)]


def test_a_delivery_is_verified_by_the_standard_library(subscriber: Subscriber) -> None:
    id, secret = hook(subscriber)
    (event,) = received(7, subject=FARM)
    spread()
    assert deliver_due() == 1
    ((headers, body),) = subscriber.got
    shown = Webhook(secret).verify(body, headers)
    assert (shown["id"], shown["data"]["quantity"], shown["seq"]) == (str(event), 7, "1")
    assert (headers["Content-Type"], headers["webhook-id"]) == ("application/cloudevents+json", str(event))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"7", b"8"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(rules.shown(b"another secret")).verify(body, headers)
    assert states(id) == [("delivered", 1, 204)]
    assert deliver_due() == 0


def test_a_subscriber_gets_its_own_events_of_its_types_only(subscriber: Subscriber, staff_sees_all: None) -> None:
    before = received(0, subject=FARM)
    spread()
    farm, _ = hook(subscriber, FARM, ["testing.lot.received"])
    other, _ = hook(subscriber, FARM, ["testing.lot.sold"])
    shop, _ = hook(subscriber, SHOP, ["testing.*"])
    staff, _ = hook(subscriber, STAFF)
    as_subject, as_actor = received(1, subject=FARM), received(2, subject=ids.uuid7(), actor=FARM)
    foreign = received(3, subject=ids.uuid7())
    spread()

    def sent(owner: UUID, id: UUID) -> list[UUID]:
        return [one.event for one in reversed(queries.deliveries(Somebody(owner), id).items)]

    assert before[0] not in sent(STAFF, staff)
    assert sent(FARM, farm) == as_subject + as_actor
    assert (sent(FARM, other), sent(SHOP, shop)) == ([], [])
    assert sent(STAFF, staff) == as_subject + as_actor + foreign


def test_a_replay_makes_no_delivery_twice(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    received(1, 2, subject=FARM)
    spread()
    follow.replay(deliver.PROJECTION)
    assert states(id) == [("due", 0, None), ("due", 0, None)]


def test_a_failed_delivery_comes_again_later_and_later_and_dies_after_three_days(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    received(1, subject=FARM)
    subscriber.status = 302
    start = clock.now()
    with clock.at(start):
        spread()
        assert (deliver_due(), deliver_due()) == (1, 0)
    pauses, now = [], start
    while states(id)[0][0] == "due":
        due = queries.deliveries(Somebody(FARM), id).items[0].due_at
        pauses.append((due - now).total_seconds())
        now = due
        with clock.at(now):
            assert deliver_due() == 1
    delays = [5, 30, 120, 600, 1800, 3600, 7200, 14400] + [28800] * (len(pauses) - 8)
    assert all(0.8 * delay <= pause <= 1.2 * delay for delay, pause in zip(delays, pauses, strict=True))
    assert states(id) == [("dead", len(pauses) + 1, 302)]
    assert timedelta(days=2.5) < now - start <= timedelta(days=3)
    assert len(subscriber.got) == len(pauses) + 1
    with clock.at(now + timedelta(days=30)):
        assert deliver_due() == 0
        subscriber.status = 200
        redeliver(Somebody(FARM), id=queries.deliveries(Somebody(FARM), id).items[0].id)
        assert deliver_due() == 1
    assert states(id) == [("delivered", 1, 200)]


def test_one_try_at_a_time_and_again_after_the_lease_of_a_dead_process(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    received(1, subject=FARM)
    spread()
    (first,) = claim(10)
    assert claim(10) == []
    assert states(id) == [("sending", 1, None)]
    with pytest.raises(Conflict):
        redeliver(Somebody(FARM), id=first.key)
    with clock.at(clock.now() + LEASE):
        (second,) = claim(10)
        settle(first.key, first.attempt, Answer(status=500))
        assert states(id) == [("sending", 2, None)]
        settle(second.key, second.attempt, Answer(status=200))
    assert states(id) == [("delivered", 2, 200)]


def test_an_endpoint_with_much_to_get_does_not_take_all_turns(subscriber: Subscriber) -> None:
    hook(subscriber, FARM)
    hook(subscriber, SHOP)
    received(*range(20), subject=FARM)
    received(1, subject=SHOP)
    spread()
    assert sorted(one.event.subject == SHOP for one in claim(10)) == [False] * 4 + [True]


def test_what_ended_a_month_ago_is_forgotten_and_what_waits_is_not(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    received(1, subject=FARM)
    spread()
    deliver_due()
    received(2, subject=FARM)
    spread()
    with clock.at(clock.now() + timedelta(days=29)):
        assert forget_deliveries() == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert forget_deliveries() == 1
    assert states(id) == [("due", 0, None)]


def test_410_closes_the_endpoint(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    subscriber.status = 410
    received(1, subject=FARM)
    spread()
    deliver_due()
    assert states(id) == [("dead", 1, 410)]
    assert queries.endpoint(Somebody(FARM), id).open is False
    received(2, subject=FARM)
    spread()
    assert len(states(id)) == 1
    with pytest.raises(Conflict):
        redeliver(Somebody(FARM), id=queries.deliveries(Somebody(FARM), id).items[0].id)


def test_nobody_answers(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    subscriber.close()
    received(1, subject=FARM)
    spread()
    deliver_due()
    (one,) = queries.deliveries(Somebody(FARM), id).items
    assert (one.state, one.status) == ("due", None)
    assert "Connect" in one.error


def test_the_same_endpoint_again_is_the_same_without_its_secret(subscriber: Subscriber) -> None:
    id, secret = hook(subscriber)
    assert secret.startswith("whsec_")
    again = subscribe(Somebody(FARM), id=id, owner=FARM, url=subscriber.url, types=[])
    assert again == (queries.endpoint(Somebody(FARM), id), "")
    with pytest.raises(Conflict):
        subscribe(Somebody(FARM), id=id, owner=FARM, url=subscriber.url, types=["testing.*"])
    assert unsubscribe(Somebody(FARM), id=id) == unsubscribe(Somebody(FARM), id=id)


def test_another_party_reaches_nothing(subscriber: Subscriber) -> None:
    id, _ = hook(subscriber)
    received(1, subject=FARM)
    spread()
    delivery = queries.deliveries(Somebody(FARM), id).items[0].id
    shop = Somebody(SHOP)
    for attempt in (
        lambda: subscribe(shop, id=ids.uuid7(), owner=FARM, url=subscriber.url, types=[]),
        lambda: queries.endpoints(shop, FARM),
    ):
        with pytest.raises(Forbidden):
            attempt()  # type: ignore[no-untyped-call]
    for attempt in (
        lambda: queries.endpoint(shop, id),
        lambda: queries.deliveries(shop, id),
        lambda: unsubscribe(shop, id=id),
        lambda: redeliver(shop, id=delivery),
        lambda: redeliver(shop, id=delivery + 1),
    ):
        with pytest.raises(Missing):
            attempt()  # type: ignore[no-untyped-call]
    assert queries.endpoint(Somebody(FARM), id).open is True


@pytest.mark.parametrize("types", [["testing.unknown"], ["nobody.*"], ["*"], ["Testing.lot"], [""]])
def test_a_filter_that_would_never_match_is_refused(types: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        subscribe(Somebody(FARM), id=ids.uuid7(), owner=FARM, url="https://example.org/", types=types)
    assert refusal.value.violations[0].pointer == "/types"


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://example.org/hook", ""),
        ("https://example.org:8443/hook?a=b", ""),
        ("https://[2606:4700::1111]/", ""),
        ("http://example.org/", "https"),
        ("ftp://example.org/", "https"),
        ("https://user:secret@example.org/", "format"),
        ("https://example.org/#part", "format"),
        ("https:///hook", "format"),
        ("https://example.org:0/", "format"),
        ("https://example.org:99999/", "format"),
        ("https://exa mple.org/", "format"),
        ("https://example.org/\r\nX: y", "format"),
        ("https://[::1", "format"),
        ("https://" + "a" * 2000, "format"),
        ("", "format"),
        ("http://localhost:8000/", "public-address"),
        ("https://localhost/", "public-address"),
        ("https://127.0.0.1/", "public-address"),
        ("https://10.1.2.3/", "public-address"),
        ("https://192.168.0.1/", "public-address"),
        ("https://169.254.169.254/latest/meta-data", "public-address"),
        ("https://100.64.0.1/", "public-address"),
        ("https://0.0.0.0/", "public-address"),
        ("https://224.0.0.1/", "public-address"),
        ("https://[::1]/", "public-address"),
        ("https://[fd00::1]/", "public-address"),
        ("https://[fe80::1%25eth0]/", "public-address"),
        ("https://[::ffff:10.0.0.1]/", "public-address"),
        ("https://[64:ff9b::a00:1]/", "public-address"),
        ("https://[2002:a00:1::]/", "public-address"),
    ],
)
def test_an_address_is_https_and_public(url: str, rule: str) -> None:
    assert rules.bad_url(url, private=False) == rule


def test_a_private_address_is_for_installations_that_say_so() -> None:
    assert rules.bad_url("http://127.0.0.1:1/", private=True) == ""
    assert rules.bad_url("https://10.0.0.1/", private=True) == ""
    assert rules.bad_url("http://10.0.0.1/", private=True) == "https"


def test_a_name_that_leads_inside_the_house_is_refused_at_the_time_of_sending(
    subscriber: Subscriber, settings: Any
) -> None:
    """As when a name's address is changed after registration: the address in the row stands for a resolved one."""
    id, _ = hook(subscriber)
    settings.WEBHOOKS_TO_PRIVATE = False
    received(1, subject=FARM)
    spread()
    deliver_due()
    (one,) = queries.deliveries(Somebody(FARM), id).items
    assert (one.state, one.status, subscriber.got) == ("due", None, [])
    with pytest.raises(ValueError, match="no public address"):
        asyncio.run(deliver._address("localhost", 80))


def test_the_secret_is_not_in_the_database(subscriber: Subscriber) -> None:
    from django.db import connection

    _, secret = hook(subscriber)
    import base64

    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM events_endpoint")
        box = bytes(cursor.fetchone()[0])
    assert base64.b64decode(secret.removeprefix("whsec_")) not in box
