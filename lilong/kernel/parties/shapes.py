"""What the API of the parties is sent and answers with, for OpenAPI."""

from datetime import date, datetime
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field


class Shape(Schema):
    model_config = ConfigDict(from_attributes=True)


class Sent(Schema):
    """A body: members it does not know are refused, so that a misspelt one is not taken for absent."""

    model_config = ConfigDict(extra="forbid")


class Name(Shape):
    en: str = ""
    zh: str = ""
    ko: str = ""


class PartyOut(Shape):
    id: UUID
    kind: str
    name: Name
    district: str
    language: str
    category: str
    closed: bool


class MeOut(Shape):
    party: PartyOut
    email: str
    staff: bool
    scopes: list[str]
    roles: dict[str, list[str]] = Field(description="Organisation (its id) -> the roles held there")


class MeIn(Sent):
    name: str | None = Field(None, min_length=1, max_length=200)
    district: str | None = None
    language: str | None = None


class EraseIn(Sent):
    email: str = Field(description="One's own address, to confirm")


class TokenIn(Sent):
    scopes: list[str] | None = Field(None, description="None: those of the credential used")
    seconds: int = Field(900, ge=1, le=3600)


class TokenOut(Shape):
    token: str
    expires_in: int = Field(description="Seconds")


class KeyIn(Sent):
    id: UUID
    party: UUID | None = Field(None, description="None: oneself")
    name: str = Field(min_length=1, max_length=200)
    scopes: list[str] = Field(min_length=1, max_length=50)
    expires_at: datetime | None = None


class KeyOut(Shape):
    id: UUID
    party: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_on: date | None


class NewKeyOut(Shape):
    key: KeyOut
    secret: str = Field(description="Shown this once; '' when the same request is repeated")


class ConsentIn(Sent):
    id: UUID
    to: UUID
    purpose: str
    categories: list[str] = Field(min_length=1, max_length=20)
    until: datetime | None = None


class ConsentOut(Shape):
    id: UUID
    party: UUID
    to: UUID
    purpose: str
    categories: list[str]
    given_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None


class AccessOut(Shape):
    id: int
    subject: UUID
    reader: UUID
    reader_name: str
    what: str
    why: str
    at: datetime
    request: str


class AccessPage(Shape):
    items: list[AccessOut]
    next: str = Field(description="Cursor of the next page, '' at the end")


class OrganisationIn(Sent):
    id: UUID
    name: Name
    kind: str = ""
    district: str = ""
    language: str = "en"


class MyOrganisationOut(Shape):
    party: PartyOut
    roles: list[str]


class MemberIn(Sent):
    roles: list[str] = Field(min_length=1, max_length=20)


class MemberOut(Shape):
    organisation: UUID
    person: UUID
    name: str
    roles: list[str]
    since: datetime


class DeviceIn(Sent):
    id: UUID
    name: Name
    owner: UUID
    kind: str = ""
    district: str = ""


class DeviceOut(Shape):
    id: UUID
    owner: UUID
    name: Name
    category: str
    district: str
    has_secret: bool
    secret_at: datetime | None
    closed: bool


class SecretOut(Shape):
    secret: str = Field(description="Shown this once")


class ReadIn(Sent):
    why: str = Field(min_length=5, max_length=500, description="The person reads this")


class PersonOut(Shape):
    id: UUID
    name: str
    email: str
    district: str
    language: str
    joined: datetime
    organisations: list[MyOrganisationOut]
