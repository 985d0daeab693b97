"""Finding vehicles: which are near, free, and what they would cost. For everybody; says nothing about who has what."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.mobility.models import Tariff, Vehicle, VehicleType
from lilong.fields.mobility.queries.zones import Ask, Fence
from lilong.fields.mobility.rules import rentals as rules
from lilong.fields.mobility.rules import tariffs, terms
from lilong.fields.mobility.rules.tariffs import Bill
from lilong.fields.mobility.rules.terms import Terms
from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.calendar import queries as calendar
from lilong.kernel.calendar.queries import RESOURCES_MAX
from lilong.kernel.catalog.queries import offers as catalog
from lilong.kernel.geo.points import Point, metres

FAR_M, NEAR_M, SIZE = 30_000, 2_000, 60
GONE = ("removed", "missing", "elsewhere")
_DEGREE_M = 111_195  # a degree of latitude; of longitude it is less, which only makes the first look wider


class RentalPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a rental would cost, before booking: `lines` sum to `total`; `held` (with the deposit) is set aside."""

    tariff: UUID
    plan: UUID
    version: int
    currency: str
    total: int
    deposit: int
    held: int
    lines: list[dict[str, Any]]


class FoundVehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle that can be had. `metres` is how far it stands from where it was looked for."""

    id: UUID
    operator: UUID
    type: UUID
    mode: str
    name: Words
    make: str
    model: str
    form_factor: str
    propulsion_type: str
    seats: int
    level: int
    licence_class: str
    plate: str
    latitude_e6: int
    longitude_e6: int
    energy_pm: int | None
    range_m: int | None
    station: UUID | None
    metres: int
    plan: UUID | None
    price: RentalPrice | None = None


class Free(msgspec.Struct, frozen=True, kw_only=True):
    """A time or another vehicle in place of one that is taken."""

    vehicle: UUID
    start: datetime
    end: datetime
    metres: int = 0
    total: int | None = None


def tariff_of(type_: VehicleType, at: datetime | None = None) -> Tariff:
    """The version of a kind's price plan that counts for what is booked now. Raises Conflict `no-price`."""
    rows = (
        Tariff.objects.filter(plan=type_.plan, valid_from__lte=at or clock.now())
        if type_.plan
        else Tariff.objects.none()
    )
    found = rows.order_by("-version").first()
    if found is None:
        raise Conflict("no-price", violations=[Violation(pointer="/vehicle", rule="priced")])
    return found


def kind_of_offer(offer: UUID) -> VehicleType | None:
    """The kind of vehicle that an offer of the catalogue shows; None for any other offer."""
    (found,) = catalog.views([offer]) or (None,)
    named = found.attributes.get("type") if found and found.field == "mobility" else None
    return VehicleType.objects.filter(id=named).first() if named else None


def vehicle_of(id: UUID, *modes: str) -> Vehicle:
    """A vehicle that can be rented in one of these modes. Raises Missing `no-such-vehicle`."""
    row = Vehicle.objects.select_related("type", "operator").filter(id=id, mode__in=modes, retired_at=None).first()
    if row is None:
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    return row


def quote(vehicle: UUID, start: datetime, end: datetime, *, foreseen_m: int = 0) -> RentalPrice:
    """What a vehicle would cost from `start` to `end`, driven so far. Raises Missing, Invalid, Conflict `no-price`."""
    row = vehicle_of(vehicle, "car-share", "micromobility")
    rules.check_times(start, end, foreseen_m, clock.now())
    tariff = tariff_of(row.type)
    return price(tariff, tariffs.bill(terms.read(tariff.terms), start, end, foreseen_m))


def price(tariff: Tariff, bill: Bill) -> RentalPrice:
    deposit = read_terms(tariff).deposit
    return RentalPrice(
        tariff=tariff.id,
        plan=tariff.plan,
        version=tariff.version,
        currency=tariff.currency,
        total=bill.total,
        deposit=deposit,
        held=bill.total + deposit,
        lines=lines_of(bill),
    )


def read_terms(tariff: Tariff) -> Terms:
    return terms.read(tariff.terms)


def lines_of(bill: Bill) -> list[dict[str, Any]]:
    """A bill's lines as receipts keep them."""
    return [
        {"code": line.code, "quantity": line.quantity, "unit": line.unit, "rate": line.rate, "amount": line.amount}
        | ({"start": _text(line.start), "end": _text(line.end)} if line.start and line.end else {})
        for line in bill.lines
    ]


def cars(
    near: Point,
    start: datetime,
    end: datetime,
    *,
    radius_m: int = NEAR_M,
    seats: int = 1,
    operator: UUID | None = None,
    foreseen_m: int = 0,
) -> list[FoundVehicle]:
    """Shared cars within `radius_m` that are free from `start` to `end`, nearest first, with their price; at most 60."""
    rules.check_times(start, end, foreseen_m, clock.now())
    rows = _near(near, radius_m, "car-share").filter(type__seats__gte=seats)
    if operator is not None:
        rows = rows.filter(operator=operator)
    found = _sorted(near, radius_m, rows.exclude(state__in=GONE))[:RESOURCES_MAX]
    free = calendar.free([row.id for _, row in found], start, end) if found else set()
    prices: dict[UUID, RentalPrice | None] = {}
    answer = []
    for far, row in found:
        if row.id not in free:
            continue
        if row.type_id not in prices:
            prices[row.type_id] = _price(row.type, start, end, foreseen_m)
        if prices[row.type_id] is not None:
            answer.append(shown(row, far, prices[row.type_id]))
    return answer[:SIZE]


def at_once(near: Point, *, radius_m: int = 500, form_factor: str = "") -> list[FoundVehicle]:
    """Bikes and scooters that can be taken right now, nearest first; at most 60. None in a zone where no ride may start."""
    rows = _near(near, radius_m, "micromobility").filter(state="available", trip=None)
    if form_factor:
        rows = rows.filter(type__form_factor=form_factor)
    fences: dict[UUID, Fence] = {}
    answer = []
    for far, row in _sorted(near, radius_m, rows):
        if row.type_id not in fences:
            fences[row.type_id] = Fence(Ask.of(row.type))
        if fences[row.type_id].verdict(place_of(row)).start:
            answer.append(shown(row, far, None))
        if len(answer) >= SIZE:
            break
    return answer


def alternatives(vehicle: Vehicle, start: datetime, end: datetime, *, same_car: Sequence[Any] = ()) -> list[Free]:
    """What can be had in place of a car that is taken: the same car at other times, other cars nearby at the same time."""
    found = [
        Free(
            vehicle=vehicle.id,
            start=datetime.fromisoformat(slot["start"]),
            end=datetime.fromisoformat(slot["end"]),
        )
        for slot in same_car
    ]
    if vehicle.latitude_e6 is None:
        return found
    others = cars(place_of(vehicle), start, end, radius_m=round(rules.NEARBY_M), seats=1)
    found += [
        Free(vehicle=each.id, start=start, end=end, metres=each.metres, total=each.price.total if each.price else None)
        for each in others
        if each.id != vehicle.id
    ][:5]
    return found


def substitutes(vehicle: Vehicle, start: datetime, end: datetime) -> list[tuple[int, Vehicle]]:
    """Cars of the same operator that are as good or better, near, ready now and free then: nearest first."""
    at = place_of(vehicle)
    rows = _near(at, round(rules.NEARBY_M), "car-share").filter(
        operator=vehicle.operator_id,
        state="available",
        trip=None,
        type__level__gte=vehicle.type.level,
        type__seats__gte=vehicle.type.seats,
        type__licence_class=vehicle.type.licence_class,
    )
    if vehicle.type.wheelchair:
        rows = rows.filter(type__wheelchair=True)
    found = _sorted(at, round(rules.NEARBY_M), rows.exclude(id=vehicle.id))[:RESOURCES_MAX]
    free = calendar.free([row.id for _, row in found], start, end) if found else set()
    return [(far, row) for far, row in found if row.id in free]


def shown(row: Vehicle, far: int, price: RentalPrice | None) -> FoundVehicle:
    kind = row.type
    left = kind.max_range_m * row.energy_pm // 1000 if kind.max_range_m and row.energy_pm is not None else None
    return FoundVehicle(
        id=row.id,
        operator=row.operator_id,
        type=kind.id,
        mode=row.mode,
        name=Words.read(kind.name),
        make=kind.make,
        model=kind.model,
        form_factor=kind.form_factor,
        propulsion_type=kind.propulsion_type,
        seats=kind.seats,
        level=kind.level,
        licence_class=kind.licence_class,
        plate=row.plate,
        latitude_e6=row.latitude_e6 or 0,
        longitude_e6=row.longitude_e6 or 0,
        energy_pm=row.energy_pm,
        range_m=left,
        station=row.station_id,
        metres=far,
        plan=kind.plan,
        price=price,
    )


def place_of(row: Vehicle) -> Point:
    """Where a vehicle stands. Raises Conflict `vehicle-silent` where nobody knows."""
    if row.latitude_e6 is None or row.longitude_e6 is None:
        raise Conflict("vehicle-silent", violations=[Violation(pointer="/vehicle", rule="position")])
    return Point.of_e6(row.latitude_e6, row.longitude_e6)


def _price(type_: VehicleType, start: datetime, end: datetime, foreseen_m: int) -> RentalPrice | None:
    try:
        tariff = tariff_of(type_)
    except Conflict:
        return None
    return price(tariff, tariffs.bill(read_terms(tariff), start, end, foreseen_m))


def _near(near: Point, radius_m: int, mode: str) -> Any:
    reach = round(radius_m / _DEGREE_M * 1_000_000)
    wide = reach * 2  # up to 60 degrees north a degree of longitude is at least half of one of latitude
    lat, lon = near.latitude_e6, near.longitude_e6
    return Vehicle.objects.select_related("type", "operator").filter(
        mode=mode,
        retired_at=None,
        operator__closed_at=None,
        latitude_e6__range=(lat - reach, lat + reach),
        longitude_e6__range=(lon - wide, lon + wide),
    )


def _sorted(near: Point, radius_m: int, rows: Iterable[Vehicle]) -> list[tuple[int, Vehicle]]:
    found = [(round(metres(near, place_of(row))), row) for row in rows]
    return sorted((pair for pair in found if pair[0] <= radius_m), key=lambda pair: (pair[0], pair[1].id))


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
