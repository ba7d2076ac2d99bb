"""Posterior draws of the free numbers, each against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .calibration_numbers import BLUE, ORANGE, density
from .page import Page, line_height, width_of, wrap
from .rows import Size, paper, width_asked
from .study import Study, number
from .style import LABEL, MUTED, PALE, SMALL, readable_on, styled, tint
from .sweep_record import short_paths

__all__ = ["pairs"]

Floats = NDArray[np.float64]
_GAP = 0.07
_EACH = 0.82
_MOST_DOTS = 600


@styled
def pairs(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw posterior draws of every pair of free numbers.

    Below the diagonal there is a dot a draw, on it the density of each, above it the correlation of ranks.

    Parameters
    ----------
    study
        The calibration.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default wide enough that every panel can be read, and as high.

    Returns
    -------
    matplotlib.axes.Axes
        The outer axes; the panels are its ``child_axes``, row by row.
    """
    table = study.frame("posterior")
    frame = study.need("posterior-table") if table is None else table
    paths = [path for path in study.data["free"] if path in frame]
    values: Floats = frame[paths].to_numpy(dtype=float)[:_MOST_DOTS]
    names, count = short_paths(paths), len(paths)
    side = _EACH * count + 0.9
    default = max(side, 5.0)
    wide = width_asked(ax, figsize or (default, None))
    ranks = _rank_correlation(values)
    about = _about(study, paths, ranks, len(values))
    page = paper(ax, figsize, "Posterior draws, each number against each other", about, wide - 0.2, default)
    deep = 2 * line_height(SMALL) + line_height(SMALL) + 0.1
    left, bottom = page.left + deep, page.bottom + deep
    across = (page.right - left + _GAP) / count - _GAP
    high = (page.top - bottom + _GAP) / count - _GAP
    limits = [_limits(values[:, n]) for n in range(count)]
    for row in range(count):
        y = page.top - row * (high + _GAP)
        _name(page, names[paths[row]], (page.left, y - high / 2), high, True)
        for column in range(count):
            x = left + column * (across + _GAP)
            panel = page.panel(x, y - high, x + across, y)
            _cell(panel, values, (row, column), limits, ranks)
            _ticks(panel, (row, column, count), limits, (across, high))
    for column in range(count):
        x = left + column * (across + _GAP) + across / 2
        _name(page, names[paths[column]], (x, page.bottom), across, False)
    return page.host


def _rank_correlation(values: Floats) -> Floats:
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(column) for column in values.T], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    return found


def _about(study: Study, paths: list[str], ranks: Floats, draws: int) -> str:
    text = f"{study.title}. {draws:,} draws. Above the diagonal: rank correlation; blue together, orange against each other."
    if len(paths) < 2:
        return text
    upper = np.triu(np.nan_to_num(np.abs(ranks)), 1)
    row, column = np.unravel_index(int(np.argmax(upper)), upper.shape)
    return f"{text} Strongest: {paths[row]} and {paths[column]}, {number(float(ranks[row, column]), 2)}."


def _limits(values: Floats) -> tuple[float, float]:
    low, high = (float(end) for end in np.quantile(values, [0.001, 0.999]))
    margin = 0.06 * (high - low) or 0.5
    return low - margin, high + margin


def _cell(
    panel: Axes, values: Floats, at: tuple[int, int], limits: list[tuple[float, float]], ranks: Floats
) -> None:
    row, column = at
    panel.set_xticks([])
    panel.set_yticks([])
    panel.tick_params(labelsize=SMALL - 1, pad=1.5, length=2)
    for spine in panel.spines.values():
        spine.set(color=MUTED, linewidth=0.5)
    if row == column:
        x = np.linspace(*limits[row], 120)
        y = density(values[:, row], x)
        panel.fill_between(x, y, color=tint(BLUE, 0.5), linewidth=0)
        panel.set(xlim=limits[row], ylim=(0, float(np.max(y)) * 1.1))
    elif row > column:
        panel.scatter(
            values[:, column], values[:, row], s=3, color=BLUE, alpha=0.35, linewidths=0, rasterized=True
        )
        panel.set(xlim=limits[column], ylim=limits[row])
    else:
        r = float(ranks[row, column])
        ground = PALE if np.isnan(r) else tint(BLUE if r >= 0 else ORANGE, 0.85 * min(abs(r), 1.0))
        panel.set_facecolor(ground)
        text = "–" if np.isnan(r) else f"{r:+.2f}".replace("-", "−")
        look: dict[str, Any] = {"transform": panel.transAxes, "ha": "center", "va": "center_baseline"}
        panel.text(0.5, 0.5, text, fontsize=LABEL, color=readable_on(ground), **look)


def _ticks(
    panel: Axes, at: tuple[int, int, int], limits: list[tuple[float, float]], size: tuple[float, float]
) -> None:
    """Ticks at the edges of the matrix, where dots are."""
    row, column, count = at
    if row == count - 1:
        panel.set_xticks(*_places(limits[column], size[0]))
    if column == 0 and row > 0:
        panel.set_yticks(*_places(limits[row], size[1]), rotation=90, va="center")


def _places(limits: tuple[float, float], room: float) -> tuple[list[float], list[str]]:
    low, high = limits
    found: list[float] = []
    last = -0.04
    for place in MaxNLocator(nbins=3).tick_values(low, high):
        at = (place - low) / (high - low) * room
        half = width_of(_text(place), SMALL - 1) / 2
        if at - half >= last and at + half <= room + 0.04:
            found.append(float(place))
            last = at + half + 0.06
    return found, [_text(place) for place in found]


def _text(place: float) -> str:
    return f"{place:g}".replace("-", "−")


def _name(page: Page, name: str, at: tuple[float, float], room: float, upright: bool) -> None:
    """A number's name in two lines, broken after a dot."""
    size = SMALL - 0.5
    head, _, tail = name.rpartition(".")
    lines = [f"{head}.", tail] if head else [tail]
    text = "\n".join(wrap(line, size, room + _GAP, 1)[0] for line in lines)
    x, y = at
    options: dict[str, Any] = {"multialignment": "center", "linespacing": 1.1}
    if upright:
        page.write(x, y, text, size, rotation=90, ha="left", va="center", **options)
    else:
        page.write(x, y, text, size, ha="center", va="bottom", **options)
