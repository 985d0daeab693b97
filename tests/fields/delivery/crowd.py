"""What a crowd does to deliveries. Run as a program (see `tests.races.crowd`)."""

from uuid import UUID

from tests.races import crowd

# Modules of the field are imported inside: Django is set up by then.


def ask(n: int, *, lanes: list[dict[str, str]], times: int) -> list[str]:
    """Asks for shipments of its own, some times over; what each was answered."""
    import msgspec

    from lilong.fields.delivery.drafts import ShipmentDraft
    from lilong.fields.delivery.services import booking
    from lilong.kernel.base import ids
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.parties.actor import SYSTEM

    template = msgspec.convert(lanes[n % len(lanes)], ShipmentDraft)
    answers = []
    for _ in range(times):
        try:
            made = booking.request_shipment(SYSTEM, msgspec.structs.replace(template, id=ids.uuid7()))
            answers.append(made.state)
        except Problem as problem:
            answers.append(problem.code)
    return answers


def ask_same(n: int, *, lane: dict[str, str]) -> str:
    """All the same one."""
    import msgspec

    from lilong.fields.delivery.drafts import ShipmentDraft
    from lilong.fields.delivery.services import booking
    from lilong.kernel.parties.actor import SYSTEM

    return str(booking.request_shipment(SYSTEM, msgspec.convert(lane, ShipmentDraft)).id)


def open_locker(n: int, *, bank: str, code: str, recipient: str) -> list[int]:
    from lilong.fields.delivery.services import lockers
    from lilong.kernel.base import ids
    from lilong.kernel.parties import queries as parties

    actor = parties.actor_of_party(UUID(recipient))
    return lockers.pick_up(actor, bank=UUID(bank), code=code, request=ids.uuid7()).cells


def collect(n: int, *, shipment: str, couriers: list[str]) -> str:
    """Couriers come for the same parcel."""
    from lilong.fields.delivery.services import journey
    from lilong.kernel.parties import queries as parties

    who = UUID(couriers[n % len(couriers)])
    journey.collect(parties.actor_of_party(who), shipment=UUID(shipment), vehicle=who)
    return str(who)


def cancel_or_collect(n: int, *, shipment: str, courier: str, recipient: str) -> str:
    from lilong.fields.delivery.services import journey
    from lilong.kernel.parties import queries as parties

    if n % 2:
        journey.collect(parties.actor_of_party(UUID(courier)), shipment=UUID(shipment), vehicle=UUID(courier))
        return "collected"
    journey.cancel(parties.actor_of_party(UUID(recipient)), shipment=UUID(shipment), reason="too slow")
    return "cancelled"


def settle(n: int, *, claims: list[str]) -> str:
    from lilong.fields.delivery.services import claims as services
    from lilong.kernel.parties.actor import SYSTEM

    return services.settle(SYSTEM, id=UUID(claims[n % len(claims)])).state


def say(n: int, *, vehicle: str, event: dict[str, str]) -> list[str]:
    """The same event of a phone, from everywhere at once."""
    import msgspec

    from lilong.fields.delivery.drafts import ClientEventDraft
    from lilong.fields.delivery.services import courier
    from lilong.kernel.parties import queries as parties

    actor = parties.actor_of_party(UUID(vehicle))
    (said,) = courier.take(actor, vehicle=UUID(vehicle), events=[msgspec.convert(event, ClientEventDraft)])
    return [said.state, said.problem]


if __name__ == "__main__":
    crowd.be(ask, ask_same, open_locker, collect, cancel_or_collect, settle, say)
