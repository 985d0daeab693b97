"""Contactless delivery over HTTP, under `/api/delivery/`. Scopes `delivery:write`, `delivery:ship`, `delivery:carry`; see
`rules/roles.py`."""

from ninja import Router

<<<<<<< HEAD
from lilong.fields.delivery.api import carriers, courier, lockers, plans, shipments

router = Router(tags=["delivery"])
for _part in (carriers, shipments, courier, lockers, plans):
=======
from lilong.fields.delivery.api import carriers, cold_chain, courier, lockers, shipments, vehicles

router = Router(tags=["delivery"])
for _part in (carriers, shipments, courier, lockers, vehicles, cold_chain):
>>>>>>> 0549c8f (Show custody and the cold chain as EPCIS 2.0 events; speak vehicles and loggers over HTTP)
    router.add_router("", _part.router)

__all__ = ["router"]
