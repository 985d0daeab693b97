"""What riders report of the vehicle before and after a trip, what comes of a deposit, and what was left to pay."""

import hashlib
from uuid import UUID

from django.db import transaction

from lilong.fields.mobility.drafts import ReportDraft
from lilong.fields.mobility.events.rentals import DamageReported, DebtPaid, DepositSettled
from lilong.fields.mobility.models import DamagePhoto, DamageReport, Rental
from lilong.fields.mobility.rules import fleet, roles
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.services.rentals import frame, money, telling
from lilong.kernel.base import clock, photos
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import Actor

_PHASES = {"start": ("booked", "unlocking", "started"), "end": ("started", "ended")}


@transaction.atomic
def report(actor: Actor, draft: ReportDraft) -> DamageReport:
    """A rider's word about the vehicle, with photographs, before driving off or when giving it back (until a day after).

    A damage reported at the end, before the trip is ended, keeps the deposit held. Again: the same answer.
    Raises Missing, Invalid (`/note`, `/photos`), Conflict `wrong-state`, `too-late`, `id-taken`.
    """
    row = frame.locked(actor, draft.rental)
    known = DamageReport.objects.filter(id=draft.id).first()
    if known is not None:
        same = (known.rental_id, known.phase, known.note, known.damaged)
        if same == (row.id, draft.phase, draft.note, draft.damaged):
            return known
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if row.state not in _PHASES[draft.phase]:
        raise Conflict("wrong-state", violations=[Violation(pointer="/phase", rule=row.state)])
    if row.ended_at is not None and clock.now() > row.ended_at + rules.REPORT_AFTER:
        raise Conflict("too-late", violations=[Violation(pointer="/rental", rule="within-a-day")])
    fleet.refuse(
        [
            ("/note", "length", len(draft.note) <= rules.NOTE_MAX),
            ("/note", "characters", "\0" not in draft.note),
            ("/photos", "length", len(draft.photos) <= rules.PHOTOS_MAX),
            ("/photos", "unique", len({photo.id for photo in draft.photos}) == len(draft.photos)),
        ]
    )
    pictures = [photos.cleaned(photo.content, f"/photos/{n}") for n, photo in enumerate(draft.photos)]
    made = DamageReport.objects.create(
        id=draft.id,
        rental=row,
        vehicle=row.vehicle,
        phase=draft.phase,
        note=draft.note,
        damaged=draft.damaged,
        reported_at=clock.now(),
    )
    for photo, (content, media_type) in zip(draft.photos, pictures, strict=True):
        DamagePhoto.objects.create(
            id=photo.id, report=made, media_type=media_type, content=content, sha256=hashlib.sha256(content).digest()
        )
    frame.tell(
        DamageReported,
        row,
        row.vehicle,
        actor=actor,
        report=made.id,
        phase=draft.phase,
        damaged=draft.damaged,
        photos=len(pictures),
    )
    return made


@transaction.atomic
def settle_deposit(actor: Actor, *, rental: UUID, kept: int) -> Rental:
    """The operator decides about a deposit that stayed held: keeps some for the damage, releases the rest.

    Raises Missing, Forbidden (managers alone), Invalid `/kept`, Conflict: `wrong-state` where none was kept, and the ledger's
    (`ledger-expired` after a week).
    """
    row = frame.locked(actor, rental, operator_may=True)
    actor.require(row.operator_id, *roles.MANAGE, scope=roles.FLEET)
    if not 0 <= kept <= row.deposit:
        raise invalid("/kept", "range", f"0..{row.deposit}")
    if row.state != "ended" or not row.reports.filter(phase="end", damaged=True).exists():
        raise Conflict("wrong-state", violations=[Violation(pointer="/rental", rule=row.state)])
    money.settle_deposit(row, kept)
    frame.tell(DepositSettled, row, row.vehicle, actor=actor, kept=kept, released=row.deposit - kept)
    return row


@transaction.atomic
def pay_owed(actor: Actor, *, rental: UUID) -> Rental:
    """The rider pays what was left to pay. Paid already: the same answer. Raises Missing, Conflict `insufficient-funds`."""
    row = frame.locked(actor, rental)
    if not row.owed:
        return row
    money.pay_owed(row)
    amount, row.owed = row.owed, 0
    row.save(update_fields=["owed"])
    emit(DebtPaid(operator=row.operator_id, amount=amount), subject=row.operator_id, actor=None)
    telling.changed(row.id, row.state)
    return row
