"""Whether a place can be what its draft says; every violation at once."""

import msgspec

from lilong.fields.market.drafts import PlaceDraft
from lilong.fields.market.rules.slots import LEAD_SECONDS_MAX, read_time
from lilong.kernel.base.districts import SLUGS
from lilong.kernel.base.problems import Invalid, Problem, Violation

_LATITUDE, _LONGITUDE = 90_000_000, 180_000_000
ADDRESS_MAX = 200


def checked(draft: PlaceDraft) -> PlaceDraft:
    """The draft with the districts it serves filled in. Raises Invalid with every violation found."""
    found = [
        Violation(pointer=pointer, rule=rule)
        for pointer, rule, good in (
            ("/name", "required", bool(draft.name.within(None))),
            ("/district", "unknown", draft.district in SLUGS),
            ("/serves", "unknown", all(slug in SLUGS for slug in draft.serves)),
            ("/address", "length", len(draft.address) <= ADDRESS_MAX),
            ("/address", "characters", "\0" not in draft.address),
            ("/name", "characters", "\0" not in draft.name.en + draft.name.zh + draft.name.ko),
            ("/latitude_e6", "range", abs(draft.latitude_e6 or 0) <= _LATITUDE),
            ("/longitude_e6", "range", abs(draft.longitude_e6 or 0) <= _LONGITUDE),
            ("/latitude_e6", "with-longitude", (draft.latitude_e6 is None) == (draft.longitude_e6 is None)),
            ("/lead_seconds", "range", 0 <= draft.lead_seconds <= LEAD_SECONDS_MAX),
        )
        if not good
    ]
    try:
        if draft.day_before:
            read_time(draft.day_before)
    except Problem as problem:
        found += problem.violations
    if found:
        raise Invalid("invalid", violations=found)
    return msgspec.structs.replace(draft, serves=tuple(dict.fromkeys(draft.serves or (draft.district,))))
