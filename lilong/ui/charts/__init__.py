"""Charts as accessible SVG: a title, a description in words, and the numbers as a table. No script is needed.

Values are numbers in the `unit` given: 'money' (minor units), 'count', 'share' and 'growth' (ratios), 'duration'
(seconds), or 'number'.
"""

from lilong.ui.charts.figure import Series
from lilong.ui.charts.maps import district_map
from lilong.ui.charts.plot import bars, lines
from lilong.ui.charts.small import bullet, donut, heat, sparkline

__all__ = ["Series", "bars", "bullet", "district_map", "donut", "heat", "lines", "sparkline"]
