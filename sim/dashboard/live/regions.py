"""Whose force is where: a bar a region, shared out among the sides."""

from __future__ import annotations

import numpy as np

from sim.dashboard.live.frame import Frame, Option, base, measured_axis, named_axis, number
from sim.plots.record import Panel
from sim.plots.regions import pole_kind, pole_name
from sim.results.frames import THIRD_POLE

__all__ = ["draw", "height"]


def height(frame: Frame) -> int:
    """Height of the figure, pixels."""
    return 84 + 24 * len(frame.run.scenario.regions)


def draw(frame: Frame) -> Option:
    """Force of each side in each region in the last month simulated: its men times their reach.

    Parameters
    ----------
    frame
        The run and its months.

    Returns
    -------
    dict
        Options of ECharts.
    """
    table = Panel(frame.run, "regions")
    poles = (*frame.palette.patrons, THIRD_POLE)
    holders = table.text("holder")[-1]
    labels = [
        f"{frame.run.scenario.regions[name].name}{' *' if holders[r] in frame.palette.patrons else ''}"
        for r, name in enumerate(table.names)
    ]
    series = [
        {
            "name": pole_name(pole, frame.palette), "type": "bar", "stack": "force", "barCategoryGap": "25%",
            "itemStyle": {"color": frame.palette.colour(pole_kind(pole))},
            "data": [number(value) for value in np.maximum(table.number(f"force_{pole}", 0.0)[-1], 0.0).tolist()],
        }
        for pole in poles
    ]  # fmt: skip
    return base(
        grid={"left": 168, "right": 20, "top": 34, "bottom": 46},
        legend={"top": 4, "left": 8, "itemWidth": 12, "textStyle": {"fontSize": 12}, "type": "scroll"},
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        xAxis=measured_axis("force: persons × reach", 28),
        yAxis=named_axis(labels, 156),
        series=series,
    )  # fmt: skip
