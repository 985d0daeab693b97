"""What robotaxis say of their rides: the answer to an offer, where they are on the way, the code typed at the door.

It is heard in the inbox's transaction, which holds many vehicles' rows, and acted on after that has been committed, each in a
transaction of its own under the ride's lock. Killed in between, nothing is lost: an answer stands in the command's row and
the sweep finds it, a car repeats a report until it is told what comes next, and points are in the tables.
"""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import OuterRef, Subquery

from lilong.fields.mobility.models import Ride, RideOffer, Vehicle, VehicleCommand
from lilong.fields.mobility.rules.rides import states
from lilong.fields.mobility.services import telemetry, vehicle_commands
from lilong.fields.mobility.services.rides import commands, driving, ending, frame, meters, offers
from lilong.fields.mobility.services.rides.tariffs import MODE
from lilong.fields.mobility.standard import vehicle_protocol as protocol
from lilong.kernel.base.problems import Conflict, Invalid, Missing, Problem, TooMany
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

log = structlog.get_logger("lilong.mobility.robotaxis")


def register() -> None:
    vehicle_commands.watch("rides", _answered)
    telemetry.watch("rides", _moved)


def heard(device: UUID, report: protocol.Ride) -> None:
    """A report about a ride, in the inbox's transaction."""
    transaction.on_commit(partial(_act, device, report), robust=True)


def settle_answers() -> int:
    """Answers that were written down and not acted on; answers how many there were. The sweep calls it."""
    answer = VehicleCommand.objects.filter(id=OuterRef("id"), state__in=("done", "refused")).values("id")
    due = RideOffer.objects.filter(state="open", id=Subquery(answer)).values_list("id", flat=True)
    found = list(due)
    for offer in found:
        settle(offer)
    return len(found)


def settle(offer: UUID) -> None:
    """Takes the car's answer to an offer for what it says. Too late, it changes nothing: the car has been told."""
    command = VehicleCommand.objects.select_related("vehicle").filter(id=offer).first()
    if command is None or command.vehicle.device is None:
        return
    actor = parties.actor_of_party(command.vehicle.device)
    try:
        if command.state == "done":
            offers.accept(actor, offer=offer)
        else:
            offers.decline(actor, offer=offer)
    except (Conflict, Missing) as problem:
        log.info("robotaxi-too-late", offer=str(offer), why=problem.code)


def _answered(command: VehicleCommand) -> None:
    if command.kind == commands.KIND and command.body.get("leg") == "offer":
        transaction.on_commit(partial(settle, command.id), robust=True)


def _moved(moved: Sequence[telemetry.Moved]) -> None:
    for vehicle, _readings in moved:
        if vehicle.trip is not None and vehicle.mode == MODE:
            transaction.on_commit(partial(_follow, vehicle.id), robust=True)


def _follow(vehicle: UUID) -> None:
    ride = meters.catch_up(vehicle)
    if ride is not None:
        meters.show(ride, Vehicle.objects.get(id=vehicle))


def _act(device: UUID, report: protocol.Ride) -> None:
    try:
        actor = parties.actor_of_party(device)
        _PHASES[report.phase](actor, report)
    except (Invalid, TooMany):
        _again(report.ride, refused=True)  # the door says so, and asks once more
    except Problem as problem:
        log.info("robotaxi-refused", ride=str(report.ride), phase=report.phase, why=problem.code)
        if not (isinstance(problem, Conflict) and problem.code == "not-there"):
            _correct(device, report.ride)


def _again(ride: UUID, **more: bool) -> None:
    with transaction.atomic():
        found = frame.locked(ride)
        if found.vehicle is not None:
            commands.lead(found, found.vehicle, **more)


def _correct(device: UUID, ride: UUID) -> None:
    """A car that believes otherwise is told how it is: that the ride is no longer its own, or what comes next."""
    with transaction.atomic():
        found = Ride.objects.select_for_update(of=("self",)).select_related("quote").filter(id=ride).first()
        vehicle = Vehicle.objects.filter(device=device).first()
        if found is None or vehicle is None or not found.offers.filter(vehicle=vehicle).exists():
            return
        if found.vehicle_id == vehicle.id and found.state != states.CANCELLED:
            commands.lead(found, vehicle)
        else:
            commands.leave(found, vehicle)


def _broken(actor: Actor, report: protocol.Ride) -> None:
    under_way = Ride.objects.filter(id=report.ride, state=states.UNDER_WAY).exists()
    if under_way:
        ending.end(actor, ride=report.ride, broken=True)
    else:
        ending.drop(actor, ride=report.ride, reason="broken")


def _on_board(actor: Actor, report: protocol.Ride) -> None:
    driving.start(actor, ride=report.ride, code=report.code)


_PHASES: dict[str, Callable[[Actor, protocol.Ride], object]] = {
    "departed": lambda actor, report: driving.depart(actor, ride=report.ride),
    "arrived": lambda actor, report: driving.arrive(actor, ride=report.ride),
    "code": _on_board,
    "ended": lambda actor, report: ending.end(actor, ride=report.ride),
    "broken": _broken,
}
