"""Signed heads: C2SP tlog-checkpoint bodies in C2SP signed notes (Ed25519, signature type 0x01)."""

import base64
import binascii
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ED25519 = b"\x01"
HASH_BYTES = 32

_DASH = "— "
_ID_BYTES = 4


class Checkpoint(msgspec.Struct, frozen=True):
    """What a note says: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes


class Signer:
    """The log's own key, derived from the installation's secret seed (HKDF-SHA-256)."""

    def __init__(self, origin: str, seed: str) -> None:
        material = HKDF(hashes.SHA256(), HASH_BYTES, salt=None, info=b"lilong event log").derive(seed.encode())
        self.origin = origin
        self._key = Ed25519PrivateKey.from_private_bytes(material)
        self.public = self._key.public_key().public_bytes_raw()

    @property
    def verifier_key(self) -> str:
        """The `vkey` of the signed-note format: `<name>+<key id>+<base64 of type and key>`."""
        return f"{self.origin}+{_key_id(self.origin, self.public).hex()}+{_b64(ED25519 + self.public)}"

    def note(self, size: int, root: bytes) -> str:
        """The signed checkpoint of a tree."""
        body = f"{self.origin}\n{size}\n{_b64(root)}\n"
        signature = _key_id(self.origin, self.public) + self._key.sign(body.encode())
        return f"{body}\n{_DASH}{self.origin} {_b64(signature)}\n"


def read(note: str, verifier_key: str) -> Checkpoint:
    """The checkpoint of a note that carries a good signature by that key. Raises ValueError for any other."""
    name, identity, public = _verifier(verifier_key)
    body, found, signatures = note.rpartition("\n\n")
    if not found or not signatures.endswith("\n"):
        raise ValueError("not a signed note")
    body += "\n"
    for line in signatures[:-1].split("\n"):
        who, _, signature = line.removeprefix(_DASH).rpartition(" ")
        given = _unb64(signature)
        if line.startswith(_DASH) and who == name and given[:_ID_BYTES] == identity:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(given[_ID_BYTES:], body.encode())
            except InvalidSignature:
                raise ValueError("the signature is wrong") from None
            return _checkpoint(body, name)
    raise ValueError(f"no signature by {name}")


def _checkpoint(body: str, name: str) -> Checkpoint:
    origin, size, root = body.split("\n")[:3]
    hashed = _unb64(root)
    if origin != name or not size.isdecimal() or str(int(size)) != size or len(hashed) != HASH_BYTES:
        raise ValueError("not a checkpoint of this log")
    return Checkpoint(origin, int(size), hashed)


def _verifier(key: str) -> tuple[str, bytes, bytes]:
    name, identity, encoded = key.split("+", 2)
    body = _unb64(encoded)
    if body[:1] != ED25519 or _key_id(name, body[1:]).hex() != identity:
        raise ValueError("not an Ed25519 verifier key")
    return name, bytes.fromhex(identity), body[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:_ID_BYTES]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
