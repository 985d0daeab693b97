"""Actors and tokens: what a credential reaches, and what is refused of it."""

import base64
import time
from uuid import UUID

import msgspec
import pytest
from django.conf import settings

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Forbidden, Invalid, Unauthenticated
from lilong.kernel.parties import tokens
from lilong.kernel.parties.actor import SYSTEM, Actor

FIRM, OTHER = ids.uuid7(), ids.uuid7()


def _actor(**more: object) -> Actor:
    return Actor(**{"party": ids.uuid7(), "kind": "person", "roles": {FIRM: frozenset({"clerk", "picker"})}} | more)


def test_one_acts_for_oneself_and_by_role_for_an_organisation() -> None:
    actor = _actor()
    owner = _actor(roles={FIRM: frozenset({"owner"})})
    assert [actor.acts_for(actor.party), actor.acts_for(actor.party, "owner")] == [True, True]
    assert [actor.acts_for(FIRM, "manager", "clerk"), actor.acts_for(FIRM, "manager"), actor.acts_for(FIRM)] == [
        True,
        False,
        False,
    ]
    assert [owner.acts_for(FIRM), owner.acts_for(FIRM, "clinician"), owner.acts_for(OTHER, "owner")] == [
        True,
        True,
        False,
    ]
    assert [SYSTEM.acts_for(FIRM), SYSTEM.may("anything:at-all"), SYSTEM.staff] == [True, True, True]
    actor.require(FIRM, "clerk", scope="orders:place")
    with pytest.raises(Forbidden):
        actor.require(FIRM, "manager")
    with pytest.raises(Forbidden):
        _actor(scopes=frozenset({"orders:read"})).require(FIRM, "clerk", scope="orders:place")


def test_staff_do_not_act_for_others_unasked() -> None:
    assert _actor(staff=True, roles={}).acts_for(FIRM, "owner") is False


@pytest.mark.parametrize(
    ("held", "asked", "reached"),
    [
        ({"*"}, "orders:place", True),
        ({"orders:*"}, "orders:place", True),
        ({"orders:*"}, "orders", True),
        ({"orders"}, "orders:place", False),
        ({"orders:place"}, "orders:place", True),
        ({"orders:place"}, "orders:places", False),
        ({"orders:place"}, "*", False),
        ({"orders:*"}, "ledger:read", False),
        (set(), "orders:place", False),
    ],
)
def test_scopes_reach_as_far_as_they_say(held: set[str], asked: str, reached: bool) -> None:
    assert _actor(scopes=frozenset(held)).may(asked) is reached


def test_narrowing_never_widens_and_drops_staff() -> None:
    staff = _actor(staff=True)
    assert staff.narrowed(frozenset({"orders:place"})).staff is False
    assert staff.narrowed(frozenset({"orders:place", "staff"})).staff is True
    assert staff.narrowed(frozenset({"*"})).staff is True
    clerk = _actor(scopes=frozenset({"orders:*"}))
    assert clerk.narrowed(frozenset({"orders:place"})).scopes == {"orders:place"}
    for wider in ({"*"}, {"ledger:read"}, {"staff"}):
        with pytest.raises(Forbidden):
            clerk.narrowed(frozenset(wider))


def test_a_token_stands_for_its_actor_until_it_expires() -> None:
    actor = _actor(scopes=frozenset({"orders:place"}), staff=True)
    now = clock.now()
    token = tokens.issue(actor, 60)
    assert tokens.read(token) == actor
    with clock.at(now.replace(year=now.year + 1)), pytest.raises(Unauthenticated) as expired:
        tokens.read(token)
    assert expired.value.code == "token-expired"
    for seconds in (0, -1, tokens.SECONDS_MAX + 1):
        with pytest.raises(Invalid):
            tokens.issue(actor, seconds)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_altered_foreign_and_unsigned_tokens_are_refused(settings: object) -> None:
    token = tokens.issue(_actor(), 60)
    _prefix, body, signature = token.split(".")
    staff = _base64(msgspec.msgpack.encode([2**40, SYSTEM.party.bytes, "system", [], ["*"], True]))
    bad = [
        "",
        ".",
        "lt1.",
        "lt1..",
        f"lt1.{body}.",
        f"lt1.{body}",
        f"lt1.{staff}.{signature}",
        f"lt1.{staff}.",
        f"lt2.{body}.{signature}",
        f"{body}.{signature}",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token + "A",
        token + ".A",
        token.replace("lt1", "LT1"),
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJzeXN0ZW0ifQ.",
        "lt1.\u00e9\u4e2d.\ud800",
    ]
    for wrong in bad:
        with pytest.raises(Unauthenticated):
            tokens.read(wrong)
    settings.TOKEN_KEY = "another installation's key"
    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_every_single_changed_character_is_noticed() -> None:
    token = tokens.issue(_actor(), 60)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        try:
            read = tokens.read(changed)
        except Unauthenticated:
            continue
        # The last character of base64 carries spare bits: only there may two spellings decode alike.
        raise AssertionError(f"accepted with character {place} changed: {read}")


def test_reading_a_token_takes_microseconds() -> None:
    token = tokens.issue(_actor(roles={FIRM: frozenset({"owner"}), OTHER: frozenset({"clerk"})}), 900)
    times = []
    for _round in range(20):
        began = time.perf_counter()
        for _ in range(200):
            tokens.read(token)
        times.append((time.perf_counter() - began) / 200)
    assert min(times) < 20e-6
    assert isinstance(tokens.read(token).party, UUID)
    assert settings.TOKEN_KEY != settings.SECRET_KEY
