"""Operators, stations, kinds, prices, zones, vehicles and drivers of the demo city's new mobility."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from lilong.fields.mobility.drafts import (
    OperatorDraft,
    RuleDraft,
    StationDraft,
    TariffDraft,
    VehicleDraft,
    VehicleTypeDraft,
    ZoneDraft,
)
from lilong.fields.mobility.rules.licences import sound_number
from lilong.fields.mobility.rules.terms import Band, Cancelling, Terms
from lilong.fields.mobility.services import fleet, licences, tariffs, zones
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point, moved
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.site.demo import city
from lilong.site.demo.people import Town

CARS, BIKES = ids.named("demo", "mobility", "cars"), ids.named("demo", "mobility", "bikes")
CARS_N, BIKES_N = 60, 150
CONNECTED = 3  # one car in so many has a unit of its own; the others are opened by hand
SQUARE = Point(121.4737, 31.2304)  # People's Square: the street map's middle
CAR_TERMS = Terms(
    bands=(
        Band(per_hour=900, start=22 * 60, end=7 * 60, cap=4900),
        Band(per_hour=2600, weekdays=(6, 7)),
        Band(per_hour=1900),
    ),
    day_cap=18_800,
    per_km=90,
    deposit=50_000,
    early_percent=30,
    late_fee=2000,
    cancel=(Cancelling(before_seconds=7200, percent=0), Cancelling(before_seconds=0, percent=30)),
    no_show_percent=50,
)
BIKE_TERMS = Terms(bands=(Band(per_hour=300),), unlock=150, free_seconds=1800, step_seconds=1800, deposit=1000)


class Stand(NamedTuple):
    """A station of the demo: its key, name, and where it is from People's Square (metres, degrees)."""

    key: str
    name: Words
    metres: int
    towards: int


STANDS = (
    Stand("square", Words(en="People's Square", zh="人民广场", ko="인민광장"), 60, 120),
    Stand("theatre", Words(en="Grand Theatre", zh="大剧院", ko="대극장"), 420, 280),
    Stand("museum", Words(en="Shanghai Museum", zh="上海博物馆", ko="상하이박물관"), 330, 170),
    Stand("nanjing", Words(en="East Nanjing Road", zh="南京东路", ko="난징동루"), 1050, 60),
    Stand("xintiandi", Words(en="Xintiandi", zh="新天地", ko="신톈디"), 1150, 185),
    Stand("huaihai", Words(en="Huaihai Road", zh="淮海路", ko="화이하이루"), 1000, 225),
    Stand("suzhou", Words(en="Suzhou Creek", zh="苏河湾", ko="쑤허완"), 1250, 5),
    Stand("jingan", Words(en="Jing'an Temple", zh="静安寺", ko="정안사"), 2600, 262),
    Stand("lujiazui", Words(en="Lujiazui", zh="陆家嘴", ko="루자쭈이"), 2700, 75),
    Stand("xujiahui", Words(en="Xujiahui", zh="徐家汇", ko="쉬자후이"), 5400, 222),
    Stand("wujiaochang", Words(en="Wujiaochang", zh="五角场", ko="우자오창"), 8600, 35),
    Stand("hongqiao", Words(en="Hongqiao Station", zh="虹桥火车站", ko="훙차오역"), 15_300, 253),
)


class Fleet(NamedTuple):
    """Who manages the cars, and what stands where."""

    manager: Actor
    cars: list[tuple[UUID, Point]]
    bikes: list[tuple[UUID, Point]]


def settle(rng: Random, town: Town, drivers: Sequence[UUID], scale: float) -> Fleet:
    """Two operators with all they need, and residents with licences. Called at a moment of the past."""
    cars, bikes = _operator(town, CARS, 0), _operator(town, BIKES, 1)
    stands = {stand.key: moved(SQUARE, stand.metres, stand.towards) for stand in STANDS}
    _stations(cars, CARS, stands, "lot", 12)
    _stations(bikes, BIKES, stands, "virtual", 40)
    kinds = _kinds(cars, bikes)
    _zones(cars, bikes)
    found = _fleet(rng, cars, bikes, kinds, stands, scale)
    for person in drivers:
        _licence(person)
    return Fleet(cars, found["cars"], found["bikes"])


def _operator(town: Town, id: UUID, n: int) -> Actor:
    names = (
        Words(en="Lane Cars", zh="里弄出行", ko="골목 자동차"),
        Words(en="Magpie Bikes", zh="喜鹊单车", ko="까치 자전거"),
    )
    owner = (city.SELLER, town.residents[0][0])[n]
    parties_services.create_organisation(SYSTEM, id=id, name=names[n], owner=owner, kind="operator", district="huangpu")
    actor = parties.actor_of_party(owner)
    modes: Any = (("car-share",), ("micromobility",))[n]
    # Bikes may be left anywhere in the inner city and nowhere else; cars wherever one may park.
    everywhere = (RuleDraft(ride_start_allowed=False, ride_end_allowed=False),) if n else ()
    fleet.register_operator(
        actor,
        OperatorDraft(
            id=id,
            modes=modes,
            phone="+86 21 5555 0100",
            email="hello@demo.lilong",
            global_rules=everywhere,
            apology=2000,
        ),
    )
    return actor


def _stations(actor: Actor, operator: UUID, stands: dict[str, Point], kind: Any, capacity: int) -> None:
    for stand in STANDS:
        at = stands[stand.key]
        fleet.open_station(
            actor,
            StationDraft(
                id=id_of("station", operator, stand.key),
                operator=operator,
                kind=kind,
                name=stand.name,
                latitude_e6=at.latitude_e6,
                longitude_e6=at.longitude_e6,
                capacity=capacity,
                charging=kind == "lot",
            ),
        )


def _kinds(cars: Actor, bikes: Actor) -> dict[str, UUID]:
    car_plan, bike_plan = id_of("plan", "car"), id_of("plan", "bike")
    _tariff(
        cars,
        CARS,
        car_plan,
        "car-share",
        CAR_TERMS,
        "19 yuan an hour, 0.90 a km",
        "每小时19元，每公里0.90元",
        "시간당 19위안, km당 0.90위안",
    )
    _tariff(
        bikes,
        BIKES,
        bike_plan,
        "micromobility",
        BIKE_TERMS,
        "1.50 yuan for half an hour",
        "1.50元骑半小时",
        "30분에 1.50위안",
    )
    found = {}
    for key, name, seats, level, make, model in (
        ("compact", Words(en="Compact electric car", zh="小型电动车", ko="소형 전기차"), 4, 1, "BYD", "Dolphin"),
        ("family", Words(en="Family electric car", zh="家用电动车", ko="패밀리 전기차"), 5, 2, "Roewe", "Ei5"),
        ("van", Words(en="Electric van", zh="电动商务车", ko="전기 승합차"), 7, 3, "Maxus", "Mifa 9"),
    ):
        found[key] = id_of("type", key)
        fleet.put_type(
            cars,
            VehicleTypeDraft(
                id=found[key], operator=CARS, mode="car-share", name=name, form_factor="car", propulsion_type="electric",
                max_range_m=380_000, seats=seats, level=level, licence_class="C1", make=make, model=model,
                return_constraint="hybrid", plan=car_plan,
            ),
        )  # fmt: skip
    found["bike"] = id_of("type", "bike")
    fleet.put_type(
        bikes,
        VehicleTypeDraft(
            id=found["bike"], operator=BIKES, mode="micromobility", form_factor="bicycle", propulsion_type="human",
            name=Words(en="City bike", zh="共享单车", ko="공유 자전거"), return_constraint="free_floating", plan=bike_plan,
        ),
    )  # fmt: skip
    return found


def _tariff(actor: Actor, operator: UUID, plan: UUID, mode: Any, terms: Terms, en: str, zh: str, ko: str) -> None:
    tariffs.publish_tariff(
        actor,
        TariffDraft(
            id=id_of("tariff", plan), plan=plan, operator=operator, mode=mode, terms=terms,
            name=Words(en="Standard", zh="标准价", ko="기본 요금"), description=Words(en=en, zh=zh, ko=ko),
        ),
    )  # fmt: skip


def _zones(cars: Actor, bikes: Actor) -> None:
    park, lane = moved(SQUARE, 260, 330), moved(SQUARE, 900, 62)
    no_end = RuleDraft(ride_end_allowed=False, ride_start_allowed=False)
    for key, actor, operator, name, geometry, rule, modes, first in (
        ("inner", bikes, BIKES, Words(en="Inner city", zh="中心城区", ko="도심"), _square(SQUARE, 9000), RuleDraft(), (), 500),
        ("park", SYSTEM, None, Words(en="People's Park", zh="人民公园", ko="인민공원"), _square(park, 120), no_end, (), 10),
        (
            "walk", SYSTEM, None, Words(en="Nanjing Road walk", zh="南京路步行街", ko="난징루 보행거리"), _square(lane, 150),
            RuleDraft(ride_start_allowed=False, ride_end_allowed=False, ride_through_allowed=False), ("micromobility",), 5,
        ),
        (
            "school", SYSTEM, None, Words(en="School street", zh="学校路段", ko="학교 앞길"), _square(moved(SQUARE, 700, 200), 130),
            RuleDraft(maximum_speed_kph=15), (), 20,
        ),
    ):  # fmt: skip
        zones.publish_zone(
            actor,
            ZoneDraft(
                id=id_of("zone", key, 1), zone=id_of("zone", key), operator=operator, name=name, geometry=geometry, rules=(rule,),
                modes=modes, precedence=first,  # type: ignore[arg-type]
            ),
        )  # fmt: skip


def _fleet(
    rng: Random, cars: Actor, bikes: Actor, kinds: dict[str, UUID], stands: dict[str, Point], scale: float
) -> dict[str, list[tuple[UUID, Point]]]:
    """Vehicles and where they stand. Most cars are connected ones; bikes and some cars are opened by hand."""
    found: dict[str, list[tuple[UUID, Point]]] = {"cars": [], "bikes": []}
    for n in range(max(6, round(CARS_N * scale))):
        stand = STANDS[n % len(STANDS)]
        at = moved(stands[stand.key], rng.randrange(5, 45), rng.randrange(360))
        kind = ("compact", "compact", "family", "family", "van")[n % 5]
        draft = VehicleDraft(
            id=id_of("car", n), type=kinds[kind], plate=f"沪A·D{n + 1:05d}", connected=n % CONNECTED == 0, latitude_e6=at.latitude_e6,
            longitude_e6=at.longitude_e6, energy_pm=rng.randrange(350, 1000), odometer_m=rng.randrange(2_000, 60_000) * 1000,
            home=id_of("station", CARS, stand.key),
        )  # fmt: skip
        found["cars"].append((fleet.register_vehicle(cars, draft).id, at))
    for n in range(max(10, round(BIKES_N * scale))):
        at = moved(stands[STANDS[n % 9].key], rng.randrange(5, 400), rng.randrange(360))
        draft = VehicleDraft(
            id=id_of("bike", n), type=kinds["bike"], plate=f"M{n + 1:06d}", connected=False, latitude_e6=at.latitude_e6,
            longitude_e6=at.longitude_e6, odometer_m=rng.randrange(50, 4000) * 1000,
        )  # fmt: skip
        found["bikes"].append((fleet.register_vehicle(bikes, draft).id, at))
    return found


def _licence(person: UUID) -> None:
    id = id_of("licence", person)
    digits = f"{person.int % 10**17:017d}"
    number = next(digits + last for last in "0123456789X" if sound_number(digits + last))
    licences.submit_licence(
        parties.actor_of_party(person), id=id, number=number, classes=["C1"], valid_until=date(2032, 12, 31)
    )
    licences.decide_licence(SYSTEM, id=id, accept=True)


def _square(centre: Point, metres: float) -> dict[str, Any]:
    north, east = moved(centre, metres, 0).latitude, moved(centre, metres, 90).longitude
    south, west = 2 * centre.latitude - north, 2 * centre.longitude - east
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def id_of(*parts: object) -> UUID:
    return ids.named("demo", "mobility", *parts)
