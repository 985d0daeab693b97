"""The facts that parties record: ids, roles, districts and dates; never a name or an address."""

from datetime import datetime
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("parties.person.joined")
class PersonJoined(Fact):
    person: UUID
    district: str


@fact("parties.person.corrected")
class PersonCorrected(Fact):
    """Which members were corrected ('name', 'district', ...); neither the old nor the new value."""

    person: UUID
    members: list[str]
    district: str


@fact("parties.person.erased")
class PersonErased(Fact):
    person: UUID


@fact("parties.organisation.founded")
class OrganisationFounded(Fact):
    organisation: UUID
    owner: UUID
    kind: str
    district: str


@fact("parties.device.registered")
class DeviceRegistered(Fact):
    device: UUID
    owner: UUID
    kind: str
    district: str


@fact("parties.device.secret-issued")
class DeviceSecretIssued(Fact):
    device: UUID


@fact("parties.device.revoked")
class DeviceRevoked(Fact):
    device: UUID


@fact("parties.member.added")
class MemberAdded(Fact):
    organisation: UUID
    person: UUID
    roles: list[str]


@fact("parties.member.changed")
class MemberChanged(Fact):
    organisation: UUID
    person: UUID
    roles: list[str]


@fact("parties.member.removed")
class MemberRemoved(Fact):
    organisation: UUID
    person: UUID


@fact("parties.key.issued")
class KeyIssued(Fact):
    key: UUID
    party: UUID
    scopes: list[str]
    expires_at: datetime | None


@fact("parties.key.revoked")
class KeyRevoked(Fact):
    key: UUID
    party: UUID


@fact("parties.consent.given")
class ConsentGiven(Fact):
    consent: UUID
    party: UUID
    to: UUID
    purpose: str
    categories: list[str]
    until: datetime | None


@fact("parties.consent.withdrawn")
class ConsentWithdrawn(Fact):
    consent: UUID
    party: UUID
    to: UUID
