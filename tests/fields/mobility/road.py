"""A fleet of two operators on the road: what the tests of telemetry, feeds and agencies play with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lilong.fields.mobility.models import Operator, TrackPoint, TrackQuarantine, Trip, Vehicle, VehicleType
from lilong.fields.mobility.rules.points import Reading
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

LATITUDE, LONGITUDE = 31_230_000, 121_470_000  # People's Square
METRE_E6 = 9  # of latitude, roughly


class Road:
    """One operator of shared cars with its people and one car that has a device, and a rival."""

    def __init__(self) -> None:
        self.owner, self.operator = self.firm("Lane Cars")
        self.rival_owner, self.rival = self.firm("Other Cars")
        self.type = self.kind()
        self.device, self.secret = self.unit()
        self.car = self.vehicle(device=self.device)

    def person(self, name: str) -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district="huangpu")
        return parties.actor_of_party(id)

    def firm(self, name: str) -> tuple[Actor, UUID]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM,
            id=id,
            name=Words(en=name, zh=name, ko=name),
            owner=founder.party,
            kind="carrier",
            district="huangpu",
        )
        Operator.objects.create(id=id, modes=["car-share"], registered_at=clock.now())
        return parties.actor_of_party(founder.party), id

    def kind(self, **more: Any) -> VehicleType:
        given = {
            "id": ids.uuid7(), "operator_id": self.operator, "mode": "car-share", "name": {"en": "Small car"},
            "make": "Lane", "model": "S", "form_factor": "car", "propulsion_type": "electric", "max_range_m": 300_000,
            "seats": 4, "registered_at": clock.now(),
        }  # fmt: skip
        return VehicleType.objects.create(**(given | more))

    def unit(self) -> tuple[UUID, str]:
        """A device and its secret."""
        id = ids.uuid7()
        parties_services.create_device(SYSTEM, id=id, name="Telematics", owner=self.operator, kind="vehicle")
        return id, parties_services.issue_device_secret(SYSTEM, device=id)

    def vehicle(self, **more: Any) -> Vehicle:
        id = ids.uuid7()
        given: dict[str, Any] = {
            "id": id, "operator_id": self.operator, "type": self.type, "mode": self.type.mode, "plate": f"沪A{id.hex[-6:]}",
            "public": ids.uuid7(), "state": "available", "event": "service_start", "state_at": clock.now(),
            "registered_at": clock.now(),
        }  # fmt: skip
        return Vehicle.objects.create(**(given | more))

    def row(self) -> Vehicle:
        return Vehicle.objects.get(id=self.car.id)

    def reading(self, seq: int, metres: int = 0, seconds: float = 0, **more: Any) -> Reading:
        """So far north of the square, so many seconds from now."""
        given: dict[str, Any] = {
            "vehicle": self.car.id, "source": 1, "seq": seq, "at": clock.now() + timedelta(seconds=seconds),
            "latitude_e6": LATITUDE + metres * METRE_E6, "longitude_e6": LONGITUDE,
        }  # fmt: skip
        return Reading(**(given | more))

    def stored(self) -> list[tuple[int, bool]]:
        """Number of each point, and whether it came late."""
        return list(TrackPoint.objects.filter(vehicle=self.car).order_by("at").values_list("seq", "late"))

    def aside(self) -> list[tuple[int | None, str]]:
        return list(
            TrackQuarantine.objects.filter(vehicle=self.car).order_by("received_at", "seq").values_list("seq", "reason")
        )

    def trip(self) -> Trip:
        return Trip.objects.get(vehicle=self.car)

    def facts(self, subject: UUID, name: str) -> list[dict[str, Any]]:
        return [event.data for event in events.history(subject).items if event.type == name]


MOMENT = datetime(2030, 4, 8, 4, tzinfo=UTC)
