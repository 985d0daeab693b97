"""New mobility over HTTP, under `/api/mobility/`."""

from ninja import Router

from lilong.fields.mobility.api import duties, rides

router = Router(tags=["mobility"])
for _part in (rides, duties):
    router.add_router("", _part.router)

__all__ = ["router"]
