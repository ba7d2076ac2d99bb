"""All alternatives of a comparison on one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.errors import UsageError

from .bands import value_ticks
from .comparison_record import (
    RUN,
    Size,
    meaning,
    of_outcome,
    part,
    percent,
    sentence,
    sheet,
    signed,
    width_asked,
)
from .page import Page, line_height, tidy, width_of, wrap
from .style import INK, LABEL, MUTED, PATRON_COLOURS, SMALL, styled

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison

__all__ = ["forest"]

_BLUE, _NONE = PATRON_COLOURS[0], "#F0E0B8"
_UNSEEN = "#9A9A9A"
_WIDE = 5.0
_ROW, _TALL = 0.34, 0.52


def _frame(comparison: Comparison, outcome: str, month: str | None) -> tuple[pd.DataFrame, str]:
    """A row for each alternative, the highest difference first, and the month."""
    frame = of_outcome(comparison, outcome)
    known = frame.index.get_level_values("month")
    if month is None:
        month = RUN if RUN in known else comparison.months[-1]
    month = comparison.month(month)
    if month not in known:
        kind = "by month" if month == RUN else "of the run as a whole: it has no months"
        raise UsageError(f"'{outcome}' is an outcome {kind}")
    rows = part(frame, month, "month").reindex(list(comparison.alternatives)).dropna(subset=["difference"])
    return rows.sort_values("difference", ascending=False, kind="stable"), month


def no_effect(comparison: Comparison, alternative: str, outcome: str, month: str) -> float | None:
    """What an alternative says would be no effect on this outcome in this month, if it says so."""
    for reading in comparison.readouts[alternative]:
        if (reading.outcome, reading.month) == (outcome, month) and reading.no_effect is not None:
            return reading.no_effect
    return None


def _rows(
    panel: Axes, comparison: Comparison, rows: pd.DataFrame, place: tuple[str, str], at: float
) -> dict[str, Any]:
    """Intervals, bands of no effect, and what could not have been seen; what the legend says."""
    entries: dict[str, Any] = {}
    for n, (name, row) in enumerate(rows.iterrows()):
        y = n + at
        none = no_effect(comparison, str(name), *place)
        if none is not None:
            panel.add_patch(
                Rectangle((-none, y - 0.2), 2 * none, 0.4, facecolor=_NONE, edgecolor="none", zorder=1)
            )
            entries["stated beforehand as no effect"] = Patch(facecolor=_NONE)
        small = float(row["smallest"])
        panel.plot(
            [-small, small], [y, y], color=_UNSEEN, linewidth=5, alpha=0.45, solid_capstyle="butt", zorder=1.5
        )
        entries["too small to have been seen"] = Patch(facecolor=_UNSEEN, alpha=0.45)
        if "weights_low" in rows:
            panel.plot(
                [row["weights_low"], row["weights_high"]],
                [y, y],
                color=PATRON_COLOURS[1],
                linewidth=1.0,
                zorder=2,
            )
            entries["spread over the weights"] = Line2D([], [], color=PATRON_COLOURS[1], linewidth=1.0)
        panel.plot(
            [row["low"], row["high"]], [y, y], color=_BLUE, linewidth=2.2, solid_capstyle="butt", zorder=3
        )
        panel.plot(
            [row["difference"]], [y], "o", markersize=5, color=_BLUE, markeredgecolor="white", zorder=4
        )
    entry = Line2D([], [], color=_BLUE, linewidth=2.2, marker="o", markersize=5, markeredgecolor="white")
    return {"mean difference, 95 % interval": entry, **entries}


def _scale(
    panel: Axes, comparison: Comparison, rows: pd.DataFrame, place: tuple[str, str], wide: float
) -> None:
    columns = [name for name in ("low", "high", "weights_low", "weights_high") if name in rows]
    values = rows[columns].to_numpy(dtype=float).ravel()
    bands = [no_effect(comparison, str(name), *place) or 0.0 for name in rows.index]
    edges = np.concatenate([values, rows["smallest"], -rows["smallest"], bands, [-band for band in bands]])
    edges = edges[np.isfinite(edges)]
    low, high = float(edges.min()), float(edges.max())
    room = 0.04 * (high - low) or 1.0
    panel.set_xlim(low - room, high + room)
    places, labels = value_ticks(*panel.get_xlim())
    step = 1 if wide > 1.9 else 2
    # Zero is always labelled.
    keep = (
        [n for n, x in enumerate(places) if (n - int(np.argmin(np.abs(places)))) % step == 0]
        if places
        else []
    )
    panel.set_xticks([places[n] for n in keep], [labels[n].replace("-", "−") for n in keep])


@styled
def forest(
    comparison: Comparison,
    outcome: str,
    month: str | None = None,
    ax: Axes | None = None,
    *,
    figsize: Size | None = None,
) -> Axes:
    """Draw the difference that each alternative makes to one outcome.

    Parameters
    ----------
    comparison
        The comparison.
    outcome
        An outcome, by month or of the run.
    month
        The month; the last where not given. Not for outcomes of the run.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such outcome or month.
    """
    rows, month = _frame(comparison, outcome, month)
    when = "over the run" if month == RUN else f"at the end of {month}"
    title = f"{outcome.replace('_', ' ').capitalize()} {when}: difference from the base"
    still = not (rows[["p_higher", "p_lower"]].to_numpy(dtype=float) > 0).any()
    shown = list(comparison.alternatives)
    if still:
        page = sheet(ax, figsize or (6.3, 1.8), comparison, shown, title, "", 0.8)
        return sentence(page, f"No difference: {outcome} {when} is the same in both arms of every pair.")
    wide = width_asked(ax, figsize) >= _WIDE
    tall = (_ROW if wide else _TALL) * len(rows)
    page = sheet(ax, figsize, comparison, shown, title, _about(comparison, outcome, month), 1.2 + tall)
    _draw(page, comparison, rows, (outcome, month), wide)
    return page.host


def _about(comparison: Comparison, outcome: str, month: str) -> str:
    text = (
        f"{outcome}: {meaning(outcome, month).meaning} Paired differences in the model, sorted by size, which is no"
        " advice. Higher in: share of pairs in which the outcome is higher than in the base."
    )
    later = comparison.unvalidated_from
    last = comparison.months[-1] if month == RUN else month
    return f"{text} From {later} on no record validates the model." if later and last >= later else text


def _draw(page: Page, comparison: Comparison, rows: pd.DataFrame, place: tuple[str, str], wide: bool) -> None:
    from matplotlib.figure import Figure

    entries = _rows(Figure().add_subplot(), comparison, rows, place, 0.5)
    page.top -= page.legend(list(entries.values()), list(entries), page.left, page.top, page.inner) + 0.06
    top = page.top - line_height(SMALL) - 0.03
    bottom = page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    each = (top - bottom) / len(rows)
    names = [comparison.titles[str(name)] for name in rows.index]
    higher = [percent(value) for value in rows["p_higher"]]
    right = page.right - max(width_of(text, SMALL) for text in ["higher in", *higher]) * 1.05
    page.write(page.right, top + 0.03, "higher in", SMALL, ha="right", va="bottom", color=MUTED)
    at = 0.5 if wide else 0.72
    for n, text in enumerate(higher):
        page.write(page.right, top - (n + at) * each, text, SMALL, ha="right", va="center_baseline")
    if wide:
        right = _numbers(page, rows, right - 0.12, top, each)
    left = _titles(page, names, top, each, wide)
    panel = page.panel(left, bottom, right - 0.1, top)
    _rows(panel, comparison, rows, place, at)
    tidy(panel, grid=False)
    panel.patch.set_visible(False)
    panel.set_ylim(len(rows), 0)
    panel.set_yticks([])
    # Where titles stand between the rows, zero is not drawn through them.
    spans = [(0.0, float(len(rows)))] if wide else [(n + 0.56, n + 0.94) for n in range(len(rows))]
    panel.vlines([0.0] * len(spans), *zip(*spans, strict=True), color=INK, linewidth=0.8, zorder=2)
    panel.spines["left"].set_visible(False)
    _scale(panel, comparison, rows, place, right - 0.1 - left)
    panel.set_xlabel(f"difference ({meaning(*place).unit})", labelpad=2)


def _numbers(page: Page, rows: pd.DataFrame, right: float, top: float, each: float) -> float:
    """The differences in figures; where the column begins."""
    texts = [signed(value) for value in rows["difference"]]
    page.write(right, top + 0.03, "mean", SMALL, ha="right", va="bottom", color=MUTED)
    for n, text in enumerate(texts):
        page.write(right, top - (n + 0.5) * each, text, SMALL, ha="right", va="center_baseline")
    return right - max(width_of(text, SMALL) for text in ["mean", *texts]) * 1.05


def _titles(page: Page, names: list[str], top: float, each: float, wide: bool) -> float:
    """What each row is: beside it, or above it where there is no room beside; where the panel begins."""
    if not wide:
        for n, name in enumerate(names):
            most = max(1, int(each * 0.6 / line_height(SMALL)))
            lines = wrap(name, SMALL, page.inner * 0.95, most)
            page.write(page.left, top - n * each - 0.03, "\n".join(lines), SMALL, va="top", linespacing=1.15)
        return page.left + 0.02
    room = min(0.4 * page.inner, max(width_of(name, SMALL) for name in names) * 1.05)
    most = max(1, int((each + 0.03) / line_height(SMALL)))
    for n, name in enumerate(names):
        lines = wrap(name, SMALL, room * 0.97, most)
        page.write(page.left, top - (n + 0.5) * each, "\n".join(lines), SMALL, va="center", linespacing=1.15)
    return page.left + room + 0.12
