"""The facts that parties record: ids, roles, districts and dates; never a name or an address."""

from datetime import datetime
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("parties.person.joined")
class PersonJoined(Fact, frozen=True, kw_only=True):
    person: UUID
    district: str


@fact("parties.person.corrected")
class PersonCorrected(Fact, frozen=True, kw_only=True):
    """Which members were corrected ('name', 'district', ...); neither the old nor the new value."""

    person: UUID
    members: list[str]
    district: str


@fact("parties.person.erased")
class PersonErased(Fact, frozen=True, kw_only=True):
    person: UUID


@fact("parties.organisation.founded")
class OrganisationFounded(Fact, frozen=True, kw_only=True):
    organisation: UUID
    owner: UUID
    kind: str
    district: str


@fact("parties.device.registered")
class DeviceRegistered(Fact, frozen=True, kw_only=True):
    device: UUID
    owner: UUID
    kind: str
    district: str


@fact("parties.device.secret-issued")
class DeviceSecretIssued(Fact, frozen=True, kw_only=True):
    device: UUID


@fact("parties.device.revoked")
class DeviceRevoked(Fact, frozen=True, kw_only=True):
    device: UUID


@fact("parties.member.added")
class MemberAdded(Fact, frozen=True, kw_only=True):
    organisation: UUID
    person: UUID
    roles: list[str]


@fact("parties.member.changed")
class MemberChanged(Fact, frozen=True, kw_only=True):
    organisation: UUID
    person: UUID
    roles: list[str]


@fact("parties.member.removed")
class MemberRemoved(Fact, frozen=True, kw_only=True):
    organisation: UUID
    person: UUID


@fact("parties.key.issued")
class KeyIssued(Fact, frozen=True, kw_only=True):
    key: UUID
    party: UUID
    scopes: list[str]
    expires_at: datetime | None


@fact("parties.key.revoked")
class KeyRevoked(Fact, frozen=True, kw_only=True):
    key: UUID
    party: UUID


@fact("parties.consent.given")
class ConsentGiven(Fact, frozen=True, kw_only=True):
    consent: UUID
    party: UUID
    to: UUID
    purpose: str
    categories: list[str]
    until: datetime | None


@fact("parties.consent.withdrawn")
class ConsentWithdrawn(Fact, frozen=True, kw_only=True):
    consent: UUID
    party: UUID
    to: UUID


@fact("parties.address.kept")
class AddressKept(Fact, frozen=True, kw_only=True):
    """An entry of an address book was made or changed; of its content only the district."""

    address: UUID
    party: UUID
    district: str


@fact("parties.address.removed")
class AddressRemoved(Fact, frozen=True, kw_only=True):
    address: UUID
    party: UUID
