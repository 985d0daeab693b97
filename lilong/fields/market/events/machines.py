"""Facts of unattended trade: ids, slots, numbers; who bought is in the orders' own facts."""

from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("market.machine.registered")
class MachineRegistered(Fact):
    """A machine stands at a place. Subject: the machine."""

    machine: UUID
    place: UUID
    seller: UUID
    kind: str
    district: str


@fact("market.machine.faulted")
class MachineFaulted(Fact):
    """A slot ('' for the machine as a whole) went out of order. Subject: the machine."""

    machine: UUID
    slot: str
    code: str
    district: str


@fact("market.machine.cleared")
class MachineCleared(Fact):
    """A slot ('' for the machine) is in order again. Subject: the machine."""

    machine: UUID
    slot: str
    district: str


@fact("market.vend.settled")
class VendSettled(Fact):
    """A purchase was settled by what was taken; `late` after its money had been released. Subject: the order."""

    machine: UUID
    seller: UUID
    district: str
    reserved: int
    taken: int
    jams: int
    late: bool


@fact("market.vend.released")
class VendReleased(Fact):
    """The machine was silent too long: the hold was released. Subject: the order."""

    machine: UUID
    seller: UUID
    district: str


@fact("market.session.opened")
class SessionOpened(Fact):
    """Somebody entered an unmanned shop or began at a collection machine. Subject: the session."""

    machine: UUID
    kind: str
    district: str


@fact("market.session.closed")
class SessionClosed(Fact):
    """And left, `timed_out` without the gate having said so. Subject: the session."""

    machine: UUID
    kind: str
    district: str
    order: UUID | None
    pieces: int
    timed_out: bool


@fact("market.dispute.opened")
class DisputeOpened(Fact):
    """Machine and money do not agree, or a buyer does not. Subject: the dispute."""

    machine: UUID
    seller: UUID
    order: UUID | None
    kind: str
    quantity: int
    amount: int


@fact("market.dispute.resolved")
class DisputeResolved(Fact):
    """The seller decided. Subject: the dispute."""

    machine: UUID
    seller: UUID
    order: UUID | None
    kind: str
    outcome: Literal["refunded", "refused", "written-off"]
    amount: int


@fact("market.recycling.weighed")
class RecyclingWeighed(Fact):
    """Material was handed in and credited with coins. Subject: the weighing."""

    machine: UUID
    kind: str
    grams: int
    coins: int
    district: str


@fact("market.recycling.quarantined")
class RecyclingQuarantined(Fact):
    """A weight that somebody must look at first. Subject: the weighing."""

    machine: UUID
    kind: str
    grams: int
    district: str


@fact("market.recycling.bin")
class RecyclingBin(Fact):
    """A bin is full, or was emptied. Subject: the machine."""

    machine: UUID
    kind: str
    full: bool
    district: str
