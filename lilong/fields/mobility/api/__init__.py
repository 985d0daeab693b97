"""New mobility over HTTP, under `/api/mobility/`."""

from ninja import Router

router = Router(tags=["mobility"])

__all__ = ["router"]
