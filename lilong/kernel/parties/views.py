"""What the queries of the parties answer with: plain structs, so that nobody outside holds a table's row."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """A party as others may know it. `category` is what kind of organisation or device; an erased name is empty."""

    id: UUID
    kind: str
    name: Words
    district: str = ""
    language: str = "en"
    category: str = ""
    closed: bool = False


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """`organisation` and `person` are party ids; `name` is the person's, `email` only for those who may manage members."""

    organisation: UUID
    person: UUID
    name: str
    roles: list[str]
    since: datetime
    email: str = ""


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret; `used_on` is the day of its last use."""

    id: UUID
    party: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_on: date | None = None


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """A device and whether it holds a secret that is good."""

    id: UUID
    owner: UUID
    name: Words
    category: str
    district: str
    has_secret: bool
    secret_at: datetime | None = None
    closed: bool = False


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as it was given, and when it ended (`until` passed or `withdrawn_at`)."""

    id: UUID
    party: UUID
    to: UUID
    purpose: str
    categories: list[str]
    given_at: datetime
    until: datetime | None = None
    withdrawn_at: datetime | None = None


class AddressView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an address book. Personal: never into a fact, never to others but through `services.read_address`."""

    id: UUID
    party: UUID
    label: str
    recipient: str
    phone: str
    line: str
    district: str
    latitude_e6: int
    longitude_e6: int
    default: bool = False
    removed: bool = False

    @property
    def point(self) -> Point:
        return Point.of_e6(self.latitude_e6, self.longitude_e6)


class AccessView(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of somebody's data. `reader_name` is what the reader is called now."""

    id: int
    subject: UUID
    reader: UUID
    reader_name: str
    what: str
    why: str
    at: datetime
    request: str = ""


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    """All that this room holds of a person, for themselves and for operators with a reason."""

    id: UUID
    name: str
    email: str
    district: str
    language: str
    joined: datetime
    organisations: list[tuple[PartyView, list[str]]]
