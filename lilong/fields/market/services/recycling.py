"""Collection machines: what was weighed becomes coins, once for each weighing, up to a day's limit."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from lilong.fields.market.events.machines import RecyclingBin, RecyclingQuarantined, RecyclingWeighed
from lilong.fields.market.models import CoinDay, Machine, MachineBin, MachineSession, Weighing
from lilong.fields.market.rules import machines as rules
from lilong.fields.market.rules import roles
from lilong.fields.market.services.machines import locked
from lilong.fields.market.standard.machine_protocol import Bin, Weighed
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Gone, Missing, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.parties.actor import SYSTEM, Actor


def coin_account(person: UUID) -> int:
    """The account of a person's recycling coins."""
    asset = ledger.open_asset(rules.COIN, kind="coin", unit="coin")
    return ledger.open_account(person, asset, "coins")


def weighed(machine: Machine, report: Weighed) -> Weighing:
    """Books a weighing (journalled already, the machine locked): coins, or quarantine where the weight is doubtful.

    Raises Missing (no session of this machine), Gone, Conflict `bin-full`.
    """
    session = MachineSession.objects.select_for_update().filter(id=report.session, machine=machine).first()
    if session is None or machine.place.kind != "collection-point":
        raise Missing("no-such-session", violations=[Violation(pointer="/session", rule="of-machine")])
    if session.opened_at + timedelta(seconds=rules.LATE_SECONDS) < clock.now():
        raise Gone("session-over")
    if MachineBin.objects.filter(machine=machine, material=report.material).exists():
        raise Conflict("bin-full", violations=[Violation(pointer="/material", rule="room")])
    doubtful = rules.suspect(report.material, report.grams)
    made = Weighing.objects.create(
        id=ids.named("market", "weighing", machine.device, report.seq),
        session=session,
        machine=machine,
        seq=report.seq,
        person=session.person,
        material=report.material,
        grams=report.grams,
        coins=0,
        state="quarantined" if doubtful else "credited",
        at=clock.now(),
    )
    if doubtful:
        fact = RecyclingQuarantined(
            machine=machine.device, kind=made.material, grams=made.grams, district=machine.place.district
        )
        emit(fact, subject=made.id, actor=machine.device)
    else:
        _credit(machine, made, machine.device)
    return made


def _credit(machine: Machine, weighing: Weighing, by: UUID) -> None:
    """Coins for a weighing, never above the day's limit (of the day it is credited on)."""
    today = clock.today()
    CoinDay.objects.get_or_create(person=weighing.person, day=today)
    day = CoinDay.objects.select_for_update().get(person=weighing.person, day=today)
    coins = min(rules.coins(weighing.material, weighing.grams), rules.COINS_A_DAY - day.coins)
    if coins:
        asset = ledger.open_asset(rules.COIN, kind="coin", unit="coin")
        issuer = ledger.open_account(SYSTEM.party, asset, "issued", floor=None)
        target = ledger.open_account(weighing.person, asset, "coins")
        move = Move(
            ids.named("market", "coins", weighing.id), issuer, target, coins, ref=weighing.id, code="market.coins"
        )
        ledger.post_all([move])
        CoinDay.objects.filter(person=day.person, day=day.day).update(coins=day.coins + coins)
    weighing.coins, weighing.state = coins, "credited"
    weighing.save(update_fields=["coins", "state"])
    fact = RecyclingWeighed(
        machine=machine.device, kind=weighing.material, grams=weighing.grams, coins=coins,
        district=machine.place.district,
    )  # fmt: skip
    emit(fact, subject=weighing.id, actor=by)


@transaction.atomic
def review(actor: Actor, *, id: UUID, accept: bool) -> Weighing:
    """The operator of a machine looks at a doubtful weight: accepted it brings its coins, else nothing.

    The same again: the same answer. Raises Missing for others, Conflict `already-reviewed`.
    """
    actor.require_scope(roles.WRITE)
    machine_id = Weighing.objects.filter(id=id).values_list("machine_id", flat=True).first()
    machine = locked(machine_id) if machine_id else None
    if machine is None or not actor.acts_for(machine.seller, *roles.RANGE):
        raise Missing("no-such-weighing", violations=[Violation(pointer="/id", rule="known")])
    found = Weighing.objects.select_for_update().get(id=id)
    wanted = "credited" if accept else "refused"
    if found.state == wanted:
        return found
    if found.state != "quarantined":
        raise Conflict("already-reviewed", extra={"state": found.state})
    if accept:
        _credit(machine, found, actor.party)
    else:
        found.state = "refused"
        found.save(update_fields=["state"])
    return found


def bin_reported(machine: Machine, report: Bin) -> None:
    """A bin is full or has been emptied. The machine is locked."""
    if machine.place.kind != "collection-point":
        raise invalid("/type", "collection-point")
    if report.full:
        MachineBin.objects.get_or_create(machine=machine, material=report.material, defaults={"since": clock.now()})
    else:
        MachineBin.objects.filter(machine=machine, material=report.material).delete()
    emit(
        RecyclingBin(machine=machine.device, kind=report.material, full=report.full, district=machine.place.district),
        subject=machine.device,
        actor=machine.device,
    )
