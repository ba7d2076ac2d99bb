"""Legitimacy, recognition and momentum of the patrons over time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.scenario.dated import lived_scenario
from sim.scenario.dates import resolve_dates

from .marks import Marks
from .page import Page, line_height, scale_months, shade_unvalidated, tidy, width_of
from .record import Panel, Record, months_of, palette_of
from .style import INK, LABEL, SMALL, Palette, styled

__all__ = ["patrons"]

MEASURES = {
    "legitimacy": "Legitimacy: recognition × doctrinal consistency × (½ + momentum / 2)",
    "recognition": "Recognition of the leader",
    "momentum": "Momentum: recent success",
}


def _open_from(run: Record) -> dict[str, int]:
    """Position of the month from which factions may offer each patron their oath."""
    scenario, first = lived_scenario(run.scenario), months_of(run)[0]
    dates = resolve_dates(scenario)
    return {
        str(getattr(entry, "patron", "")): dates[event] - first
        for event, entry in scenario.events.items()
        if entry.kind == "offers_open"
    }


def _curves(run: Record, panel: Axes, table: Panel, column: str, palette: Palette) -> None:
    """A line for each patron, faint before factions may swear to it."""
    values, opens = table.number(column), _open_from(run)
    x = np.arange(values.shape[0] + 1)
    for k, name in enumerate(table.names):
        y = np.append(values[:, k], values[-1, k])
        start = min(max(opens.get(name, 0), 0), len(x) - 1)
        look: dict[str, Any] = {
            "color": palette.colour(name),
            "linestyle": palette.line(name),
            "drawstyle": "steps-post",
        }
        panel.plot(x[: start + 1], y[: start + 1], alpha=0.3, linewidth=1.0, **look)
        panel.plot(x[start:], y[start:], linewidth=1.8, zorder=3, **look)


@styled
def patrons(run: Record, ax: Axes | None = None, *, figsize: tuple[float, float] = (6.3, 6.2)) -> Axes:
    """Draw the legitimacy, recognition and momentum of the patrons over time, one panel each.

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
    page = Page(ax, figsize, run, "How the patrons stand")
    palette, months, table = palette_of(run), months_of(run), Panel(run, "patrons")
    left = page.left + width_of("0.00", SMALL) + line_height(LABEL) + 0.12
    marks = Marks(page, run)
    handles = [
        Line2D([], [], color=palette.colour(name), linestyle=palette.line(name)) for name in table.names
    ]
    labels = [palette.name(name) for name in table.names]
    if _open_from(run):
        handles.append(Line2D([], [], color=INK, alpha=0.3, linewidth=1.0))
        labels.append("before oaths are asked for")
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner, handlelength=2.6) + 0.04
    top, bottom = page.top - marks.height, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    each = (top - bottom) / len(MEASURES)
    panels = []
    for n, (column, label) in enumerate(MEASURES.items()):
        upper, last = top - n * each, n == len(MEASURES) - 1
        panel = page.panel(
            left, upper - each + (0.0 if last else 0.1), page.right, upper - line_height(LABEL) - 0.06
        )
        page.write(left, upper, _fitted(label, page.right - left), LABEL, weight="bold", va="top")
        _curves(run, panel, table, column, palette)
        shade_unvalidated(panel, run)
        tidy(panel)
        panel.set_ylim(0, 1.02)
        panel.set_yticks([0, 0.5, 1.0])
        panel.set_ylabel("share")
        panel.yaxis.set_label_coords(-(left - page.left - 0.07) / (page.right - left), 0.5)
        scale_months(panel, months, page.right - left, named=last)
        panels.append(panel)
    marks.draw(panels, left, top, page.right)
    return page.host


def _line(colour: str, dashes: Any) -> Line2D:
    return Line2D([], [], color=colour, linestyle=dashes)


def _fitted(label: str, width: float) -> str:
    """The label, without its explanation where it is too wide with it."""
    return label if width_of(label, LABEL, bold=True) <= width else label.split(":")[0]
