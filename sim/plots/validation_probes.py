"""Other ways to ask: statements taken out, the shock at placebo dates, coding calls turned round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from sim.scenario.quantities import month_index

from .calibration_numbers import BLUE, ORANGE
from .page import legend_height, line_height, scale_months, tidy, width_of
from .ribbons import plain_name
from .rows import FOOT, Row, Rows, Size, number_ticks, paper, width_asked
from .study import Study, number
from .style import INK, LABEL, MUTED, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ablation", "placebo", "recoding"]

_MOST = 16
_DOTS: Any = (0, (1, 1.5))
_PLAIN: dict[str, Any] = {"linestyle": "", "markeredgecolor": "white"}
_DOT = {**_PLAIN, "marker": "o", "markersize": 6, "color": BLUE}
_TICK: dict[str, Any] = {
    "linestyle": "",
    "marker": "|",
    "markersize": 9,
    "markeredgewidth": 2,
    "color": ORANGE,
}
_OWN = {**_PLAIN, "marker": "D", "markersize": 7, "color": ORANGE}
_OTHER = {**_PLAIN, "marker": "o", "markersize": 5.5, "color": BLUE}


def _signed(value: float, digits: int = 2) -> str:
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if text.strip("+−0.") else "0"


def _size(frame: pd.DataFrame) -> pd.Series[float]:
    """How much an ablation changes: each score by the largest change of it."""
    parts = [frame[name].abs() for name in ("in_range_change", "distance_change", "brier_change")]
    return sum((part / (part.max() or 1.0) for part in parts[1:]), start=parts[0] / (parts[0].max() or 1.0))


@styled
def ablation(study: Study, ax: Axes | None = None, *, most: int = _MOST, figsize: Size | None = None) -> Axes:
    """Draw what the fit loses when statements are taken out one by one, those that change most.

    Parameters
    ----------
    study
        The validation.
    ax
        Axes to draw in; a figure of its own where not given.
    most
        Rows at most; the others are counted.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``: patterns in range, distance, Brier score.
    """
    frame = study.need("ablation")
    frame = frame.assign(size=_size(frame)).sort_values("size", ascending=False, kind="stable")
    shown, rest = frame.iloc[:most], frame.iloc[most:]
    shown = shown.sort_values("in_range_change", kind="stable")
    wide = width_asked(ax, figsize)
    rows = [
        Row(_label(row), (_signed(row["in_range_change"]), _signed(row["brier_change"], 3)))
        for _, row in shown.iterrows()
    ]
    labels = ["worse than the whole model", "better", "95 % interval"]
    heads = ["patterns", "Brier"]
    chart = Rows(rows, heads, wide, labels, band=0.19, titled=True)
    title = "What the fit loses when a statement is taken out, constants sought anew"
    page = paper(ax, figsize, title, _about(study, shown, rest), chart.height)
    handles = [
        Line2D([], [], **{**_DOT, "color": ORANGE}),
        Line2D([], [], **_DOT),
        Line2D([], [], color=MUTED, linewidth=1.4),
    ]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    titles = (
        ["patterns in range", "distance", "Brier score"] if wide >= 5 else ["patterns", "distance", "Brier"]
    )
    panels = chart.lay(page, [1.0, 1.0, 1.0], titles)
    distance, errors = shown["distance_change"], shown.get("distance_error")
    ends = (None, None) if errors is None else (distance - errors, distance + errors)
    _changes(
        panels[0], chart, shown["in_range_change"].to_numpy(dtype=float), (shown["low"], shown["high"]), 1.0
    )
    _changes(panels[1], chart, distance.to_numpy(dtype=float), ends, -1.0)
    _changes(panels[2], chart, shown["brier_change"].to_numpy(dtype=float), (None, None), -1.0)
    panels[1].set_xlabel("change against the whole model", labelpad=2)
    return page.host


def _label(row: Any) -> str:
    name = str(row["mechanism"])
    title = str(row["title"])
    return f"{name} {title}" if name[:1] == "M" and name[1:].isdigit() else title


def _about(study: Study, shown: pd.DataFrame, rest: pd.DataFrame) -> str:
    base = study.data.get("ablation_base") or {}
    text = f"{study.title}. "
    if base:
        text += (
            f"Whole model: {number(base['in_range'])} fitted patterns in range in the mean run, distance"
            f" {number(base['distance'])}, Brier score in sample {number(base['brier'])}. "
        )
    if len(rest):
        most = float(rest["in_range_change"].abs().max())
        text += f"{len(rest)} others change less, patterns in range by {number(most, 2)} at most. "
    return text + "Distance: root mean square miss over patterns, in scales of the record."


def _changes(panel: Axes, chart: Rows, values: Any, ends: tuple[Any, Any], better: float) -> None:
    low, high = ends
    known = [values] + ([] if low is None else [np.asarray(low, dtype=float), np.asarray(high, dtype=float)])
    number_ticks(panel, np.concatenate(known), 0.0)
    chart.guides(panel)
    chart.line(panel, 0.0)
    for n, (at, value) in enumerate(zip(chart.at, values, strict=True)):
        colour = MUTED if value == 0 else BLUE if value * better > 0 else ORANGE
        if low is not None:
            span = [float(low.iloc[n]), float(high.iloc[n])]
            panel.plot(
                span, [at, at], color=tint(colour, 0.75), linewidth=1.4, solid_capstyle="butt", zorder=2
            )
        panel.plot([value], [at], "o", color=colour, markersize=6, markeredgecolor="white", zorder=3)


@styled
def placebo(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw what the shock does at its own date and at dates at which it did not come.

    Parameters
    ----------
    study
        The validation.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 by 3.2.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.
    """
    frame = study.need("placebo").sort_values("month")
    labels = ["at its own date", "at a placebo date", "central 80 % of pairs"]
    wide = width_asked(ax, figsize)
    inner = legend_height(labels, wide - 0.2) + 2.2 + FOOT
    page = paper(
        ax, figsize, "The shock at its own date and at placebo dates", _placebo_about(study, frame), inner
    )
    handles = [
        Line2D([], [], **_OWN),
        Line2D([], [], **_OTHER),
        Line2D([], [], color=tint(INK, 0.5), linewidth=1.4),
    ]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    left = page.left + width_of("0.25", SMALL) + line_height(LABEL) + 0.14
    panel = page.panel(left, page.bottom + FOOT, page.right, page.top)
    first = month_index(str(frame["month"].iloc[0])) // 12 * 12
    months = range(first, -(-(month_index(str(frame["month"].iloc[-1])) + 1) // 12) * 12)
    for _, row in frame.iterrows():
        x = month_index(str(row["month"])) - first + 0.5
        colour = ORANGE if row["real"] else BLUE
        panel.plot([x, x], [row["low"], row["high"]], color=tint(colour, 0.6), linewidth=1.4, zorder=2)
        panel.plot([x], [row["ratio"]], zorder=3, **(_OWN if row["real"] else _OTHER))
    _ratio_scale(panel, frame)
    tidy(panel)
    panel.axhline(1.0, color=INK, linewidth=0.8, zorder=1.5)
    panel.set_ylabel("ratio, shock over none")
    panel.yaxis.set_label_coords(-(left - page.left - 0.08) / (page.right - left), 0.5)
    scale_months(panel, months, page.right - left)
    return page.host


def _ratio_scale(panel: Axes, frame: pd.DataFrame) -> None:
    ends = frame[["low", "high", "ratio"]].to_numpy(dtype=float)
    low, high = max(min(float(ends.min()), 0.9), 1e-3), max(float(ends.max()), 1.1)
    panel.set_yscale("log")
    panel.set_ylim(low / 1.12, high * 1.12)
    steps = [step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5)]
    places = [x for x in (*steps, 0.75, 1.5, 1.25) if low / 1.12 <= x <= high * 1.12]
    if math.log(high / low) > 2.5:
        places = [x for x in places if x in steps]
    panel.yaxis.set_major_locator(FixedLocator(sorted(places)))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.set_yticklabels([f"{x:g}" for x in sorted(places)])


def _placebo_about(study: Study, frame: pd.DataFrame) -> str:
    text = (
        f"{study.title}. In runs that share all chance but the shock: the ratio of what came after to what came before, with"
        " the shock over without it; median over pairs. At 1 the shock does nothing."
    )
    real, others = frame[frame["real"].astype(bool)], frame[~frame["real"].astype(bool)]
    if len(real) == 1 and len(others):
        below = int((others["ratio"] < float(real["ratio"].iloc[0])).sum())
        text += f" At its own date {number(float(real['ratio'].iloc[0]))}, above {below} of {len(others)} placebo dates."
    return text


@styled
def recoding(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the scores when coding calls that could go either way are turned round.

    Parameters
    ----------
    study
        The validation.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``: Brier scores, then patterns in range.
    """
    frame = study.need("recoding")
    names = study.frame("units")
    known = {} if names is None else dict(zip(names["unit"], names["name"], strict=True))
    wide = width_asked(ax, figsize)
    rows = []
    for _, row in frame.iterrows():
        label = str(row["recoded"])
        texts = (f"{row['brier_model']:.3f}", f"{row['brier_rule']:.3f}", f"{row['patterns_inside']:.2f}")
        name = plain_name(str(known.get(label, label[:1].upper() + label[1:])), 1.7)
        rows.append(Row(name, texts))
    labels = ["the model, in sample", "the rule, in sample", "as coded"]
    heads = ["model", "rule", "patterns"]
    chart = Rows(rows, heads, wide, labels, titled=True)
    about = (
        f"{study.title}. Units whose coding as embedded is a matter of judgement, coded otherwise one by one and all at once;"
        " weights stay as inferred. Patterns: mean number of fitted patterns that a run has in range."
    )
    page = paper(ax, figsize, "Scores when coding calls are turned round", about, chart.height)
    handles = [
        Line2D([], [], **_DOT),
        Line2D([], [], **_TICK),
        Line2D([], [], color=MUTED, linewidth=1.0, linestyle=_DOTS),
    ]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    left, right = chart.lay(page, [1.0, 1.0], ["Brier score", "patterns in range"])
    _recoded(left, right, chart, frame)
    return page.host


def _recoded(left: Axes, right: Axes, chart: Rows, frame: pd.DataFrame) -> None:
    """Brier scores and patterns, and lines where they are as coded."""
    number_ticks(left, frame[["brier_model", "brier_rule"]].to_numpy(dtype=float), 0.0)
    number_ticks(right, frame["patterns_inside"].to_numpy(dtype=float), 0.0)
    own = frame[frame["recoded"] == "as coded"]
    for panel in (left, right):
        chart.guides(panel)
    for _, row in own.iterrows():
        chart.line(left, float(row["brier_model"]), MUTED, linestyles=[_DOTS], linewidths=1.0)
        chart.line(right, float(row["patterns_inside"]), MUTED, linestyles=[_DOTS], linewidths=1.0)
    for at, (_, row) in zip(chart.at, frame.iterrows(), strict=True):
        left.plot([row["brier_rule"]], [at], zorder=3, **_TICK)
        left.plot([row["brier_model"]], [at], zorder=4, **_DOT)
        right.plot([row["patterns_inside"]], [at], zorder=4, **_DOT)
    left.set_xlabel("lower is better", labelpad=2)
    right.set_xlabel("higher is better", labelpad=2)
