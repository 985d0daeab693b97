"""A small carriage: one carrier with one service, so many places in all, its fee from the buyer's wallet at once."""

from datetime import datetime, timedelta
from uuid import UUID

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point, metres
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders import carriage, queries
from lilong.kernel.orders.carriage import Promise
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import Actor

REACH_METRES, MOST_GRAMS = 10_000, 20_000


class BicycleCourier:
    """Goes ten kilometres from `start` with twenty kilogrammes, chilled or ambient, `free` times."""

    def __init__(self, start: Point, *, fee: int = 600, free: int = 10) -> None:
        self.party, self.start, self.fee, self.free = ids.uuid7(), start, fee, free
        self.shipments: dict[UUID, UUID] = {}
        self.told: list[tuple[str, str]] = []  # recipient and street of each booking

    def promises(self, *, place: UUID, to: Point, weight_g: int, temperature: str, at: datetime) -> list[Promise]:
        if metres(self.start, to) > REACH_METRES or weight_g > MOST_GRAMS or temperature == "frozen" or not self.free:
            return []
        return [
            Promise(
                carrier=self.party,
                service="bicycle",
                name=Words(en="Bicycle courier", zh="自行车快递", ko="자전거 배달"),
                earliest=at + timedelta(minutes=20),
                latest=at + timedelta(minutes=50),
                fee=self.fee,
                currency="CNY",
                contactless=True,
            )
        ]

    def book(self, actor: Actor, *, order: UUID, token: str, address: UUID) -> UUID:
        offered = carriage.read(token)
        if not self.free:
            raise Conflict("slot-taken")
        buyer = queries.order(actor, order).buyer
        asset = ledger.open_asset("CNY", kind="money", unit="CNY")
        till = ledger.open_account(self.party, asset, "carriage")
        ledger.post_all([ledger.Move(ids.child(order, 0x7000), ledger.wallet(buyer), till, offered.fee, ref=order)])
        view = parties.read_address(actor, address, "Delivering what was ordered")
        self.free -= 1
        self.told.append((view.recipient, view.line))
        return self.shipments.setdefault(order, ids.child(order, 0x7001))
