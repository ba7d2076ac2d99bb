"""One outcome in both arms, and where it lies among many runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.dashboard.live.frame import Frame, Option, base, measured_axis, round_up, step_line
from sim.measures import MONTHLY
from sim.plots.style import MUTED, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ARM_COLOURS", "HEIGHT", "draw", "spread"]

HEIGHT = 380
ARM_COLOURS = ("#444444", "#882255")
"""Of the first arm and the second; no colour of a side."""
DASHES = ("solid", [7, 3])


def _axes(frame: Frame, outcome: str) -> Option:
    unit = next(column.unit for column in MONTHLY if column.name == outcome)
    return base(
        grid={"left": 66, "right": 16, "top": 70, "bottom": 30},
        legend={"top": 4, "left": 8, "right": 8, "itemWidth": 22, "textStyle": {"fontSize": 12}},
        tooltip={"trigger": "axis", "confine": True},
        xAxis=frame.axis(),
        yAxis=measured_axis(unit, 50, scale=False),
    )  # fmt: skip


def _line(frame: Frame, outcome: str, title: str, n: int, marks: bool) -> Option:
    values = frame.run.data("outcomes").numbers(outcome).tolist()
    more = frame.marks(named=True) if marks else {}
    look = {"width": 2.2, "type": DASHES[n % 2]}
    return step_line(title, frame.lines(values), ARM_COLOURS[n % 2], z=5, lineStyle=look, **more)


def draw(frames: Sequence[Frame], titles: Sequence[str], outcome: str) -> Option:
    """An outcome of the arms, month by month.

    Parameters
    ----------
    frames
        The arms.
    titles
        What they are called.
    outcome
        A monthly outcome.

    Returns
    -------
    dict
        Options of ECharts.
    """
    lines = [
        _line(frame, outcome, title, n, n == 0)
        for n, (frame, title) in enumerate(zip(frames, titles, strict=True))
    ]
    return {**_axes(frames[0], outcome), "series": lines}


def spread(frame: Frame, title: str, outcome: str, bands: pd.DataFrame, n: int, top: float = 0.0) -> Option:
    """Where this run lies among many of the same scenario: their median, half of them, nine in ten of them.

    Parameters
    ----------
    frame
        The run.
    title
        What its arm is called.
    outcome
        A monthly outcome.
    bands
        As :meth:`sim.experiments.results.Results.bands` gives them.
    n
        The arm, for its colour.
    top
        The upper end of the scale, at least.

    Returns
    -------
    dict
        Options of ECharts.
    """
    colour = ARM_COLOURS[n % 2]
    series: list[Option] = []
    for low, high, share, label in (
        ("q05", "q95", 0.2, "nine in ten runs"),
        ("q25", "q75", 0.45, "half of the runs"),
    ):
        under, over = bands[low].tolist(), bands[high].tolist()
        look: Option = {"stack": label, "lineStyle": {"width": 0}}
        series.append(
            step_line(f"{label}, lower end", frame.lines(under), "rgba(0,0,0,0)", silent=True, **look)
        )
        wide = [b - a for a, b in zip(under, over, strict=True)]
        ground = tint(colour, share)
        area = {"color": ground, "opacity": 0.9}
        series.append(step_line(label, frame.lines(wide), ground, areaStyle=area, **look))
    series.append(step_line("median", frame.lines(bands["q50"].tolist()), MUTED, lineStyle={"width": 1.2}))
    series.append(_line(frame, outcome, title, n, marks=True))
    options = _axes(frame, outcome)
    options["legend"]["data"] = [title, "median", "half of the runs", "nine in ten runs"]
    # Widths of bands are stacked on their lower ends: numbers on hover would be widths.
    options["tooltip"]["show"] = False
    options["yAxis"]["max"] = round_up(1.02 * top) or None
    return {**options, "series": series}
