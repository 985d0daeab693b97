"""Which proofs a hand-over needs, and when a position counts as being at the door."""

from collections.abc import Iterable

from lilong.fields.delivery.rules.kinds import PROOFS

GEOFENCE_METRES = 80  # from the door: what a phone between tall houses still gets right
CODE_FROM, PHOTO_FROM = 50_000, 300_000  # declared values (fen) from which a code, and a photo, are wanted too
REASON_MAX = 200


def needed(by_service: Iterable[str], value: int, *, contactless: bool) -> list[str]:
    """In the order of `PROOFS`. Nobody's hand is there to take it at a contactless one: then a photo shows where it stands,
    unless a code or tag is asked for anyhow."""
    wanted = set(by_service)
    if value >= CODE_FROM:
        wanted.add("code")
    if value >= PHOTO_FROM:
        wanted.add("photo")
    if contactless and not wanted & {"code", "tag", "photo"}:
        wanted.add("photo")
    return [kind for kind in PROOFS if kind in wanted]


def missing(wanted: Iterable[str], given: Iterable[str]) -> list[str]:
    """A locker's cell stands for all that shows who and where; otherwise every kind that is wanted."""
    had = set(given)
    return [] if "locker" in had else [kind for kind in wanted if kind not in had]
