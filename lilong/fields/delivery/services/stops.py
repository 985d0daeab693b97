"""What a step of a shipment means for the runs it is on: its open stop of a kind is over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lilong.fields.delivery.models import Run, Stop
from lilong.fields.delivery.models.runs import STOP_OPEN


def end(shipment: UUID, kinds: Iterable[str], state: str, at: datetime) -> None:
    """Ends the shipment's open stops of these kinds as 'done', 'failed' or 'withdrawn'; a run under way with none left is done."""
    found = Stop.objects.filter(shipment=shipment, kind__in=list(kinds), state__in=STOP_OPEN)
    runs = set(found.values_list("run", flat=True))
    if not runs or not found.update(state=state, ended_at=at):
        return
    for run in Run.objects.select_for_update().filter(id__in=runs, state="under-way").order_by("id"):
        if not run.stops.filter(state__in=STOP_OPEN).exists():
            run.state, run.ended_at = "done", at
            run.save(update_fields=["state", "ended_at"])


def arrived(shipment: UUID, vehicle: UUID, at: datetime) -> bool:
    """The vehicle stands at the shipment's next stop; False when it has none on a run of this vehicle."""
    found = Stop.objects.filter(shipment=shipment, run__vehicle=vehicle, state="planned").order_by("sequence").first()
    if found is None:
        return False
    found.state, found.arrived_at = "arrived", at
    found.save(update_fields=["state", "arrived_at"])
    return True
