"""The plan's pages: thin; what they show comes from queries."""

from lilong.plan.pages.board import baseline, board
from lilong.plan.pages.downloads import data_csv, data_json
from lilong.plan.pages.events import events
from lilong.plan.pages.indicator import indicator

__all__ = ["baseline", "board", "data_csv", "data_json", "events", "indicator"]
