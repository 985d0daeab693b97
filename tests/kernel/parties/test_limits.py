"""Rate limits: counted once for all processes, forgotten in time, told with Retry-After."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Invalid, TooMany
from lilong.kernel.parties.http import client_address, throttle
from lilong.kernel.parties.models import RateWindow
from lilong.kernel.parties.services import forget_past_windows

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def _taken(seconds: float, times: int, *, key: str = "a", limit: int = 10, name: str = "try") -> int:
    """How many of `times` uses at that moment are let through."""
    through = 0
    with clock.at(START + timedelta(seconds=seconds)):
        for _ in range(times):
            try:
                throttle(name, key, limit, 60)
            except TooMany:
                continue
            through += 1
    return through


def test_the_limit_holds_within_a_window_and_is_each_keys_own() -> None:
    assert [_taken(1, 15), _taken(30, 5), _taken(30, 12, key="b"), _taken(30, 3, name="other")] == [10, 0, 10, 3]


def test_the_window_slides() -> None:
    assert _taken(59, 10) == 10
    assert _taken(61, 10) == 0  # two seconds later the ten are still with us
    assert _taken(90, 10) == 0  # refused ones counted, too
    assert _taken(181, 10) == 10


def test_who_keeps_to_the_limit_is_let_in_at_its_pace() -> None:
    assert [_taken(second, 1) for second in range(0, 700, 7)] == [1] * 100


def test_refusals_say_when_to_come_back_and_it_is_true() -> None:
    _taken(20, 10)
    with clock.at(START + timedelta(seconds=30)), pytest.raises(TooMany) as refused:
        throttle("try", "a", 10, 60)
    wait = refused.value.extra["retry_after"]
    assert (refused.value.status, wait) == (429, 30)
    assert _taken(60 + 60 + 1, 1) == 1


def test_the_row_holds_no_address_and_is_forgotten() -> None:
    _taken(0, 1, key="mei@example.org")
    assert "mei" not in str(list(RateWindow.objects.values()))
    assert RateWindow.objects.count() == 1
    with clock.at(START + timedelta(seconds=119)):
        assert forget_past_windows() == 0
    with clock.at(START + timedelta(seconds=121)):
        assert forget_past_windows() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'parties_ratewindow'")
        assert cursor.fetchone() == ("u",)


def test_nonsense_limits_are_refused() -> None:
    for limit, seconds in ((0, 1), (1, 0), (-1, 5)):
        with pytest.raises(Invalid):
            throttle("try", "a", limit, seconds)


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind", "address"),
    [
        ("203.0.113.9", "", False, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", False, "203.0.113.9"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.1", True, "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("", "", False, "unknown"),
        ("127.0.0.1", "not an address", True, "unknown"),
    ],
)
def test_the_callers_address(remote: str, forwarded: str, behind: bool, address: str, settings: object) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind else None
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == address


def test_the_api_has_a_limit_for_each_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LILONG_API_LIMIT", "3")
    client = Client()
    answers = [client.get("/api/me", REMOTE_ADDR="203.0.113.9") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert client.get("/api/me", REMOTE_ADDR="203.0.113.10").status_code == 401
