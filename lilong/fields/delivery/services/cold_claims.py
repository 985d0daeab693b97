"""A claim for goods that were too warm, opened by the house in the shipper's name."""

from uuid import UUID

from lilong.fields.delivery.models import Claim, ColdExcursion, Shipment
from lilong.fields.delivery.services import claims
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.actor import SYSTEM


def open_claim(shipment: Shipment, excursion: ColdExcursion) -> UUID | None:
    """For what the goods are worth, as far as the cover goes. Where one for an excursion is open already it is that one;
    None where nothing is covered."""
    asked = min(shipment.value or shipment.cover, shipment.cover - shipment.claimed)
    if asked <= 0:
        return None
    text = f"Temperature excursion ({excursion.kind}), {excursion.peak_mc / 1000:.1f} °C, {excursion.seconds} s."
    try:
        made = claims.open_claim(
            SYSTEM,
            id=ids.child(excursion.id, 1),
            shipment=shipment.id,
            kind="excursion",
            asked=asked,
            text=text,
            claimant=shipment.shipper,
        )
    except Problem as problem:
        if problem.code != "claim-open":
            return None
        there = Claim.objects.filter(shipment=shipment, kind="excursion", state__in=["opened", "assessed"]).first()
        return there.id if there else None
    return made.id
