"""Monthly outcomes of runs at posterior draws: where they lie, what the record has, and from when on nothing was fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.results.manifest import focus_of
from sim.scenario.quantities import month_index, month_text

from .bands import value_ticks
from .calibration_numbers import BLUE, ORANGE
from .marks import Marks
from .page import fit, legend_height, line_height, scale_months, tidy, width_of
from .record import Stretch, palette_of
from .rows import FOOT, Size, paper, width_asked
from .style import MUTED, SMALL, styled, tint
from .sweep_record import meaning_of, point_scenario, title_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.results import Results

__all__ = ["OUTCOMES", "coded_oaths", "posterior_bands"]

OUTCOMES = ("focus_fighters", "pledged_units", "third_fighters")
"""What is drawn where nothing is asked for."""
_TITLES = {
    "focus_fighters": "Men with {focus}",
    "pledged_units": "Factions that ever swore to {focus}",
    "third_fighters": "Men of the third pole",
}
_EACH = 1.45
_LATER = "#E9E2D2"
_WIDE, _NARROW = 0.22, 0.45


def coded_oaths(patterns: str | Path = "patterns") -> dict[str, float]:
    """How many coded units had sworn to the focus patron by the end of each year that patterns look at.

    Parameters
    ----------
    patterns
        A file of patterns with coded units, or the bundled one.
    """
    from sim.experiments.patterns.reading import read_patterns

    found = read_patterns(patterns)
    dates = [] if found.units is None else [month for month in found.units.oath if month is not None]
    if not dates:
        return {}
    last = month_index(found.until)
    ends = [month for month in range(min(dates), last + 1) if month % 12 == 11]
    return {month_text(end): float(sum(date <= end for date in dates)) for end in ends}


@styled
def posterior_bands(
    results: Results,
    outcomes: Sequence[str] = OUTCOMES,
    ax: Axes | None = None,
    *,
    fitted_until: str = "2018-12",
    record: Mapping[str, Mapping[str, float]] | None = None,
    figsize: Size | None = None,
) -> Axes:
    """Draw where runs at posterior draws lie over time: median, half of them, nine in ten of them.

    Parameters
    ----------
    results
        An ensemble with ``parameters="posterior"``; runs of all its points are taken together.
    outcomes
        Monthly outcomes, a panel each.
    ax
        Axes to draw in; a figure of its own where not given.
    fitted_until
        Last month that was used for fitting; what comes later is shaded.
    record
        What the record has, by outcome and month (:func:`coded_oaths` for ``pledged_units``).
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the panels need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``, one for each outcome.

    Raises
    ------
    UsageError
        If the ensemble keeps no runs by month, or not an outcome.
    """
    frames = {name: results.bands(name, None) for name in outcomes}
    first = next(iter(frames.values()))
    start = month_index(str(first.index[0]))
    run = Stretch(point_scenario(results, 0), range(start, start + len(first)))
    points = {name: (record or {}).get(name, {}) for name in outcomes}
    fitted = month_index(fitted_until) + 1 - start
    handles, labels = _legend(any(points.values()), fitted < len(first))
    wide = width_asked(ax, figsize)
    probe = _Measured(wide)
    inner = legend_height(labels, wide - 0.2) + 0.1 + _EACH * len(frames) + FOOT
    inner += Marks(probe, run).height + probe.bottom  # type: ignore[arg-type]
    about = _about(results, first, points)
    page = paper(ax, figsize, "Runs at weights inferred from the record", about, inner)
    marks = Marks(page, run)
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    left = page.left + width_of("00,000", SMALL) + 0.1
    top, bottom = page.top - marks.height, page.bottom + FOOT - 0.06
    high = (top - bottom) / len(frames)
    panels = []
    for n, (name, frame) in enumerate(frames.items()):
        upper, room = top - n * high, page.right - left - 0.06
        title = fit(_title(results, run, name), SMALL, room, bold=True)
        page.write(left + 0.06, upper - 0.04, title, SMALL, weight="bold", va="top")
        panel = page.panel(left, upper - high + 0.1, page.right, upper - line_height(SMALL) - 0.04)
        _panel(
            panel, frame, fitted, {month_index(month) - start: value for month, value in points[name].items()}
        )
        scale_months(panel, run.months, page.right - left, named=n == len(frames) - 1)
        panels.append(panel)
    marks.draw(panels, left, top, page.right)
    return page.host


def _title(results: Results, run: Stretch, name: str) -> str:
    """What an outcome is, with the name of the focus patron, and its unit."""
    focus = palette_of(run).name(focus_of(run.scenario))
    words = _TITLES.get(name) or title_of(results, name, monthly=True).rstrip(".")
    words = words.format(focus=focus) if name in _TITLES else words.replace("the focus patron", focus)
    return f"{words} ({meaning_of(name, monthly=True).unit})"


class _Measured:
    """A page that only counts how much room the key of marks takes."""

    def __init__(self, width: float) -> None:
        self.left, self.right, self.bottom = 0.1, width - 0.1, 0.0

    @property
    def inner(self) -> float:
        return self.right - self.left

    def write(self, *_: Any, **__: Any) -> None:
        """Nothing is written."""


def _legend(known: bool, later: bool) -> tuple[list[Any], list[str]]:
    handles: list[Any] = [
        Line2D([], [], color=BLUE, linewidth=1.8), Patch(facecolor=tint(BLUE, _WIDE + _NARROW)),
        Patch(facecolor=tint(BLUE, _WIDE)),
    ]  # fmt: skip
    labels = ["median", "half of the runs", "nine in ten runs"]
    if known:
        handles.append(
            Line2D([], [], color=ORANGE, marker="D", markersize=5, markeredgecolor="white", linestyle="")
        )
        labels.append("the record")
    if later:
        handles.append(Patch(facecolor=_LATER))
        labels.append("not used for fitting")
    return handles, labels


def _about(results: Results, first: pd.DataFrame, points: Mapping[str, Mapping[str, float]]) -> str:
    draws = int(results.manifest["points"])
    text = f"{results.title}. {int(first['runs'].max()):,} runs in the model at {draws:,} posterior draws."
    if any(points.values()):
        text += " The record: coded units, at the end of each year."
    return (
        text
        + " Later years follow from dated inputs; no record is held against them, and they forecast nothing."
    )


def _panel(panel: Axes, frame: pd.DataFrame, fitted: int, points: Mapping[int, float]) -> None:
    x = np.arange(len(frame) + 1)

    def steps(column: str) -> Any:
        values = frame[column].to_numpy(dtype=float)
        return np.append(values, values[-1])

    if fitted < len(frame):
        panel.axvspan(max(fitted, 0), len(frame), facecolor=_LATER, edgecolor="none", zorder=0)
    for low, high, alpha in (("q05", "q95", _WIDE), ("q25", "q75", _NARROW)):
        panel.fill_between(
            x, steps(low), steps(high), step="post", color=BLUE, alpha=alpha, linewidth=0, zorder=1.5
        )
    panel.step(x, steps("q50"), where="post", color=BLUE, linewidth=1.8, zorder=3)
    # A point is of the end of its month.
    look: dict[str, Any] = {"color": ORANGE, "markersize": 5, "markeredgecolor": "white", "zorder": 4}
    panel.plot([at + 1 for at in points], list(points.values()), "D", linestyle="", **look)
    tidy(panel)
    panel.spines["bottom"].set_color(MUTED)
    highest = max([float(frame["q95"].max()), *points.values()])
    lowest = min(0.0, float(frame["q05"].min()))
    panel.set_ylim(lowest, highest * 1.06 if highest > 0 else 1.0)
    places, labels = value_ticks(*panel.get_ylim(), 4)
    panel.set_yticks(places, [label.replace("-", "−") for label in labels])
