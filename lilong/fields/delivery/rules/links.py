"""The unguessable link under which a shipment can be followed by whoever has it. Pure."""

import base64
import binascii
import hmac
from uuid import UUID

_SEAL_BYTES = 16


def token(key: bytes, shipment: UUID) -> str:
    """43 characters of URL alphabet: the id and a seal of 128 bits over it."""
    return base64.urlsafe_b64encode(shipment.bytes + _seal(key, shipment)).rstrip(b"=").decode()


def read(key: bytes, text: str) -> UUID | None:
    """The shipment a link is for; None for anything that the house did not make."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        shipment = UUID(bytes=raw[:_SEAL_BYTES])
    except (binascii.Error, ValueError):
        return None
    good = hmac.compare_digest(raw[_SEAL_BYTES:], _seal(key, shipment))
    return shipment if good and text == token(key, shipment) else None


def _seal(key: bytes, shipment: UUID) -> bytes:
    return hmac.digest(key, b"track" + shipment.bytes, "sha256")[:_SEAL_BYTES]
