"""The calendar's facts, from its rows: one statement for any number."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lilong.kernel.calendar.drafts import Booking, BookingDraft
from lilong.kernel.calendar.events import Booked, Expired, Moved, Released
from lilong.kernel.calendar.models import Resource
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.parties import queries as parties


def booked(
    drafts: Sequence[BookingDraft], resources: Mapping[UUID, Resource], actor: UUID | None, at: datetime
) -> None:
    districts = _districts(drafts)
    emit_many(
        [
            Emission(Booked(**_common(draft, resources[draft.resource], districts)), draft.id, actor, at)
            for draft in drafts
        ]
    )


def released(made: Booking, resource: Resource, was: str, reason: str, actor: UUID, at: datetime) -> None:
    common = _common(made, resource, _districts([made]))
    emit_many([Emission(Released(**common, was=was, reason=reason), made.id, actor, at)])


def moved(made: Booking, resource: Resource, was: datetime, actor: UUID, at: datetime) -> None:
    common = _common(made, resource, _districts([made]))
    emit_many([Emission(Moved(**common, was=was.astimezone(UTC)), made.id, actor, at)])


def expired(made: Sequence[Booking], resources: Mapping[UUID, Resource], at: datetime) -> None:
    districts = _districts(made)
    emit_many([Emission(Expired(**_common(one, resources[one.resource], districts)), one.id, None, at) for one in made])


def _districts(made: Sequence[Booking | BookingDraft]) -> dict[UUID, str]:
    return parties.districts({one.party for one in made}) if made else {}


def _common(made: Booking | BookingDraft, resource: Resource, districts: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "resource": resource.id,
        "kind": resource.kind,
        "owner": resource.owner,
        "party": made.party,
        "district": districts.get(made.party, ""),
        "start": made.start.astimezone(UTC),
        "end": made.end.astimezone(UTC),
        "seconds": int((made.end - made.start).total_seconds()),
        "units": made.units,
        "ref": made.ref,
    }
