"""New mobility over HTTP, under `/api/mobility/`."""

from ninja import Router

from lilong.fields.mobility.api import alerts, care, duties, fleet, licences, rentals, rides, telemetry

router = Router(tags=["mobility"])
for _part in (alerts, care, duties, fleet, licences, rentals, rides, telemetry):
    router.add_router("", _part.router)

__all__ = ["router"]
