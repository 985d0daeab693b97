"""Commands to machines: letters of the lane, with a row here for what has not been carried out yet."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lilong.fields.market.models import Machine, MachineCommand
from lilong.fields.market.standard import machine_protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.devices import outbox


def command(
    machine: Machine, kind: str, body: dict[str, Any], *, seconds: int, subject: UUID | None = None
) -> MachineCommand:
    """Tells a machine something, valid for `seconds`. Part of the caller's transaction."""
    now = clock.now()
    made = MachineCommand.objects.create(
        id=ids.uuid7(),
        machine=machine,
        kind=kind,
        subject=subject,
        body=body,
        made_at=now,
        expires_at=now + timedelta(seconds=seconds),
    )
    _send(made)
    return made


@transaction.atomic
def again(machine: Machine) -> None:
    """Sends what the machine has not carried out yet once more: it was away."""
    waiting = MachineCommand.objects.filter(machine=machine, done_at=None, expires_at__gt=clock.now())
    for row in waiting.order_by("made_at"):
        _send(row)


def done(machine: Machine, subject: UUID) -> None:
    """The machine's report shows that it carried out what concerns `subject`."""
    MachineCommand.objects.filter(machine=machine, subject=subject, done_at=None).update(done_at=clock.now())


def _send(row: MachineCommand) -> None:
    told = machine_protocol.Command(
        id=row.id, machine=row.machine_id, type=row.kind, body=row.body, expires_at=row.expires_at
    )
    payload = machine_protocol.signed(told, machine_protocol.signing_key(settings.TOKEN_KEY))
    outbox.send(machine_protocol.down_subject(row.machine_id, "command"), payload, expires_at=row.expires_at)
