"""Short-lived bearer tokens that need no database: an Actor, signed (HMAC-SHA256) with the installation's token key.

`lt1.<payload>.<signature>`, both base64url without padding; the payload is MessagePack. There is one algorithm and no
header to choose another. A token cannot be revoked: it outlives what it was made from by at most its own seconds, so
keep those few. Reading one takes some 10 microseconds.
"""

import base64
import binascii
import hashlib
import hmac
import time
from functools import lru_cache
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Unauthenticated, invalid
from lilong.kernel.parties.actor import Actor

PREFIX = "lt1."
SECONDS_DEFAULT, SECONDS_MAX = 900, 3600


class _Payload(msgspec.Struct, array_like=True):
    until: int  # seconds since 1970
    party: bytes
    kind: str
    roles: list[tuple[bytes, list[str]]]
    scopes: list[str]
    staff: bool


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Payload).decode


def issue(actor: Actor, seconds: int = SECONDS_DEFAULT) -> str:
    """A token that lets its bearer act as `actor` for `seconds` (1..3600). Raises Invalid outside that range."""
    if not 1 <= seconds <= SECONDS_MAX:
        raise invalid("/seconds", "range", f"1..{SECONDS_MAX}")
    payload = _Payload(
        until=int(clock.now().timestamp()) + seconds,
        party=actor.party.bytes,
        kind=actor.kind,
        roles=[(organisation.bytes, sorted(held)) for organisation, held in actor.roles.items()],
        scopes=sorted(actor.scopes),
        staff=actor.staff,
    )
    body = base64.urlsafe_b64encode(_encode(payload)).rstrip(b"=")
    return f"{PREFIX}{body.decode()}.{_signature(body).decode()}"


def read(token: str) -> Actor:
    """The actor a token stands for. Raises Unauthenticated for anything expired, altered, or signed by another key."""
    body, dot, signature = token.removeprefix(PREFIX).encode("ascii", "replace").partition(b".")
    if not (dot and token.startswith(PREFIX) and hmac.compare_digest(signature, _signature(body))):
        raise Unauthenticated("token-invalid", _("This token is not valid."))
    try:
        payload = _decode(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    except (binascii.Error, msgspec.DecodeError):
        raise Unauthenticated("token-invalid", _("This token is not valid.")) from None
    moment = clock.now().timestamp() if clock.is_travelling() else time.time()
    if payload.until <= moment:
        raise Unauthenticated("token-expired", _("This token has expired."))
    return Actor(
        party=UUID(bytes=payload.party),
        kind=payload.kind,
        roles={UUID(bytes=organisation): frozenset(held) for organisation, held in payload.roles},
        scopes=frozenset(payload.scopes),
        staff=payload.staff,
    )


def looks_like_token(bearer: str) -> bool:
    """Whether a bearer credential looks like one of these (and not like an API key)."""
    return bearer.startswith(PREFIX)


def _signature(body: bytes) -> bytes:
    digest = hmac.digest(_key(settings.TOKEN_KEY), body, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    """The token key proper: kept apart from any other use of the same secret."""
    return hashlib.sha256(b"lilong token 1\x00" + secret.encode()).digest()
