"""The log's own keys, as the installation holds them: for signing heads, and for keeping subscribers' secrets."""

import os
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from lilong.kernel.events.rules.notes import Signer

_NONCE_BYTES, _KEY_BYTES = 12, 32


@cache
def _signer(origin: str, seed: str) -> Signer:
    return Signer(origin, seed)


def signer() -> Signer:
    """What heads are signed with."""
    return _signer(settings.LOG_ORIGIN, settings.LOG_KEY)


def verifier_keys() -> list[str]:
    """The keys whose signatures on heads count: the present one first, then those the installation had before."""
    return [signer().verifier_key, *settings.LOG_VERIFIERS]


def sealed(secret: bytes, owner: bytes) -> bytes:
    """A secret that must be used again, encrypted for the database (AES-256-GCM, bound to its owner's id)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _box(settings.LOG_KEY).encrypt(nonce, secret, owner)


def unsealed(box: bytes, owner: bytes) -> bytes:
    """The secret again. Raises cryptography's InvalidTag when the installation has another key."""
    return _box(settings.LOG_KEY).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], owner)


@cache
def _box(seed: str) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"lilong webhook secrets").derive(seed.encode()))
