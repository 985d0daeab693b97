"""The bodies of the rides' API. Positions are WGS 84 degrees, money is fen."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import ConfigDict, Field

from lilong.kernel.geo.points import Point

Words500 = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Reason = Literal["", "changed-plans", "waited-too-long", "wrong-place", "driver-asked", "other"]


class RideBody(Schema):
    model_config = ConfigDict(extra="forbid")


class RidePlaceIn(RideBody):
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)

    def point(self) -> Point:
        return Point(self.longitude, self.latitude)


class RideQuoteIn(RideBody):
    """Where from and to, over which stops, for how many. Without a plan: quotes of all plans that have a vehicle for it."""

    id: UUID
    plan: UUID | None = None
    start: RidePlaceIn
    end: RidePlaceIn
    stops: list[RidePlaceIn] = Field([], max_length=3)
    people: int = Field(1, ge=1, le=8)
    wheelchair: bool = False


class RideRequoteIn(RideBody):
    id: UUID
    end: RidePlaceIn
    stops: list[RidePlaceIn] = Field([], max_length=3)


class RideRequestIn(RideBody):
    id: UUID
    quote: UUID


class RideTakeQuoteIn(RideBody):
    quote: UUID


class RideCancelIn(RideBody):
    reason: Reason = ""


class RideCodeIn(RideBody):
    code: str = Field(pattern=r"^[0-9]{4}$")


class RideHereIn(RideBody):
    """`place` is where the car is; without it the place last heard of."""

    place: RidePlaceIn | None = None


class RideEndIn(RideHereIn):
    """`broken`: the car cannot go on; the ride costs nothing."""

    broken: bool = False


class RideRatingIn(RideBody):
    id: UUID
    stars: int = Field(ge=1, le=5)
    words: Words500 = ""


class RideTipIn(RideBody):
    amount: int = Field(ge=1, le=50_000)


class RideRefundIn(RideBody):
    reason: Literal["wrong-fare", "bad-service", "safety", "goodwill", "other"]


class RideIdIn(RideBody):
    id: UUID


class RideLostIn(RideBody):
    id: UUID
    what: str = Field(min_length=1, max_length=300, pattern=r"^[^\x00]*\S[^\x00]*$")


class RideLostAnswerIn(RideBody):
    state: Literal["found", "not-found", "returned"]
    answer: Words500 = ""


class RideOutcomeIn(RideBody):
    outcome: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")


class DutyIn(RideBody):
    """A car goes on line, until `until` at the latest."""

    id: UUID
    vehicle: UUID
    until: datetime | None = None


class DutyHereIn(RideBody):
    """Where the driver's phone is; `at` by its own clock, with an offset."""

    place: RidePlaceIn
    at: datetime | None = None
    heading: int | None = Field(None, ge=0, le=359)


class PermitIn(RideBody):
    """A driver's paper as the operator has seen it."""

    id: UUID
    driver: UUID
    kind: Literal["permit", "insurance"]
    valid_from: date
    valid_until: date


class RideShareView(msgspec.Struct, frozen=True):
    """The secret of the link, shown this once."""

    token: str


class PermitView(msgspec.Struct, frozen=True):
    id: UUID
    driver: UUID
    kind: str
    valid_from: date
    valid_until: date
    revoked: bool


class RideRatingView(msgspec.Struct, frozen=True):
    id: UUID
    ride: UUID
    by: str
    stars: int


def answered(found: Any, status: int = 200) -> HttpResponse:
    """A view, a list or a page of views as JSON."""
    return HttpResponse(msgspec.json.encode(found), content_type="application/json", status=status)
