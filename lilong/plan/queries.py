"""Reads of the plan."""

from lilong.plan.content import actions, baseline, fields, goals, measures, safeguards

__all__ = ["actions", "baseline", "fields", "goals", "measures", "safeguards"]
