"""The JSON Web Tokens of NATS' auth callout: the server's question read, our answer signed (ed25519-nkey). No I/O.

NATS asks on `$SYS.REQ.USER.AUTH` with an authorization request that it signed itself; the answer is an authorization
response signed by the issuer that the server's configuration names, with the user's own token inside, or an error.
"""

import base64
import binascii
import hashlib
from typing import Any
from uuid import UUID

import msgspec
import nkeys
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from lilong.kernel.devices.grants import Grants

NO_GRANTS = Grants()
SESSION_SECONDS = 3600  # NATS ends a device's session after this; it signs in again, or no longer can
_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_NKEY_BYTES = 35  # prefix, 32 bytes of key, checksum


class Refused(Exception):
    """The question is none that this server may ask, or the device may not come in."""


class Question(msgspec.Struct, frozen=True):
    """Who knocks: `server` and `user_key` go into the answer; `user` and `password` are what the client gave."""

    server: str
    user_key: str
    user: str
    password: str
    transport: str


class _Server(msgspec.Struct):
    id: str


class _Options(msgspec.Struct):
    user: str = ""
    password: str = msgspec.field(default="", name="pass")


class _Client(msgspec.Struct):
    type: str = ""


class _Asked(msgspec.Struct):
    server_id: _Server
    user_nkey: str
    connect_opts: _Options
    client_info: _Client = msgspec.field(default_factory=_Client)


class _Request(msgspec.Struct):
    iss: str
    nats: _Asked


def issuer_pair(token_key: str) -> nkeys.KeyPair:
    """The key pair that signs answers about devices: fixed by the installation's token key, for this use alone."""
    seed = hashlib.sha256(b"lilong device sign-in 1\x00" + token_key.encode()).digest()
    return nkeys.from_seed(bytearray(nkeys.encode_seed(seed, nkeys.PREFIX_BYTE_ACCOUNT)))


def issuer(token_key: str) -> str:
    """Its public half (`A...`), for the NATS server's configuration (`auth_callout { issuer: ... }`)."""
    return str(issuer_pair(token_key).public_key.decode().rstrip("="))


def read_question(token: bytes) -> Question:
    """The server's question. Raises Refused for anything else, or anything that the server it names did not sign."""
    try:
        head, body, signature = token.split(b".")
        request = msgspec.json.decode(_unbase64(body), type=_Request)
        _server_key(request.iss).verify(head + b"." + body, _unbase64(signature))
    except (ValueError, binascii.Error, msgspec.MsgspecError, BadSignatureError):
        raise Refused("not an authorization request") from None
    if request.iss != request.nats.server_id.id:
        raise Refused("signed by another server than it names")
    options = request.nats.connect_opts
    return Question(request.iss, request.nats.user_nkey, options.user, options.password, request.nats.client_info.type)


def admission(
    question: Question, device: UUID, more: Grants = NO_GRANTS, *, account: str, keys: nkeys.KeyPair, now: int
) -> bytes:
    """The answer that lets the device in: to publish under `lilong/<device>/up`, to hear `lilong/<device>/down`, and
    what it was granted besides.

    MQTT's `#` also matches its parent topic, which NATS subscribes to apart; hence two subjects each way.
    """
    own = f"lilong.{device}"
    user = {
        "iss": issuer_of(keys),
        "sub": question.user_key,
        "aud": account,
        "name": str(device),
        "iat": now,
        "exp": now + SESSION_SECONDS,
        "nats": {
            "pub": {"allow": [f"{own}.up", f"{own}.up.>", *more.publish]},
            "sub": {"allow": [f"{own}.down", f"{own}.down.>", *more.subscribe]},
            "subs": 100,
            "data": -1,
            "payload": 262_144,
            "allowed_connection_types": ["MQTT"],
            "type": "user",
            "version": 2,
        },
    }
    return _response(question, {"jwt": _signed(user, keys).decode()}, keys, now)


def refusal(question: Question, why: str, *, keys: nkeys.KeyPair, now: int) -> bytes:
    """The answer that keeps it out; `why` reaches the server's log, not the client."""
    return _response(question, {"error": why}, keys, now)


def issuer_of(keys: nkeys.KeyPair) -> str:
    return str(keys.public_key.decode().rstrip("="))


def _response(question: Question, body: dict[str, Any], keys: nkeys.KeyPair, now: int) -> bytes:
    claims = {
        "iss": issuer_of(keys),
        "sub": question.user_key,
        "aud": question.server,
        "iat": now,
        "nats": body | {"type": "authorization_response", "version": 2},
    }
    return _signed(claims, keys)


def _signed(claims: dict[str, Any], keys: nkeys.KeyPair) -> bytes:
    claims["jti"] = base64.b32encode(hashlib.sha256(msgspec.json.encode(claims)).digest()).decode().rstrip("=")
    text = _base64(msgspec.json.encode(_HEADER)) + b"." + _base64(msgspec.json.encode(claims))
    return text + b"." + _base64(bytes(keys.sign(text)))


def _server_key(public: str) -> VerifyKey:
    raw = base64.b32decode(public + "=" * (-len(public) % 8))
    if len(raw) != _NKEY_BYTES or raw[0] != nkeys.PREFIX_BYTE_SERVER:
        raise ValueError("no server's key")
    return VerifyKey(raw[1:-2])


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
