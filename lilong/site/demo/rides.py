"""Rides of the demo city: a taxi firm with drivers, a firm of robotaxis, six weeks of rides, and cars on line now."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from lilong.fields.mobility.drafts import OperatorDraft, VehicleDraft, VehicleTypeDraft
from lilong.fields.mobility.rules.licences import sound_number
from lilong.fields.mobility.rules.rides.tariffs import Band, RideTariff, Surcharge
from lilong.fields.mobility.services import fleet, licences
from lilong.fields.mobility.services.rides import duties, past, tariffs
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.kernel.parties.drafts import OrganisationDraft
from lilong.site.demo.people import Town

RIDES, DRIVERS, ROBOTAXIS = 320, 10, 8
FIRM, ROBOTS = ids.named("demo", "rides", "firm"), ids.named("demo", "rides", "robots")
NIGHT = Band(code="night", from_="23:00", until="06:00", extra_bp=3000)
RUSH = Band(code="rush", from_="07:30", until="09:30", extra_bp=1500, weekdays=(1, 2, 3, 4, 5))
TERMS = RideTariff(bands=(NIGHT, RUSH), surcharges=(Surcharge(code="stop", amount=300),), surge_max_bp=5000)
ROBOT_TERMS = msgspec.structs.replace(TERMS, base=1000, minimum=1000, per_km=220, surge_max_bp=0)
# Trips in New York that began in each hour of a weekday (TLC records of March 2019): the day's shape.
HOURS = (
    103,
    46,
    45,
    23,
    23,
    38,
    120,
    190,
    258,
    242,
    231,
    185,
    221,
    205,
    243,
    238,
    244,
    281,
    313,
    289,
    266,
    276,
    231,
    208,
)
_KMH = 18.0


def robotaxi(n: int) -> UUID:
    """The vehicle's id; that of its device follows from it."""
    return ids.named("demo", "robotaxi", n)


def open_rides(rng: Random, town: Town, end: datetime, days: int, scale: float) -> None:
    """Sets up the firms before the first of `days` days, lets them drive, and leaves some cars on line at `end`."""
    with clock.at(end - timedelta(days=days)):
        _firms(town)
        drivers = _drivers(town, max(2, round(DRIVERS * scale)))
        shifts = [_on_line(driver, _car(rng, n)) for n, driver in enumerate(drivers)]
        shifts += [_on_line(None, _robot(rng, n)) for n in range(max(2, round(ROBOTAXIS * scale)))]
    past.record(SYSTEM, _rides(rng, town, [shift for _, _, shift in shifts], end, days, round(RIDES * scale)))
    with clock.at(end - timedelta(days=days) + timedelta(hours=8)):
        for driver, _, shift in shifts:
            duties.go_offline(driver or SYSTEM, duty=shift)
    with clock.at(end - timedelta(minutes=1)):
        for driver, vehicle, _ in shifts:
            if driver is None or rng.random() < 0.7:  # noqa: PLR2004 (most of them are at work)
                _on_line(driver, vehicle)


def _firms(town: Town) -> None:
    names = {
        FIRM: Words(en="Magnolia Taxi", zh="玉兰出租", ko="목련 택시"),
        ROBOTS: Words(en="Lane Robotaxi", zh="里弄无人车", ko="골목 로보택시"),
    }
    for n, (id, name) in enumerate(names.items()):
        draft = OrganisationDraft(id=id, name=name, owner=town.residents[10 + n][0], kind="carrier", district="huangpu")
        parties_services.create_organisations(SYSTEM, [draft])
        fleet.register_operator(SYSTEM, OperatorDraft(id=id, modes=("passenger-services",), phone="962000"))
    _kind(FIRM, "car", Words(en="Taxi", zh="出租车", ko="택시"), TERMS, driverless=False)
    _kind(ROBOTS, "robotaxi", Words(en="Robotaxi", zh="无人驾驶出租车", ko="로보택시"), ROBOT_TERMS, driverless=True)


def _kind(firm: UUID, key: str, name: Words, terms: RideTariff, *, driverless: bool) -> None:
    plan = ids.named("demo", "rides", "plan", key)
    about = Words(en="Fixed before the ride", zh="上车前一口价", ko="탑승 전 확정 요금")
    tariffs.publish(
        SYSTEM, id=ids.named("demo", "rides", "tariff", key), operator=firm, plan=plan, name=name, description=about,
        terms=terms,
    )  # fmt: skip
    draft = VehicleTypeDraft(
        id=ids.named("demo", "rides", "type", key), operator=firm, mode="passenger-services", name=name, form_factor="car",
        propulsion_type="electric", max_range_m=420_000, seats=4, driverless=driverless, plan=plan,
    )  # fmt: skip
    fleet.put_type(SYSTEM, draft)


def _drivers(town: Town, count: int) -> list[Actor]:
    """Residents with licence and papers."""
    today, found = clock.today(), []
    for n, (person, _) in enumerate(town.residents[-count:]):
        parties_services.add_member(SYSTEM, organisation=FIRM, person=person, roles=["driver"])
        driver = parties.actor_of_party(person)
        licence = ids.named("demo", "rides", "licence", n)
        licences.submit_licence(
            driver, id=licence, number=_number(n), classes=["C1"], valid_until=today + timedelta(days=2000)
        )
        licences.decide_licence(SYSTEM, id=licence, accept=True)
        for kind in ("permit", "insurance"):
            duties.see_permit(
                SYSTEM, id=ids.named("demo", "rides", kind, n), operator=FIRM, driver=person, kind=kind,
                valid_from=today - timedelta(days=100), valid_until=today + timedelta(days=600),
            )  # fmt: skip
        found.append(driver)
    return found


def _number(n: int) -> str:
    """A licence's number with its check digit (GB 11643), of nobody: the birthday is in the future."""
    body = f"31010120990101{n:03}"
    return next(body + last for last in "0123456789X" if sound_number(body + last))


def _car(rng: Random, n: int) -> UUID:
    return _vehicle(rng, ids.named("demo", "taxi", n), "car", f"沪A·T{1000 + n}", connected=False)


def _robot(rng: Random, n: int) -> UUID:
    return _vehicle(rng, robotaxi(n), "robotaxi", f"沪A·R{1000 + n}", connected=True)


def _vehicle(rng: Random, id: UUID, key: str, plate: str, *, connected: bool) -> UUID:
    place = _corner(rng)
    draft = VehicleDraft(
        id=id, type=ids.named("demo", "rides", "type", key), plate=plate, connected=connected,
        latitude_e6=place.latitude_e6, longitude_e6=place.longitude_e6, energy_pm=rng.randint(350, 980),
    )  # fmt: skip
    return fleet.register_vehicle(SYSTEM, draft).id


def _on_line(driver: Actor | None, vehicle: UUID) -> tuple[Actor | None, UUID, UUID]:
    """Who drives (None: nobody), what, and the shift."""
    return driver, vehicle, duties.go_online(driver or SYSTEM, id=ids.uuid7(), vehicle=vehicle).id


def _rides(rng: Random, town: Town, shifts: list[UUID], end: datetime, days: int, count: int) -> list[past.PastRide]:
    """Each from a corner to another, at an hour of the city's day; one in twelve was called off."""
    riders = [id for id, _ in town.residents[: -DRIVERS - 2]]
    midnight = end.astimezone(clock.CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for _ in range(count):
        day = midnight - timedelta(days=rng.randint(1, max(1, days - 1)))
        (hour,) = rng.choices(range(24), HOURS)
        start, goal = _corner(rng), _corner(rng)
        while metres(start, goal) < 400:  # noqa: PLR2004 (who would take a taxi)
            goal = _corner(rng)
        pickup = rng.randint(150, 1800)
        called_off = rng.random() < 1 / 12
        found.append(
            past.PastRide(
                id=ids.uuid7(), rider=rng.choice(riders), duty=rng.choice(shifts), start=start, end=goal,
                requested_at=day + timedelta(seconds=hour * 3600 + rng.randint(0, 3599)), pickup_m=pickup,
                wait_seconds=30 + round(pickup / (_KMH / 3.6)), outcome="cancelled" if called_off else "completed",
                stars=0 if called_off or rng.random() < 0.4 else rng.choice((5, 5, 5, 5, 4, 4, 3)),  # noqa: PLR2004
            )
        )  # fmt: skip
    return sorted(found, key=lambda ride: ride.requested_at)


def _corner(rng: Random) -> Point:
    graph = streets.city()
    return graph.point(rng.randrange(len(graph.nodes)))
