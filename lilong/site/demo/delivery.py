"""A carrier at work: couriers, unmanned vehicles, robots and drones, depots at the grocers' warehouses, lockers in the
districts, some weeks of shipments with every outcome, and those of today that are still under way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec
from django.db import transaction

from lilong.fields.delivery.drafts import (
    BankDraft,
    CarrierDraft,
    CellDraft,
    DepotDraft,
    ParcelDraft,
    ServiceDraft,
    ShipmentDraft,
    Spot,
    VehicleDraft,
)
from lilong.fields.delivery.models import Shipment
from lilong.fields.delivery.rules.kinds import UNATTENDED
from lilong.fields.delivery.services import (
    banks,
    booking,
    carriers,
    claims,
    codes,
    delivering,
    fleet,
    journey,
    lockers,
    planning,
    ratings,
)
from lilong.kernel.base import clock, ids
from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.problems import Conflict
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders import queries as orders
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.site.demo import city, cold
from lilong.site.demo.people import Town
from lilong.site.demo.shops import Market

CARRIER = ids.named("demo", "carrier")
SHIPMENTS, OPEN_TODAY = 140, 24
COURIERS, UNMANNED, ROBOTS, DRONES = 12, 20, 6, 4
LOCKER_DISTRICTS = ("huangpu", "jingan", "xuhui", "pudong", "yangpu", "minhang", "hongkou", "putuo")
LIMITS = {  # grams, ml, parcels, range m, km/h, what it keeps cold
    "courier": (25_000, 80_000, 20, 60_000, 18, ("ambient", "chilled")),
    "unmanned": (200_000, 900_000, 60, 90_000, 25, ("ambient", "chilled", "frozen")),
    "robot": (30_000, 90_000, 10, 20_000, 10, ("ambient",)),
    "drone": (3_000, 12_000, 1, 25_000, 60, ("ambient",)),
}
NAMES = {
    "courier": Words(en="Courier", zh="骑手", ko="배달원"),
    "unmanned": Words(en="Unmanned van", zh="无人配送车", ko="무인 배송차"),
    "robot": Words(en="Robot", zh="配送机器人", ko="배송 로봇"),
    "drone": Words(en="Drone", zh="无人机", ko="드론"),
}
OUTCOMES = ("door", "locker", "second-try", "returned", "lost", "cancelled")
WEIGHTS = (64, 20, 6, 3, 3, 4)
LATE, RATED = 0.08, 0.3  # shares


class Fleet(msgspec.Struct):
    """What the demo drives: vehicles with kind and depot, services by code, banks by district."""

    vehicles: list[tuple[UUID, str, UUID]]
    services: dict[str, UUID]
    banks: dict[str, UUID]
    depots: dict[UUID, Spot]


def open_delivery(
    rng: Random, town: Town, market: Market, end: datetime, days: int, scale: float, progress: Callable[[float], None]
) -> None:
    """Plays the `days` up to `end`, through the services."""
    with clock.at(end - timedelta(days=days + 6)), transaction.atomic():
        found = _set_up(rng, town, market)
    wanted = max(12, round(SHIPMENTS * scale))
    for day in range(days):
        since = end - timedelta(days=days - day)
        share = wanted * (day + 1) // days - wanted * day // days
        with transaction.atomic():
            for moment, order in _orders(rng, town, found, since, share):
                _play(rng, found, moment, order)
        progress(day / days)
    with transaction.atomic():
        _today(rng, found, town, end, max(8, round(OPEN_TODAY * scale)))
        with clock.at(end - timedelta(minutes=1)):
            planning.mend(SYSTEM, carrier=CARRIER, why="demo")


def _set_up(rng: Random, town: Town, market: Market) -> Fleet:
    name = Words(en="Lane Express", zh="里弄速递", ko="골목 익스프레스")
    parties.create_organisation(SYSTEM, id=CARRIER, name=name, owner=city.CARRIER, kind="logistics", district="huangpu")
    ledger.top_up(SYSTEM, id=ids.child(CARRIER, 1), owner=CARRIER, amount=5_000_000)
    carriers.open_carrier(SYSTEM, CarrierDraft(id=CARRIER, name=name, district="huangpu"))
    depots = {
        place: _depot(town.chains[chain], place) for chain, group in market.warehouses.items() for place, _ in group
    }
    return Fleet(
        vehicles=_vehicles(rng, town, list(depots)), services=_services(), depots=depots,
        banks={slug: _bank(slug) for slug in LOCKER_DISTRICTS},
    )  # fmt: skip


def _depot(owner: UUID, place: UUID) -> Spot:
    from lilong.fields.market.queries.places import place as place_view

    view = place_view(place)
    assert view.latitude_e6 is not None
    assert view.longitude_e6 is not None
    draft = DepotDraft(
        id=place, owner=owner, carrier=CARRIER, name=view.name, district=view.district, address=view.address,
        latitude_e6=view.latitude_e6, longitude_e6=view.longitude_e6,
    )  # fmt: skip
    carriers.open_depot(SYSTEM, draft)
    return Spot(latitude_e6=view.latitude_e6, longitude_e6=view.longitude_e6)


def _services() -> dict[str, UUID]:
    drafts = [
        _service("rapid", "30 minutes", "30分钟达", "30분 배송", seconds=1800, base_fee=800, late_percent=50, radius_m=6_000),
        _service("standard", "Standard", "标准配送", "일반 배송", window_seconds=7200, base_fee=300, km_fee=20, kg_fee=20),
        _service(
            "night", "By night", "夜间配送", "야간 배송", window_seconds=28_800, starts="22:00", ends="06:00",
            lead_seconds=3600, base_fee=200, contactless=True,
        ),
        _service(
            "cold", "Cold chain", "冷链配送", "콜드체인 배송", temperatures=("chilled", "frozen"), window_seconds=7200,
            base_fee=900, kg_fee=100, cover=80_000,
        ),
    ]  # fmt: skip
    return {draft.code: carriers.open_service(SYSTEM, draft).id for draft in drafts}


def _service(code: str, en: str, zh: str, ko: str, **more: object) -> ServiceDraft:
    given: dict[str, object] = {
        "temperatures": ("ambient", "chilled"), "per_hour": 60, "cover": 50_000, "starts": "07:00", "ends": "23:00",
        "radius_m": 60_000, "late_percent": 20,
    }  # fmt: skip
    given |= more
    id = ids.named("demo", "service", code)
    return ServiceDraft(id=id, carrier=CARRIER, code=code, name=Words(en=en, zh=zh, ko=ko), **given)  # type: ignore[arg-type]


def _vehicles(rng: Random, town: Town, depots: list[UUID]) -> list[tuple[UUID, str, UUID]]:
    stars = {star.id for star in city.STARS}
    others = [id for id, _ in town.residents if id not in stars]
    found: list[tuple[UUID, str, UUID]] = []
    for person in [city.COURIER, *rng.sample(others, min(COURIERS, len(others)))]:
        parties.add_member(SYSTEM, organisation=CARRIER, person=person, roles=["driver"])
        found.append((person, "courier", depots[len(found) % len(depots)]))
    for kind, count in (("unmanned", UNMANNED), ("robot", ROBOTS), ("drone", DRONES)):
        for n in range(count):
            found.append((ids.named("demo", kind, n), kind, depots[n % len(depots)]))
    for n, (id, kind, depot) in enumerate(found):
        grams, volume, parcels, metres, speed, temperatures = LIMITS[kind]
        name = NAMES[kind]
        draft = VehicleDraft(
            id=id, carrier=CARRIER, kind=kind, home=depot, capacity_g=grams, capacity_ml=volume,  # type: ignore[arg-type]
            name=Words(en=f"{name.en} {n + 1}", zh=f"{name.zh}{n + 1}号", ko=f"{name.ko} {n + 1}"),
            capacity_parcels=parcels, range_m=metres, speed_kmh=speed, temperatures=temperatures,  # type: ignore[arg-type]
        )  # fmt: skip
        fleet.add_vehicle(SYSTEM, draft)
        fleet.set_state(SYSTEM, vehicle=id, state="idle")
    return found


def _bank(slug: str) -> UUID:
    latitude, longitude = city.CENTRES_E6[slug]
    district = BY_SLUG[slug].name
    name = Words(en=f"{district.en} lockers", zh=f"{district.zh}智能柜", ko=f"{district.ko} 무인 보관함")
    id = ids.named("demo", "lockers", slug)
    cells = [CellDraft(size=size, count=count) for size, count in (("s", 4), ("m", 3), ("l", 2))]  # type: ignore[arg-type]
    banks.open_bank(
        SYSTEM,
        BankDraft(id=id, carrier=CARRIER, name=name, district=slug, latitude_e6=latitude + 2100, cells=cells,
                  longitude_e6=longitude - 1700, address=f"{district.zh}中心路 1 号"),
    )  # fmt: skip
    return id


class _Wanted(msgspec.Struct):
    """An order to be carried."""

    order: UUID | None
    shipper: UUID
    recipient: UUID
    depot: UUID
    district: str
    value: int


def _orders(rng: Random, town: Town, park: Fleet, since: datetime, share: int) -> list[tuple[datetime, _Wanted]]:
    """As some of the grocers' orders of a day were: those themselves were handed over by the grocers' own people."""
    districts = dict(town.residents)
    found = [
        (view.placed_at + timedelta(minutes=2), _Wanted(None, seller, view.buyer, view.place, districts[view.buyer], view.total))
        for seller in town.chains.values()
        for view in orders.orders_for(seller, since=since, until=since + timedelta(days=1), size=100).items
        if view.place in park.depots and view.buyer in districts and view.state != "cancelled"
    ]  # fmt: skip
    chosen = rng.sample(found, min(share, len(found)))
    return sorted(chosen, key=lambda each: (each[0], str(each[1].recipient)))


def _ask(rng: Random, found: Fleet, wanted: _Wanted, way: str) -> Shipment | None:
    """Asks for it by the service that suits; None when it does not go there or the buyer has no money left."""
    door = _near(rng, wanted.district)
    bank = found.banks.get(wanted.district) if way == "locker" else None
    code = rng.choice(("rapid", "standard", "standard", "cold", "night"))
    grams = rng.randrange(400, 6000, 50)
    draft = ShipmentDraft(
        id=ids.uuid7(), shipper=wanted.shipper, recipient=wanted.recipient, payer=wanted.recipient, order=wanted.order,
        depot=wanted.depot, to=None if bank else door, bank=bank, service=found.services["standard" if bank else code],
        parcels=[ParcelDraft(weight_g=grams, length_mm=320, width_mm=240, height_mm=rng.choice((90, 150)))],
        temperature="chilled" if code == "cold" and not bank else "ambient", value=wanted.value,
    )  # fmt: skip
    for service in (draft.service, found.services["standard"]):
        try:
            with transaction.atomic():
                draft = msgspec.structs.replace(draft, service=service, temperature=_kept(draft, service, found))
                return booking.request_shipment(SYSTEM, draft)
        except Conflict as problem:
            if problem.code == "insufficient-funds":
                return None
    return None


def _kept(draft: ShipmentDraft, service: UUID | None, found: Fleet) -> str:  # type: ignore[return]
    return "chilled" if service == found.services["cold"] else draft.temperature


def _near(rng: Random, slug: str) -> Spot:
    """A door within some 900 m of a district's centre."""
    latitude, longitude = city.CENTRES_E6[slug]
    return Spot(latitude_e6=latitude + rng.randrange(-8000, 8000), longitude_e6=longitude + rng.randrange(-8000, 8000))


def _vehicle(rng: Random, found: Fleet, shipment: Shipment) -> tuple[UUID, str]:
    """Who takes it: a vehicle that keeps it as cold as it must be and can bear it, without a driver where nobody is to
    meet anybody."""
    fit = [
        (id, kind)
        for id, kind, _depot in found.vehicles
        if shipment.temperature in LIMITS[kind][5] and shipment.weight_g <= LIMITS[kind][0]
        if kind in UNATTENDED or not shipment.contactless
    ]
    return rng.choice(fit)


def _play(rng: Random, found: Fleet, moment: datetime, wanted: _Wanted) -> None:
    """A shipment from being asked for to its end."""
    (way,) = rng.choices(OUTCOMES, WEIGHTS)
    with clock.at(moment):
        shipment = _ask(rng, found, wanted, way)
    if shipment is None:
        return
    if way == "cancelled":
        with clock.at(moment + timedelta(minutes=3)):
            journey.cancel(SYSTEM, shipment=shipment.id, reason="changed my mind")
        return
    vehicle, kind = _vehicle(rng, found, shipment)
    start = max(moment + timedelta(minutes=6), shipment.earliest)
    with clock.at(start):
        logger = cold.ride_along(shipment)
        journey.collect(SYSTEM, shipment=shipment.id, vehicle=vehicle)
        if kind in UNATTENDED:  # a courier's way out goes without saying
            journey.depart(SYSTEM, shipment=shipment.id, vehicle=vehicle)
    late = rng.random() < LATE
    arrival = (
        shipment.latest + timedelta(minutes=rng.randrange(2, 25)) if late else _within(rng, start, shipment.latest)
    )
    with clock.at(arrival):
        cold.tell(rng, logger, start, arrival)
        _end(rng, shipment, vehicle, kind, way, arrival)


def _within(rng: Random, start: datetime, latest: datetime) -> datetime:
    left = max(60, int((latest - start).total_seconds()))
    return start + timedelta(seconds=rng.randrange(left // 3, left))


def _end(rng: Random, shipment: Shipment, vehicle: UUID, kind: str, way: str, at: datetime) -> None:
    recipient = Actor(party=shipment.recipient, kind="person")
    who = {"shipment": shipment.id, "vehicle": vehicle}
    if shipment.bank_id is not None:
        lockers.put_in(SYSTEM, **who)
        with clock.at(at + timedelta(minutes=rng.randrange(20, 600))):
            code = codes.code_of(recipient, shipment=shipment.id).code
            lockers.pick_up(recipient, bank=shipment.bank_id, code=code, request=ids.uuid7())
    elif way == "lost":
        journey.lose(SYSTEM, shipment=shipment.id, reason="not found any more")
        _claim(recipient, shipment)
    elif way == "returned":
        journey.fail(SYSTEM, **who, outcome="refused")
        journey.send_back(SYSTEM, shipment=shipment.id, reason="refused at the door")
        with clock.at(at + timedelta(hours=1)):
            journey.hand_back(SYSTEM, **who)
    else:
        if way == "second-try":
            journey.fail(SYSTEM, **who, outcome="no-answer")
        with clock.at(at + timedelta(minutes=20 if way == "second-try" else 0)):
            _hand_over(recipient, shipment, vehicle, kind)
            if rng.random() < RATED:
                ratings.rate(recipient, shipment=shipment.id, stars=rng.choice((3, 4, 5, 5, 5)))


def _hand_over(recipient: Actor, shipment: Shipment, vehicle: UUID, kind: str) -> None:
    """By the recipient's code where there is one (an unattended vehicle's compartment opens by it), at the door."""
    door = Spot(latitude_e6=shipment.to_latitude_e6 + 120, longitude_e6=shipment.to_longitude_e6)
    unattended = kind in UNATTENDED
    code = codes.code_of(recipient, shipment=shipment.id).code if unattended or "code" in shipment.proofs else ""
    delivering.hand_over(
        SYSTEM, shipment=shipment.id, vehicle=vehicle, code=code, position=door, compartment=unattended
    )


def _claim(recipient: Actor, shipment: Shipment) -> None:
    made = claims.open_claim(recipient, id=ids.uuid7(), shipment=shipment.id, kind="loss", asked=max(1, shipment.cover))
    claims.assess(SYSTEM, id=made.id, amount=shipment.cover, answer="")
    claims.settle(SYSTEM, id=made.id)


def _today(rng: Random, found: Fleet, town: Town, end: datetime, count: int) -> None:
    """What is under way at the end: waiting, out on the streets, in lockers."""
    waiting = _placed(town, found)
    for n in range(count):
        way = ("waiting", "waiting", "out", "out", "locker")[n % 5]
        wanted = waiting.pop() if waiting and way == "waiting" else _gift(rng, town, found)
        with clock.at(end - timedelta(minutes=20 if wanted.order is None else 4)):
            shipment = _ask(rng, found, wanted, way)
        if shipment is None or way == "waiting":
            continue
        vehicle, _kind = _vehicle(rng, found, shipment)
        with clock.at(end - timedelta(minutes=12)):
            journey.collect(SYSTEM, shipment=shipment.id, vehicle=vehicle)
            journey.depart(SYSTEM, shipment=shipment.id, vehicle=vehicle)
        with clock.at(end - timedelta(minutes=2)):
            _half_way(found.depots[wanted.depot], shipment, vehicle)
            if shipment.bank_id is not None:
                lockers.put_in(SYSTEM, shipment=shipment.id, vehicle=vehicle)


def _placed(town: Town, found: Fleet) -> list[_Wanted]:
    """The grocers' orders that are still to be picked: their shipments wait with them."""
    districts = dict(town.residents)
    return [
        _Wanted(view.id, seller, view.buyer, view.place, districts[view.buyer], view.total)
        for seller in town.chains.values()
        for view in orders.orders_for(seller, state="placed", size=20).items
        if view.place in found.depots and view.buyer in districts
    ]


def _gift(rng: Random, town: Town, found: Fleet) -> _Wanted:
    """Something that a grocer sends to somebody without an order in the house."""
    recipient, _ = rng.choice(town.residents)
    districts, shippers = list(found.banks), list(town.chains.values())
    return _Wanted(
        None, rng.choice(shippers), recipient, rng.choice(list(found.depots)), rng.choice(districts),
        rng.randrange(2000, 20_000, 100),
    )  # fmt: skip


def _half_way(start: Spot, shipment: Shipment, vehicle: UUID) -> None:
    middle = Spot(
        latitude_e6=(start.latitude_e6 + shipment.to_latitude_e6) // 2,
        longitude_e6=(start.longitude_e6 + shipment.to_longitude_e6) // 2,
    )
    fleet.set_position(SYSTEM, vehicle=vehicle, spot=middle, heading=90, battery_percent=76)
    fleet.set_state(SYSTEM, vehicle=vehicle, state="busy")
