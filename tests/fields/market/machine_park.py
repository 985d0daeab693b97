"""A park of machines made through the services: a vending machine, an unmanned shop, a collection point."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lilong.fields.market.drafts import MachineDraft, PlaceDraft, TakeDraft
from lilong.fields.market.models import Machine, MachineCommand, MachineSession, Purchase
from lilong.fields.market.services import machine_inbox, machines, passes, places, vending
from lilong.fields.market.standard import machine_protocol as protocol
from lilong.kernel.base import clock, ids
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import queries as ledger
from lilong.kernel.parties.actor import Actor
from tests.fields.market.scene import Market


class Park:
    """One machine of a kind, stocked, and what it says, with the numbers it gives."""

    def __init__(self, market: Market, kind: str = "vending-machine") -> None:
        self.market = market
        self.seq = 0
        self.place = places.open_place(
            market.owner,
            PlaceDraft(
                id=ids.uuid7(),
                owner=market.seller,
                kind=kind,
                name=Words(en="Lobby", zh="大堂", ko="로비"),
                district="jingan",
            ),
        ).id
        self.device = machines.register_machine(market.owner, MachineDraft(id=ids.uuid7(), place=self.place)).device
        self.milk = market.product(f"M{ids.uuid7().hex[-6:]}", "Milk", price=600)
        self.tea = market.product(f"T{ids.uuid7().hex[-6:]}", "Tea", price=500)
        self.lots: dict[str, tuple[UUID, int]] = {}
        if kind != "collection-point":
            self.fill("A1", self.milk, 5, "MILK-1", days=5)
            self.fill("A2", self.milk, 5, "MILK-2", days=9)
            self.fill("B1", self.tea, 4, "TEA-1", days=60)
        self.say(protocol.Heartbeat(at=clock.now(), temperature_mc=4000))

    def fill(self, slot: str, product: UUID, quantity: int, code: str, days: int) -> None:
        machines.set_slot(self.market.clerk, machine=self.device, code=slot, product=product, capacity=10)
        received = self.market.receive(product, quantity, code, days)
        self.load(slot, received.lot, quantity)
        stock = next(row for row in self._stocks() if row.lot_id == received.lot)
        self.lots[code] = (received.lot, stock.account)

    def load(self, slot: str, lot: UUID, quantity: int, **more: Any) -> None:
        given = {"id": ids.uuid7(), "source": self.market.warehouse} | more
        machines.load(self.market.picker, machine=self.device, slot=slot, lot=lot, quantity=quantity, **given)

    def _stocks(self) -> list[Any]:
        from lilong.fields.market.models import Stock

        return list(Stock.objects.filter(place=self.place))

    def left(self, code: str) -> tuple[int, int]:
        """Of a lot in the machine: posted, held."""
        found = ledger.balance(self.lots[code][1])
        return found.posted, found.held

    def say(self, report: protocol.AnyReport, device: UUID | None = None) -> machine_inbox.Heard:
        return machine_inbox.take(device or self.device, protocol.written(report))

    def next(self) -> dict[str, Any]:
        self.seq += 1
        return {"at": clock.now(), "seq": self.seq}

    def reserve(self, buyer: Actor, *lines: tuple[str, int, int], id: UUID | None = None) -> Purchase:
        drafts = [TakeDraft(slot=slot, quantity=n, price=price) for slot, n, price in lines]
        return vending.reserve(buyer, id=id or ids.uuid7(), machine=self.device, lines=drafts)

    def vended(self, order: UUID, slot: str, quantity: int = 1) -> protocol.Vended:
        return protocol.Vended(order=order, slot=slot, quantity=quantity, **self.next())

    def closed(self, order: UUID, *parts: protocol.Vended, jammed: list[str] | None = None) -> protocol.Closed:
        return protocol.Closed(order=order, parts=[part.seq for part in parts], jammed=jammed or [], **self.next())

    def commands(self) -> list[tuple[str, dict[str, Any]]]:
        return [(row.kind, row.body) for row in MachineCommand.objects.filter(machine=self.device).order_by("made_at")]

    def row(self) -> Machine:
        return Machine.objects.get(device=self.device)

    def entered(self, person: Actor) -> UUID:
        """Lets a person in and answers the session."""
        token = passes.issue(person, place=self.place)
        assert self.say(protocol.Enter(token=token, **self.next())).outcome == "taken"
        return MachineSession.objects.get(person=person.party, state="open").id

    def moved(self, session: UUID, slot: str, quantity: int, **more: Any) -> protocol.Moved:
        return protocol.Moved(session=session, slot=slot, quantity=quantity, **self.next(), **more)

    def exit(self, session: UUID, *parts: Any) -> protocol.Exit:
        return protocol.Exit(session=session, parts=[part.seq for part in parts], **self.next())


def purse(person: Actor) -> tuple[int, int]:
    """Posted, held."""
    found = ledger.wallet_of(person.party)
    assert found is not None
    return found.posted, found.held


def later(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
