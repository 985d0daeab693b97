"""Makes msgspec ready for every shape of the house before threads use it.

msgspec works out how to read a struct when it first meets it, and two threads that meet the same one at the same moment end the
process (a segmentation fault, msgspec 0.22.0). So this is done once, at the start, in one thread.
"""

from collections.abc import Iterator

import msgspec

_HOUSE = "lilong."


def prepare() -> int:
    """Prepares all structs of the house that are imported by now; answers how many there are."""
    known = set(_below(msgspec.Struct))
    for shape in known:
        try:
            msgspec.json.Decoder(shape)
        except (TypeError, NameError):  # one that is only ever written: it holds what JSON cannot give back
            continue
    return len(known)


def _below(shape: type) -> Iterator[type]:
    found: type
    for found in shape.__subclasses__():
        if found.__module__.startswith(_HOUSE):
            yield found
        yield from _below(found)
