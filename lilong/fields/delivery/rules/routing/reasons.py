"""Why a task is in no route: asked of every vehicle, answered by the one that comes nearest."""

from lilong.fields.delivery.rules.routing.board import Board
from lilong.fields.delivery.rules.routing.insertion import cheapest
from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Reason, Task, Vehicle, admits
from lilong.fields.delivery.rules.routing.timeline import Ground, timeline

_NARROWING = ("skill", "temperature", "zone", "capacity")
_ANY_LATE = 30 * 86_400


def explain(board: Board, task: Task) -> Reason:
    """The first thing that rules out the last of the vehicles: what it is, then what it could do, then whether it has room."""
    vehicles = board.vehicles
    if task.aboard and task.aboard not in board.row:
        return Reason(task.id, "gone", vehicle=task.aboard)
    if task.aboard:
        vehicles = (vehicles[board.row[task.aboard]],)
    if not vehicles:
        return Reason(task.id, "no-vehicle")
    stands = {vehicle.id: admits(vehicle, task) for vehicle in vehicles}
    able = [vehicle for vehicle in vehicles if not stands[vehicle.id]]
    if not able:
        furthest = max(stands.values(), key=_NARROWING.index)
        if furthest == "capacity":
            return _too_big(task, [vehicle for vehicle in vehicles if stands[vehicle.id] == "capacity"])
        return Reason(task.id, furthest)
    misses = [alone(board.ground, vehicle, task) for vehicle in able]
    real = [miss for miss in misses if miss is not None]
    if len(real) == len(able):
        furthest = max((miss.code for miss in real), key=("range", "shift", "time-window").index)
        return min((miss for miss in real if miss.code == furthest), key=lambda miss: miss.late)
    return _all_full(board, task)


def _too_big(task: Task, vehicles: list[Vehicle]) -> Reason:
    """The one that lacks the least, in the dimension where it lacks."""

    def lack(vehicle: Vehicle) -> tuple[int, int]:
        return max(
            (wanted - held, n) for n, (wanted, held) in enumerate(zip(task.amount, vehicle.capacity, strict=True))
        )

    nearest = min(vehicles, key=lambda vehicle: lack(vehicle)[0])
    over, dimension = lack(nearest)
    return Reason(task.id, "capacity", vehicle=nearest.id, over=over, dimension=dimension)


def alone(ground: Ground, vehicle: Vehicle, task: Task) -> Reason | None:
    """Why the vehicle could not carry this task even if it did nothing else; None if it could."""
    if admits(vehicle, task):
        return Reason(task.id, admits(vehicle, task), vehicle=vehicle.id)
    found = timeline(ground, vehicle, ((Act(task.id, FIRST),) if task.take else ()) + (Act(task.id, LAST),))
    if found.metres > vehicle.reach:
        return Reason(task.id, "range", vehicle=vehicle.id, over=found.metres - vehicle.reach)
    late = max(stop.late for stop in found.stops)
    if late:
        return Reason(task.id, "time-window", vehicle=vehicle.id, late=late)
    over = max(found.end - vehicle.closes, found.end - found.leave - vehicle.hours)
    return Reason(task.id, "shift", vehicle=vehicle.id, late=over) if over > 0 else None


def _all_full(board: Board, task: Task) -> Reason:
    """Some could, if the others' goods were not: how late the best of them would be as things stand."""
    late = cheapest(board, task, grace=_ANY_LATE)
    if late is None:
        return Reason(task.id, "all-full")
    return Reason(task.id, "all-full", vehicle=late.vehicle, late=late.late)
