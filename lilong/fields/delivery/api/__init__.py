"""Contactless delivery over HTTP, under `/api/delivery/`. Scopes `delivery:write`, `delivery:ship`, `delivery:carry`; see
`rules/roles.py`."""

from ninja import Router

from lilong.fields.delivery.api import carriers, cold_chain, courier, lockers, plans, shipments, vehicles

router = Router(tags=["delivery"])
for _part in (carriers, shipments, courier, lockers, plans, vehicles, cold_chain):
    router.add_router("", _part.router)

__all__ = ["router"]
