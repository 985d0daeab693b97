"""Codes that open: made for a door, a compartment or a locker; told to the recipient; good once.

What somebody types is compared by keyed digest. A wrong code counts against the shipment's code in a transaction of its own,
so that a refusal that undoes everything else does not undo the count; and against the place, whoever tries.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from lilong.fields.delivery.models import PickupCode, Shipment
from lilong.fields.delivery.rules import codes as rules
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.services.keys import key
from lilong.fields.delivery.services.steps import missing
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.throttle import throttle

TURNS = 50
DOOR, LOCKER = "door", "locker"
PLACE_TRIES, PLACE_SECONDS = 30, 600  # codes entered at one place, right or wrong


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A code as its recipient sees it, to be shown, sent or printed: where it is entered, and until when it is good."""

    code: str
    purpose: str
    place: UUID
    expires_at: datetime
    used: bool


def make(shipment: Shipment, purpose: str, place: UUID, expires_at: datetime) -> PickupCode:
    """A new code in place of the shipment's open one of that purpose. Raises Conflict `too-many-orders` never in practice:
    when fifty codes in a row are taken at the place."""
    now = clock.now()
    PickupCode.objects.filter(shipment=shipment, purpose=purpose, used_at=None, ended_at=None).update(ended_at=now)
    id = ids.uuid7()
    for turn in range(TURNS):
        digest = rules.digest(key("codes"), place, rules.code(key("codes"), id, turn))
        try:
            with transaction.atomic():
                return PickupCode.objects.create(
                    id=id, shipment=shipment, purpose=purpose, place=place, digest=digest, turn=turn, made_at=now,
                    expires_at=expires_at,
                )  # fmt: skip
        except IntegrityError:
            continue
    raise Conflict("too-many-orders")


def end(shipment: UUID, *purposes: str) -> None:
    """Nothing opens by the shipment's codes any more."""
    rows = PickupCode.objects.filter(shipment=shipment, used_at=None, ended_at=None)
    (rows.filter(purpose__in=purposes) if purposes else rows).update(ended_at=clock.now())


def code_of(actor: Actor, *, shipment: UUID) -> CodeView:
    """The code of one's own shipment. Only the recipient; Missing for others and where there is none."""
    found = Shipment.objects.filter(id=shipment).first()
    if found is None or not actor.acts_for(found.recipient):
        raise missing()
    actor.require_scope(roles.SHIP)
    rows = PickupCode.objects.filter(shipment=shipment, ended_at=None)
    row = rows.order_by(F("used_at").desc(nulls_first=True), "-made_at").first()
    if row is None:
        raise Missing("no-such-code", violations=[Violation(pointer="/shipment", rule="has-code")])
    return CodeView(
        code=rules.code(key("codes"), row.id, row.turn), purpose=row.purpose, place=row.place, expires_at=row.expires_at,
        used=row.used_at is not None,
    )  # fmt: skip


def limit(place: UUID) -> None:
    """Counts one code entered at a place. Raises TooMany. Outside transactions."""
    throttle("delivery-code", str(place), PLACE_TRIES, PLACE_SECONDS)


def check_door(shipment: UUID, entered: str) -> None:
    """Whether this is the shipment's code, to be told at the door. Raises Invalid `/code`, TooMany.

    A wrong one costs one of its tries, for good; without any left the code is dead and the carrier's office must help.
    """
    limit(shipment)
    digest = rules.digest(key("codes"), shipment, rules.cleaned(entered))
    rows = PickupCode.objects.filter(shipment=shipment, purpose=DOOR, ended_at=None)
    if rows.filter(digest=digest, tries__gt=0, expires_at__gt=clock.now()).exists():
        return  # used or not is decided under the shipment's lock
    rows.filter(used_at=None, tries__gt=0).update(tries=F("tries") - 1)
    raise invalid("/code", "right-code")


def use(row: PickupCode, by: UUID) -> bool:
    """Uses a code up; False when somebody else did. The same request again is told the same."""
    used = PickupCode.objects.filter(id=row.id, used_at=None, ended_at=None, expires_at__gt=clock.now(), tries__gt=0)
    if used.update(used_at=clock.now(), used_by=by):
        return True
    return PickupCode.objects.filter(id=row.id, used_by=by).exists()


def use_door(shipment: UUID, entered: str, by: UUID) -> None:
    """Uses the door's code up, under the shipment's lock. Raises Conflict `code-used`."""
    digest = rules.digest(key("codes"), shipment, rules.cleaned(entered))
    row = PickupCode.objects.filter(shipment=shipment, purpose=DOOR, digest=digest).first()
    if row is None or not use(row, by):
        raise Conflict("code-used", violations=[Violation(pointer="/code", rule="unused")])
