"""Facts of shipments. Every one says whose and what (`_Told`), so that a journey or an indicator needs no other.

`order` is whose goods they are and `place` the depot they came from; a delivery says `unattended` (a vehicle without
anybody, or a locker), `on_time` and `minutes` since it was asked for. Money in fen.
"""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class _Told(Fact):
    """What every fact of a shipment says. Subject: the shipment."""

    shipment: UUID
    carrier: UUID
    shipper: UUID
    order: UUID | None
    place: UUID | None
    service: str
    temperature: str
    district: str


@fact("delivery.shipment.requested")
class ShipmentRequested(_Told):
    """Somebody wants it carried, within `promised_minutes`; its fee is held."""

    parcels: int
    weight_g: int
    fee: int
    contactless: bool
    to_locker: bool
    promised_minutes: int


@fact("delivery.shipment.accepted")
class ShipmentAccepted(_Told):
    """The carrier takes it on."""


@fact("delivery.shipment.collected")
class ShipmentCollected(_Told):
    """It is with the carrier."""

    vehicle: UUID
    kind: str
    unattended: bool


@fact("delivery.shipment.at_depot")
class ShipmentAtDepot(_Told):
    """It lies at a depot on its way."""

    depot: UUID


@fact("delivery.shipment.out")
class ShipmentOut(_Told):
    """It is out for delivery."""

    vehicle: UUID
    kind: str
    unattended: bool


@fact("delivery.shipment.in_locker")
class ShipmentInLocker(_Told):
    """It waits in a locker: the promise is kept or broken by now."""

    bank: UUID
    vehicle: UUID
    kind: str
    on_time: bool
    minutes: int


@fact("delivery.shipment.delivered")
class ShipmentDelivered(_Told):
    """The recipient has it. `lines` of the order arrived, `missing` were in parcels that were lost (both empty: the whole).

    `way`: door or locker. `kind` of the vehicle that brought it. `fee` is what was taken.
    """

    way: str
    kind: str
    unattended: bool
    on_time: bool
    minutes: int
    parcels: int
    lost: int
    lines: list[int]
    missing: list[int]
    fee: int


@fact("delivery.shipment.failed")
class ShipmentFailed(_Told):
    """An attempt to deliver failed; `attempts` so far."""

    outcome: str
    attempts: int
    kind: str
    unattended: bool


@fact("delivery.shipment.returning")
class ShipmentReturning(_Told):
    """It goes back to who sent it."""

    reason: str


@fact("delivery.shipment.returned")
class ShipmentReturned(_Told):
    """It is back. `fee` is what was taken all the same."""

    fee: int
    lines: list[int]
    missing: list[int]


@fact("delivery.shipment.lost")
class ShipmentLost(_Told):
    """It is lost, with nothing of it left to deliver."""

    lines: list[int]


@fact("delivery.parcel.lost")
class ParcelLost(_Told):
    """A parcel is lost. `line` of the order that was in it."""

    parcel: UUID
    line: int | None


@fact("delivery.shipment.cancelled")
class ShipmentCancelled(_Told):
    """It was called off before it was collected: the fee is free again."""

    reason: str


@fact("delivery.shipment.late")
class ShipmentLate(_Told):
    """The promised time passed and it is not there."""

    state: str


@fact("delivery.shipment.stopped")
class ShipmentStopped(_Told):
    """It may not be handed over (`reason`), or (`reason` empty) may again."""

    reason: str


@fact("delivery.shipment.overdue")
class ShipmentOverdue(_Told):
    """Nobody came to the locker: reminded, or (`over`) to be taken back."""

    bank: UUID
    over: bool


@fact("delivery.shipment.rated")
class ShipmentRated(_Told):
    """The recipient rated it."""

    stars: int


@fact("delivery.proof.overridden")
class ProofOverridden(_Told):
    """A supervisor let a hand-over pass that was too far from the door."""

    metres: int
