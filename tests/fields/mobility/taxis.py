"""A taxi firm with drivers and robotaxis, and riders with money: what the tests of rides play with."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from lilong.fields.mobility.drafts import OperatorDraft
from lilong.fields.mobility.models import Duty, Licence, Ride, RideOffer, Vehicle, VehicleType
from lilong.fields.mobility.rules.rides import codes
from lilong.fields.mobility.rules.rides.tariffs import RideTariff, Surcharge
from lilong.fields.mobility.services import fleet
from lilong.fields.mobility.services.rides import driving, duties, matching, offers, quotes, requests, tariffs
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.geo import streets
from lilong.kernel.geo.points import Point
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

TERMS = RideTariff(
    base=1000, included_m=500, per_km=300, per_minute=60, minimum=1200, surcharges=(Surcharge(code="stop", amount=300),)
)


class Taxis:
    """Two plans: cars with a driver, and robotaxis. Everything by services, but for what only the fleet knows."""

    def __init__(self) -> None:
        self.owner, self.operator = self.firm("Lane Rides")
        self.rival_owner, self.rival = self.firm("Other Rides")
        self.city = streets.city()
        self.type, self.robot_type = self.kind("Car"), self.kind("Robotaxi", driverless=True)
        for kind in (self.type, self.robot_type):
            self.tariff(kind.plan)

    def person(self, name: str) -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district="huangpu")
        return parties.actor_of_party(id)

    def firm(self, name: str) -> tuple[Actor, UUID]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        words = Words(en=name, zh=name, ko=name)
        parties_services.create_organisation(
            SYSTEM, id=id, name=words, owner=founder.party, kind="carrier", district="huangpu"
        )
        owner = parties.actor_of_party(founder.party)
        fleet.register_operator(owner, OperatorDraft(id=id, modes=("passenger-services",)))
        return owner, id

    def kind(self, name: str, **more: Any) -> VehicleType:
        given = {
            "id": ids.uuid7(), "operator_id": self.operator, "mode": "passenger-services", "name": {"en": name},
            "form_factor": "car", "propulsion_type": "electric", "max_range_m": 400_000, "seats": 4, "plan": ids.uuid7(),
            "registered_at": clock.now(),
        }  # fmt: skip
        return VehicleType.objects.create(**(given | more))

    def tariff(self, plan: UUID, terms: RideTariff = TERMS) -> None:
        name = Words(en="Car", zh="车", ko="차")
        tariffs.publish(
            self.owner, id=ids.uuid7(), operator=self.operator, plan=plan, name=name, description=name, terms=terms
        )

    def at(self, n: int) -> Point:
        """The street corner number n, anywhere in the quarter."""
        return self.city.point(n * 97 % len(self.city.nodes))

    def vehicle(self, place: Point, kind: VehicleType | None = None, **more: Any) -> Vehicle:
        id, kind = ids.uuid7(), kind or self.type
        given: dict[str, Any] = {
            "id": id, "operator_id": kind.operator_id, "type": kind, "mode": kind.mode, "plate": f"沪A{id.hex[-6:]}",
            "public": ids.uuid7(), "state": "non_operational", "state_at": clock.now(), "registered_at": clock.now(),
            "latitude_e6": place.latitude_e6, "longitude_e6": place.longitude_e6, "at": clock.now(), "energy_pm": 900,
            "district": "huangpu",
        }  # fmt: skip
        return Vehicle.objects.create(**(given | more))

    def driver(self, name: str = "Driver Li") -> Actor:
        """Hired, with licence and papers."""
        found = self.person(name)
        parties_services.add_member(self.owner, organisation=self.operator, person=found.party, roles=["driver"])
        today = clock.today()
        Licence.objects.create(
            id=ids.uuid7(), person=found.party, classes=["C1"], digest=found.party.bytes, state="verified",
            valid_until=today + timedelta(days=900), submitted_at=clock.now(),
        )  # fmt: skip
        for kind in ("permit", "insurance"):
            duties.see_permit(
                self.owner, id=ids.uuid7(), operator=self.operator, driver=found.party, kind=kind,
                valid_from=today, valid_until=today + timedelta(days=300),
            )  # fmt: skip
        return parties.actor_of_party(found.party)

    def on_duty(self, place: Point, driver: Actor | None = None, **more: Any) -> tuple[Actor, Duty]:
        """A driver with a car, there and on line."""
        driver = driver or self.driver()
        return driver, duties.go_online(driver, id=ids.uuid7(), vehicle=self.vehicle(place, **more).id)

    def robotaxi(self, place: Point) -> tuple[Actor, Duty]:
        """A car without one, there and on line; its device acts."""
        device = ids.uuid7()
        parties_services.create_device(SYSTEM, id=device, name="Robotaxi", owner=self.operator, kind="vehicle")
        found = self.vehicle(place, self.robot_type, device=device)
        return parties.actor_of_party(device), duties.go_online(self.owner, id=ids.uuid7(), vehicle=found.id)

    def rider(self, fen: int = 20_000) -> Actor:
        found = self.person("Wang Min")
        if fen:
            ledger_services.top_up(SYSTEM, id=ids.uuid7(), owner=found.party, amount=fen)
        return found

    def way(self, start: int = 1, end: int = 9, **more: Any) -> quotes.Way:
        return quotes.Way(start=self.at(start), end=self.at(end), **more)

    def asked(self, rider: Actor, *, plan: UUID | None = None, start: int = 1, end: int = 9, **more: Any) -> Ride:
        """A ride that was asked for."""
        way = self.way(start, end, **more)
        quote = quotes.quote(rider, id=ids.uuid7(), plan=plan or self.type.plan, way=way)
        return requests.request(rider, id=ids.uuid7(), quote=quote.id)

    def matched(self) -> list[RideOffer]:
        """A round; the offers that are open after it."""
        matching.match_round(at_least=0)
        return list(RideOffer.objects.filter(state="open"))

    def accepted(self, rider: Actor, driver: Actor, **more: Any) -> Ride:
        ride = self.asked(rider, **more)
        (offer,) = self.matched()
        assert offer.ride_id == ride.id
        return offers.accept(driver, offer=offer.id)

    def under_way(self, rider: Actor, driver: Actor, **more: Any) -> Ride:
        ride = self.accepted(rider, driver, **more)
        driving.arrive(driver, ride=ride.id, place=self.start(ride))
        return driving.start(driver, ride=ride.id, code=self.code(ride))

    def code(self, ride: Ride, purpose: codes.Purpose = "rider") -> str:
        from django.conf import settings

        return codes.code_of(settings.TOKEN_KEY, ride.id, Ride.objects.get(id=ride.id).turn, purpose)

    def start(self, ride: Ride) -> Point:
        return Point.of_e6(ride.quote.from_latitude_e6, ride.quote.from_longitude_e6)

    def end(self, ride: Ride) -> Point:
        return Point.of_e6(ride.quote.to_latitude_e6, ride.quote.to_longitude_e6)

    def purse(self, owner: UUID, purpose: str = "wallet") -> tuple[int, int]:
        """Posted and held fen."""
        money = ledger_services.open_asset("CNY", kind="money", unit="CNY")
        account = ledger.account_of(owner, money, purpose)
        if account is None:
            return 0, 0
        balance = ledger.balance(account)
        return balance.posted, balance.held

    def facts(self, subject: UUID, name: str) -> list[dict[str, Any]]:
        return [event.data for event in events.history(subject).items if event.type == name]
