"""Reads of the plan."""

from lilong.plan.content import PlanField, actions, baseline, fields, goals, measures, safeguards
from lilong.plan.queries.drill import READ, Behind, Drill, behind, concerned
from lilong.plan.queries.figures import Figure, Point, Row, figure, figures, found, series, table
from lilong.plan.queries.parts import statement
from lilong.plan.queries.restated import Restated, restatements

__all__ = [
    "READ",
    "Behind",
    "Drill",
    "Figure",
    "PlanField",
    "Point",
    "Restated",
    "Row",
    "actions",
    "baseline",
    "behind",
    "concerned",
    "fields",
    "figure",
    "figures",
    "found",
    "goals",
    "measures",
    "restatements",
    "safeguards",
    "series",
    "statement",
    "table",
]
