"""Charts drawn at the server: values in, SVG out, without script or inline style; coloured by the one style sheet.

Each chart has a title and a sentence that a screen reader reads, and says nothing by colour alone: a signal is a filled diamond, an own
bar is framed and its name marked, a part bears its number in the legend. A page shows the chart's table with it (``chart.html``).
"""

from monitoring.pages.charts.bars import Bar, bars
from monitoring.pages.charts.funnel import Dot, Limits, funnel
from monitoring.pages.charts.heat import heat
from monitoring.pages.charts.line import Band, Change, Mark, line
from monitoring.pages.charts.spark import spark
from monitoring.pages.charts.stacked import Stack, stacked
from monitoring.pages.charts.waterfall import Fall, waterfall

__all__ = [
    "Band",
    "Bar",
    "Change",
    "Dot",
    "Fall",
    "Limits",
    "Mark",
    "Stack",
    "bars",
    "funnel",
    "heat",
    "line",
    "spark",
    "stacked",
    "waterfall",
]
