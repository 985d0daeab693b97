"""What people tell a controlled vehicle at once: pause, go on, cancel, charge, report, where it stands."""

import math
from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.models import ControlledVehicle, InstantAction
from lilong.fields.delivery.rules import roles
from lilong.fields.delivery.rules.local_map import MAP, placed
from lilong.fields.delivery.services import vehicles_orders as orders
from lilong.kernel.base.problems import Conflict, Missing, Violation, invalid
from lilong.kernel.parties.actor import Actor

PLAIN = ("startPause", "stopPause", "startCharging", "stopCharging", "stateRequest", "factsheetRequest")
_PI_MRAD = round(math.pi * 1000)


@transaction.atomic
def tell(actor: Actor, *, id: UUID, vehicle: UUID, kind: str) -> InstantAction:
    """One of `PLAIN`, said until the vehicle shows that it heard. The same id again: the same answer.

    Raises Missing, Forbidden, Invalid `/kind`, Conflict `id-taken`.
    """
    found = locked(actor, vehicle)
    if kind not in PLAIN:
        raise invalid("/kind", "one-of", ", ".join(PLAIN))
    return _known(id, found, kind) or orders.tell(found, kind, id=id, by=actor.party)


@transaction.atomic
def cancel(actor: Actor, *, vehicle: UUID) -> InstantAction:
    """Its order is cancelled, what it has not aboard goes to others, and it gets nothing new until `let_go`.

    Again, while the vehicle has not confirmed it: the same answer. Raises Missing, Forbidden, Conflict `wrong-step`.
    """
    found = locked(actor, vehicle)
    order = orders.open_order(found)
    if order is None:
        raise Conflict("wrong-step", violations=[Violation(pointer="/vehicle", rule="has-order")])
    order.vehicle = found
    found.held = True
    found.save(update_fields=["held"])
    return orders.cancel(found, order, why="office", by=actor.party)


@transaction.atomic
def let_go(actor: Actor, *, vehicle: UUID) -> ControlledVehicle:
    """It may get orders again. Again: the same answer."""
    found = locked(actor, vehicle)
    if found.held:
        found.held = False
        found.save(update_fields=["held"])
    return found


@transaction.atomic
def set_position(
    actor: Actor, *, id: UUID, vehicle: UUID, latitude_e6: int, longitude_e6: int, theta_mrad: int = 0
) -> InstantAction:
    """Tells a vehicle that lost itself where it stands (initPosition). Only without an order (Conflict `wrong-step`)."""
    found = locked(actor, vehicle)
    if not (-90_000_000 <= latitude_e6 <= 90_000_000):  # noqa: PLR2004 (degrees)
        raise invalid("/latitude_e6", "range", "-90000000..90000000")
    if not (-180_000_000 <= longitude_e6 <= 180_000_000):  # noqa: PLR2004 (degrees)
        raise invalid("/longitude_e6", "range", "-180000000..180000000")
    if not -_PI_MRAD <= theta_mrad <= _PI_MRAD:
        raise invalid("/theta_mrad", "range", f"-{_PI_MRAD}..{_PI_MRAD}")
    known = _known(id, found, "initPosition")
    if known:
        return known
    if orders.open_order(found) is not None:
        raise Conflict("wrong-step", violations=[Violation(pointer="/vehicle", rule="no-order")])
    x_mm, y_mm = placed(latitude_e6, longitude_e6)
    theta = max(-math.pi, min(math.pi, theta_mrad / 1000))
    parameters = (
        ("x", x_mm / 1000), ("y", y_mm / 1000), ("theta", theta), ("mapId", MAP), ("lastNodeId", "set-by-hand"),
    )  # fmt: skip
    return orders.tell(found, "initPosition", id=id, parameters=parameters, by=actor.party)


def locked(actor: Actor, vehicle: UUID) -> ControlledVehicle:
    """For the carrier's dispatchers. Raises Missing (also for others' vehicles)."""
    found = (
        ControlledVehicle.objects.select_for_update(of=("self",))
        .select_related("vehicle__home")
        .filter(vehicle_id=vehicle)
        .first()
    )
    if found is None or not actor.acts_for(found.vehicle.carrier_id, *roles.DISPATCH):
        raise Missing("no-such-vehicle", violations=[Violation(pointer="/vehicle", rule="known")])
    actor.require_scope(roles.CARRY)
    return found


def _known(id: UUID, vehicle: ControlledVehicle, kind: str) -> InstantAction | None:
    there = InstantAction.objects.filter(id=id).first()
    if there is not None and (there.vehicle_id, there.kind) != (vehicle.vehicle_id, kind):
        raise Conflict("id-taken", violations=[Violation(pointer="/id", rule="same-body")])
    return there
