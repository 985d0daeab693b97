"""Codes that open: eight digits for a cell, a compartment, a door; and what a parcel's tag says. Kept as keyed digests only."""

import base64
import hmac
from uuid import UUID

DIGITS = 8
TAG_PREFIX = "LLP1"
_TAG_BYTES = 15


def code(key: bytes, id: UUID, turn: int) -> str:
    """The digits of a code row: fixed by the house's key, so that they need not be kept."""
    digest = hmac.digest(key, b"code" + id.bytes + turn.to_bytes(2, "big"), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def digest(key: bytes, place: UUID, digits: str) -> str:
    """What is kept of a code that is entered at `place`."""
    return hmac.new(key, b"entered" + place.bytes + digits.encode("utf-8", "replace"), "sha256").hexdigest()


def cleaned(text: str) -> str:
    """What somebody typed, without blanks and hyphens."""
    return text.replace(" ", "").replace("-", "")


def tag(key: bytes, parcel: UUID) -> str:
    """What the QR on a parcel says: not to be guessed from the parcel's id."""
    body = base64.b32encode(hmac.digest(key, b"tag" + parcel.bytes, "sha256")[:_TAG_BYTES]).decode()
    return f"{TAG_PREFIX}-{body}"


def tag_digest(key: bytes, text: str) -> str:
    return hmac.new(key, b"tag-read" + text.strip().upper().encode("utf-8", "replace"), "sha256").hexdigest()
