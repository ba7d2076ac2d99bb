"""Posterior predictive checks: what runs at posterior draws do, beside what the record has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from .calibration_numbers import BLUE, ORANGE
from .comparison_record import percent
from .rows import Row, Rows, Size, paper, width_asked
from .study import Study, number
from .style import MUTED, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["draw_spread", "predictive"]

_RANGE = "#F0E0B8"
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def draw_spread(panel: Axes, at: float, places: Any, band: float, colour: str = BLUE) -> None:
    """Nine tenths of the runs as a line, half of them as a box, the median as a stroke."""
    panel.plot([places[0], places[4]], [at, at], color=colour, linewidth=1.4, solid_capstyle="butt", zorder=2)
    box = (places[1], at - 0.24 * band), places[3] - places[1], 0.48 * band
    panel.add_patch(
        Rectangle(*box, facecolor=tint(colour, 0.55), edgecolor=colour, linewidth=0.8, zorder=2.5)
    )
    half = 0.32 * band
    panel.plot([places[2], places[2]], [at - half, at + half], color=colour, linewidth=2.2, zorder=3)


@styled
def predictive(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw each measure of the patterns: runs at posterior draws, the record, the range.

    Parameters
    ----------
    study
        The calibration.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.
    """
    frame, targets = study.need("predictive"), study.data["measures"]
    inside = study.data["predictive"]["in_range"]
    names = [name for name in targets if name in frame]
    wide = width_asked(ax, figsize)
    rows, which = _rows(study, frame, names, inside, wide >= 5)
    heads = ["median\n(5 to 95 %)", "record\n(range)", "in\nrange"] if wide >= 5 else ["in range"]
    legend = ["half of the runs and their median", "nine in ten runs", "range", "observed"]
    chart = Rows(rows, heads, wide, legend, band=0.22)
    page = paper(ax, figsize, "Posterior predictive checks", _about(study, frame, names), chart.height)
    handles = [
        Patch(facecolor=tint(BLUE, 0.55), edgecolor=BLUE), Line2D([], [], color=BLUE, linewidth=1.4),
        Patch(facecolor=_RANGE),
        Line2D([], [], color=ORANGE, marker="D", markersize=5, linestyle="", markeredgecolor="white"),
    ]  # fmt: skip
    page.top -= page.legend(handles, legend, page.left, page.top, page.inner) + 0.06
    panel = chart.lay(page)[0]
    panel.set_xlim(-0.02, 1.02)
    panel.set_xticks([])
    panel.spines["bottom"].set_visible(False)
    chart.guides(panel)
    for at, name in zip(chart.at, which, strict=True):
        if name:
            _measure(panel, at, frame[name].to_numpy(dtype=float), targets[name], chart.band)
    panel.set_xlabel("each row on a scale of its own; numbers at its ends", labelpad=2)
    return page.host


def _about(study: Study, frame: pd.DataFrame, names: list[str]) -> str:
    text = f"{study.title}. {len(frame):,} runs at {frame['draw'].nunique():,} posterior draws, in the model."
    empty = [name for name in names if frame[name].isna().any()]
    if empty:
        told = ", ".join(f"{name} {percent(float(frame[name].isna().mean()))}" for name in empty)
        text += f" Runs without a value, which count as out of range: {told}."
    return text


def _rows(
    study: Study, frame: pd.DataFrame, names: list[str], inside: Any, full: bool
) -> tuple[list[Row], list[str]]:
    """Rows under the titles of their patterns, and which measure each is; a title is none."""
    rows, which, last = [], [], ""
    for name in names:
        about = study.data["measures"][name]
        if about["pattern"] != last:
            last = about["pattern"]
            role = (study.data.get("patterns") or {}).get(last, {}).get("role")
            kept = "Not fitted: " if role == "report" else ""
            rows.append(Row(kept + study.pattern_title(last), heading=True))
            which.append("")
        texts = [percent(float(inside[name]))]
        if full:
            texts = [_told(frame[name]), _record(about), *texts]
        rows.append(Row(name.split(".", 1)[-1].replace("_", " "), tuple(texts)))
        which.append(name)
    return rows, which


def _told(column: pd.Series[float]) -> str:
    found = column.dropna()
    if not len(found):
        return "none"
    low, middle, high = (number(float(value)) for value in found.quantile([0.05, 0.5, 0.95]))
    return f"{middle} ({low} to {high})"


def _record(about: dict[str, Any]) -> str:
    low, high = about["low"], about["high"]
    span = "" if low is None else f"({number(low)} to {number(high)})" if low != high else f"({number(low)})"
    return span if about["observed"] is None else f"{number(about['observed'])} {span}".strip()


def _measure(panel: Axes, at: float, values: Any, about: dict[str, Any], band: float) -> None:
    """One row on its own scale, from 0 at the lower end to 1 at the upper one, by the logarithm where it is so compared."""
    import math

    found = values[np.isfinite(values)]
    marks = np.quantile(found, _LEVELS) if len(found) else np.array([])
    known = [about[key] for key in ("observed", "low", "high") if about[key] is not None]
    ends = [float(end) for end in (*marks, *known)]
    log = about["log"] and min(ends) > 0
    scaled = [math.log(end) if log else end for end in ends]
    low, high = min(scaled), max(scaled)
    span = (high - low) or 1.0
    # The numbers at the ends stand beside what is drawn.
    edge = 0.13

    def place(value: float) -> float:
        on = math.log(value) if log else value
        return edge + (1 - 2 * edge) * ((on - low) / span if high > low else 0.5)

    if about["low"] is not None:
        left, right = place(about["low"]), place(about["high"])
        thin = max(0.012 - (right - left), 0.0) / 2
        spot = (left - thin, at - 0.44 * band), right - left + 2 * thin, 0.88 * band
        panel.add_patch(Rectangle(*spot, facecolor=_RANGE, edgecolor="none", zorder=1))
    if len(marks):
        draw_spread(panel, at, [place(float(mark)) for mark in marks], band)
    if about["observed"] is not None:
        look: dict[str, Any] = {"color": ORANGE, "markersize": 5, "markeredgecolor": "white", "zorder": 4}
        panel.plot([place(about["observed"])], [at], marker="D", linestyle="", **look)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    for x, value, side in ((0.0, min(ends), "left"), (1.0, max(ends), "right")):
        if side == "left" or max(ends) > min(ends):
            panel.text(
                x,
                at,
                number(value),
                fontsize=SMALL - 1,
                ha=side,
                va="center_baseline",
                color=MUTED,
                bbox=ground,
            )
