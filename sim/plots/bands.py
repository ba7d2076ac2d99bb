"""A monthly outcome over time: where the runs of a point lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.errors import UsageError
from sim.scenario.quantities import month_index

from .marks import Marks
from .page import Page, line_height, scale_months, shade_unvalidated, tidy, width_of
from .record import Stretch, event_title, marked_events
from .style import INK, LABEL, LINES, PATRON_COLOURS, SMALL, styled, tint
from .sweep_record import check_points, differing, meaning_of, point_scenario, runs_at, title_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.results import Results

__all__ = ["bands", "marks_of_points", "value_ticks"]

_WIDE, _NARROW = 0.2, 0.42
_MOST_WIDE = 3
"""With more points than this, bands of nine tenths would hide one another."""


def _frames(results: Results, outcome: str, points: Sequence[int]) -> list[pd.DataFrame]:
    table = "quantiles" if results.manifest["keep"]["trajectories"] == "quantiles" else "trajectories"
    empty = [point for point in points if outcome in results.monthly and not runs_at(results, table, point)]
    if empty:
        raise UsageError(f"point {empty[0]} has no runs yet")
    return [results.bands(outcome, point) for point in points]


def _first(results: Results) -> str:
    if not results.monthly:
        raise UsageError(
            "this sweep keeps nothing by month; set trajectories: quantiles in its design to have bands"
        )
    return results.monthly[0]


def _start(frame: pd.DataFrame) -> int:
    return month_index(str(frame.index[0]))


def marks_of_points(results: Results, points: Sequence[int], months: range) -> list[tuple[int, str]]:
    """Position and title of the events to mark, those of all points; one whose date is varied comes several times."""
    found: dict[tuple[int, str], None] = {}
    for point in points:
        one = Stretch(point_scenario(results, point), months)
        found.update(dict.fromkeys((at, event_title(one, event)) for at, event in marked_events(one)))
    return sorted(found)


def value_ticks(low: float, high: float, most: int = 5) -> tuple[list[float], list[str]]:
    """Places of ticks between two values, in about ``most`` steps, and labels with as many digits as tell them apart.

    Examples
    --------
    >>> value_ticks(17.2, 18.9)[1]
    ['17.2', '17.6', '18.0', '18.4', '18.8']
    """
    places = [float(at) for at in MaxNLocator(nbins=most).tick_values(low, high) if low <= at <= high]
    exact = (n for n in range(6) if np.allclose(np.round(places, n), places, rtol=0, atol=10.0 ** -(n + 3)))
    digits = next(exact, 6)
    return places, [f"{place:,.{digits}f}" for place in places]


def _draw(
    panel: Axes, frame: pd.DataFrame, at: int, colour: str, dashes: Any, several: int, mean: bool
) -> None:
    # Bands that cover one another are thinner, so that their colours do not mix to brown.
    wide, narrow = (_WIDE, _NARROW) if several == 1 else (_WIDE / 2, _NARROW / 1.6)
    x = at + np.arange(len(frame) + 1)

    def steps(column: str) -> Any:
        values = frame[column].to_numpy(dtype=float)
        return np.append(values, values[-1])

    if several <= _MOST_WIDE:
        panel.fill_between(
            x, steps("q05"), steps("q95"), step="post", color=colour, alpha=wide, linewidth=0, zorder=1.5
        )
    panel.fill_between(
        x, steps("q25"), steps("q75"), step="post", color=colour, alpha=narrow, linewidth=0, zorder=1.6
    )
    panel.step(x, steps("q50"), where="post", color=colour, linestyle=dashes, linewidth=1.8, zorder=3)
    if mean:
        panel.step(x, steps("mean"), where="post", color=INK, linestyle=(0, (1, 1)), linewidth=1.1, zorder=3)


def _entries(labels: Sequence[str], colours: Sequence[str], mean: bool) -> tuple[list[Any], list[str]]:
    """Handles and labels of the legend."""
    if len(labels) == 1:
        handles: list[Any] = [
            Line2D([], [], color=colours[0], linewidth=1.8),
            Patch(facecolor=tint(colours[0], _NARROW + _WIDE), edgecolor="none"),
            Patch(facecolor=tint(colours[0], _WIDE), edgecolor="none"),
        ]
        texts = ["median", "half of the runs", "nine in ten runs"]
    else:
        handles = [
            Line2D([], [], color=colour, linestyle=LINES[n % len(LINES)], linewidth=1.8)
            for n, colour in enumerate(colours)
        ]
        texts = list(labels)
    if mean:
        handles.append(Line2D([], [], color=INK, linestyle=(0, (1, 1)), linewidth=1.1))
        texts.append("mean")
    return handles, texts


def _about(results: Results, outcome: str, points: Sequence[int], frames: Sequence[pd.DataFrame]) -> str:
    """What the footer says."""
    replicates = results.manifest["replicates"]
    counts = sorted({int(frame["runs"].max()) for frame in frames})
    runs = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    runs = f"{runs} runs" if counts == [replicates] else f"{runs} of {replicates:,} runs"
    text = f"{results.title}. {outcome}: {title_of(results, outcome, monthly=True)}"
    if len(points) > 1:
        wide = (
            "; dark bands: half of the runs; light bands: nine in ten"
            if len(points) <= _MOST_WIDE
            else "; bands: half of the runs"
        )
        return f"{text} {runs} at each point. Lines: medians{wide}."
    values = differing(results, points)[0]
    where = f" of point {points[0]}: {values}" if values else ""
    return f"{text} {runs}{where}."


@styled
def bands(
    results: Results,
    outcome: str | None = None,
    points: int | Sequence[int] = 0,
    ax: Axes | None = None,
    *,
    mean: bool = False,
    figsize: tuple[float, float] = (6.3, 4.2),
) -> Axes:
    """Draw where the runs of a point lie over time: median, half of them, nine in ten of them.

    Parameters
    ----------
    results
        The sweep.
    outcome
        A monthly outcome that it keeps; the first of them where not given.
    points
        The point, or up to six to compare.
    ax
        Axes to draw in; a figure of its own where not given.
    mean
        Draw the mean as well.
    figsize
        Size of that figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If the sweep keeps nothing by month, or not this outcome, or has no run of a point yet.
    """
    outcome = _first(results) if outcome is None else outcome
    several = check_points(results, points)
    frames = _frames(results, outcome, several)
    starts = [_start(frame) for frame in frames]
    months = range(min(starts), max(a + len(frame) for a, frame in zip(starts, frames, strict=True)))
    run = Stretch(point_scenario(results, several[0]), months)
    unit = meaning_of(outcome, monthly=True).unit
    about = _about(results, outcome, several, frames)
    page = Page(ax, figsize, run, f"{outcome.replace('_', ' ').capitalize()} over time", about)
    colours = PATRON_COLOURS[: len(several)]
    labels = [
        f"{text} (point {point})" for point, text in zip(several, differing(results, several), strict=True)
    ]
    marks = Marks(page, run, marks_of_points(results, several, months))
    page.top -= page.legend(*_entries(labels, colours, mean), page.left, page.top, page.inner) + 0.06
    left = page.left + width_of("00,000", SMALL) + line_height(LABEL) + 0.12
    top, bottom = page.top - marks.height, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    panel = page.panel(left, bottom, page.right, top)
    for n, (frame, start) in enumerate(zip(frames, starts, strict=True)):
        look = (colours[n], LINES[n % len(LINES)], len(several), mean)
        _draw(panel, frame, start - months[0], *look)
    shade_unvalidated(panel, run)
    tidy(panel)
    low, high = panel.get_ylim()
    panel.set_ylim(
        0 if min(float(frame["q05"].min()) for frame in frames) >= 0 else low, high if high > 0 else 1
    )
    panel.set_yticks(*value_ticks(*panel.get_ylim()))
    panel.set_ylabel(unit)
    panel.yaxis.set_label_coords(-(left - page.left - 0.07) / (page.right - left), 0.5)
    scale_months(panel, months, page.right - left)
    marks.draw([panel], left, top, page.right)
    return page.host
