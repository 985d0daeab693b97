"""Two operators with their people, cars, bikes, stations and prices; residents with money and licences."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from lilong.fields.mobility.drafts import (
    BookingDraft,
    OperatorDraft,
    StationDraft,
    TariffDraft,
    VehicleDraft,
    VehicleTypeDraft,
    ZoneDraft,
)
from lilong.fields.mobility.models import Rental, Station, TrackPoint, Vehicle, VehicleCommand, VehicleType, Zone
from lilong.fields.mobility.rules.licences import sound_number
from lilong.fields.mobility.rules.points import Reading
from lilong.fields.mobility.rules.terms import Band, Cancelling, Terms
from lilong.fields.mobility.services import (
    fleet,
    licences,
    tariffs,
    telemetry,
    vehicle_commands,
    vehicle_states,
    zones,
)
from lilong.fields.mobility.services.rentals import booking, driving
from lilong.fields.mobility.standard.vehicle_protocol import Answer
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.geo.points import Point, moved
from lilong.kernel.ledger import queries as ledger_reads
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

NOON = datetime(2030, 4, 8, 4, tzinfo=UTC)  # noon in Shanghai, a Monday
TODAY = date(2030, 4, 8)
SQUARE = Point(121.4737, 31.2304)  # People's Square, Huangpu
CAR_TERMS = Terms(
    bands=(Band(per_hour=600, start=22 * 60, end=7 * 60), Band(per_hour=2400)),
    day_cap=16_800,
    per_km=80,
    free_m=0,
    deposit=50_000,
    late_fee=2000,
    cancel=(Cancelling(before_seconds=7200, percent=0), Cancelling(before_seconds=0, percent=50)),
    no_show_percent=100,
)
BIKE_TERMS = Terms(bands=(Band(per_hour=400),), unlock=150, free_seconds=900, step_seconds=900, deposit=1000)


def words(text: str) -> Words:
    return Words(en=text, zh=text, ko=text)


def square(centre: Point, metres: float) -> dict[str, Any]:
    """A square of that half side around a point, as a GeoJSON polygon."""
    north, east = moved(centre, metres, 0).latitude, moved(centre, metres, 90).longitude
    south, west = 2 * centre.latitude - north, 2 * centre.longitude - east
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


class Town:
    """What the tests play with; every part through services."""

    def __init__(self) -> None:
        self.operator, self.owner = self.firm("Lane Cars")
        self.rival, self.rival_owner = self.firm("Other Wheels")
        self.manager, self.clerk = self.member("manager"), self.member("clerk")
        for operator, owner in ((self.operator, self.owner), (self.rival, self.rival_owner)):
            draft = OperatorDraft(id=operator, modes=("car-share", "micromobility"), apology=2000)
            fleet.register_operator(owner, draft)
        self.plan, self.bike_plan = ids.uuid7(), ids.uuid7()
        self.publish(self.plan, CAR_TERMS)
        self.publish(self.bike_plan, BIKE_TERMS, mode="micromobility")
        self.small = self.type("Small car", plan=self.plan, level=1)
        self.bike_type = self.type(
            "Bike",
            mode="micromobility",
            form_factor="bicycle",
            propulsion_type="human",
            max_range_m=None,
            licence_class="",
            plan=self.bike_plan,
        )
        self.station = self.stand("Square car park", SQUARE)
        self.car = self.vehicle("沪A·10001", home=self.station.id)

    def person(self, name: str = "Wang Min", district: str = "huangpu") -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district=district)
        return parties.actor_of_party(id)

    def firm(self, name: str) -> tuple[UUID, Actor]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM, id=id, name=words(name), owner=founder.party, kind="operator", district="huangpu"
        )
        return id, parties.actor_of_party(founder.party)

    def member(self, role: str) -> Actor:
        found = self.person(role)
        parties_services.add_member(self.owner, organisation=self.operator, person=found.party, roles=[role])
        return parties.actor_of_party(found.party)

    def rider(self, fen: int = 1_000_000, name: str = "Wang Min") -> Actor:
        found = self.person(name)
        if fen:
            ledger.top_up(SYSTEM, id=ids.uuid7(), owner=found.party, amount=fen)
        return found

    def publish(self, plan: UUID, terms: Terms, **more: Any) -> Any:
        given = {"id": ids.uuid7(), "plan": plan, "operator": self.operator, "mode": "car-share", "terms": terms} | more
        draft = TariffDraft(name=words("By the hour"), description=words("24 yuan an hour"), **given)
        return tariffs.publish_tariff(self.owner, draft)

    def type(self, name: str, **more: Any) -> VehicleType:
        given: dict[str, Any] = {
            "id": ids.uuid7(),
            "operator": self.operator,
            "mode": "car-share",
            "form_factor": "car",
            "propulsion_type": "electric",
            "max_range_m": 300_000,
            "seats": 5,
            "licence_class": "C1",
        }
        return fleet.put_type(self.owner, VehicleTypeDraft(name=words(name), **(given | more)))

    def stand(self, name: str, at: Point, **more: Any) -> Station:
        given: dict[str, Any] = {"id": ids.uuid7(), "operator": self.operator, "kind": "lot", "capacity": 20} | more
        draft = StationDraft(name=words(name), latitude_e6=at.latitude_e6, longitude_e6=at.longitude_e6, **given)
        return fleet.open_station(self.owner, draft)

    def vehicle(self, plate: str = "沪A·9", at: Point = SQUARE, **more: Any) -> Vehicle:
        given: dict[str, Any] = {"id": ids.uuid7(), "type": self.small.id, "energy_pm": 800, "plate": plate}
        given |= {"latitude_e6": at.latitude_e6, "longitude_e6": at.longitude_e6} | more
        return fleet.register_vehicle(self.owner, VehicleDraft(**given))

    def bike(self, plate: str, at: Point = SQUARE, **more: Any) -> Vehicle:
        return self.vehicle(plate, at, type=self.bike_type.id, energy_pm=None, **more)

    def zone(self, name: str, geometry: dict[str, Any], *rules: Any, **more: Any) -> Zone:
        given: dict[str, Any] = {"id": ids.uuid7(), "zone": ids.uuid7(), "operator": self.operator} | more
        draft = ZoneDraft(name=words(name), geometry=geometry, rules=rules, **given)
        return zones.publish_zone(SYSTEM if given["operator"] is None else self.owner, draft)

    def happens(self, vehicle: UUID, *events: str, **more: Any) -> Any:
        return vehicle_states.change(self.owner, id=ids.uuid7(), vehicle=vehicle, events=events, **more)

    def licence(self, person: Actor, *, classes: Sequence[str] = ("C1",), until: date = date(2040, 1, 1)) -> UUID:
        """A licence that the city's desk has verified."""
        id = ids.uuid7()
        licences.submit_licence(person, id=id, number=number_of(id), classes=classes, valid_until=until)
        licences.decide_licence(SYSTEM, id=id, accept=True)
        return id

    def driver(self, fen: int = 1_000_000) -> Actor:
        found = self.rider(fen)
        self.licence(found)
        return found

    def book(self, rider: Actor, start: datetime, end: datetime, **more: Any) -> Rental:
        given: dict[str, Any] = {"id": ids.uuid7(), "vehicle": self.car.id} | more
        return booking.book(rider, BookingDraft(start=start, end=end, **given))

    def unlock(self, rider: Actor, rental: Rental, at: Point = SQUARE) -> Rental:
        return driving.unlock(rider, id=ids.uuid7(), rental=rental.id, position=at)

    def answers(self, vehicle: UUID, outcome: str = "done", why: str = "") -> None:
        """The vehicle's own word on everything it was told and has not answered."""
        device = fleet.device_of(vehicle)
        for command in VehicleCommand.objects.filter(vehicle=vehicle, state="sent"):
            answer = Answer(command=command.id, outcome=outcome, why=why)  # type: ignore[arg-type]
            vehicle_commands.answered(device, answer)

    def reports(self, vehicle: UUID, at: Point = SQUARE, **more: Any) -> None:
        """A point of the vehicle: locked and off, unless said otherwise."""
        seq = TrackPoint.objects.filter(vehicle=vehicle).count() + 1
        given: dict[str, Any] = {"odometer_m": None, "locked": True, "engine": False, "at": clock.now()} | more
        reading = Reading(
            vehicle=vehicle,
            source=1,
            seq=seq,
            latitude_e6=at.latitude_e6,
            longitude_e6=at.longitude_e6,
            **given,
        )
        assert telemetry.take([reading]) == ["taken"]

    def money(self, *parties_: UUID) -> list[tuple[int, int]]:
        """Posted and held of each party's wallet."""
        found = [ledger_reads.wallet_of(party) for party in parties_]
        return [(each.posted, each.held) if each else (0, 0) for each in found]

    def sales(self, operator: UUID | None = None) -> int:
        money = ledger.open_asset("CNY", kind="money", unit="CNY")
        account = ledger_reads.account_of(operator or self.operator, money, "sales")
        return ledger_reads.balance(account).posted if account else 0

    def facts(self, subject: UUID, type: str) -> list[dict[str, Any]]:
        return [each.data for each in events.history(subject).items if each.type.endswith(type)]


def number_of(seed: UUID) -> str:
    """A licence number with its check digit, another for each seed."""
    digits = f"{seed.int % 10**17:017d}"
    return next(digits + last for last in "0123456789X" if sound_number(digits + last))


def later(**more: int) -> datetime:
    return NOON + timedelta(**more)
