"""What every step of a rental needs: the rental locked, the vehicle's fact, its receipt."""

from typing import Any
from uuid import UUID

from lilong.fields.mobility.models import Receipt, Rental, Vehicle
from lilong.fields.mobility.queries.finding import lines_of
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.rules.tariffs import Bill
from lilong.fields.mobility.services.rentals import telling
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Forbidden, Missing, Violation
from lilong.kernel.events.facts import Fact
from lilong.kernel.events.services import emit
from lilong.kernel.parties.actor import SYSTEM, Actor


def locked(actor: Actor, id: UUID, *, operator_may: bool = False) -> Rental:
    """The rental, locked, for its rider (or, where `operator_may`, who works for the operator).

    Raises Missing `no-such-rental` for everybody else, Forbidden for a credential that does not reach.
    """
    rows = Rental.objects.select_for_update(of=("self",)).select_related("type", "tariff", "operator", "vehicle__type")
    row = rows.filter(id=id).first()
    if row is None or not (
        actor.acts_for(row.rider) or (operator_may and actor.acts_for(row.operator_id, *roles.WORK))
    ):
        raise Missing("no-such-rental", violations=[Violation(pointer="/rental", rule="known")])
    actor.require_scope(roles.RENT if actor.acts_for(row.rider) else roles.FLEET)
    return row


def rider_of(actor: Actor) -> UUID:
    """The person who rents. Raises Forbidden `persons-only`."""
    actor.require_scope(roles.RENT)
    if actor.kind != "person":
        raise Forbidden("persons-only", violations=[Violation(pointer="/rider", rule="kind")])
    return actor.party


def tell(kind: type[Fact], rental: Rental, vehicle: Vehicle, *, actor: Actor = SYSTEM, **more: Any) -> None:
    """Records a fact of the rental, and tells those who watch it."""
    fact = kind(
        rental=rental.id,
        operator=rental.operator_id,
        vehicle=vehicle.id,
        mode=rental.mode,
        kind=rental.type.form_factor,
        district=vehicle.district,
        **more,
    )
    emit(fact, subject=rental.id, actor=actor.party)
    telling.changed(rental.id, rental.state)


def receipt(rental: Rental, bill: Bill) -> Receipt:
    """The rental's receipt, once; its lines sum to its total."""
    made, _ = Receipt.objects.get_or_create(
        trip=rental.id,
        defaults={
            "id": ids.named("mobility", "receipt", rental.id),
            "kind": "rental",
            "operator": rental.operator,
            "rider": rental.rider,
            "tariff": rental.tariff,
            "currency": rental.tariff.currency,
            "total": bill.total,
            "lines": lines_of(bill),
            "seconds": bill.seconds,
            "metres": bill.metres,
            "issued_at": clock.now(),
        },
    )
    return made
