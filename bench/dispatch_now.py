"""Giving away what arrives now: how long it takes with 1,000 open shipments and 200 vehicles, and what it is worth.

Prints one JSON line. `insertion_*`: milliseconds of one cheapest insertion on arrays (rules only). `service_*`: milliseconds of
`dispatch` as a dispatcher calls it, with its locks, reads, writes and facts, on the house's database; the goal is under 200
(`service_cpu_p50_ms`: of this process alone, for machines that are busy otherwise).
`hour_*`: one simulated hour of 30-minute orders, ours against the nearest vehicle (an idle one, else the one that is there
first), with the same orders, couriers and ways: the share kept within the promise, minutes to the door, metres an order.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from lilong.fields.delivery.rules import fleets
from lilong.fields.delivery.rules.routing.board import Board
from lilong.fields.delivery.rules.routing.insertion import cheapest, insert
from lilong.fields.delivery.rules.routing.problem import (
    FIRST,
    LAST,
    Act,
    Depot,
    Problem,
    Route,
    Task,
    Travel,
    Vehicle,
    Visit,
    Window,
)
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline

SIDE, STORES, PROMISE, METRES_A_SECOND, DETOUR = 5_000, 6, 1800, 5.0, 1.35
VEHICLES, OPEN = 200, 1_000
PER_LEVEL = 350  # shipments of one service level, which takes 400 an hour
Choose = Callable[[Ground, Problem, Task], Route | None]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench dispatch_now", description=__doc__)
    parser.add_argument("--parts", default="insertion,hour,service", help="which of the three")
    parser.add_argument("--orders", type=int, default=300, help="orders in the simulated hour")
    parser.add_argument("--couriers", type=int, default=35, help="couriers in the simulated hour")
    parser.add_argument("--rounds", type=int, default=60, help="insertions and dispatches that are timed")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    found: dict[str, Any] = {"bench": "dispatch_now", "vehicles": VEHICLES, "open": OPEN}
    for part in options.parts.split(","):
        found |= {"insertion": _insertion, "hour": _hour, "service": _service}[part](options)
    print(json.dumps(found))
    return 0


def _town(orders: int, cars: int, seed: int) -> tuple[Travel, list[Task], list[Vehicle]]:
    """A square town: stores, doors, couriers who begin at stores. Orders come over an hour, from a store to a door nearby."""
    pick = np.random.default_rng(seed)
    stores = pick.uniform(0.15 * SIDE, 0.85 * SIDE, (STORES, 2))
    of = pick.integers(0, STORES, orders)
    doors = np.clip(stores[of] + pick.normal(0, SIDE / 6, (orders, 2)), 0, SIDE)
    points = np.concatenate([stores, doors])
    metres = np.rint(DETOUR * np.linalg.norm(points[:, None] - points[None], axis=2)).astype(np.int64)
    asked = np.sort(pick.integers(0, 3600, orders))
    tasks = [
        Task(
            id=str(n), amount=(2_000, 8_000, 1), take=Visit(int(of[n])), release=int(asked[n]), grace=2 * 3600,
            give=Visit(STORES + n, fleets.DOOR_SECONDS, (Window(0, int(asked[n]) + PROMISE),)),
        )
        for n in range(orders)
    ]  # fmt: skip
    rate = fleets.rate("courier")
    vehicles = [
        Vehicle(
            id=f"c{n}", capacity=(30_000, 90_000, 12), start=n % STORES, end=None, per_metre=rate.metre,
            per_second=rate.second, trips=fleets.LOADINGS,
        )
        for n in range(cars)
    ]  # fmt: skip
    seconds = np.rint(metres / METRES_A_SECOND).astype(np.int64)
    return Travel(seconds[None], metres[None]), tasks, vehicles


def _insertion(options: argparse.Namespace) -> dict[str, Any]:
    travel, tasks, vehicles = _town(OPEN + options.rounds, VEHICLES, 1)
    late = [msgspec.structs.replace(task, release=0, give=_until(task.give, 4 * 3600)) for task in tasks]
    problem = Problem(travel=travel, depots=_depots(), vehicles=tuple(vehicles), tasks=tuple(late))
    board = Board(Ground(problem))
    for task in late[:OPEN]:
        offer = cheapest(board, task, waiting=5_000)
        assert offer is not None
        insert(board, offer)
    times = []
    for task in late[OPEN:]:
        begun = time.perf_counter()
        offer = cheapest(board, task, waiting=5_000)
        times.append(1000 * (time.perf_counter() - begun))
        assert offer is not None
    return {"insertion_p50_ms": _at(times, 50), "insertion_p99_ms": _at(times, 99)}


def _until(visit: Visit, closes: int) -> Visit:
    return msgspec.structs.replace(visit, windows=(Window(0, closes),))


def _depots() -> tuple[Depot, ...]:
    return tuple(Depot(n, 60) for n in range(STORES))


def _hour(options: argparse.Namespace) -> dict[str, Any]:
    travel, tasks, vehicles = _town(options.orders, options.couriers, 2)
    found: dict[str, Any] = {"hour_orders": options.orders, "hour_couriers": options.couriers}
    for name, choose in (("ours", _cheapest), ("nearest", _nearest)):
        late, minutes, metres = _Day(travel, tasks, vehicles).run(choose)
        found[f"hour_{name}_kept"] = round(1 - sum(late) / len(tasks), 4)
        found[f"hour_{name}_minutes"] = round(statistics.mean(minutes), 1)
        found[f"hour_{name}_metres"] = round(metres / len(tasks))
    return found


class _Day:
    """Couriers who drive what they were given. Between two orders stops are done; the next one is always under way."""

    def __init__(self, travel: Travel, tasks: Sequence[Task], vehicles: Sequence[Vehicle]) -> None:
        self.travel, self.tasks = travel, tasks
        self.cars = {vehicle.id: vehicle for vehicle in vehicles}
        self.left: dict[str, tuple[Act, ...]] = {vehicle.id: () for vehicle in vehicles}
        self.aboard: dict[str, str] = {}
        self.done: dict[str, int] = {}
        self.metres = 0

    def run(self, choose: Choose) -> tuple[list[bool], list[float], int]:
        for task in self.tasks:
            problem = self._problem(task.release, task)
            route = choose(Ground(problem), problem, task)
            assert route is not None
            self.left[route.vehicle] = route.acts
        self._problem(10 * 86_400, None)
        until = {task.id: task.give.windows[-1].closes for task in self.tasks}
        late = [self.done[id] > until[id] for id in until]
        minutes = [(self.done[task.id] - task.release) / 60 for task in self.tasks]
        return late, minutes, self.metres

    def _problem(self, now: int, fresh: Task | None) -> Problem:
        """What is done by then is done; what is left, from where everybody is."""
        self._drive(now)
        wanted = {act.task for acts in self.left.values() for act in acts} | ({fresh.id} if fresh else set())
        tasks = [self._rest(task) for task in self.tasks if task.id in wanted]
        return Problem(
            travel=self.travel,
            depots=_depots(),
            vehicles=tuple(msgspec.structs.replace(car, locked=self.left[id][:1]) for id, car in self.cars.items()),
            tasks=tuple(tasks),
            current=tuple(Route(id, acts) for id, acts in self.left.items() if acts),
        )

    def _rest(self, task: Task) -> Task:
        return msgspec.structs.replace(task, take=None, aboard=self.aboard[task.id]) if task.id in self.aboard else task

    def _drive(self, now: int) -> None:
        open_ = {act.task for acts in self.left.values() for act in acts}
        tasks = tuple(self._rest(task) for task in self.tasks if task.id in open_)
        ground = Ground(Problem(travel=self.travel, depots=_depots(), vehicles=tuple(self.cars.values()), tasks=tasks))
        for id, car in list(self.cars.items()):
            past = [stop for stop in timeline(ground, car, self.left[id]).stops if stop.leave <= now]
            for stop in past:
                self.metres += stop.metres
                if stop.act.what == FIRST:
                    self.aboard[stop.act.task] = id
                else:
                    self.aboard.pop(stop.act.task, None)
                    self.done[stop.act.task] = stop.start
            self.left[id] = self.left[id][len(past) :]
            place, free = (past[-1].place, past[-1].leave) if past else (car.start, car.opens)
            self.cars[id] = msgspec.structs.replace(car, start=place, opens=free if self.left[id] else max(free, now))


def _cheapest(ground: Ground, problem: Problem, task: Task) -> Route | None:
    board = Board(ground, problem.current)
    offer = cheapest(board, task, waiting=fleets.ageing(0)) or cheapest(board, task, grace=task.grace)
    return Route(offer.vehicle, offer.acts) if offer else None


def _nearest(ground: Ground, problem: Problem, task: Task) -> Route | None:
    """An idle vehicle that is nearest to the store; if all are busy, the one that would be there first after its stops."""
    assert task.take is not None
    acts = {route.vehicle: route.acts for route in problem.current}

    def there(vehicle: Vehicle) -> tuple[bool, int]:
        assert task.take is not None
        stops = timeline(ground, vehicle, acts.get(vehicle.id, ())).stops
        free, place = (stops[-1].leave, stops[-1].place) if stops else (vehicle.opens, vehicle.start)
        return bool(stops), free + ground.leg(vehicle, place, task.take.place)[0]

    chosen = min(problem.vehicles, key=there)
    return Route(chosen.id, (*acts.get(chosen.id, ()), Act(task.id, FIRST), Act(task.id, LAST)))


def _service(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from lilong.fields.delivery.services import dispatch, planning
    from lilong.kernel.parties.actor import SYSTEM

    carrier, levels, depots = _carrier()
    shipments = _shipments(carrier, levels, depots, OPEN)
    begun = time.perf_counter()
    planning.mend(SYSTEM, carrier=carrier, why="bench")
    placed = time.perf_counter() - begun
    fresh = _shipments(carrier, levels[-1:], depots, options.rounds)
    times, cpu, given = [], [], 0
    for id in fresh:
        begun, spent = time.perf_counter(), time.process_time()
        given += dispatch.dispatch(SYSTEM, shipment=id).vehicle is not None
        times.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.process_time() - spent))
    return {
        "service_cpu_p50_ms": _at(cpu, 50), "service_p50_ms": _at(times, 50), "service_p95_ms": _at(times, 95), "service_given": given,
        "service_asked": len(fresh), "service_open": len(shipments), "mend_all_s": round(placed, 1),
    }  # fmt: skip


def _carrier() -> tuple[UUID, list[UUID], list[UUID]]:
    """A carrier with a service, depots and 200 vehicles at work."""
    from lilong.fields.delivery import drafts
    from lilong.fields.delivery.models import Vehicle as Row
    from lilong.fields.delivery.services import carriers, fleet
    from lilong.kernel.base import ids
    from lilong.kernel.base.words import Words
    from lilong.kernel.parties import services as parties
    from lilong.kernel.parties.actor import SYSTEM

    def words(text: str) -> Words:
        return Words(en=text, zh=text, ko=text)

    owner, carrier = ids.uuid7(), ids.uuid7()
    parties.create_person(SYSTEM, id=owner, name="Owner", email=f"{owner}@example.org", district="huangpu")
    parties.create_organisation(SYSTEM, id=carrier, name=words("Carrier"), owner=owner, kind="firm", district="huangpu")
    carriers.open_carrier(SYSTEM, drafts.CarrierDraft(id=carrier, name=words("Carrier"), district="huangpu"))
    depots = []
    for latitude, longitude in _spots(STORES, 3):
        depots.append(ids.uuid7())
        carriers.open_depot(
            SYSTEM,
            drafts.DepotDraft(
                id=depots[-1], owner=carrier, carrier=carrier, name=words("Depot"), district="huangpu",
                latitude_e6=latitude, longitude_e6=longitude,
            ),
        )  # fmt: skip
    levels = [ids.uuid7() for _ in range(1 + (OPEN + 200) // PER_LEVEL)]
    for n, service in enumerate(levels):
        carriers.open_service(
            SYSTEM,
            drafts.ServiceDraft(
            id=service, carrier=carrier, code=f"standard-{n}", name=words("Standard"), temperatures=("ambient",), base_fee=0,
            per_hour=400, cover=0, starts="00:00", ends="24:00", window_seconds=14_400,
        ),
    )  # fmt: skip
    for n in range(VEHICLES):
        id = ids.uuid7()
        fleet.add_vehicle(
            SYSTEM,
            drafts.VehicleDraft(
                id=id, carrier=carrier, kind="robot", name=words(f"Robot {n}"), home=depots[n % STORES],
                capacity_g=30_000, capacity_ml=90_000, capacity_parcels=12, range_m=60_000, speed_kmh=20,
            ),
        )  # fmt: skip
    Row.objects.filter(carrier=carrier).update(state="idle")
    return carrier, levels, depots


def _shipments(carrier: UUID, levels: Sequence[UUID], depots: Sequence[UUID], count: int) -> list[UUID]:
    from lilong.fields.delivery.drafts import ParcelDraft, ShipmentDraft, Spot
    from lilong.fields.delivery.services import booking
    from lilong.kernel.base import ids
    from lilong.kernel.parties.actor import SYSTEM

    made = []
    for n, (latitude, longitude) in enumerate(_spots(count, 4 + count)):
        made.append(ids.uuid7())
        booking.request_shipment(
            SYSTEM,
            ShipmentDraft(
                id=made[-1], shipper=carrier, recipient=carrier, depot=depots[n % STORES],
                service=levels[n // PER_LEVEL],
                to=Spot(latitude_e6=latitude, longitude_e6=longitude), parcels=[ParcelDraft(weight_g=800)],
            ),
        )  # fmt: skip
    return made


def _spots(count: int, seed: int) -> Iterable[tuple[int, int]]:
    """Positions on the street graph."""
    pick = random.Random(seed)
    return [(pick.randint(31_222_000, 31_239_000), pick.randint(121_463_000, 121_484_000)) for _ in range(count)]


def _at(times: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 2)
