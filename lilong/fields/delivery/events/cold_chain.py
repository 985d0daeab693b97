"""Facts of the cold chain. Temperatures in thousandths of a degree Celsius. Each belongs to a shipment: its subject."""

from uuid import UUID

from lilong.kernel.events.facts import Fact, fact


class _Told(Fact):
    shipment: UUID
    carrier: UUID
    shipper: UUID
    order: UUID | None
    temperature: str
    profile: str
    district: str


@fact("delivery.cold.excursion")
class ColdExcursionFound(_Told):
    """Goods were too warm or too cold, by `kind` of rule; `late`: found after they had been handed over."""

    excursion: UUID
    kind: str
    peak_mc: int
    seconds: int
    late: bool


@fact("delivery.cold.decided")
class ColdDecided(_Told):
    """A quality person decided about stopped goods: 'release' or 'destroy'."""

    outcome: str


@fact("delivery.cold.assessed")
class ColdAssessed(_Told):
    """What the record of delivered goods says, at the moment they were delivered. `conform`: complete and in range.

    Said again, after a `withdrawn`, when late readings change it.
    """

    conform: bool
    complete: bool
    verdict: str
    readings: int
    min_mc: int | None
    max_mc: int | None
    mkt_mc: int | None
    out_seconds: int
    covered_permille: int
    longest_gap_seconds: int
    restated: bool


@fact("delivery.cold.withdrawn")
class ColdWithdrawn(_Told):
    """What was said of the record before no longer holds: late readings came. A new `assessed` follows."""

    conform: bool
