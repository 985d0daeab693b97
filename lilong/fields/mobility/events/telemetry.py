"""Facts about trips as vehicles' own points tell them. No place finer than a district, nobody's name."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


@fact("mobility.trip.measured")
class TripMeasured(Fact):
    """A trip ended: how far and how long by believed points. `kind`: rental, ride, engine (nobody booked it)."""

    trip: UUID
    vehicle: UUID
    operator: UUID
    kind: str
    district: str
    metres: int
    seconds: int
    points: int


@fact("mobility.trip.restated")
class TripRestated(Fact):
    """Points of an ended trip came late: it was `before` metres long, and is `metres`. `number` counts its restatements."""

    trip: UUID
    vehicle: UUID
    operator: UUID
    kind: str
    number: int
    before: int
    metres: int
    points: int


@fact("mobility.terminal.opened")
class TerminalOpened(Fact):
    """A vehicle's JT/T 808 terminal may register from now on."""

    device: UUID
    vehicle: UUID
    operator: UUID


@fact("mobility.terminal.registered")
class TerminalRegistered(Fact):
    """It registered, and was given a code of its own."""

    device: UUID
    vehicle: UUID
    operator: UUID


@fact("mobility.terminal.deregistered")
class TerminalDeregistered(Fact):
    """It signed off for good: its code is no longer good."""

    device: UUID
    vehicle: UUID
    operator: UUID


@fact("mobility.alert.published")
class AlertPublished(Fact):
    """An operator told riders that something is out of use. `kind` is GBFS's."""

    alert: UUID
    operator: UUID
    kind: str
    stations: list[UUID]


@fact("mobility.alert.withdrawn")
class AlertWithdrawn(Fact):
    """It is over."""

    alert: UUID
    operator: UUID
