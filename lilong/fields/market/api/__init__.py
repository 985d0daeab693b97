"""The market over HTTP, under `/api/market/`. Writes need `market:write` or `market:stock`; see `rules/roles.py`."""

from ninja import Router

from lilong.fields.market.api import (
    broadcasts,
    campaigns,
    fulfilment,
    groups,
    imports,
    machines,
    papers,
    places,
    products,
    shop,
    stock,
)

router = Router(tags=["market"])
for _part in (products, places, stock, imports, papers, broadcasts, groups, campaigns, shop, machines, fulfilment):
    router.add_router("", _part.router)

__all__ = ["router"]
