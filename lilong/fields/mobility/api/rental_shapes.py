"""The bodies of renting: positions are WGS 84 degrees, moments RFC 3339 with an offset, money fen, lengths metres."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponse
from ninja import Schema
from pydantic import AwareDatetime, Base64Bytes, ConfigDict, Field

from lilong.kernel.geo.points import Point

Note = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
E6 = Annotated[int, Field(ge=-180_000_000, le=180_000_000, strict=True)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53, strict=True)]
Mode = Literal["car-share", "micromobility", "passenger-services"]


class RentalBody(Schema):
    model_config = ConfigDict(extra="forbid")


class RentalSpotIn(RentalBody):
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)

    def point(self) -> Point:
        return Point(self.longitude, self.latitude)


class RentalIn(RentalBody):
    """A shared car from `start` to before `end`; `price` is the one that was shown (409 `price-changed` if it is not)."""

    id: UUID
    vehicle: UUID
    start: AwareDatetime
    end: AwareDatetime
    foreseen_m: Whole = 0
    price: Whole | None = None


class RentalOpenIn(RentalBody):
    """`id` makes it one command; `place` is where the rider stands."""

    id: UUID
    place: RentalSpotIn


class RentalCommandIn(RentalBody):
    id: UUID


class LongerIn(RentalBody):
    id: UUID
    end: AwareDatetime


class RentalPhotoIn(RentalBody):
    """A JPEG, PNG or WebP in base64, at most 2 MB; what the camera wrote about place and person is taken out."""

    id: UUID
    content: Annotated[Base64Bytes, Field(max_length=3_000_000)]


class VehicleReportIn(RentalBody):
    id: UUID
    phase: Literal["start", "end"]
    note: Note = ""
    damaged: bool = False
    photos: list[RentalPhotoIn] = Field([], max_length=6)


class DepositIn(RentalBody):
    """How much of a deposit is kept for the damage; the rest is released."""

    kept: Whole


class LicenceIn(RentalBody):
    id: UUID
    number: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]
    classes: list[Short] = Field(max_length=5)
    valid_until: date


class LicenceDecisionIn(RentalBody):
    accept: bool
    reason: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""


def answered(body: Any, status: int = 200) -> HttpResponse:
    """Structs as JSON. What is one person's is nobody else's to keep."""
    response = HttpResponse(msgspec.json.encode(body), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response
