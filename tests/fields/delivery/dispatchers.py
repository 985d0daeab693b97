"""What dispatchers and planners do all at once. Run as a program (see `tests.races.crowd`)."""

from uuid import UUID

from tests.races import crowd

# Modules of the field are imported inside: Django is set up by then.


def give(n: int, *, shipments: list[str]) -> list[str | None]:
    """Each gives all of them away, beginning at another one; who got each, in the order of `shipments`."""
    from lilong.fields.delivery.services import dispatch
    from lilong.kernel.parties.actor import SYSTEM

    turned = shipments[n % len(shipments) :] + shipments[: n % len(shipments)]
    found = {id: dispatch.dispatch(SYSTEM, shipment=UUID(id)).vehicle for id in turned}
    return [str(found[id]) if found[id] else None for id in shipments]


def refuse(n: int, *, shipment: str, vehicle: str) -> str:
    """A courier refuses while others give, plan and mend."""
    from lilong.fields.delivery.services import dispatch
    from lilong.kernel.parties import queries as parties

    actor = parties.actor_of_party(UUID(vehicle))
    return str(dispatch.decline(actor, shipment=UUID(shipment), vehicle=UUID(vehicle)).vehicle)


def plan(n: int, *, plans: list[str]) -> str:
    from lilong.fields.delivery.services import planning
    from lilong.kernel.parties.actor import SYSTEM

    return planning.make_plan(SYSTEM, id=UUID(plans[n % len(plans)])).state


def busy_day(n: int, *, carrier: str, shipments: list[str], vehicle: str) -> str:
    """Everybody does something else to the same runs."""
    from lilong.fields.delivery.services import dispatch, journey, planning
    from lilong.kernel.parties.actor import SYSTEM

    mine = UUID(shipments[n % len(shipments)])
    if n % 4 == 0:
        planning.mend(SYSTEM, carrier=UUID(carrier), why="race")
        return "mended"
    if n % 4 == 1:
        journey.cancel(SYSTEM, shipment=mine, reason="race")
        return "cancelled"
    if n % 4 == 2:
        journey.collect(SYSTEM, shipment=mine, vehicle=UUID(vehicle))
        return "collected"
    return "given" if dispatch.dispatch(SYSTEM, shipment=mine).vehicle else "unplaced"


if __name__ == "__main__":
    crowd.be(give, refuse, plan, busy_day)
