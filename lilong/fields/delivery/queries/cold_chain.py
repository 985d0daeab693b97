"""Reads of the cold chain: a shipment's record, its readings, notices, loggers; for those whom the shipment concerns."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.delivery.models import ColdNotice, ColdRecord, Logger, LoggerPlace, Shipment
from lilong.fields.delivery.queries.cold_traces import traces
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.cold_profiles import PROFILES
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.parties.actor import Actor

READINGS_MAX = 5000


class GapView(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is known from `start` to `end`."""

    start: datetime
    end: datetime


class ExcursionView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    at: datetime
    peak_mc: int
    seconds: int
    late: bool
    claim: UUID | None


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    outcome: str
    reason: str
    by: UUID
    at: datetime


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment's cold record. Temperatures in thousandths of a degree Celsius, `covered_permille` of its time."""

    shipment: UUID
    profile: str
    low_mc: int
    high_mc: int
    state: str
    verdict: str
    complete: bool
    start: datetime
    end: datetime | None
    readings: int
    min_mc: int | None
    max_mc: int | None
    mean_mc: int | None
    mkt_mc: int | None
    out_seconds: int
    longest_out_seconds: int
    covered_permille: int
    longest_gap_seconds: int
    gaps: list[GapView]
    assessed_at: datetime | None
    restated_at: datetime | None
    excursions: list[ExcursionView]
    decisions: list[DecisionView]


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """One reading, to be drawn: seconds since 1970, thousandths of a degree."""

    at: int
    mc: int


class LoggerView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    carrier: UUID
    name: dict[str, str]
    seen_at: datetime | None
    battery_percent: int | None
    last_at: datetime | None
    last_mc: int | None
    reused: int
    ahead: int
    shipment: UUID | None
    vehicle: UUID | None


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    shipment: UUID
    excursion: ExcursionView
    at: datetime
    seen_at: datetime | None


def record(actor: Actor, shipment: UUID) -> RecordView:
    """For who sends, carries or receives it, and operators. Raises Missing, also for others."""
    found = _found(actor, shipment)
    profile = PROFILES[found.profile]
    return RecordView(
        shipment=shipment,
        profile=found.profile,
        low_mc=profile.low_mc,
        high_mc=profile.high_mc,
        state=found.state,
        verdict=found.verdict,
        complete=found.complete,
        start=found.start,
        end=found.end,
        readings=found.readings,
        min_mc=found.min_mc,
        max_mc=found.max_mc,
        mean_mc=found.mean_mc,
        mkt_mc=found.mkt_mc,
        out_seconds=found.out_seconds,
        longest_out_seconds=found.longest_out_seconds,
        covered_permille=found.covered_permille,
        longest_gap_seconds=found.longest_gap_seconds,
        gaps=[GapView(start=_moment(start), end=_moment(end)) for start, end in found.gaps],
        assessed_at=found.assessed_at,
        restated_at=found.restated_at,
        excursions=[excursion_view(each) for each in found.excursions.order_by("at")],
        decisions=[
            DecisionView(outcome=each.outcome, reason=each.reason, by=each.by, at=each.at)
            for each in found.decisions.order_by("at")
        ],
    )


def readings(actor: Actor, shipment: UUID) -> list[list[PointView]]:
    """What each logger read with its goods, in order; the newest five thousand of each. Raises Missing."""
    found = _found(actor, shipment)
    told = traces(found, found.end or clock.now())
    return [[PointView(at=sample.at, mc=sample.mc) for sample in trace[-READINGS_MAX:]] for trace in told]


def loggers(actor: Actor, carrier: UUID) -> list[LoggerView]:
    """A carrier's loggers. Raises Forbidden."""
    if not actor.staff:
        actor.require(carrier, *roles.LOOK)
    places = {place.logger_id: place for place in LoggerPlace.objects.filter(logger__carrier_id=carrier, end=None)}
    return [
        _logger_view(found, places.get(found.id))
        for found in Logger.objects.filter(carrier_id=carrier, removed_at=None).order_by("added_at")
    ]


def notices(actor: Actor, *, unseen: bool = False) -> list[NoticeView]:
    """What the actor, and the firms it acts for, were told of excursions; the newest hundred."""
    parties = [actor.party, *(org for org in actor.roles if actor.acts_for(org, *roles.LOOK, *roles.QUALITY))]
    rows = ColdNotice.objects.filter(party__in=parties).select_related("excursion")
    if unseen:
        rows = rows.filter(seen_at=None)
    return [
        NoticeView(
            id=row.pk,
            shipment=row.excursion.record_id,
            excursion=excursion_view(row.excursion),
            at=row.at,
            seen_at=row.seen_at,
        )
        for row in rows.order_by("-at")[:100]
    ]


def excursion_view(found: object) -> ExcursionView:
    return ExcursionView(**{name: getattr(found, name) for name in ExcursionView.__struct_fields__})


def _logger_view(found: Logger, place: LoggerPlace | None) -> LoggerView:
    return LoggerView(
        id=found.id,
        carrier=found.carrier_id,
        name=found.name,
        seen_at=found.seen_at,
        battery_percent=found.battery_percent,
        last_at=found.last_at,
        last_mc=found.last_mc,
        reused=found.reused,
        ahead=found.ahead,
        shipment=place.shipment_id if place else None,
        vehicle=place.vehicle_id if place else None,
    )


def _found(actor: Actor, shipment: UUID) -> ColdRecord:
    goods = Shipment.objects.filter(id=shipment).first()
    record = ColdRecord.objects.filter(shipment_id=shipment).first()
    if goods is None or record is None or not _concerned(actor, goods):
        raise Missing("no-such-shipment", violations=[Violation(pointer="/shipment", rule="known")])
    return record


def _concerned(actor: Actor, goods: Shipment) -> bool:
    return (
        actor.staff
        or actor.acts_for(goods.carrier_id, *roles.LOOK)
        or actor.acts_for(goods.shipper, *roles.LOOK, *roles.SHIPPER, *roles.QUALITY)
        or actor.acts_for(goods.recipient, "buyer")
        or (actor.kind == "device" and actor.party == goods.vehicle_id)
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, clock.CITY_ZONE)
