"""Writes of the plan: its numbers follow the event log, and nothing else writes them."""

from lilong.plan.services.following import PROJECTION, apply, reset

__all__ = ["PROJECTION", "apply", "reset"]
