"""New mobility over HTTP, under `/api/mobility/`."""

from ninja import Router

from lilong.fields.mobility.api import alerts, duties, rides, telemetry

router = Router(tags=["mobility"])
for _part in (rides, duties, telemetry, alerts):
    router.add_router("", _part.router)

__all__ = ["router"]
