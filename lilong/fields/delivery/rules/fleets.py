"""What planning takes for granted of couriers, vehicles and doors: times, costs, when who is late."""

from typing import NamedTuple

from lilong.fields.delivery.rules.kinds import UNATTENDED

DOOR_SECONDS = 180  # handing over at a door or a locker
SENDER_SECONDS = 120  # taking up at a sender's door
DEPOT_SECONDS = 120  # one stop at a depot, whatever is loaded
AHEAD_SECONDS = 3600  # what is due later than this is left to the day's plan
LOST_SECONDS = 6 * 3600  # what was taken on and lost its vehicle is given away at once, if it is due to begin by then
RETRY_SECONDS = 30  # between two tries to place what found no place
GRACE_SECONDS = 2 * 3600  # how late a hand-over may be planned if nobody can be in time
ABOARD_GRACE_SECONDS = 12 * 3600  # what is on a vehicle already has to be brought in any case
ANSWER_SECONDS = 60  # for a courier to take or refuse what was given to him
SEEN_SECONDS = 900  # an older position is not believed: the vehicle is taken to be at home
CHANGE = 500_000  # thousandths of a fen: what giving a promised shipment to another vehicle has to save
LOADINGS = 99  # how often a vehicle may load on a day

ANSWERS = ("courier", "van")  # those with somebody who can refuse
READY = ("idle", "busy")  # states of vehicles that can be given something now
DOWN = ("fault", "silent")  # states in which a vehicle is not counted on, today or tomorrow
TASKS = {"requested", "accepted", "at-depot", "collected", "out"}  # shipments that have to be brought somewhere
ABOARD = {"collected", "out"}


class Rate(NamedTuple):
    """Thousandths of a fen: a metre, a second, a vehicle sent out at all."""

    metre: int
    second: int
    out: int


_RATES = {
    "courier": Rate(60, 900, 100_000),
    "van": Rate(150, 1200, 600_000),
    "unmanned": Rate(80, 60, 100_000),
    "robot": Rate(30, 40, 50_000),
    "drone": Rate(120, 100, 150_000),
}


def rate(kind: str) -> Rate:
    return _RATES[kind]


def flies(kind: str) -> bool:
    """It goes as the crow does, not by streets."""
    return kind == "drone"


def unattended(kind: str) -> bool:
    return kind in UNATTENDED


def reach(range_m: int, battery_percent: int | None) -> int:
    """Metres it can go on what is in its battery; who does not say is taken to be full."""
    return range_m if battery_percent is None else range_m * battery_percent // 100


def ageing(waited_seconds: int) -> int:
    """What each second until it is handed over costs an order that has waited so long: more, the longer it waits."""
    return 20 + min(max(0, waited_seconds), 7200) // 30


def priority(temperature: str, *, rapid: bool, late: bool) -> int:
    """0 to 9: what is left out last. Late ones first, then cold and rapid ones."""
    return 1 + 4 * late + 2 * (temperature != "ambient") + 2 * rapid
