"""What rides cost: publishing terms, and the version that counts."""

from datetime import datetime
from uuid import UUID

import msgspec

from lilong.fields.mobility.models import Tariff
from lilong.fields.mobility.rules.rides import tariffs as rules
from lilong.fields.mobility.services import tariffs
from lilong.kernel.base import clock
from lilong.kernel.base.money import CNY
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import Actor

MODE = "passenger-services"


def publish(
    actor: Actor,
    *,
    id: UUID,
    operator: UUID,
    plan: UUID,
    name: Words,
    description: Words,
    terms: rules.RideTariff,
    valid_from: datetime | None = None,
) -> Tariff:
    """A new version of what rides of a plan cost; quotes made before keep theirs. Raises what `tariffs.publish` does."""
    rules.check_tariff(terms)
    return tariffs.publish(
        actor,
        id=id,
        plan=plan,
        operator=operator,
        mode=MODE,
        name=name,
        description=description,
        currency=CNY,
        terms=msgspec.to_builtins(terms),
        valid_from=valid_from,
    )


def current(plan: UUID) -> Tariff:
    """The version that counts now. Raises Missing `no-such-plan`."""
    counting = Tariff.objects.filter(plan=plan, mode=MODE, valid_from__lte=clock.now(), operator__closed_at=None)
    found = counting.order_by("-version").first()
    if found is None:
        raise Missing("no-such-plan", violations=[Violation(pointer="/plan", rule="known")])
    return found


def terms_of(tariff: Tariff) -> rules.RideTariff:
    return msgspec.convert(tariff.terms, rules.RideTariff)
