"""Commands to machines: written in the transaction of what they belong to, sent when that has been committed."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lilong.fields.market.models import Machine, MachineCommand
from lilong.fields.market.standard import machine_protocol
from lilong.kernel.base import clock, ids

_AT_ONCE = 100


class Letter(NamedTuple):
    """A command as it goes out: its id, the NATS subject, the signed body."""

    id: UUID
    subject: str
    body: bytes


def command(
    machine: Machine, kind: str, body: dict[str, Any], *, seconds: int, subject: UUID | None = None
) -> MachineCommand:
    """Tells a machine something, valid for `seconds`. Part of the caller's transaction."""
    now = clock.now()
    return MachineCommand.objects.create(
        id=ids.uuid7(),
        machine=machine,
        kind=kind,
        subject=subject,
        body=body,
        made_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )


def waiting() -> list[Letter]:
    """Committed commands that have not been sent and still hold, oldest first."""
    rows = MachineCommand.objects.filter(sent_at=None, expires_at__gt=clock.now()).order_by("made_at")[:_AT_ONCE]
    key = machine_protocol.signing_key(settings.TOKEN_KEY)
    return [
        Letter(
            row.id, machine_protocol.down_subject(row.machine_id, "command"), machine_protocol.signed(_told(row), key)
        )
        for row in rows
    ]


def sent(letters: list[Letter]) -> None:
    """The broker has them. Killed before this they go out again: a machine obeys an id once."""
    MachineCommand.objects.filter(id__in=[letter.id for letter in letters]).update(sent_at=clock.now())


@transaction.atomic
def again(machine: Machine) -> None:
    """Sends what the machine has not carried out yet once more: it was away."""
    MachineCommand.objects.filter(machine=machine, done_at=None, expires_at__gt=clock.now()).update(sent_at=None)


def done(machine: Machine, subject: UUID) -> None:
    """The machine's report shows that it carried out what concerns `subject`."""
    MachineCommand.objects.filter(machine=machine, subject=subject, done_at=None).update(done_at=clock.now())


def _told(row: MachineCommand) -> machine_protocol.Command:
    return machine_protocol.Command(
        id=row.id, machine=row.machine_id, type=row.kind, body=row.body, expires_at=row.expires_at
    )
