"""What is to be carried, by whom, between which places, and what a plan for it looks like.

Every task is a pair of visits: where its goods are taken up (a depot, a sender) and where they are handed over (a
receiver, a depot). Goods that are on a vehicle already have no first visit and belong to that vehicle.
"""

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

FOREVER = 1 << 40  # seconds: later than any shift ends
FIRST, LAST = "take", "give"  # the two acts of a task


class Window(NamedTuple):
    """Service may begin from `opens` to `closes`, both included."""

    opens: int = 0
    closes: int = FOREVER


class Visit(msgspec.Struct, frozen=True):
    """A place (index into the travel matrices), the seconds it takes there, and when one may begin (in order, disjoint)."""

    place: int
    service: int = 0
    windows: tuple[Window, ...] = (Window(),)


class Depot(msgspec.Struct, frozen=True):
    """A place of vehicles and goods; `service` is spent once for each stop there, whatever is loaded or handed in."""

    place: int
    service: int = 0


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One shipment. `take` is None for goods that the vehicle `aboard` carries already.

    `release` is when the goods are ready at the first visit; `grace` is how late the second may be if nothing else can be
    done (0: never); `priority` 0 to 9, higher is left out last; `promised` is the vehicle the receiver was told.
    """

    id: str
    amount: tuple[int, ...]
    give: Visit
    take: Visit | None = None
    aboard: str = ""
    release: int = 0
    skills: frozenset[str] = frozenset()
    temperature: str = ""
    priority: int = 1
    grace: int = 0
    promised: str = ""


class Act(NamedTuple):
    """One half of a task: goods taken up (FIRST) or handed over (LAST)."""

    task: str
    what: str


class Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    """One that moves goods: from `start` at `opens` (now and here, if it is out already) to `end` until `closes`.

    `end` None: it may stop anywhere. `load` lies in it from the start to the end and belongs to no task. `hours` limits the
    seconds from leaving to ending; `reach` the metres; `zone` the places it may go to (None: all). `matrix` names the travel
    matrix of its kind, `pace` its seconds in percent of that matrix (150 is slower). `trips` is how often it may load at a
    depot on a day's plan. `locked` are the acts already under way, in their order: they stay its first ones.
    """

    id: str
    capacity: tuple[int, ...]
    start: int
    end: int | None
    opens: int = 0
    closes: int = FOREVER
    hours: int = FOREVER
    reach: int = FOREVER
    load: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    temperatures: frozenset[str] = frozenset()
    zone: frozenset[int] | None = None
    matrix: int = 0
    pace: int = 100
    fixed: int = 0
    per_metre: int = 1
    per_second: int = 0
    trips: int = 1
    locked: tuple[Act, ...] = ()


class Travel(NamedTuple):
    """Seconds and metres of each kind of way (streets, cycle paths, air): integers, [kinds, places, places] both."""

    seconds: NDArray[np.integer[Any]]
    metres: NDArray[np.integer[Any]]


class Route(msgspec.Struct, frozen=True):
    """What one vehicle does, in order. When, follows from the problem."""

    vehicle: str
    acts: tuple[Act, ...]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """`current` are the routes as they were told; `change` is the cost of giving a promised task to another vehicle."""

    travel: Travel
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    tasks: tuple[Task, ...]
    current: tuple[Route, ...] = ()
    change: int = 0


class Reason(msgspec.Struct, frozen=True):
    """Why a task is in no route: a code and the numbers behind it.

    Codes: `no-vehicle`, `skill`, `temperature`, `zone`, `capacity`, `range`, `shift`, `time-window`, `all-full`, `gone`
    (its goods are on a vehicle that is not there). `vehicle` is the nearest miss, by `late` seconds or `over` of `dimension`.
    """

    task: str
    code: str
    vehicle: str = ""
    late: int = 0
    over: int = 0
    dimension: int = -1


class Plan(msgspec.Struct, frozen=True):
    """Every task is in exactly one route, or has a reason why not. `cost` in the problem's unit; `seconds` of search."""

    routes: tuple[Route, ...]
    unassigned: tuple[Reason, ...] = ()
    cost: int = 0
    moved: int = 0


def admits(vehicle: Vehicle, task: Task) -> str:
    """'' if the vehicle may carry the task at all; else what stands against it: skill, temperature, zone or capacity.

    Goods aboard another vehicle are `gone` for this one.
    """
    if task.aboard and task.aboard != vehicle.id:
        return "gone"
    if not task.skills <= vehicle.skills:
        return "skill"
    if task.temperature and task.temperature not in vehicle.temperatures:
        return "temperature"
    places = {task.give.place} | ({task.take.place} if task.take else set())
    if vehicle.zone is not None and not places <= vehicle.zone:
        return "zone"
    if any(wanted > held for wanted, held in zip(task.amount, vehicle.capacity, strict=True)):
        return "capacity"
    return ""
