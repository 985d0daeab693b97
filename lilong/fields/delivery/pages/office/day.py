"""The day at a glance: the map that moves, what is open, what calls for somebody, how punctual it was."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lilong.fields.delivery.pages.office import frame
from lilong.fields.delivery.pages.shipments import MARKS
from lilong.fields.delivery.pages.words import STATES, VEHICLE_STATES, VEHICLES
from lilong.fields.delivery.queries import carriers, desk, shipments
from lilong.fields.delivery.rules import roles
from lilong.kernel.base import clock
from lilong.kernel.geo.points import Point
from lilong.kernel.parties.http import actor_of_request, member_of
from lilong.ui import charts, maps, shown
from lilong.ui.charts import Series

DAYS = 14
_COLOURS = {"idle": "good", "busy": "info", "charging": "lamp", "fault": "bad", "silent": "bad", "off": "ink"}


@require_safe
@member_of(*roles.LOOK)
def overview(request: HttpRequest, organisation: UUID) -> HttpResponse:
    actor = actor_of_request(request)
    opened = desk.opened(actor, organisation)
    return frame.page(
        request, organisation, "day", opened=opened, states=[(name, n) for name in STATES if (n := opened.by_state.get(name))],
        cars=[(name, n) for name in VEHICLE_STATES if (n := opened.vehicles.get(name))],
        late=shipments.of_carrier(actor, organisation, state="open", late=True, size=6).items,
        kept=shipments.kept_events(actor, organisation)[:6], plots=_plots(desk.punctual(actor, organisation, _since())),
    )  # fmt: skip


def _since() -> Any:
    return clock.today() - timedelta(days=DAYS - 1)


def _plots(days: list[desk.Day]) -> list[Any]:
    if not any(each.delivered for each in days):
        return []
    labels = [shown.day(each.day) for each in days]
    shares = [each.on_time / each.delivered if each.delivered else None for each in days]
    return [
        charts.lines(_("Delivered in time"), labels, [Series(_("Share in time"), shares)], unit="share"),
        charts.bars(_("Delivered, by day"), labels, [Series(_("Delivered"), [each.delivered for each in days])], unit="count"),
    ]  # fmt: skip


@require_safe
@member_of(*roles.LOOK)
def features(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Fleet, open stops, depots and lockers for the map."""
    actor = actor_of_request(request)
    marks = [
        maps.place(
            id, Point.of_e6(latitude, longitude), label=name, kind="shop" if kind == "depot" else "locker", colour="door",
        )
        for kind, id, name, latitude, longitude in desk.places(organisation)
    ]  # fmt: skip
    fleet = {car.id: car for car in carriers.vehicles(actor, organisation)}
    for lane in desk.lanes(actor, organisation):
        car = fleet.get(lane.vehicle)
        if car is not None and car.latitude_e6 is not None and car.longitude_e6 is not None:
            at = Point.of_e6(car.latitude_e6, car.longitude_e6)
            marks.append(_vehicle(car, lane, at))
            way = [at, *(Point.of_e6(stop.latitude_e6, stop.longitude_e6) for stop in lane.stops)]
            if len(way) > 1:
                marks.append(maps.line(f"way-{car.id}", way, label=car.name, colour="info", dashed=True))
        marks += [_stop(stop, organisation) for stop in lane.stops]
    return JsonResponse(maps.collection(marks))


def _vehicle(car: carriers.FleetVehicleView, lane: desk.Lane, at: Point) -> dict[str, Any]:
    label, _icon = VEHICLES[car.kind]
    return maps.place(
        car.id, at, label=car.name, kind=MARKS.get(car.kind, "truck"), heading=car.heading, state=VEHICLE_STATES[car.state][0],
        colour=_COLOURS.get(car.state, "ink"),
        note=_("%(kind)s, %(stops)s stops") % {"kind": label, "stops": shown.number(len(lane.stops))},
    )  # fmt: skip


def _stop(stop: desk.StopAt, organisation: UUID) -> dict[str, Any]:
    return maps.place(
        stop.id, Point.of_e6(stop.latitude_e6, stop.longitude_e6), text=str(stop.number), kind="flag",
        label=_("Pick up") if stop.kind == "pickup" else _("Deliver"), colour="bad" if stop.late else "info",
        note=shown.span(stop.earliest, stop.latest), href=reverse("delivery:shipment", kwargs={"id": stop.shipment}),
    )  # fmt: skip
