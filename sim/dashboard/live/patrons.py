"""Legitimacy, recognition and momentum of the patrons over time."""

from __future__ import annotations

from sim.dashboard.live.frame import Frame, Option, base, measured_axis, step_line
from sim.plots.patrons import MEASURES
from sim.plots.record import Panel

__all__ = ["draw", "height"]

PANEL, HEAD = 130, 34
HEIGHT = 60 + 3 * (PANEL + HEAD)
DASHES = ("solid", "dashed", "dotted", [8, 3, 2, 3])


def height(frame: Frame) -> int:
    """Height of the figure, pixels."""
    return HEIGHT


def draw(frame: Frame) -> Option:
    """How the patrons stand, 0 to 1.

    Parameters
    ----------
    frame
        The run and its months.

    Returns
    -------
    dict
        Options of ECharts.
    """
    table = Panel(frame.run, "patrons")
    grids, x_axes, y_axes, titles, series = [], [], [], [], []
    for n, (column, label) in enumerate(MEASURES.items()):
        top = 30 + n * (PANEL + HEAD)
        grids.append({"left": 46, "right": 14, "top": top + HEAD, "height": PANEL - 12})
        x_axes.append(frame.axis(n, labelled=n == len(MEASURES) - 1))
        y_axes.append(measured_axis("share", 32, gridIndex=n, min=0, max=1, interval=0.5))
        titles.append(
            {"text": label.split(":")[0], "left": 44, "top": top + 2, "textStyle": {"fontSize": 13}}
        )
        values = table.number(column)
        for k, name in enumerate(table.names):
            marks = frame.marks(named=n == 0) if k == 0 else {}
            series.append(
                step_line(
                    frame.palette.name(name), frame.lines(values[:, k].tolist()), frame.palette.colour(name), xAxisIndex=n,
                    yAxisIndex=n, lineStyle={"width": 2, "type": DASHES[k % len(DASHES)]}, **marks,
                )
            )  # fmt: skip
    return base(
        grid=grids, xAxis=x_axes, yAxis=y_axes, title=titles, series=series,
        legend={"top": 4, "left": 40, "itemWidth": 28, "textStyle": {"fontSize": 12}},
        tooltip={"trigger": "axis", "confine": True}, axisPointer={"link": [{"xAxisIndex": "all"}]},
    )  # fmt: skip
