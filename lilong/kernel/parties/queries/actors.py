"""From a credential to the Actor it stands for."""

import hmac
import threading
import time
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.base.requests import request_id
from lilong.kernel.parties import rules, tokens
from lilong.kernel.parties.actor import OWNER, STAFF_SCOPE, Actor, covers
from lilong.kernel.parties.models import ApiKey, Device, Membership, Party, User

KEY_SECONDS = 3.0  # how long a key may be remembered: revoking it takes effect everywhere within this
_REMEMBERED_MAX = 10_000
_SEES = frozenset({OWNER, "manager", "auditor"})

_remembered: dict[str, tuple[float, Actor]] = {}
_lock = threading.Lock()


def actor_of(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Who a signed-in account acts as, with its roles. Raises Unauthenticated for nobody and for closed accounts."""
    if not isinstance(user, User) or not user.is_active:
        raise Unauthenticated("sign-in", _("Please sign in."))
    return Actor(
        party=user.party_id,
        kind=Party.Kind.PERSON.value,
        roles=roles_of(user.party_id),
        staff=user.is_staff,
        request=request_id.get(),
    )


def actor_of_party(party: UUID) -> Actor:
    """The party acting with all its rights: for the house's own work in its name. Raises Unauthenticated when closed."""
    found = Party.objects.select_related("user").filter(id=party, closed_at=None).first()
    if found is None:
        raise Unauthenticated("sign-in", _("Please sign in."))
    return _as_party(found, frozenset({"*"}))


def _as_party(party: Party, scopes: frozenset[str]) -> Actor:
    person = party.kind == Party.Kind.PERSON
    return Actor(
        party=party.id,
        kind=str(party.kind),
        roles=roles_of(party.id) if person else {},
        scopes=scopes,
        staff=person and party.user.is_staff and covers(scopes, STAFF_SCOPE),
    )


def roles_of(person: UUID) -> dict[UUID, frozenset[str]]:
    """The roles a person holds, by organisation (open ones)."""
    held = Membership.objects.filter(person=person, organisation__closed_at=None)
    return {organisation: frozenset(roles) for organisation, roles in held.values_list("organisation", "roles")}


def seen_by(party: UUID) -> frozenset[UUID] | None:
    """The parties whose events that party may see: itself and the organisations whose affairs it runs or audits; None
    for operators, who may see all."""
    if User.objects.filter(party=party, is_staff=True, is_active=True).exists():
        return None
    return frozenset({party} | {place for place, held in roles_of(party).items() if not held.isdisjoint(_SEES)})


def actor_of_token(token: str) -> Actor:
    """The actor of a bearer token; no database. Raises Unauthenticated."""
    return tokens.read(token)


def actor_of_bearer(secret: str) -> Actor:
    """The actor of what follows `Authorization: Bearer`: a token or an API key. Raises Unauthenticated."""
    return tokens.read(secret) if tokens.looks_like_token(secret) else actor_of_key(secret)


def actor_of_key(secret: str) -> Actor:
    """The actor of an API key; remembered for up to KEY_SECONDS. Raises Unauthenticated for one that is not good."""
    digest = rules.digest(secret)
    found = _remembered.get(digest)
    if found is not None and found[0] > time.monotonic() and not clock.is_travelling():
        return found[1]
    began = time.monotonic()
    actor, expires_in = _look_up(digest)
    if not (clock.is_travelling() or connection.in_atomic_block):
        _remember(digest, actor, began + min(KEY_SECONDS, expires_in))
    return actor


def _look_up(digest: str) -> tuple[Actor, float]:
    """The actor, and in how many seconds the key expires."""
    now = clock.now()
    key = ApiKey.objects.select_related("party", "party__user").filter(digest=digest).first()
    good = key is not None and not key.revoked_at and not key.party.closed_at
    if key is None or not good or (key.expires_at and key.expires_at <= now):
        raise Unauthenticated("key-invalid", _("This API key is unknown, expired or revoked."))
    today = clock.today()
    if key.used_on != today:
        ApiKey.objects.filter(id=key.id).exclude(used_on=today).update(used_on=today)
    expires_in = (key.expires_at - now).total_seconds() if key.expires_at else KEY_SECONDS
    return _as_party(key.party, frozenset(key.scopes)), expires_in


def _remember(digest: str, actor: Actor, until: float) -> None:
    with _lock:
        if len(_remembered) >= _REMEMBERED_MAX:
            _remembered.clear()
        _remembered[digest] = (until, actor)


def forget_keys(digests: Iterable[str]) -> None:
    """Drops remembered keys of this process, after they were revoked."""
    with _lock:
        for digest in digests:
            _remembered.pop(digest, None)


def actor_of_device(device: UUID, secret: str) -> Actor:
    """A device by its id and secret, compared in constant time. Raises Unauthenticated, for whatever reason the same."""
    row = Device.objects.filter(party=device, party__closed_at=None).first()
    kept = row.secret if row is not None else ""
    if not hmac.compare_digest(kept or "-" * 64, rules.digest(secret)):
        raise Unauthenticated("device-invalid", _("This device is unknown, revoked, or its secret is wrong."))
    return Actor(party=device, kind=Party.Kind.DEVICE.value)
