"""A carrier with robots on the road: made through the services; a vehicle of software says what real ones would."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from lilong.fields.delivery.drafts import (
    CarrierDraft,
    DepotDraft,
    ParcelDraft,
    ServiceDraft,
    ShipmentDraft,
    Spot,
    VehicleDraft,
)
from lilong.fields.delivery.models import ControlledVehicle, Run, Shipment, Stop, VehicleOrder
from lilong.fields.delivery.services import (
    booking,
    carriers,
    fleet,
    journey,
    vehicles_inbox,
    vehicles_setup,
    vehicles_watch,
)
from lilong.fields.delivery.standard.vda5050 import said, topics
from lilong.fields.delivery.standard.vda5050.virtual import VirtualVehicle
from lilong.fields.delivery.standard.vda5050.virtual_sheet import factsheet
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.devices.inbox import Message
from lilong.kernel.devices.models import DeviceLetter
from lilong.kernel.events import queries as events
from lilong.kernel.ledger import services as ledger
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

DEPOT = (31_230_400, 121_473_700)  # People's Square


class Road:
    """One carrier, one shipper with a depot, residents; robots and shipments as wanted."""

    def __init__(self, *, proofs: tuple[str, ...] = (), cover: int = 100_000) -> None:
        self.carrier, self.office = self.firm("Lane Robots", "carrier")
        self.shipper, self.sender = self.firm("Lane Pharmacy", "retailer")
        self.depot = ids.uuid7()
        carriers.open_carrier(self.office, CarrierDraft(id=self.carrier, name=words("Lane Robots"), district="huangpu"))
        carriers.open_depot(
            self.office,
            DepotDraft(
                id=self.depot, owner=self.carrier, carrier=self.carrier, name=words("Square"), district="huangpu",
                latitude_e6=DEPOT[0], longitude_e6=DEPOT[1],
            ),
        )  # fmt: skip
        self.service = ids.uuid7()
        carriers.open_service(
            self.office,
            ServiceDraft(
                id=self.service, carrier=self.carrier, code="standard", name=words("Standard"),
                temperatures=("ambient", "chilled", "frozen"), base_fee=500, per_hour=400, cover=cover, starts="00:00",
                ends="24:00", window_seconds=14_400, radius_m=20_000, proofs=proofs,
            ),
        )  # fmt: skip
        ledger.top_up(SYSTEM, id=ids.uuid7(), owner=self.shipper, amount=1_000_000)
        self.resident = self.person("Wang Min")
        self._serial = 0

    def person(self, name: str) -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district="huangpu")
        return parties.actor_of_party(id)

    def firm(self, name: str, kind: str) -> tuple[UUID, Actor]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM, id=id, name=words(name), owner=founder.party, kind=kind, district="huangpu"
        )
        return id, parties.actor_of_party(founder.party)

    def member(self, organisation: UUID, owner: Actor, role: str) -> Actor:
        found = self.person(role)
        parties_services.add_member(owner, organisation=organisation, person=found.party, roles=[role])
        return parties.actor_of_party(found.party)

    def robot(self, version: str = topics.V2) -> "Robot":
        self._serial += 1
        vehicle = fleet.add_vehicle(
            self.office,
            VehicleDraft(
                id=ids.uuid7(), carrier=self.carrier, kind="robot", name=words(f"Robot {self._serial}"), home=self.depot,
                capacity_g=50_000, capacity_ml=100_000, capacity_parcels=10, range_m=20_000, speed_kmh=18,
                temperatures=("ambient", "chilled", "frozen"),
            ),
        )  # fmt: skip
        vehicles_setup.control(
            self.office, vehicle=vehicle.id, manufacturer="KIT", serial=f"R-{self._serial}", version=version
        )
        return Robot(vehicle.id, f"R-{self._serial}", version)

    def shipment(self, north: int = 2000, east: int = 2000, **more: Any) -> UUID:
        """To a door so many millionths of a degree from the depot; accepted by the carrier."""
        given: dict[str, Any] = {"parcels": [ParcelDraft(weight_g=1000)], "recipient": self.resident.party} | more
        draft = ShipmentDraft(
            id=ids.uuid7(), shipper=self.shipper, service=self.service, depot=self.depot,
            to=Spot(latitude_e6=DEPOT[0] + north, longitude_e6=DEPOT[1] + east), **given,
        )  # fmt: skip
        made = booking.request_shipment(self.sender, draft)
        journey.accept(self.office, shipment=made.id)
        return made.id

    def run(self, vehicle: UUID, *shipments: UUID) -> Run:
        """All picked up at the depot, then delivered in this order."""
        now = clock.now()
        run = Run.objects.create(id=ids.uuid7(), vehicle_id=vehicle, starts_at=now, made_at=now)
        self.plan(run, *shipments)
        return run

    def plan(self, run: Run, *shipments: UUID) -> None:
        found = [Shipment.objects.get(id=id) for id in shipments]
        first = run.stops.count()
        stops = [(each, "pickup") for each in found] + [(each, "delivery") for each in found]
        for place, (each, kind) in enumerate(stops):
            where = (
                (each.from_latitude_e6, each.from_longitude_e6)
                if kind == "pickup"
                else (each.to_latitude_e6, each.to_longitude_e6)
            )
            Stop.objects.create(
                id=ids.uuid7(), run=run, shipment=each, kind=kind, sequence=first + place, latitude_e6=where[0],
                longitude_e6=where[1], earliest=each.earliest, latest=each.latest,
            )  # fmt: skip

    def facts(self, subject: UUID, name: str) -> list[dict[str, Any]]:
        return [event.data for event in events.history(subject).items if event.type == name]

    def state(self, shipment: UUID) -> str:
        return Shipment.objects.get(id=shipment).state


class Robot:
    """The vehicle of software, its messages handed to master control by hand, in any order wanted."""

    def __init__(self, id: UUID, serial: str, version: str) -> None:
        self.id, self.serial, self.version = id, serial, version
        self.vehicle = VirtualVehicle(version, speed=50)
        self.headers: dict[str, int] = {}
        self.ticked = clock.now()
        self._read = 0

    def message(self, topic: str, body: dict[str, Any], *, at: datetime | None = None, **head: Any) -> Message:
        number = self.headers.get(topic, 0)
        self.headers[topic] = number + 1
        self.ticked = max(self.ticked + timedelta(milliseconds=1), clock.now())
        document = {
            "headerId": number, "timestamp": said.moment(at or self.ticked), "version": self.version, "manufacturer": "KIT",
            "serialNumber": self.serial,
        } | body | head  # fmt: skip
        return self.raw(topic, msgspec.json.encode(document))

    def raw(self, topic: str, payload: bytes) -> Message:
        return Message(None, topics.subject(self.version, "KIT", self.serial, topic), payload, clock.now())

    def connect(self) -> None:
        take(self.message("connection", {"connectionState": "ONLINE"}))
        take(self.message("factsheet", factsheet(self.version, 5)))
        self.hears()
        self.says()

    def says(self) -> None:
        take(self.state())

    def state(self) -> Message:
        return self.message("state", self.vehicle.state())

    def hears(self) -> int:
        """Takes what was sent since the last time; answers how many messages."""
        letters = list(DeviceLetter.objects.filter(subject__contains=f".{self.serial}.").order_by("id"))[self._read :]
        self._read += len(letters)
        for letter in letters:
            document = msgspec.json.decode(bytes(letter.payload))
            if letter.subject.endswith(".order"):
                self.vehicle.told_order(document)
            else:
                self.vehicle.told_instant(document)
        return len(letters)

    def goes(self, seconds: float = 60) -> None:
        """A while of driving with both sides talking."""
        for _ in range(20):
            vehicles_watch.tick()
            self.hears()
            self.vehicle.tick(seconds / 20)
            self.says()

    def row(self) -> ControlledVehicle:
        return ControlledVehicle.objects.select_related("vehicle").get(vehicle_id=self.id)

    def orders(self) -> list[VehicleOrder]:
        return list(VehicleOrder.objects.filter(vehicle_id=self.id).order_by("made_at"))


def take(*messages: Message) -> None:
    vehicles_inbox.take(list(messages))


def words(text: str) -> Words:
    return Words(en=text, zh=text, ko=text)
