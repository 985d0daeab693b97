"""Driving licences: handed in by their holders, decided on by the city's desk."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from lilong.fields.mobility.events.rentals import LicenceDecided
from lilong.fields.mobility.models import Licence
from lilong.fields.mobility.rules import fleet, roles
from lilong.fields.mobility.rules import licences as rules
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Forbidden, Missing, Violation
from lilong.kernel.events.services import emit
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor

_REASON_MAX = 200


@transaction.atomic
def submit_licence(actor: Actor, *, id: UUID, number: str, classes: Sequence[str], valid_until: date) -> Licence:
    """A person's own licence, to be looked at. Of the number only a keyed digest is kept. Again: the same answer.

    Raises Forbidden `persons-only`, Invalid, Conflict `id-taken`.
    """
    actor.require_scope(roles.RENT)
    if actor.kind != "person":
        raise Forbidden("persons-only", violations=[Violation(pointer="/person", rule="kind")])
    number = number.strip().upper()
    fleet.refuse(rules.checked(number, classes, valid_until, clock.today()))
    values = {
        "person": actor.party,
        "classes": sorted(set(classes)),
        "digest": rules.digest_of(_key(), number),
        "valid_until": valid_until,
    }
    row, made = Licence.objects.get_or_create(id=id, defaults=values | {"submitted_at": clock.now()})
    if not made and any(_plain(getattr(row, name)) != value for name, value in values.items()):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return row


def decide_licence(actor: Actor, *, id: UUID, accept: bool, reason: str = "") -> Licence:
    """The city's desk looked at it. A verified one takes the place of the holder's older one. Again: the same answer.

    The holder sees that it was looked at. Raises Missing, Forbidden, Invalid, Conflict `licence-taken`, `wrong-state`.
    """
    actor.require_staff()
    fleet.refuse([("/reason", "length", len(reason) <= _REASON_MAX), ("/reason", "required", accept or bool(reason))])
    try:
        with transaction.atomic():
            return _decide(actor, id, "verified" if accept else "refused", reason)
    except IntegrityError:  # another person's licence with this number was verified at the same moment
        raise _taken() from None


@transaction.atomic
def revoke_licence(actor: Actor, *, id: UUID, reason: str) -> Licence:
    """It no longer counts, from now on; whoever drives may end the trip. Raises Missing, Forbidden, Invalid."""
    actor.require_staff()
    fleet.refuse([("/reason", "length", 1 <= len(reason) <= _REASON_MAX)])
    return _decide(actor, id, "revoked", reason)


def require_licence(person: UUID, needed: str, end: datetime) -> None:
    """Raises Conflict `licence-needed` naming the rule (`verified`, `class`, `valid-until-end`) unless the person may drive
    what needs `needed` until `end`."""
    if not needed:
        return
    row = Licence.objects.filter(person=person, state="verified").first()
    broken = rules.broken_rule(row.classes, row.valid_until, needed, end) if row else "verified"
    if broken:
        raise Conflict(
            "licence-needed",
            violations=[Violation(pointer="/licence", rule=broken, detail=needed)],
            extra={"class": needed, "until": end.isoformat().replace("+00:00", "Z")},
        )


def _decide(actor: Actor, id: UUID, state: str, reason: str) -> Licence:
    row = Licence.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise Missing("no-such-licence", violations=[Violation(pointer="/id", rule="known")])
    if row.state == state:
        return row
    if row.state != ("verified" if state == "revoked" else "submitted"):
        raise Conflict("wrong-state", violations=[Violation(pointer="/id", rule=row.state)])
    if actor.kind == "person":
        parties.record_access(actor, subject=row.person, what="licence", why="verification")
    now = clock.now()
    if state == "verified":
        if Licence.objects.filter(digest=row.digest, state="verified").exclude(person=row.person).exists():
            raise _taken()
        Licence.objects.filter(person=row.person, state="verified").update(
            state="revoked", reason="replaced", decided_at=now, decided_by=actor.party
        )
    row.state, row.reason, row.decided_at, row.decided_by = state, reason, now, actor.party
    row.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    emit(LicenceDecided(licence=row.id, classes=row.classes, decision=state), subject=row.id, actor=actor.party)
    return row


def _taken() -> Conflict:
    return Conflict("licence-taken", violations=[Violation(pointer="/number", rule="one-holder")])


def _key() -> bytes:
    key = settings.TOKEN_KEY
    return key if isinstance(key, bytes) else str(key).encode()


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
