"""Start codes: the right rider in the right car.

The rider's code is told to the driver, or typed at a robotaxi's door; the door's code is shown by a robotaxi and typed on the
rider's phone. Neither is stored: both follow from a key of the house, the ride and its turn, so a leaked table opens no door.
"""

import hashlib
import hmac
from typing import Literal
from uuid import UUID

DIGITS = 4
TRIES_MAX = 5
TURNS_MAX = 3  # so many new codes a ride; then somebody must look

Purpose = Literal["rider", "door"]


def code_of(key: str, ride: UUID, turn: int, purpose: Purpose) -> str:
    """The code of a ride's turn (each new code is a turn), as decimal digits."""
    said = f"ride-start\x1f{purpose}\x1f{ride}\x1f{turn}".encode()
    return str(int.from_bytes(hmac.digest(key.encode(), said, hashlib.sha256)[:8], "big") % 10**DIGITS).zfill(DIGITS)


def matches(given: str, key: str, ride: UUID, turn: int, purpose: Purpose) -> bool:
    """Whether the code is right, in a time that does not tell how much of it is."""
    return hmac.compare_digest(given.encode(), code_of(key, ride, turn, purpose).encode())


def share_digest(token: str) -> str:
    """What is kept of a link that shows somebody a trip."""
    return hashlib.sha256(token.encode()).hexdigest()
