"""What a reader may ask of an indicator: periods and slices, checked."""

import re
from datetime import date

from django.http import HttpRequest

from lilong.kernel.base import clock
from lilong.kernel.base.manifest import Indicator
from lilong.kernel.base.problems import Unauthenticated, invalid
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request
from lilong.plan import queries
from lilong.plan.rules.check import dimensions
from lilong.plan.rules.contributions import month_of, slice_of, values_of
from lilong.plan.rules.figures import start_of

_PERIOD = re.compile(r"(20\d\d)-(?:(0[1-9]|1[0-2])|Q([1-4]))")
KEY_MAX = 100


def start_asked(indicator: Indicator, code: str) -> date:
    """The period '2026-10' or '2026-Q4'; '' is the newest that has numbers (else the present one). Raises Invalid."""
    if not code:
        return queries.figures([indicator])[indicator.id].start or start_of(month_of(clock.now()), indicator.period)
    matched = _PERIOD.fullmatch(code)
    if matched is None:
        raise invalid("/period", "format", "2026-10, 2026-Q4")
    year, month, quarter = matched.groups()
    return start_of(date(int(year), int(month) if month else int(quarter) * 3 - 2, 1), indicator.period)


def slice_asked(indicator: Indicator, given: str) -> str:
    """A slice as it is stored, from 'district=pudong&channel=online' in any order; '' is the whole city. Raises Invalid."""
    values = values_of(given)
    names = dimensions(indicator)
    if (given and not values) or len(given) > KEY_MAX * 4 or "\0" in given:
        raise invalid("/slice", "format", "district=pudong")
    for name in values:
        if name not in names:
            raise invalid("/slice", "one-of", ", ".join(names))
    return slice_of(names, values)


def reader(request: HttpRequest) -> Actor | None:
    """Who reads; None for the public."""
    try:
        return actor_of_request(request)
    except Unauthenticated:
        if request.headers.get("Authorization"):
            raise
        return None


def sees_everything(actor: Actor | None) -> bool:
    """Operators see small cells too."""
    return actor is not None and actor.staff and actor.may(queries.READ)
