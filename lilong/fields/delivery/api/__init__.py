"""Contactless delivery over HTTP, under `/api/delivery/`."""

from ninja import Router

router = Router(tags=["delivery"])

__all__ = ["router"]
