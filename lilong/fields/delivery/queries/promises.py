"""What can be promised now: services, zones, what the calendar has left, how long the way takes. A query: nothing is held."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.core import signing

from lilong.fields.delivery.models import Depot, ServiceLevel, Zone
from lilong.fields.delivery.rules import fees
from lilong.fields.delivery.rules import promises as rules
from lilong.kernel.base import clock
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Conflict, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.geo.streets import city
from lilong.kernel.geo.zones import Zone as Area

_SALT = "lilong.delivery.promise"


class PromiseView(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer is shown before buying: who brings it, between when, for which fee. `token` is the signed offer."""

    carrier: UUID
    service: UUID
    code: str
    name: Words
    earliest: datetime
    latest: datetime
    fee: int
    currency: str
    contactless: bool
    token: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a token stands for: the promise as it was shown. `until` is when it must be taken."""

    service: UUID
    origin: tuple[int, int]  # latitude_e6, longitude_e6
    to: tuple[int, int]
    weight_g: int
    temperature: str
    earliest: datetime
    latest: datetime
    slot: tuple[int, int]  # seconds since 1970
    way_metres: int
    way_seconds: int
    fee: int
    until: datetime


def at_depot(place: UUID, to: Point, weight_g: int, temperature: str, at: datetime) -> list[PromiseView]:
    """From a depot; [] where nobody carries from there, or not there, or not that."""
    depot = Depot.objects.filter(id=place, closed_at=None, carrier__closed_at=None, carrier__isnull=False).first()
    if depot is None or depot.carrier_id is None:
        return []
    origin = Point.of_e6(depot.latitude_e6, depot.longitude_e6)
    return promised(services([depot.carrier_id], temperature, weight_g), origin, to, weight_g, temperature, at)


def services(carriers: Iterable[UUID], temperature: str, weight_g: int) -> list[ServiceLevel]:
    """The open services of some carriers that take such goods."""
    rows = ServiceLevel.objects.select_related("zone").filter(
        carrier__in=list(carriers), carrier__closed_at=None, closed_at=None, temperatures__contains=[temperature],
        weight_g__gte=weight_g,
    )  # fmt: skip
    return list(rows.order_by("base_fee", "id"))


def promised(
    open_services: Iterable[ServiceLevel], origin: Point, to: Point, weight_g: int, temperature: str, at: datetime
) -> list[PromiseView]:
    """What these services can promise for the way from `origin` to `to`, the earliest first."""
    found: list[PromiseView] = []
    straight = metres(origin, to)
    at = at.replace(microsecond=0)
    for service in open_services:
        if straight > service.radius_m or not reaches(service.zone, to):
            continue
        way = city().route(origin, to, speed_kmh=float(service.speed_kmh))
        fee = fees.fee(fees.Price(service.base_fee, service.km_fee, service.kg_fee), round(way.metres), weight_g)
        for window, slot in _windows(service, at, round(way.seconds)):
            terms = Terms(
                service=service.id, origin=(origin.latitude_e6, origin.longitude_e6), to=(to.latitude_e6, to.longitude_e6),
                weight_g=weight_g, temperature=temperature, earliest=window.earliest, latest=window.latest, slot=slot,
                way_metres=round(way.metres), way_seconds=round(way.seconds), fee=fee,
                until=at + timedelta(seconds=rules.TOKEN_SECONDS),
            )  # fmt: skip
            found.append(_view(service, terms))
    return sorted(found, key=lambda each: (each.latest, each.fee, str(each.service)))


def reaches(zone: Zone | None, to: Point) -> bool:
    """Whether a service goes there; without a zone it goes everywhere within its radius."""
    return zone is None or Area.of_geojson(zone.geometry).contains(to)


def hours(service: ServiceLevel) -> rules.Hours:
    return rules.Hours(service.starts, service.ends, service.lead_seconds, service.cut_off)


def _windows(service: ServiceLevel, at: datetime, way_seconds: int) -> list[tuple[rules.Window, tuple[int, int]]]:
    """Windows that are free in the calendar, with the stretch that would be booked there."""
    if service.seconds is not None:
        window = rules.rapid(hours(service), at, service.seconds, way_seconds)
        until = at + timedelta(seconds=rules.HOLD_SECONDS + 60)
        if window is None or not calendar.find([service.slots], at, until, seconds=rules.HOLD_SECONDS):
            return []
        since = int(at.timestamp())
        return [(window, (since, since + rules.HOLD_SECONDS))]
    free = calendar.find([service.slots], at, at + timedelta(hours=rules.AHEAD_HOURS))
    windows = rules.first(hours(service), at, (rules.Window(slot.start, slot.end) for slot in free), way_seconds)
    return [(each, (int(each.earliest.timestamp()), int(each.latest.timestamp()))) for each in windows]


def _view(service: ServiceLevel, terms: Terms) -> PromiseView:
    return PromiseView(
        carrier=service.carrier_id, service=service.id, code=service.code, name=Words.read(service.name),
        earliest=terms.earliest, latest=terms.latest, fee=terms.fee, currency=CNY, contactless=service.contactless,
        token=_sign(terms),
    )  # fmt: skip


def _sign(terms: Terms) -> str:
    body: Any = msgspec.to_builtins(terms)
    return signing.Signer(salt=_SALT).sign_object(body, compress=True)


def read_token(token: str) -> Terms:
    """The promise a token stands for. Raises Invalid `/token` for one that is none, Conflict `promise-expired`."""
    try:
        terms = msgspec.convert(signing.Signer(salt=_SALT).unsign_object(token), Terms)
    except (signing.BadSignature, msgspec.ValidationError, ValueError):
        raise invalid("/token", "token") from None
    if clock.now() > terms.until:
        raise expired()
    return terms


def expired() -> Conflict:
    return Conflict("promise-expired", violations=[Violation(pointer="/token", rule="in-time")])
