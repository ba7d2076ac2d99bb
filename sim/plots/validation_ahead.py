"""The years after those that were fitted: what runs do there, which nobody scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .bands import value_ticks
from .calibration_numbers import BLUE, ORANGE
from .page import fit, legend_height, line_height, tidy, width_of
from .rows import Size, paper, width_asked
from .study import Study
from .style import LABEL, MUTED, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["UNSCORED", "predictions"]

UNSCORED = "Unscored; not a forecast of events to come"


@styled
def predictions(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw where runs lie in the years after the fit.

    Parameters
    ----------
    study
        The validation.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the panels need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``, one for each outcome.
    """
    frame = study.need("predictions")
    outcomes = list(dict.fromkeys(frame["outcome"]))
    wide = width_asked(ax, figsize)
    columns = min(2 if wide >= 5 else 1, len(outcomes))
    count = -(-len(outcomes) // columns)
    labels = ["median", "half of the runs", "nine in ten runs"]
    each = 1.75
    years = f"{int(frame['year'].min())} to {int(frame['year'].max())}"
    title = f"What runs do after the fit, {years}"
    about = (
        f"{study.title}. Runs at posterior draws go on past the years that were fitted, without a refit, under dated inputs"
        " that are known only in hindsight. No record is held against them here."
    )
    inner = line_height(LABEL) + 0.06 + legend_height(labels, wide - 0.2) + 0.1 + count * each
    page = paper(ax, figsize, title, about, inner)
    page.write(page.left, page.top, UNSCORED, LABEL, va="top", color=ORANGE, weight="bold")
    page.top -= line_height(LABEL) + 0.06
    handles = [
        Line2D([], [], color=BLUE, marker="_", markersize=9, markeredgewidth=2, linestyle=""),
        Patch(facecolor=tint(BLUE, 0.55)), Line2D([], [], color=BLUE, linewidth=1.4),
    ]  # fmt: skip
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.1
    room, high = page.inner / columns, (page.top - page.bottom) / count
    for n, outcome in enumerate(outcomes):
        left, top = page.left + (n % columns) * room, page.top - (n // columns) * high
        part = frame[frame["outcome"] == outcome].sort_values("year")
        name = fit(str(outcome).replace("_", " ").capitalize(), SMALL, room - 0.2, bold=True)
        page.write(left, top, name, SMALL, weight="bold", va="top")
        page.write(
            left, top - line_height(SMALL), fit(_unit(part), SMALL, room - 0.2), SMALL, va="top", color=MUTED
        )
        margin = width_of("00,000", SMALL) + 0.08
        box = (
            left + margin,
            top - high + line_height(SMALL) + 0.16,
            left + room - 0.1,
            top - 2 * line_height(SMALL) - 0.05,
        )
        _years(page.panel(*box), part)
    return page.host


def _unit(part: pd.DataFrame) -> str:
    """Unit, and whether the year is added up."""
    first = part.iloc[0]
    told = [str(first[name]) for name in ("unit", "how") if name in part]
    return ", ".join(told)


def _years(panel: Axes, part: pd.DataFrame) -> None:
    lows: Any = part["q05"]
    for _, row in part.iterrows():
        x = float(row["year"])
        panel.plot([x, x], [row["q05"], row["q95"]], color=BLUE, linewidth=1.4, zorder=2)
        panel.bar(
            [x], [row["q75"] - row["q25"]], 0.5, bottom=[row["q25"]], color=tint(BLUE, 0.55), zorder=2.5
        )
        panel.plot([x - 0.32, x + 0.32], [row["q50"]] * 2, color=BLUE, linewidth=2.2, zorder=3)
    top = float(part["q95"].max())
    low = min(0.0, float(lows.min()))
    panel.set_ylim(low, (top * 1.06) if top > 0 else 1.0)
    places, labels = value_ticks(*panel.get_ylim())
    panel.set_yticks(places, [label.replace("-", "−") for label in labels])
    tidy(panel)
    years = [int(year) for year in part["year"]]
    panel.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    panel.set_xticks(years, [str(year) for year in years])
