"""API keys: scopes, expiry, revocation, and whose they may be."""

from datetime import timedelta

import pytest

from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.models import ApiKey

from .city import again, firm, person, types

pytestmark = pytest.mark.django_db


def _issue(actor: Actor, **more: object) -> tuple[object, str]:
    body = {"id": ids.uuid7(), "party": actor.party, "name": "till", "scopes": ["orders:place"]} | more
    return services.issue_key(actor, **body)


def test_a_key_acts_as_its_party_within_its_scopes() -> None:
    mei = person()
    shop = firm(mei)
    mei = again(mei)
    key, secret = _issue(mei)
    actor = queries.actor_of_key(secret)
    assert (actor.party, actor.kind, actor.scopes, actor.staff) == (mei.party, "person", {"orders:place"}, False)
    assert actor.roles == {shop: frozenset({"owner"})}
    _key, shop_secret = _issue(mei, party=shop)
    shop_actor = queries.actor_of_key(shop_secret)
    assert (shop_actor.party, shop_actor.kind, shop_actor.acts_for(shop)) == (shop, "organisation", True)
    scale = services.create_device(mei, id=ids.uuid7(), name="Scale", owner=shop).id
    _key, scale_secret = _issue(mei, party=scale)
    assert (queries.actor_of_key(scale_secret).party, queries.actor_of_key(scale_secret).kind) == (scale, "device")
    assert secret not in str(ApiKey.objects.values().get(id=key.id))
    assert ApiKey.objects.get(id=key.id).used_on == clock.today()
    assert types(mei.party)[-1] == "parties.key.issued"


def test_issuing_again_answers_the_same_key_and_shows_no_secret() -> None:
    mei, id = person(), ids.uuid7()
    first, secret = _issue(mei, id=id)
    assert (_issue(mei, id=id), secret[:3]) == ((first, ""), "lk_")
    with pytest.raises(Conflict) as other:
        _issue(mei, id=id, scopes=["orders:read"])
    assert other.value.code == "id-taken"


def test_revoked_expired_and_unknown_keys_are_refused() -> None:
    mei = person()
    key, secret = _issue(mei, expires_at=clock.now() + timedelta(days=1))
    assert queries.actor_of_key(secret).party == mei.party
    with clock.at(clock.now() + timedelta(days=2)), pytest.raises(Unauthenticated):
        queries.actor_of_key(secret)
    services.revoke_key(mei, id=key.id)
    services.revoke_key(mei, id=key.id)
    for wrong in (secret, secret + "x", secret[:-1], "", "lk_", "\ud800", "lk_" + "\u00e9" * 43):
        with pytest.raises(Unauthenticated):
            queries.actor_of_key(wrong)
    assert types(mei.party).count("parties.key.revoked") == 1


def test_nobody_issues_or_revokes_for_others_or_beyond_their_scopes() -> None:
    mei, bo = person(), person("Bo")
    shop = firm(mei)
    mei = again(mei)
    key, _secret = _issue(mei, party=shop)
    services.add_member(mei, organisation=shop, person=bo.party, roles=["manager"])
    bo = again(bo)
    for party in (mei.party, shop, ids.uuid7()):
        with pytest.raises(Missing):
            _issue(bo, party=party)
    with pytest.raises(Missing):
        services.revoke_key(bo, id=key.id)
    narrow = bo.narrowed(frozenset({"parties:keys", "orders:read"}))
    for scopes in (["*"], ["orders:place"], ["orders:*"]):
        with pytest.raises(Forbidden):
            _issue(narrow, scopes=scopes)
    with pytest.raises(Forbidden):
        _issue(bo.narrowed(frozenset({"orders:place"})))
    assert _issue(narrow, scopes=["orders:read"])[0].scopes == ["orders:read"]
    assert len(queries.keys(shop)) == 1


def test_bad_keys_change_nothing() -> None:
    mei = person()
    past, far = clock.now() - timedelta(seconds=1), clock.now() + timedelta(days=5000)
    bad = [
        {"scopes": []},
        {"scopes": ["Orders"]},
        {"scopes": ["orders:place "]},
        {"scopes": ["a b"]},
        {"scopes": ["x" * 200]},
        {"scopes": [f"s{n}" for n in range(51)]},
        {"name": ""},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"expires_at": past},
        {"expires_at": far},
        {"expires_at": clock.now().replace(tzinfo=None)},
    ]
    for wrong in bad:
        with pytest.raises(Invalid):
            _issue(mei, **wrong)
    assert queries.keys(mei.party) == []


def test_a_staff_key_is_staff_only_under_the_staff_scope() -> None:
    boss = person("Ada", staff=True)
    _key, plain = _issue(boss, scopes=["orders:read"])
    _key, staff = _issue(boss, scopes=["orders:read", "staff"])
    assert [queries.actor_of_key(secret).staff for secret in (plain, staff)] == [False, True]


def test_a_closed_party_has_no_keys() -> None:
    mei = person()
    _key, secret = _issue(mei)
    services.erase_person(mei, person=mei.party)
    with pytest.raises(Unauthenticated):
        queries.actor_of_key(secret)
