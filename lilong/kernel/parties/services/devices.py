"""Devices: registering them, giving them a secret, taking it away."""

from uuid import UUID

from django.db import transaction

from lilong.kernel.base import clock
from lilong.kernel.base.words import Words
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.events import DeviceRegistered, DeviceRevoked, DeviceSecretIssued
from lilong.kernel.parties.models import Device, Party
from lilong.kernel.parties.services import insert
from lilong.kernel.parties.views import PartyView

WRITE = "parties:write"
MANAGER = "manager"


@transaction.atomic
def create_device(
    actor: Actor, *, id: UUID, name: Words | str, owner: UUID, kind: str = "", district: str = ""
) -> PartyView:
    """Registers a device that `owner` (a person or an organisation) answers for; its owner's managers may too."""
    words = rules.words(name)
    actor.require(owner, MANAGER, scope=WRITE)
    if not Party.objects.filter(id=owner, closed_at=None).exclude(kind=Party.Kind.DEVICE).exists():
        raise refusals.no_party("/owner", "party")
    row = Party(
        id=id,
        kind=Party.Kind.DEVICE,
        category=rules.category(kind),
        name=words.stored(),
        search=rules.search_text(words),
        district=rules.district(district),
    )
    if not insert.parties([row]):
        return _repeated(row, owner)
    Device.objects.create(party=row, owner_id=owner)
    fact = DeviceRegistered(device=id, owner=owner, kind=row.category, district=row.district)
    emit(fact, subject=id, actor=actor.party)
    return queries.viewed(row)


def _repeated(row: Party, owner: UUID) -> PartyView:
    there = Party.objects.select_related("device").get(id=row.id)
    if there.kind == Party.Kind.DEVICE and (
        (there.name, there.category, there.district, there.device.owner_id)
        == (row.name, row.category, row.district, owner)
    ):
        return queries.viewed(there)
    raise refusals.id_taken(row.id)


@transaction.atomic
def issue_device_secret(actor: Actor, *, device: UUID) -> str:
    """A new secret, shown this once; the one before ends. MQTT sessions that are open stay until they reconnect."""
    row = _own_device(actor, device)
    secret = rules.new_secret(rules.DEVICE_PREFIX)
    row.secret, row.secret_at = rules.digest(secret), clock.now()
    row.save(update_fields=["secret", "secret_at"])
    emit(DeviceSecretIssued(device=device), subject=device, actor=actor.party)
    return secret


@transaction.atomic
def revoke_device(actor: Actor, *, device: UUID) -> None:
    """Takes a device out of service: its secret is gone and it signs in nowhere. Done again it changes nothing."""
    row = _own_device(actor, device, also_closed=True)
    if row.party.closed_at:
        return
    row.secret, row.secret_at = "", None
    row.save(update_fields=["secret", "secret_at"])
    row.party.closed_at = clock.now()
    row.party.save(update_fields=["closed_at"])
    emit(DeviceRevoked(device=device), subject=device, actor=actor.party)


def _own_device(actor: Actor, device: UUID, *, also_closed: bool = False) -> Device:
    """The device's row, locked; for those who may not manage it there is none."""
    actor.require_scope(WRITE)
    found = Device.objects.select_related("party").select_for_update(no_key=True).filter(party=device).first()
    if found is None or not actor.acts_for(found.owner_id, MANAGER):
        raise refusals.no_party()
    if found.party.closed_at and not also_closed:
        raise refusals.device_revoked()
    return found
