"""The live map, how much the fleet is used, the table of vehicles, one vehicle."""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lilong.fields.mobility.pages import frame, maps
from lilong.fields.mobility.pages.fleet import desk
from lilong.fields.mobility.pages.words import MODES, VEHICLE_STATES, word
from lilong.fields.mobility.queries import fleet, hailing
from lilong.fields.mobility.rules import roles
from lilong.fields.mobility.services import vehicle_states
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import charts, shown
from lilong.ui import maps as ui_maps
from lilong.ui.charts import Series

OUT = {"car-share": "service_end", "micromobility": "maintenance", "passenger-services": "service_end"}
BACK = {"car-share": "service_start", "micromobility": "maintenance", "passenger-services": "service_start"}
COLUMNS = ("plate", "mode", "type", "state", "energy", "odometer_km", "latitude", "longitude", "at", "station")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@member_of(*desk.LOOK)
def overview(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Where the vehicles are, in which state, and how much they are used."""
    counts, use = fleet.counts(organisation), fleet.use(organisation)
    shares = [day.used / day.could if day.could else 0.0 for day in use]
    chart = charts.lines(
        _("Use of the fleet"),
        [shown.day(day.day) for day in use],
        [Series(_("Share of the hours"), shares)],
        unit="share",
    )
    return desk.page(
        request,
        organisation,
        "overview",
        counts=[
            (word(VEHICLE_STATES, state), n, state) for state, n in sorted(counts.items(), key=lambda pair: -pair[1])
        ],
        total=sum(counts.values()),
        today=shares[-1] if shares else 0.0,
        chart=chart,
        low=len(fleet.to_charge(organisation)),
        damages=len(fleet.damages(organisation)),
        alarms=hailing.alarms(organisation),
        map_url=reverse("mobility:fleet-map", args=[organisation]),
    )


@require_safe
@member_of(*desk.LOOK)
def map_data(request: HttpRequest, organisation: UUID) -> JsonResponse:
    """Zones, stations and vehicles."""
    found = [
        *maps.zones(fleet.zones(organisation)),
        *maps.stations(fleet.stations(organisation)),
        *maps.fleet(
            fleet.everything(organisation), lambda id: reverse("mobility:fleet-vehicle", args=[organisation, id])
        ),
    ]
    return JsonResponse(ui_maps.collection(found), content_type="application/geo+json")


@require_safe
@member_of(*desk.LOOK)
def vehicles(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Searched, narrowed, sorted, a page at a time."""
    get = request.GET
    asked = {name: get.get(name, "") for name in ("text", "state", "mode", "sort")}
    if asked["sort"] not in fleet.SORTS:
        asked["sort"] = ""
    found = fleet.vehicles(organisation, **asked, cursor=get.get("cursor", ""))
    return desk.page(
        request,
        organisation,
        "vehicles",
        asked=asked,
        states=[(code, label) for code, (label, _kind) in VEHICLE_STATES.items()],
        modes=MODES.items(),
        rows=[
            (row, word(VEHICLE_STATES, row.state), maps.energy(row.energy_pm), Words.read(row.type.name))
            for row in found.items
        ],
        next=found.next,
    )


@require_safe
@member_of(*desk.LOOK)
def export(request: HttpRequest, organisation: UUID) -> StreamingHttpResponse:
    """All vehicles as CSV, for a spreadsheet."""
    rows = fleet.everything(organisation)
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="vehicles.csv"'
    return answer


class _Line:
    """What the CSV writer writes to: it hands each line on."""

    def write(self, text: str) -> str:
        return text


def _csv(rows: list[Any]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row.plate,
            row.mode,
            str(Words.read(row.type.name)),
            row.state,
            "" if row.energy_pm is None else row.energy_pm / 10,
            row.odometer_m // 1000,
            "" if row.latitude_e6 is None else row.latitude_e6 / 1e6,
            "" if row.longitude_e6 is None else row.longitude_e6 / 1e6,
            row.at.isoformat() if row.at else "",
            str(Words.read(row.station.name)) if row.station else "",
        )
        yield writer.writerow([_plain(cell) for cell in cells])


def _plain(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


@require_safe
@member_of(*desk.LOOK)
def vehicle(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """One vehicle: where, how, what happened to it, its maintenance."""
    row = fleet.vehicle(organisation, id)
    return desk.page(
        request,
        organisation,
        "vehicle",
        vehicle=row,
        name=Words.read(row.type.name),
        word=word(VEHICLE_STATES, row.state),
        energy=maps.energy(row.energy_pm),
        events=[(each, word(VEHICLE_STATES, each.state)) for each in fleet.events(id)],
        maintenance=fleet.maintenance(organisation, vehicle=id),
        features=ui_maps.collection(maps.fleet([row], lambda _id: "")),
        new_id=ids.uuid7(),
    )


@require_POST
@member_of(*roles.WORK)
def service(request: HttpRequest, organisation: UUID, id: UUID) -> HttpResponse:
    """Takes a vehicle out of service by hand, or puts it back."""
    fleet.vehicle(organisation, id)
    out = request.POST.get("do") == "out"
    events = OUT if out else BACK
    frame.act(
        request,
        lambda: vehicle_states.change(
            actor_of_request(request),
            id=frame.uuid_of(request.POST.get("id"), "/id"),
            vehicle=id,
            events=[events[fleet.vehicle(organisation, id).mode]],
        ),
        _("Out of service.") if out else _("In service."),
    )
    return redirect("mobility:fleet-vehicle", organisation=organisation, id=id)
