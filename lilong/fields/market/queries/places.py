"""Reads of places. They are public."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from lilong.fields.market.models import Place
from lilong.fields.market.rules.slots import CutOff
from lilong.kernel.base.problems import Missing, Violation
from lilong.kernel.base.words import Words


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A place: position in millionths of a degree (WGS 84), `serves` the districts it delivers to, `slots` the calendar
    resource of its delivery windows (None: it has none)."""

    id: UUID
    owner: UUID
    kind: str
    name: Words
    district: str
    address: str
    latitude_e6: int | None
    longitude_e6: int | None
    serves: tuple[str, ...]
    slots: UUID | None
    cut_off: CutOff
    open: bool


def place(id: UUID) -> PlaceView:
    """One place, closed ones too. Raises Missing."""
    found = _views(Place.objects.filter(id=id))
    if not found:
        raise Missing("no-such-place", violations=[Violation(pointer="/id", rule="known")])
    return found[0]


def places(ids: Iterable[UUID]) -> dict[UUID, PlaceView]:
    """Places by id; unknown ones are left out."""
    return {view.id: view for view in _views(Place.objects.filter(id__in=list(ids)))}


def places_serving(district: str, *, kinds: Iterable[str] = ("front-warehouse",)) -> list[PlaceView]:
    """Open places of `kinds` that deliver to a district (slug): those that stand in it first."""
    rows = Place.objects.filter(closed_at=None, kind__in=list(kinds), serves__district=district)
    return sorted(_views(rows), key=lambda view: (view.district != district, view.id))


def places_in(district: str, *, kinds: Iterable[str]) -> list[PlaceView]:
    """Open places of `kinds` that stand in a district: where one goes oneself."""
    return _views(Place.objects.filter(closed_at=None, kind__in=list(kinds), district=district).order_by("id"))


def places_of(owner: UUID) -> list[PlaceView]:
    """All open places of an organisation, by opening."""
    return _views(Place.objects.filter(owner=owner, closed_at=None).order_by("opened_at", "id"))


def _views(rows: QuerySet[Place]) -> list[PlaceView]:
    return [
        PlaceView(
            id=row.id,
            owner=row.owner,
            kind=row.kind,
            name=Words.read(row.name),
            district=row.district,
            address=row.address,
            latitude_e6=row.latitude_e6,
            longitude_e6=row.longitude_e6,
            serves=tuple(sorted(served.district for served in row.serves.all())),
            slots=row.slots,
            cut_off=CutOff(lead_seconds=row.lead_seconds, day_before=row.day_before),
            open=row.closed_at is None,
        )
        for row in rows.prefetch_related("serves")
    ]
