"""Fighters by allegiance over time, a panel a side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.dashboard.live.frame import Frame, Option, base, measured_axis, round_up, step_line
from sim.plots.timeline import sides_of

__all__ = ["draw", "height", "tops"]

PANEL, HEAD, FOOT = 150, 56, 30


def height(frame: Frame) -> int:
    """Height of the figure, pixels."""
    return FOOT + (PANEL + HEAD) * len(sides_of(frame.run))


def tops(frame: Frame) -> dict[str, float]:
    """The most men that each side ever had."""
    return {
        side: float(np.sum([men for _, _, men in bands], axis=0).max()) for side, bands in sides_of(frame.run)
    }


def draw(frame: Frame, tops: Mapping[str, float] | None = None) -> Option:
    """Men of each side, stacked from the firmest to the loosest; each side has a scale of its own.

    Parameters
    ----------
    frame
        The run and its months.
    tops
        Men at the upper end of each side's scale, so that two arms can be compared by eye.

    Returns
    -------
    dict
        Options of ECharts.
    """
    sides = sides_of(frame.run)
    grids, x_axes, y_axes, titles, legends, series = [], [], [], [], [], []
    for n, (side, bands) in enumerate(sides):
        top = n * (PANEL + HEAD)
        grids.append({"left": 58, "right": 14, "top": top + HEAD, "height": PANEL - 10})
        x_axes.append(frame.axis(n, labelled=n == len(sides) - 1))
        most = round_up(1.02 * (tops or {}).get(side, 0.0)) or None
        y_axes.append(measured_axis("persons", 44, gridIndex=n, splitNumber=3, max=most))
        titles.append({"text": side, "left": 56, "top": top + 2, "textStyle": {"fontSize": 13}})
        shown = [(label, colour, men) for label, colour, men in bands if men.any()]
        # Sides share the names of their bands, and a legend goes by name.
        legends.append(
            {
                "data": [{"name": f"{label}{' ' * n}"} for label, _, _ in shown], "top": top + 20, "left": 54, "right": 8,
                "type": "scroll", "itemWidth": 12, "itemHeight": 10, "selectedMode": False,
                "textStyle": {"fontSize": 11, "lineHeight": 16},
            }
        )  # fmt: skip
        for k, (label, colour, men) in enumerate(shown):
            marks = frame.marks(named=n == 0) if k == 0 else {}
            series.append(
                step_line(
                    f"{label}{' ' * n}", [round(float(value)) for value in men], colour, stack=f"side {n}", xAxisIndex=n,
                    yAxisIndex=n, lineStyle={"width": 0}, areaStyle={"color": colour, "opacity": 1}, **marks,
                )
            )  # fmt: skip
    return base(
        grid=grids, xAxis=x_axes, yAxis=y_axes, title=titles, legend=legends, series=series,
        tooltip={"trigger": "axis", "confine": True}, axisPointer={"link": [{"xAxisIndex": "all"}]},
    )  # fmt: skip
