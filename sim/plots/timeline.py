"""Fighters by allegiance over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.results.frames import POLE_NONE, THIRD_POLE

from .marks import Marks
from .page import Page, fit, line_height, scale_months, shade_unvalidated, tidy, width_of
from .record import Panel, Record, months_of, palette_of
from .style import LABEL, SMALL, styled, tint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .style import Palette

    Band = tuple[str, str, NDArray[np.float64]]

__all__ = ["sides_of", "timeline"]


def _bands(panel: Panel, palette: Palette, k: int) -> list[Band]:
    """Men of a patron, from the firmest to the loosest: label, colour, numbers by month."""
    colour = palette.colour(panel.names[k])
    rows = (
        ("own men", colour, "core"),
        ("accepted factions", tint(colour, 0.72), "sworn"),
        ("self-declared", tint(colour, 0.5), "declared"),
        ("allies without an oath", tint(colour, 0.22), "allied"),
    )
    return [(label, shade, panel.number(column, 0.0)[:, k]) for label, shade, column in rows]


def _alone(run: Record, palette: Palette) -> list[Band]:
    """Men of factions that stand with nobody."""
    panel = Panel(run, "factions")
    men, fate, pole = panel.number("fighters", 0.0), panel.text("fate"), panel.text("pole")
    here, peace = fate == "active", fate == "reconciled"
    rows = (
        ("left a patron for themselves", "third", here & (pole == THIRD_POLE)),
        ("on their own", "independent", here & (pole == POLE_NONE)),
        ("made peace", "exit", peace),
    )
    return [(label, palette.colour(kind), np.where(mask, men, 0.0).sum(axis=1)) for label, kind, mask in rows]


def sides_of(run: Record) -> list[tuple[str, list[Band]]]:
    """Sides by name, each with its bands: label, colour, men by month; those with no patron last, if any."""
    palette, patrons = palette_of(run), Panel(run, "patrons")
    sides = [(palette.name(name), _bands(patrons, palette, k)) for k, name in enumerate(patrons.names)]
    alone = _alone(run, palette)
    return [*sides, ("With no patron", alone)] if any(men.any() for _, _, men in alone) else sides


def _stack(panel: Axes, bands: list[Band]) -> None:
    """Draw bands on top of one another."""
    base = np.zeros(len(bands[0][2]) + 1)
    x = np.arange(len(base))
    for _, colour, men in bands:
        if men.any():
            top = base + np.append(men, men[-1])
            panel.fill_between(x, base, top, step="post", facecolor=colour, edgecolor="none")
            panel.step(x, top, where="post", color="white", linewidth=0.4)
            base = top
    panel.set_ylim(0, max(float(np.max(base)) * 1.06, 1.0))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _headed(page: Page, name: str, bands: list[Band], left: float, top: float) -> float:
    """Over a panel: whose men, and the legend of those that are ever there; returns the height of that."""
    name = fit(name, LABEL, page.right - left, bold=True)
    page.write(left, top, name, LABEL, weight="bold", va="top")
    indent, high = width_of(name, LABEL, bold=True) + 0.2, line_height(LABEL)
    labels = [label for label, _, men in bands if men.any()]
    handles = [Patch(facecolor=colour, edgecolor="none") for _, colour, men in bands if men.any()]
    if indent + sum(width_of(label, SMALL) + 0.37 for label in labels) <= page.right - left:
        page.legend(handles, labels, left + indent, top - 0.015, page.right - left - indent)
        return high
    return high + page.legend(handles, labels, left, top - high - 0.01, page.right - left)


@styled
def timeline(run: Record, ax: Axes | None = None, *, figsize: tuple[float, float] = (6.3, 6.4)) -> Axes:
    """Draw the fighters of each side over time, one panel a side, each with a scale of its own.

    Parameters
    ----------
    run
        The run.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``.
    """
    page = Page(ax, figsize, run, "Fighters by allegiance; each side has a scale of its own")
    months, sides = months_of(run), sides_of(run)
    left = page.left + width_of("00,000", SMALL) + line_height(LABEL) + 0.12
    marks = Marks(page, run)
    top, bottom = page.top - marks.height, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    each = (top - bottom) / len(sides)
    panels = []
    for n, (name, bands) in enumerate(sides):
        upper, last = top - n * each, n == len(sides) - 1
        head = _headed(page, name, bands, left, upper) + 0.06
        panel = page.panel(left, upper - each + (0.0 if last else 0.1), page.right, upper - head)
        _stack(panel, bands)
        shade_unvalidated(panel, run)
        tidy(panel)
        scale_months(panel, months, page.right - left, named=last)
        panel.set_ylabel("persons")
        panel.yaxis.set_label_coords(-(left - page.left - 0.07) / (page.right - left), 0.5)
        panels.append(panel)
    marks.draw(panels, left, top, page.right)
    return page.host
