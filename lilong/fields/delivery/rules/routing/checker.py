"""Whether a plan holds. Written from the problem's words alone: it shares no code with the planner."""

from collections import Counter
from itertools import pairwise

import msgspec

from lilong.fields.delivery.rules.routing.problem import FIRST, LAST, Act, Plan, Problem, Route, Task, Vehicle, Window


class Violation(msgspec.Struct, frozen=True):
    """What does not hold: `rule`, where, and by how much (seconds, metres, units)."""

    rule: str
    vehicle: str = ""
    task: str = ""
    by: int = 0


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """[] if the plan keeps every rule: capacity, windows, order, skills, temperature, zones, reach, shift, loadings, one visit a
    task, the acts under way, every task in one route or with a reason."""
    tasks = {task.id: task for task in problem.tasks}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    found = _whole(problem, plan, tasks)
    used = Counter(route.vehicle for route in plan.routes)
    found += [Violation("vehicle-twice", vehicle=id) for id, times in used.items() if times > 1]
    for route in plan.routes:
        if route.vehicle not in vehicles:
            found.append(Violation("unknown-vehicle", vehicle=route.vehicle))
        elif all(act.task in tasks for act in route.acts):
            found += _Drive(problem, vehicles[route.vehicle], route, tasks).violations()
    for vehicle in problem.vehicles:
        acts = next((route.acts for route in plan.routes if route.vehicle == vehicle.id), ())
        if acts[: len(vehicle.locked)] != vehicle.locked:
            found.append(Violation("locked", vehicle=vehicle.id))
    return found


def _whole(problem: Problem, plan: Plan, tasks: dict[str, Task]) -> list[Violation]:
    """Each task once in a route, whole, or once among the unassigned."""
    found = []
    acts = Counter(act for route in plan.routes for act in route.acts)
    where = {act: route.vehicle for route in plan.routes for act in route.acts}
    left = Counter(reason.task for reason in plan.unassigned)
    under_way = {act for vehicle in problem.vehicles for act in vehicle.locked}
    found += [Violation("unknown-task", task=act.task) for act in acts if act.task not in tasks]
    found += [Violation("unknown-task", task=id) for id in left if id not in tasks]
    for task in problem.tasks:
        wanted = [Act(task.id, LAST)] + ([Act(task.id, FIRST)] if task.take is not None else [])
        times = [acts[act] for act in wanted]
        if left[task.id] and Act(task.id, FIRST) in under_way and not acts[Act(task.id, LAST)]:
            continue  # being taken up right now, and nobody can bring it where it is to go: it stays aboard
        if max(times) > 1 or left[task.id] > 1 or (left[task.id] and max(times)):
            found.append(Violation("twice", task=task.id))
        elif min(times) + left[task.id] == 0:
            found.append(Violation("dropped", task=task.id))
        elif len({where.get(act) for act in wanted}) > 1:
            found.append(Violation("two-vehicles", task=task.id))
        if task.take is None and acts[Act(task.id, FIRST)]:
            found.append(Violation("taken-again", task=task.id))
    return found


class _Drive:
    """One route driven: leaving at each of the times at which anything could change, the best of them counts."""

    def __init__(self, problem: Problem, vehicle: Vehicle, route: Route, tasks: dict[str, Task]) -> None:
        self.problem, self.vehicle, self.route, self.tasks = problem, vehicle, route, tasks
        self.seconds, self.metres = problem.travel.seconds[vehicle.matrix], problem.travel.metres[vehicle.matrix]
        self.depots = {depot.place: depot.service for depot in problem.depots}

    def violations(self) -> list[Violation]:
        timely = self._time()
        return self._who() + self._order() + self._load() + self._far() + timely

    def _say(self, rule: str, task: str = "", by: int = 0) -> Violation:
        return Violation(rule, vehicle=self.vehicle.id, task=task, by=by)

    def _place(self, act: Act) -> int:
        task = self.tasks[act.task]
        if act.what == FIRST:
            assert task.take is not None
            return task.take.place
        return task.give.place

    def _who(self) -> list[Violation]:
        found, car = [], self.vehicle
        for act in self.route.acts:
            task = self.tasks[act.task]
            if not task.skills.issubset(car.skills):
                found.append(self._say("skill", task.id))
            if task.temperature and task.temperature not in car.temperatures:
                found.append(self._say("temperature", task.id))
            if car.zone is not None and self._place(act) not in car.zone:
                found.append(self._say("zone", task.id))
            if task.take is None and task.aboard != car.id:
                found.append(self._say("not-aboard", task.id))
        return found

    def _order(self) -> list[Violation]:
        found, seen, loadings, before = [], set[Act](), 0, None
        for act in self.route.acts:
            if act.what == LAST and self.tasks[act.task].take is not None and Act(act.task, FIRST) not in seen:
                found.append(self._say("order", act.task))
            seen.add(act)
            place = self._place(act)
            loadings += act.what == FIRST and place in self.depots and place != before
            before = place
        under_way = sum(act.what == FIRST and self._place(act) in self.depots for act in self.vehicle.locked)
        if loadings > max(self.vehicle.trips, 0) + under_way:
            found.append(self._say("trips", by=loadings - self.vehicle.trips))
        return found

    def _load(self) -> list[Violation]:
        car, found = self.vehicle, []
        aboard = [task for task in self.problem.tasks if task.aboard == car.id]
        for n, most in enumerate(car.capacity):
            held = (car.load[n] if car.load else 0) + sum(task.amount[n] for task in aboard)
            room = max(most, held)
            for act in self.route.acts:
                held += self.tasks[act.task].amount[n] if act.what == FIRST else -self.tasks[act.task].amount[n]
                if held > room:
                    found.append(self._say("capacity", act.task, held - room))
        return found

    def _far(self) -> list[Violation]:
        places = [self.vehicle.start, *(self._place(act) for act in self.route.acts)]
        if self.vehicle.end is not None:
            places.append(self.vehicle.end)
        total = sum(int(self.metres[a, b]) for a, b in pairwise(places))
        too_far = total > self.vehicle.reach and self._more()
        return [self._say("range", by=total - self.vehicle.reach)] if too_far else []

    def _more(self) -> bool:
        """Whether anything was planned beyond what is under way already."""
        return len(self.route.acts) > len(self.vehicle.locked)

    def _time(self) -> list[Violation]:
        """Leaving earlier never ends later, so windows are judged by the earliest leaving; hours by the shortest drive."""
        car = self.vehicle
        found, end = self._driven(car.opens)
        if end > car.closes and self._more():
            found.append(self._say("shift", by=end - car.closes))
        late, latest = car.opens, car.closes
        while late < latest:  # the latest leaving with the same end and the same lateness
            middle = (late + latest + 1) // 2
            again, ends = self._driven(middle)
            late, latest = (middle, latest) if ends == end and len(again) <= len(found) else (late, middle - 1)
        if end - late > car.hours and self._more():
            found.append(self._say("hours", by=end - late - car.hours))
        return found

    def _driven(self, leave: int) -> tuple[list[Violation], int]:
        found, now, place = list[Violation](), leave, self.vehicle.start
        under_way = len(self.vehicle.locked)
        for n, act in enumerate(self.route.acts):
            task, here = self.tasks[act.task], self._place(act)
            visit = task.take if act.what == FIRST else task.give
            assert visit is not None
            now += int(self.seconds[place, here]) * self.vehicle.pace // 100
            if act.what == FIRST:
                now = max(now, task.release)
            begin = _begin(visit.windows, now, task.grace if act.what == LAST else 0)
            if begin is None and n >= under_way:
                found.append(self._say("window", task.id, now - visit.windows[-1].closes))
            fresh = here in self.depots and (n == 0 or here != place)
            now = (now if begin is None else begin) + visit.service + (self.depots[here] if fresh else 0)
            place = here
        if self.vehicle.end is not None and self.route.acts:
            now += int(self.seconds[place, self.vehicle.end]) * self.vehicle.pace // 100
        return found, now


def _begin(windows: tuple[Window, ...], now: int, grace: int) -> int | None:
    """The first moment from `now` on at which service may begin."""
    for n, window in enumerate(windows):
        closes = window.closes + (grace if n == len(windows) - 1 else 0)
        if now <= closes:
            return max(now, window.opens)
    return None
