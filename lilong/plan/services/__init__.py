"""Writes of the plan: its numbers follow the event log, and nothing else writes them."""

from lilong.plan.services.following import PROJECTION, apply, reset
from lilong.plan.services.opening import opened

__all__ = ["PROJECTION", "apply", "opened", "reset"]
