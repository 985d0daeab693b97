"""The address book over HTTP: one's own, or that of an organisation one is clerk of."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from lilong.kernel.parties import queries, services
from lilong.kernel.parties.drafts import AddressDraft
from lilong.kernel.parties.http import ANY_CREDENTIAL, actor_of_request
from lilong.kernel.parties.shapes import Sent, Shape

router = Router(tags=["parties"], auth=ANY_CREDENTIAL)
_INT32 = 2**31 - 1


class AddressIn(Sent):
    """Coordinates are WGS 84, in millionths of a degree."""

    party: UUID | None = Field(None, description="whose book; oneself if left out")
    recipient: str
    phone: str
    line: str
    latitude_e6: int = Field(ge=-_INT32, le=_INT32)
    longitude_e6: int = Field(ge=-_INT32, le=_INT32)
    district: str = Field("", description="left out: that of the coordinates")
    label: str = ""
    default: bool = False


class AddressOut(Shape):
    id: UUID
    party: UUID
    label: str
    recipient: str
    phone: str
    line: str
    district: str
    latitude_e6: int
    longitude_e6: int
    default: bool


@router.get("/parties/addresses", response=list[AddressOut], summary="My address book, or an organisation's of mine")
def addresses(request: HttpRequest, party: UUID | None = None) -> Any:
    actor = actor_of_request(request)
    return queries.addresses(actor, party or actor.party)


@router.get("/parties/addresses/{uuid:id}", response=AddressOut, summary="One address of mine")
def address(request: HttpRequest, id: UUID) -> Any:
    return queries.address(actor_of_request(request), id)


@router.put("/parties/addresses/{uuid:id}", response=AddressOut, summary="Keep an address, or change it")
def put_address(request: HttpRequest, id: UUID, body: AddressIn) -> Any:
    actor = actor_of_request(request)
    return services.put_address(actor, AddressDraft(id=id, **body.dict() | {"party": body.party or actor.party}))


@router.delete("/parties/addresses/{uuid:id}", response={204: None}, summary="Take an address out of the book")
def remove_address(request: HttpRequest, id: UUID) -> Any:
    services.remove_address(actor_of_request(request), id=id)
    return Status(204, None)
