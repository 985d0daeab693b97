"""Numbering parcels by GS1: a carrier's company prefix, and an SSCC for each parcel, never given twice."""

from uuid import UUID

from django.db import transaction

from lilong.fields.delivery.models import Carrier, Gs1Prefix, Parcel, Sscc
from lilong.fields.delivery.rules import roles, sscc
from lilong.fields.delivery.services import steps
from lilong.kernel.base.problems import Conflict, Missing, Violation
from lilong.kernel.parties.actor import Actor


@transaction.atomic
def set_prefix(actor: Actor, *, carrier: UUID, prefix: str, extension: int = 0) -> Gs1Prefix:
    """The company prefix that the carrier has from GS1. Again the same: the same answer.

    Raises Missing, Forbidden, Invalid, Conflict `id-taken` (it has another, or another carrier has this one).
    """
    found = Carrier.objects.select_for_update(of=("self",)).filter(id=carrier).first()
    if found is None:
        raise Missing("no-such-carrier", violations=[Violation(pointer="/carrier", rule="known")])
    actor.require(carrier, *roles.SET_UP, scope=roles.WRITE)
    sscc.require_prefix(prefix, extension)
    there = Gs1Prefix.objects.filter(carrier=found).first()
    if there is not None and (there.prefix, there.extension) == (prefix, extension):
        return there
    if there is not None or Gs1Prefix.objects.filter(prefix=prefix).exists():
        raise Conflict("id-taken", violations=[Violation(pointer="/prefix", rule="unique")])
    return Gs1Prefix.objects.create(carrier=found, prefix=prefix, extension=extension)


@transaction.atomic
def number_parcels(actor: Actor, *, shipment: UUID) -> list[str]:
    """The SSCCs of a shipment's parcels, in order; given now where they have none. For the carrier's people.

    Raises Missing, Forbidden, Conflict `wrong-step` (the carrier has no prefix), `id-taken` (its numbers are used up).
    """
    found = steps.locked(shipment)
    steps.require_dispatcher(actor, found)
    parcels = list(Parcel.objects.filter(shipment=found).order_by("number"))
    there = dict(Sscc.objects.filter(parcel__in=parcels).values_list("parcel", "code"))
    missing = [parcel for parcel in parcels if parcel.id not in there]
    if missing:
        prefix = Gs1Prefix.objects.select_for_update().filter(carrier=found.carrier_id).first()
        if prefix is None:
            raise Conflict("wrong-step", violations=[Violation(pointer="/shipment", rule="gs1-prefix")])
        if prefix.used + len(missing) > sscc.capacity(prefix.prefix):
            raise Conflict("id-taken", violations=[Violation(pointer="/shipment", rule="numbers-left")])
        made = [
            Sscc(parcel=parcel, code=sscc.sscc(prefix.prefix, prefix.extension, prefix.used + place))
            for place, parcel in enumerate(missing)
        ]
        Sscc.objects.bulk_create(made)
        there |= {each.parcel_id: each.code for each in made}
        prefix.used += len(missing)
        prefix.save(update_fields=["used"])
    return [there[parcel.id] for parcel in parcels]
