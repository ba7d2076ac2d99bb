"""Why a faction chose as it did: the terms of one decision, from the largest to the smallest."""

from __future__ import annotations

from sim.dashboard.live.frame import Frame, Option, base, measured_axis, named_axis, number
from sim.plots.style import MUTED
from sim.plots.waterfall import Decision, steps_of

__all__ = ["draw", "height", "keys"]


def height(decision: Decision) -> int:
    """Height of the figure, pixels."""
    return 92 + 26 * (len(steps_of(decision)) + 1)


def keys(frame: Frame, decision: Decision) -> list[tuple[str, str]]:
    """Colours of the figure and what they stand for."""
    return [
        (frame.palette.colour(option), f"speaks for: {frame.palette.name(option)}")
        for option in (decision.other, decision.held)
    ]


def draw(frame: Frame, decision: Decision) -> Option:
    """Terms of the option held against, less those of the one held, log-odds; they add up to the bar at the bottom.

    Parameters
    ----------
    frame
        The run and its months.
    decision
        One appraisal of it.

    Returns
    -------
    dict
        Options of ECharts.
    """
    steps = steps_of(decision)
    total = sum(value for _, value in steps)
    to, stay = frame.palette.colour(decision.other), frame.palette.colour(decision.held)
    gap, low, high, at = [], [], [], 0.0
    for label, value in (told := [*steps, ("In all", total)]):
        first = 0.0 if label == "In all" else at
        a, b = sorted((first, first + value))
        look = {"itemStyle": {"color": to if value > 0 else stay, "borderColor": MUTED, "borderWidth": 0.5}}
        # A bar that crosses nought is two, one on each side: stacks of ECharts add up the two signs apart.
        gap.append(number(a if a > 0 else b if b < 0 else 0.0))
        high.append({"value": number(b - max(a, 0.0) if b > 0 else 0.0), **look})
        low.append({"value": number(a - min(b, 0.0) if a < 0 else 0.0), **look})
        at += value
    labels = [f"{label}  {value:+.2f}" for label, value in told]
    bar = {"type": "bar", "stack": "terms", "barCategoryGap": "30%", "animation": False}
    return base(
        grid={"left": 12, "right": 24, "top": 12, "bottom": 48, "containLabel": True},
        xAxis=measured_axis("log-odds", 28),
        yAxis=named_axis(labels, 190, axisTick={"show": False}, axisLine={"onZero": False, "show": False}),
        tooltip={"show": False},
        series=[
            {**bar, "data": gap, "itemStyle": {"color": "rgba(0,0,0,0)"}, "silent": True},
            {**bar, "data": high},
            {**bar, "data": low},
        ],
    )  # fmt: skip
