"""What keeps a vehicle in the feeds from being followed (GBFS 3.0, "Data Latency" and "vehicle_id" in vehicle_status.json).

An id is made of the vehicle's public id, which changes after each trip, under a key of the house: two snapshots before and
after a trip have nothing in common, and neither tells when it was made. What is left in the battery is shown in steps, so that
it does not tell either; positions all have the same precision, and no moment is told of a single vehicle.
"""

import hashlib
import hmac
from uuid import UUID

STEP_PM = 50  # of what is in a battery or tank, in thousandths
DECIMALS = 5  # about a metre: enough to find it


def key_of(token_key: str) -> bytes:
    """The house's key for public ids, for this use alone."""
    return hashlib.sha256(b"lilong public vehicle ids 1\x00" + token_key.encode()).digest()


def public_id(public: UUID, key: bytes) -> str:
    """A UUID (version 8) for the feeds."""
    digest = int.from_bytes(hmac.digest(key, public.bytes, "sha256")[:16], "big")
    return str(UUID(int=(digest & ~(0xF << 76) | (0x8 << 76)) & ~(0x3 << 62) | (0x2 << 62)))


def coarse_pm(energy_pm: int | None) -> int:
    """Rounded down to a step; what is not known counts as empty."""
    return (energy_pm or 0) // STEP_PM * STEP_PM


def degrees(e6: int) -> float:
    return round(e6 / 1e6, DECIMALS)
