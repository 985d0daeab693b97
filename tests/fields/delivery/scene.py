"""A small carrier: a shop with a depot, couriers and robots, services, lockers; residents with money. All through services."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

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
from lilong.fields.delivery.services import banks, booking, carriers, fleet
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.events import queries as events
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.ledger import services as ledger_services
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties import services as parties_services
from lilong.kernel.parties.actor import SYSTEM, Actor

NOON = datetime(2030, 4, 8, 4, tzinfo=UTC)  # noon in Shanghai
# Around People's Square, where the street graph is; the door is some 1.3 km from the depot.
DEPOT = Spot(latitude_e6=31_232_000, longitude_e6=121_475_000)
DOOR = Spot(latitude_e6=31_238_000, longitude_e6=121_483_000)
LOCKER = Spot(latitude_e6=31_236_000, longitude_e6=121_480_000)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7357d"
    "0a0000000049454e44ae426082"
)


class Lane:
    """What the tests play with."""

    def __init__(self) -> None:
        self.shop, self.shop_owner = self.firm("Fresh Lane")
        self.carrier, self.owner = self.firm("Lane Couriers")
        self.rival, self.rival_owner = self.firm("Other Couriers")
        for id, owner in ((self.carrier, self.owner), (self.rival, self.rival_owner)):
            carriers.open_carrier(owner, CarrierDraft(id=id, name=words("Carrier"), district="huangpu"))
        self.dispatcher = self.member("dispatcher")
        self.depot = ids.uuid7()
        carriers.open_depot(
            self.shop_owner,
            DepotDraft(
                id=self.depot, owner=self.shop, carrier=self.carrier, name=words("Depot"), district="huangpu",
                latitude_e6=DEPOT.latitude_e6, longitude_e6=DEPOT.longitude_e6,
            ),
        )  # fmt: skip
        self.rapid = self.service("rapid", seconds=1800, base_fee=600, late_percent=50)
        self.standard = self.service("standard", window_seconds=7200, base_fee=300, km_fee=100, kg_fee=50)
        self.courier = self.rider("courier")
        self.other = self.rider("other courier")
        self.robot = self.vehicle("robot", "robot")
        self.recipient = self.person("Wang Min", fen=100_000)

    def person(self, name: str, fen: int = 0, district: str = "huangpu") -> Actor:
        id = ids.uuid7()
        parties_services.create_person(SYSTEM, id=id, name=name, email=f"{id}@example.org", district=district)
        if fen:
            ledger_services.top_up(SYSTEM, id=ids.uuid7(), owner=id, amount=fen)
        return parties.actor_of_party(id)

    def firm(self, name: str) -> tuple[UUID, Actor]:
        founder, id = self.person(f"{name}'s owner"), ids.uuid7()
        parties_services.create_organisation(
            SYSTEM, id=id, name=words(name), owner=founder.party, kind="firm", district="huangpu"
        )
        return id, parties.actor_of_party(founder.party)

    def member(self, role: str, name: str = "") -> Actor:
        found = self.person(name or role)
        parties_services.add_member(self.owner, organisation=self.carrier, person=found.party, roles=[role])
        return parties.actor_of_party(found.party)

    def service(self, code: str, **more: Any) -> UUID:
        given: dict[str, Any] = {
            "temperatures": ("ambient",), "per_hour": 4, "cover": 50_000, "starts": "00:00", "ends": "24:00",
        }  # fmt: skip
        draft = ServiceDraft(id=ids.uuid7(), carrier=self.carrier, code=code, name=words(code), **(given | more))
        return carriers.open_service(self.owner, draft).id

    def rider(self, name: str, **more: Any) -> Actor:
        found = self.member("driver", name)
        self.vehicle(name, "courier", id=found.party, **more)
        return found

    def vehicle(self, name: str, kind: str, id: UUID | None = None, **more: Any) -> UUID:
        given: dict[str, Any] = {
            "capacity_g": 30_000, "capacity_ml": 90_000, "capacity_parcels": 12, "range_m": 40_000, "speed_kmh": 20,
        }  # fmt: skip
        draft = VehicleDraft(
            id=id or ids.uuid7(), carrier=self.carrier, kind=kind, name=words(name), home=self.depot, **(given | more)
        )  # type: ignore[arg-type]
        return fleet.add_vehicle(self.owner, draft).id

    def bank(self, stay_hours: int = 24, device: UUID | None = None, **cells: int) -> UUID:
        draft = BankDraft(
            id=ids.uuid7(), carrier=self.carrier, name=words("Lockers"), district="huangpu", device=device,
            latitude_e6=LOCKER.latitude_e6, longitude_e6=LOCKER.longitude_e6, stay_hours=stay_hours,
            cells=[CellDraft(size=size, count=count) for size, count in (cells or {"s": 2, "m": 1}).items()],  # type: ignore[arg-type]
        )  # fmt: skip
        return banks.open_bank(self.owner, draft).id

    def draft(self, **more: Any) -> ShipmentDraft:
        given: dict[str, Any] = {
            "id": ids.uuid7(), "shipper": self.shop, "recipient": self.recipient.party, "payer": self.recipient.party,
            "depot": self.depot, "to": DOOR, "service": self.rapid, "parcels": [ParcelDraft(weight_g=800, height_mm=90)],
        }  # fmt: skip
        given |= more
        if given.get("bank"):
            given["to"] = None
        return ShipmentDraft(**given)

    def ship(self, **more: Any) -> Shipment:
        """A shipment, asked for by the house on the recipient's behalf."""
        return booking.request_shipment(SYSTEM, self.draft(**more))

    def facts(self, subject: UUID, name: str) -> list[dict[str, Any]]:
        return [event.data for event in events.history(subject, size=100).items if event.type == f"delivery.{name}"]

    def purse(self, owner: UUID | None = None) -> tuple[int, int]:
        """(available, held) fen."""
        wallet = ledger.wallet_of(owner or self.recipient.party)
        return (wallet.available, wallet.held) if wallet else (0, 0)

    def earned(self) -> int:
        """What the carrier has earned, in fen."""
        found = [each for each in ledger.accounts_of(self.carrier) if each.purpose == "sales"]
        return found[0].posted if found else 0


def words(text: str) -> Words:
    return Words(en=text, zh=text, ko=text)


def changed(draft: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(draft, **fields)
