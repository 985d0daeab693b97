"""Facts of rentals: numbers and districts; who rented stays in the tables. Money in fen, times in seconds."""

from typing import Literal
from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class _Rental(Fact, frozen=True, kw_only=True):
    """`kind` is the GBFS form factor; `district` is where the vehicle stands."""

    rental: UUID
    operator: UUID
    vehicle: UUID
    mode: str
    kind: str
    district: str


@fact("mobility.rental.booked")
class RentalBooked(_Rental, frozen=True, kw_only=True):
    """A vehicle was booked for `seconds`, `ahead_seconds` before the start. Subject: the rental."""

    seconds: int
    ahead_seconds: int
    quoted: int
    deposit: int
    replaces: UUID | None


@fact("mobility.rental.extended")
class RentalExtended(_Rental, frozen=True, kw_only=True):
    """A booking was made longer, `seconds` more. Subject: the rental."""

    seconds: int
    held: int


@fact("mobility.rental.cancelled")
class RentalCancelled(_Rental, frozen=True, kw_only=True):
    """A booking was called off, `left_seconds` before its start, for a fee. Subject: the rental."""

    by: Literal["rider", "operator"]
    left_seconds: int
    fee: int


@fact("mobility.rental.missed")
class RentalMissed(_Rental, frozen=True, kw_only=True):
    """Nobody came. Subject: the rental."""

    fee: int


@fact("mobility.rental.refused")
class RentalRefused(_Rental, frozen=True, kw_only=True):
    """The vehicle did not open (`why` in a word of its own); the booking stands. Subject: the rental."""

    why: str


@fact("mobility.rental.started")
class RentalStarted(_Rental, frozen=True, kw_only=True):
    """The rider has the vehicle, `waited_seconds` after asking it to open. Subject: the rental."""

    waited_seconds: int
    late_seconds: int


@fact("mobility.rental.ended")
class RentalEnded(_Rental, frozen=True, kw_only=True):
    """The vehicle is back: it was somebody's for `seconds` and went `metres`, for `total`. Subject: the rental.

    `late_seconds` beyond the end that was booked; `owed` is what the rider could not pay.
    """

    seconds: int
    metres: int
    total: int
    owed: int
    late_seconds: int
    driverless: bool


@fact("mobility.rental.let_down")
class RentalLetDown(_Rental, frozen=True, kw_only=True):
    """The operator could not keep a booking: everything was given back, and `apology` besides. Subject: the rental."""

    apology: int
    why: str


@fact("mobility.rental.moved")
class RentalMoved(_Rental, frozen=True, kw_only=True):
    """Another vehicle (`to`, under the rental `replacement`) takes the place of the one booked. Subject: the old rental."""

    replacement: UUID
    to: UUID
    metres: int
    why: str


@fact("mobility.deposit.settled")
class DepositSettled(_Rental, frozen=True, kw_only=True):
    """What was kept of a deposit for damage; the rest is the rider's again. Subject: the rental."""

    kept: int
    released: int


@fact("mobility.debt.paid")
class DebtPaid(Fact):
    """A rider paid what was owed to an operator. Subject: the operator."""

    operator: UUID
    amount: int


@fact("mobility.damage.reported")
class DamageReported(_Rental, frozen=True, kw_only=True):
    """A rider reported the vehicle's state. Subject: the vehicle."""

    report: UUID
    phase: str
    damaged: bool
    photos: int


@fact("mobility.zone.entered")
class ZoneEntered(_Rental, frozen=True, kw_only=True):
    """A trip came to where another rule holds: a speed limit (None: none), or no way through. Subject: the rental."""

    zone: UUID | None
    speed_kph: int | None
    through: bool


@fact("mobility.maintenance.planned")
class MaintenancePlanned(Fact):
    """A vehicle is not for riders for `seconds`. Subject: the vehicle."""

    maintenance: UUID
    vehicle: UUID
    operator: UUID
    mode: str
    what: str
    seconds: int


@fact("mobility.maintenance.ended")
class MaintenanceEnded(Fact):
    """A maintenance was done, or called off. Subject: the vehicle."""

    maintenance: UUID
    vehicle: UUID
    operator: UUID
    mode: str
    what: str
    done: bool


@fact("mobility.vehicle.charged")
class VehicleCharged(Fact):
    """A vehicle was charged by `gained_pm` thousandths in `seconds`. Subject: the vehicle."""

    vehicle: UUID
    operator: UUID
    mode: str
    station: UUID | None
    seconds: int
    gained_pm: int


@fact("mobility.licence.decided")
class LicenceDecided(Fact):
    """A driving licence was verified, refused or revoked. Subject: the licence. Whose it is stands in the table alone."""

    licence: UUID
    classes: list[str]
    decision: Literal["verified", "refused", "revoked"]
