"""Setting up lockers: banks with their cells, each a calendar resource; cells out of order and back."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.drafts import BankDraft
from lilong.fields.delivery.events.carriers import BankOpened, CellBack, CellOut
from lilong.fields.delivery.models import LockerBank, LockerCell
from lilong.fields.delivery.rules import checks, roles
from lilong.fields.delivery.services import carriers
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import services as calendar
from lilong.kernel.events.services import emit
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

OUT_REASONS = ("stuck", "broken", "dirty", "office")


@transaction.atomic
def open_bank(actor: Actor, draft: BankDraft) -> LockerBank:
    """A bank of lockers with its cells, numbered from 1 in the order given. A terminal that is not known yet is registered.

    The same id with the same draft answers the same. Raises Forbidden, Missing, Invalid, Conflict `id-taken`.
    """
    carrier = carriers.carrier_of(actor, draft.carrier)
    checks.bank(draft)
    if draft.device is not None:
        _register(draft)
        carriers.own_device(draft.carrier, draft.device, "/device")
    asked = checks.fingerprint(draft)
    plain = ("district", "address", "latitude_e6", "longitude_e6", "device", "stay_hours")
    values = {name: getattr(draft, name) for name in plain} | {
        "carrier": carrier, "name": draft.name.stored(), "fingerprint": asked, "opened_at": clock.now(),
    }  # fmt: skip
    made, created = LockerBank.objects.get_or_create(id=draft.id, defaults=values)
    if made.fingerprint != asked:
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    if created:
        count = _open_cells(actor, made, draft)
        fact = BankOpened(bank=made.id, carrier=carrier.id, cells=count, district=made.district)
        emit(fact, subject=made.id, actor=actor.party)
    return made


def _register(draft: BankDraft) -> None:
    assert draft.device is not None
    if draft.device not in parties.parties([draft.device]):
        parties_services.create_device(
            SYSTEM,
            id=draft.device,
            name=draft.name,
            owner=draft.carrier,
            kind="locker-terminal",
            district=draft.district,
        )


def _open_cells(actor: Actor, bank: LockerBank, draft: BankDraft) -> int:
    rows = []
    for given in draft.cells:
        for _ in range(given.count):
            number = len(rows) + 1
            id = ids.named("delivery", "cell", bank.id, number)
            rows.append(LockerCell(id=id, bank=bank, number=number, size=given.size, temperature=given.temperature))
    for row in rows:
        name = Words(**{key: f"{text} {row.number}" for key, text in bank.name.items()})
        calendar.create_resource(actor, id=row.id, owner=draft.carrier, kind="locker-cell", name=name)
    LockerCell.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def take_out_of_order(actor: Actor, *, cell: UUID, reason: str) -> LockerCell:
    """Nothing is put into this cell any more; what is in it stays there in the books. Again: the same answer.

    The terminal, the carrier's office or a courier of it. Raises Missing, Invalid `/reason`.
    """
    found = _locked(cell)
    require_near(actor, found.bank)
    if reason not in OUT_REASONS:
        raise invalid("/reason", "one-of", ", ".join(OUT_REASONS))
    if found.out_at is None:
        found.out_at, found.out_reason = clock.now(), reason
        found.save(update_fields=["out_at", "out_reason"])
        bank = found.bank
        fact = CellOut(cell=cell, bank=bank.id, carrier=bank.carrier_id, reason=reason, district=bank.district)
        emit(fact, subject=cell, actor=actor.party)
    return found


@transaction.atomic
def put_back_in_order(actor: Actor, *, cell: UUID) -> LockerCell:
    """Somebody has mended it. Raises Missing, Forbidden."""
    found = _locked(cell)
    actor.require(found.bank.carrier_id, *roles.DISPATCH, scope=roles.CARRY)
    if found.out_at is not None:
        found.out_at, found.out_reason = None, ""
        found.save(update_fields=["out_at", "out_reason"])
        bank = found.bank
        fact = CellBack(cell=cell, bank=bank.id, carrier=bank.carrier_id, district=bank.district)
        emit(fact, subject=cell, actor=actor.party)
    return found


def _locked(cell: UUID) -> LockerCell:
    found = LockerCell.objects.select_for_update(of=("self",)).select_related("bank").filter(id=cell).first()
    if found is None:
        raise Missing("no-such-cell", violations=[Violation(pointer="/cell", rule="known")])
    return found


def require_near(actor: Actor, bank: LockerBank) -> None:
    """The bank's terminal, its carrier's office, or one of the couriers. Raises Missing."""
    if actor.party == bank.device or actor.acts_for(bank.carrier_id, *roles.DISPATCH, "driver"):
        actor.require_scope(roles.CARRY)
        return
    if not bank.carrier.vehicles.filter(id=actor.party, removed_at=None).exists():
        raise Missing("no-such-cell", violations=[Violation(pointer="/cell", rule="known")])
    actor.require_scope(roles.CARRY)
