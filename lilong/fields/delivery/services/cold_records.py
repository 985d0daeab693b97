"""The cold record of a shipment: begun with its first logger or its collection, computed anew from all readings whenever some
arrive, closed with the delivery. The shipment's row is locked in all of these, which is what settles the race between a
reading and a delivery: whoever is second sees what the first did."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lilong.fields.delivery.events import cold_chain as facts
from lilong.fields.delivery.models import ColdExcursion, ColdNotice, ColdRecord, Shipment
from lilong.fields.delivery.queries.cold_traces import traces
from lilong.fields.delivery.rules import cold_chain, cold_profiles, states
from lilong.fields.delivery.rules.cold_chain import Assessment
from lilong.fields.delivery.rules.cold_profiles import PROFILES, Profile
from lilong.fields.delivery.services import cold_claims, steps, stopping
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM

GONE = (states.DELIVERED, states.RETURNED, states.LOST, states.CANCELLED)
AHEAD = timedelta(minutes=5)  # how far ahead of ours a logger's clock may be
_COLUMNS = (
    "verdict", "complete", "readings", "min_mc", "max_mc", "mean_mc", "mkt_mc", "out_seconds", "longest_out_seconds",
    "covered_permille", "longest_gap_seconds",
)  # fmt: skip


def begin(shipment: Shipment, at: datetime, profile: str = "") -> ColdRecord | None:
    """The record of a locked shipment of cold goods, from `at` on; None for goods that need no cold.

    Raises Invalid for a profile that is not one for its temperature.
    """
    there = ColdRecord.objects.filter(shipment=shipment).first()
    if there is not None:
        return there
    wanted = _profile(shipment, profile)
    if wanted is None:
        return None
    return ColdRecord.objects.create(shipment=shipment, profile=wanted.code, start=at)


def stepped(shipment: Shipment, passed: tuple[str, ...], at: datetime) -> None:
    """Hears of every step of a locked shipment (`steps.watch`): a record begins, stands in the way, and ends."""
    if states.COLLECTED in passed:
        begin(shipment, at)
    if shipment.state in (states.DELIVERED, states.IN_LOCKER):
        require_in_range(shipment, at)
    if shipment.state in GONE:
        close(shipment, at)


def require_in_range(shipment: Shipment, at: datetime) -> None:
    """Before a locked shipment is handed over its record is computed from all readings there are.

    Raises Conflict `shipment-stopped` where an excursion waits for a decision, or came to light only now. The latter is not
    in the books then, as nothing of a refused step is: the next `assess` puts it there.
    """
    record = ColdRecord.objects.filter(shipment=shipment).first()
    if record is None:
        return
    if record.state in ("stopped", "destroyed") or _new(record, assessment(record, at)):
        raise Conflict(
            "shipment-stopped",
            violations=[Violation(pointer="/shipment", rule="released")],
            extra={"reason": stopping.EXCURSION},
        )


def close(shipment: Shipment, at: datetime) -> None:
    """The locked shipment is with its recipient, back, or lost: its record ends, and of delivered goods says what it was."""
    record = ColdRecord.objects.filter(shipment=shipment).first()
    if record is None or record.end is not None:
        return
    record.end = at
    if record.state == "open":
        record.state = "closed"
    found = assessment(record, at)
    _keep(record, found)
    record.save()
    if shipment.state == states.DELIVERED:
        emit(_assessed(record, shipment, restated=False), subject=shipment.id, at=at)


def assess(shipment: Shipment) -> ColdRecord | None:
    """Computes the record of a locked shipment anew. An excursion stops it, tells those concerned and opens a claim."""
    record = ColdRecord.objects.filter(shipment=shipment).first()
    if record is None:
        return None
    now = clock.now()
    before = (record.verdict, record.complete)
    found = assessment(record, record.end or now)
    _keep(record, found)
    fresh = _new(record, found)
    for each in fresh:
        _excursion(shipment, record, each, now)
    if fresh and record.state in ("open", "released") and shipment.state not in GONE:
        record.state = "stopped"
        stopping.stop(SYSTEM, shipment=shipment.id, reason=stopping.EXCURSION)
    delivered = shipment.state == states.DELIVERED
    if delivered and record.end is not None and before != (record.verdict, record.complete):
        record.restated_at = now
        _restate(record, shipment, before)
    record.save()
    return record


def assessment(record: ColdRecord, end: datetime) -> Assessment:
    """From the record's start to `end`. Of one that goes on, readings whose clock is a little ahead of ours count as well."""
    ahead = timedelta(0) if record.end else AHEAD
    found = traces(record, end + ahead)
    last = max((trace[-1].at for trace in found), default=0)
    until = _seconds(end) if record.end else max(_seconds(end), last + 1)
    return cold_chain.assess(found, _seconds(record.start), until, PROFILES[record.profile])


def told(record: ColdRecord, shipment: Shipment) -> dict[str, Any]:
    return {
        "shipment": shipment.id, "carrier": shipment.carrier_id, "shipper": shipment.shipper, "order": shipment.order,
        "temperature": shipment.temperature, "profile": record.profile, "district": shipment.district,
    }  # fmt: skip


def _profile(shipment: Shipment, code: str) -> Profile | None:
    if not code:
        return cold_profiles.default_for(shipment.temperature, shipment.skills)
    found = PROFILES.get(code)
    if found is None or found.temperature != shipment.temperature:
        raise invalid("/profile", "one-of", ", ".join(PROFILES))
    return found


def _keep(record: ColdRecord, found: Assessment) -> None:
    record.verdict = "in-range" if found.in_range else "excursion"
    for name in _COLUMNS[1:]:
        setattr(record, name, getattr(found, name))
    record.gaps = [[gap.start, gap.end] for gap in found.gaps]
    record.assessed += 1
    record.assessed_at = clock.now()


def _new(record: ColdRecord, found: Assessment) -> list[cold_chain.Excursion]:
    known = set(record.excursions.values_list("kind", flat=True))
    return [each for each in found.excursions if each.kind not in known]


def _excursion(shipment: Shipment, record: ColdRecord, found: cold_chain.Excursion, now: datetime) -> None:
    late = shipment.state in GONE
    made = ColdExcursion.objects.create(
        id=ids.uuid7(),
        record=record,
        kind=found.kind,
        at=datetime.fromtimestamp(found.at, UTC),
        peak_mc=found.peak_mc,
        seconds=found.seconds,
        found_at=now,
        late=late,
    )
    made.claim = cold_claims.open_claim(shipment, made)
    made.save(update_fields=["claim"])
    concerned = {shipment.shipper, shipment.recipient, shipment.carrier_id}
    ColdNotice.objects.bulk_create(ColdNotice(excursion=made, party=party, at=now) for party in sorted(concerned))
    fact = facts.ColdExcursionFound(
        **told(record, shipment),
        excursion=made.id,
        kind=made.kind,
        peak_mc=made.peak_mc,
        seconds=made.seconds,
        late=late,
    )
    emit(fact, subject=shipment.id)


def _restate(record: ColdRecord, shipment: Shipment, before: tuple[str, bool]) -> None:
    fact = facts.ColdWithdrawn(**told(record, shipment), conform=before == ("in-range", True))
    emit(fact, subject=shipment.id)
    emit(_assessed(record, shipment, restated=True), subject=shipment.id, at=record.end)


def _assessed(record: ColdRecord, shipment: Shipment, *, restated: bool) -> facts.ColdAssessed:
    return facts.ColdAssessed(
        **told(record, shipment),
        conform=record.complete and record.verdict == "in-range",
        complete=record.complete,
        verdict=record.verdict,
        readings=record.readings,
        min_mc=record.min_mc,
        max_mc=record.max_mc,
        mkt_mc=record.mkt_mc,
        out_seconds=record.out_seconds,
        covered_permille=record.covered_permille,
        longest_gap_seconds=record.longest_gap_seconds,
        restated=restated,
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def shipments_locked(found: set[UUID]) -> list[Shipment]:
    """Several at once, in the order of their ids, so that two batches never wait for each other."""
    return [steps.locked(id) for id in sorted(found)]
