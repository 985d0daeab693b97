"""Claims: opened by who sent or receives it (or by the house, for an excursion), assessed by the carrier, paid or refused;
appealed once, to the city's operators. Money from the carrier's earnings, then its wallet, never beyond the cover.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.fields.delivery.events import claims as facts
from lilong.fields.delivery.models import Claim, Shipment
from lilong.fields.delivery.rules import claims as rules
from lilong.fields.delivery.rules import kinds, promises, roles
from lilong.fields.delivery.services import money, steps
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.events.facts import Fact
from lilong.kernel.events.services import emit
from lilong.kernel.ledger import services as ledger
from lilong.kernel.ledger.services import Move
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def open_claim(
    actor: Actor, *, id: UUID, shipment: UUID, kind: str, asked: int, text: str = "", claimant: UUID | None = None,
    parcel: UUID | None = None,
) -> Claim:  # fmt: skip
    """Asks for money. The same id with the same body answers the same.

    `claimant` is shipper or recipient (by default whichever the actor is). Raises Missing, Invalid, Conflict `no-ground`,
    `too-late`, `claim-open` (one of this kind is), `beyond-cover` (nothing is left), `id-taken`.
    """
    found = steps.locked(shipment)
    who = _claimant(actor, found, claimant)
    _check(kind, asked, text)
    body = {"shipment_id": shipment, "kind": kind, "claimant": who, "asked": asked, "text": text, "parcel": parcel}
    known = Claim.objects.filter(id=id).first()
    if known is not None:
        if any(getattr(known, name) != value for name, value in body.items()):
            raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
        return known
    if parcel is not None and not found.parcels.filter(id=parcel).exists():
        raise invalid("/parcel", "known")
    on_time = found.delivered_at is not None and promises.is_on_time(found.delivered_at, found.latest)
    rules.require_ground(kind, found.state, found.state_at, on_time=on_time, now=clock.now())
    if rules.most(kind, found.cover, found.claimed, found.fee) <= 0:
        raise Conflict("beyond-cover", extra={"cover": found.cover, "claimed": found.claimed})
    try:
        with transaction.atomic():
            claim = Claim.objects.create(id=id, opened_at=clock.now(), **body)
    except IntegrityError:
        raise Conflict("claim-open", violations=[Violation(pointer="/kind", rule="one-open")]) from None
    _tell(actor, claim, found, facts.ClaimOpened, asked=asked)
    return claim


def _claimant(actor: Actor, shipment: Shipment, claimant: UUID | None) -> UUID:
    sides = (shipment.recipient, shipment.shipper)
    if claimant is not None and claimant not in sides:
        raise invalid("/claimant", "party-to-it")
    for side in sides if claimant is None else (claimant,):
        if actor.acts_for(side, *roles.SHIPPER, "buyer"):
            actor.require_scope(roles.SHIP)
            return side
    raise steps.missing()


def _check(kind: str, asked: int, text: str) -> None:
    if kind not in kinds.CLAIMS:
        raise invalid("/kind", "one-of", ", ".join(kinds.CLAIMS))
    if not 0 < asked <= 10**9:
        raise invalid("/asked", "range", "1..1000000000")
    if len(text) > rules.TEXT_MAX or "\0" in text:
        raise invalid("/text", "length", f"0..{rules.TEXT_MAX}")


@transaction.atomic
def assess(actor: Actor, *, id: UUID, amount: int, answer: str = "") -> Claim:
    """The carrier says what it will pay (0: nothing), at most what is asked and left of the cover. Again: the same answer.

    Raises Missing, Invalid `/amount`, Conflict `already-resolved`.
    """
    claim, shipment = _locked(id)
    _require_office(actor, claim, shipment)
    if claim.state == "assessed" and (claim.granted, claim.answer) == (amount, answer):
        return claim
    _require_state(claim, "opened")
    _check_amount(claim, shipment, amount, answer)
    claim.state, claim.granted, claim.answer = "assessed", amount, answer
    claim.assessed_by, claim.assessed_at = actor.party, clock.now()
    claim.save(update_fields=["state", "granted", "answer", "assessed_by", "assessed_at"])
    _tell(actor, claim, shipment, facts.ClaimAssessed, amount=amount)
    return claim


@transaction.atomic
def settle(actor: Actor, *, id: UUID) -> Claim:
    """Pays what was assessed, or refuses where that is nothing. Again: the same answer.

    Raises Missing, Conflict `already-resolved`, `appealed` (the city decides now), `ledger-insufficient`.
    """
    claim, shipment = _locked(id)
    _require_office(actor, claim, shipment)
    if claim.state in ("paid", "refused"):
        return claim
    _require_state(claim, "assessed")
    if claim.appealed_at is not None:
        raise Conflict("appealed", violations=[Violation(pointer="/id", rule="not-appealed")])
    return _end(actor, claim, shipment, claim.granted)


@transaction.atomic
def appeal(actor: Actor, *, id: UUID, text: str) -> Claim:
    """The claimant does not agree with the assessment or refusal: once, the city's operators decide.

    Raises Missing, Invalid `/text`, Conflict `already-appealed`, `wrong-step`.
    """
    claim, shipment = _locked(id)
    if not actor.acts_for(claim.claimant, *roles.SHIPPER, "buyer"):
        raise _missing()
    actor.require_scope(roles.SHIP)
    if not text.strip() or len(text) > rules.TEXT_MAX or "\0" in text:
        raise invalid("/text", "length", f"1..{rules.TEXT_MAX}")
    if claim.appealed_at is not None:
        if claim.appeal == text:
            return claim
        raise Conflict("already-appealed", violations=[Violation(pointer="/id", rule="once")])
    _require_state(claim, "assessed", "refused")
    claim.state, claim.appeal, claim.appealed_at, claim.ended_at = "assessed", text, clock.now(), None
    claim.save(update_fields=["state", "appeal", "appealed_at", "ended_at"])
    _tell(actor, claim, shipment, facts.ClaimAppealed)
    return claim


@transaction.atomic
def decide(actor: Actor, *, id: UUID, amount: int, answer: str = "") -> Claim:
    """An operator of the city decides an appeal, finally. Raises Forbidden, Missing, Invalid, Conflict `wrong-step`,
    `ledger-insufficient`."""
    actor.require_staff()
    claim, shipment = _locked(id)
    if claim.decided_by is not None:
        return claim
    if claim.appealed_at is None:
        raise Conflict(
            "wrong-step", violations=[Violation(pointer="/id", rule="appealed")], extra={"state": claim.state}
        )
    _require_state(claim, "assessed")
    _check_amount(claim, shipment, amount, answer)
    claim.granted, claim.answer, claim.decided_by = amount, answer, actor.party
    claim.save(update_fields=["granted", "answer", "decided_by"])
    return _end(actor, claim, shipment, amount)


def _end(actor: Actor, claim: Claim, shipment: Shipment, amount: int) -> Claim:
    left = rules.most(claim.kind, shipment.cover, shipment.claimed, shipment.fee)
    if amount > left:  # another claim of the shipment was paid meanwhile
        raise Conflict("beyond-cover", extra={"cover": shipment.cover, "claimed": shipment.claimed})
    if amount:
        _pay(claim, shipment.carrier_id, amount)
        shipment.claimed += amount
        shipment.save(update_fields=["claimed"])
    claim.state, claim.ended_at = ("paid" if amount else "refused"), clock.now()
    claim.save(update_fields=["state", "ended_at"])
    appealed = claim.appealed_at is not None
    _tell(actor, claim, shipment, facts.ClaimDecided, outcome=claim.state, amount=amount, appealed=appealed)
    return claim


def _pay(claim: Claim, carrier: UUID, amount: int) -> None:
    """From what the carrier has earned, the rest from its wallet. Raises Conflict `ledger-insufficient`."""
    earned, wallet, to = money.sales(carrier), ledger.wallet(carrier), ledger.wallet(claim.claimant)
    with ledger.batch(accounts=[earned, wallet, to]) as batch:
        part = max(0, min(amount, batch.available(earned)))
        moves = [
            Move(ids.child(claim.id, n), source, to, share, link=1, ref=claim.shipment_id, code="delivery.claim")
            for n, (source, share) in enumerate([(earned, part), (wallet, amount - part)])
            if share
        ]
        refused = batch.add(moves)
        if refused is not None:
            raise Conflict(f"ledger-{refused.status}", extra={"available": part + batch.available(wallet)})


def _locked(id: UUID) -> tuple[Claim, Shipment]:
    """The claim with its shipment's row locked, which guards what is left of the cover."""
    known = Claim.objects.filter(id=id).first()
    if known is None:
        raise _missing()
    shipment = steps.locked(known.shipment_id)
    known.refresh_from_db()
    return known, shipment


def _require_office(actor: Actor, claim: Claim, shipment: Shipment) -> None:
    if not actor.acts_for(shipment.carrier_id, *roles.CLAIMS):
        raise _missing()
    actor.require_scope(roles.CARRY)


def _require_state(claim: Claim, *allowed: str) -> None:
    if claim.state not in allowed:
        raise Conflict(
            "already-resolved", violations=[Violation(pointer="/state", rule="one-of")], extra={"state": claim.state}
        )


def _check_amount(claim: Claim, shipment: Shipment, amount: int, answer: str) -> None:
    most = min(claim.asked, rules.most(claim.kind, shipment.cover, shipment.claimed, shipment.fee))
    if not 0 <= amount <= most:
        raise invalid("/amount", "range", f"0..{most}")
    if len(answer) > rules.ANSWER_MAX or "\0" in answer:
        raise invalid("/answer", "length", f"0..{rules.ANSWER_MAX}")


def _missing() -> Missing:
    return Missing("no-such-claim", violations=[Violation(pointer="/id", rule="known")])


def _tell(actor: Actor, claim: Claim, shipment: Shipment, fact: type[Fact], **more: Any) -> None:
    said = fact(
        claim=claim.id, shipment=shipment.id, carrier=shipment.carrier_id, order=shipment.order, kind=claim.kind,
        district=shipment.district, **more,
    )  # fmt: skip
    emit(said, subject=claim.id, actor=actor.party)
