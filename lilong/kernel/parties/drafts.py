"""What the set-based writes of the parties are given."""

from uuid import UUID

import msgspec

from lilong.kernel.base.words import Words


class PersonDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be. Without `password` the account has none. `password_hash` is one that Django's hashers made
    already (many demo residents may share it)."""

    id: UUID
    name: str
    email: str
    password: str | None = None
    password_hash: str = ""
    district: str = ""
    language: str = "en"
    staff: bool = False


class OrganisationDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation to be, and the person who owns it. `kind` is a slug such as 'grocer'."""

    id: UUID
    name: Words
    owner: UUID
    kind: str = ""
    district: str = ""
    language: str = "en"


class AddressDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An address to be kept, or an entry of the book to be changed (same `id`). `district` may be left to the coordinates
    (WGS 84, millionths of a degree). `default`: the one that is proposed; a party's first is it anyway."""

    id: UUID
    party: UUID
    recipient: str
    phone: str
    line: str
    latitude_e6: int
    longitude_e6: int
    district: str = ""
    label: str = ""
    default: bool = False
