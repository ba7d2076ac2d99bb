"""Scores of who pledges: Brier scores with intervals, and how often what was given a probability happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .calibration_numbers import BLUE, ORANGE
from .marks import spread
from .page import Page, fit, legend_height, line_height, tidy, width_of
from .rows import FOOT, Row, Rows, Size, number_ticks, paper, width_asked
from .study import Study, number, predictor_name
from .style import INK, MUTED, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["against_rule", "calibration_curve", "scores", "subset_name"]

_MAIN = "leave_cluster_out"
_LOWER = 0.05
"""How far the other splits stand below the main one, inches."""
_LABELS = (
    "one cluster left out, with 95 % interval",
    "one unit left out",
    "in sample",
    "rule, one cluster left out",
)
_OTHER: dict[str, dict[str, Any]] = {
    "leave_one_out": {
        "marker": "D",
        "markersize": 4.5,
        "color": MUTED,
        "markerfacecolor": "white",
        "zorder": 3,
    },
    "in_sample": {"marker": "x", "markersize": 4.5, "color": MUTED, "zorder": 3},
}


def subset_name(subset: str, units: int | None = None) -> str:
    """A subset of units in plain words.

    Examples
    --------
    >>> subset_name("not_embedded", 23), subset_name("all")
    ('not embedded (23)', 'all units')
    """
    words = "all units" if subset == "all" else subset.replace("_", " ")
    return words if units is None else f"{words} ({units})"


def against_rule(study: Study, subset: str = "all") -> str:
    """Brier score of the model less that of the rule, one cluster left out, in words; empty where there is none."""
    frame = study.frame("scores")
    if frame is None:
        return ""
    chosen = (frame["predictor"] == "model") & (frame["split"] == _MAIN) & (frame["subset"] == subset)
    for _, row in frame[chosen].iterrows():
        ends = [
            f"{row[name]:+.3f}".replace("-", "−")
            for name in ("against_rule", "against_rule_low", "against_rule_high")
        ]
        return f"{ends[0]} (95 % interval {ends[1]} to {ends[2]})"
    return ""


@styled
def scores(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the Brier score of each predictor of who pledges; lower is better.

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
        The axes; the panels are its ``child_axes``, one for each subset of units.
    """
    frame = study.need("scores")
    subsets = list(dict.fromkeys(frame["subset"]))
    main = frame[(frame["split"] == _MAIN) & (frame["subset"] == subsets[0])]
    order = list(main.sort_values("brier", kind="stable")["predictor"])
    wide = width_asked(ax, figsize)
    rows = [Row(predictor_name(name), _texts(frame, name, subsets)) for name in order]
    heads = (
        [f"{subset_name(subset)}" for subset in subsets]
        if wide >= 5
        else ["all", *["rest"] * (len(subsets) - 1)]
    )
    chart = Rows(rows, heads, wide, _LABELS, band=0.25, titled=True)
    page = paper(
        ax, figsize, "Who ever pledges: Brier scores, lower is better", _about(study, subsets), chart.height
    )
    handles = [Line2D([], [], color=BLUE, marker="o", markersize=5.5, linewidth=1.6, markeredgecolor="white")]
    handles += [Line2D([], [], linestyle="", **_OTHER[name]) for name in ("leave_one_out", "in_sample")]
    handles.append(Line2D([], [], color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2))))
    page.top -= page.legend(handles, _LABELS, page.left, page.top, page.inner) + 0.06
    counts = (
        {subset: int(frame.loc[frame["subset"] == subset, "units"].iloc[0]) for subset in subsets}
        if "units" in frame
        else {}
    )
    panels = chart.lay(
        page, [1.0] * len(subsets), [subset_name(subset, counts.get(subset)) for subset in subsets]
    )
    for panel, subset in zip(panels, subsets, strict=True):
        _forest(panel, chart, frame[frame["subset"] == subset], order)
    return page.host


def _texts(frame: pd.DataFrame, predictor: str, subsets: list[str]) -> tuple[str, ...]:
    mine = frame[(frame["predictor"] == predictor) & (frame["split"] == _MAIN)].set_index("subset")["brier"]
    return tuple(f"{mine[subset]:.3f}" if subset in mine.index else "–" for subset in subsets)


def _about(study: Study, subsets: list[str]) -> str:
    text = f"{study.title}. Mean squared error of probabilities; intervals by resampling clusters."
    for subset in subsets:
        told = against_rule(study, subset)
        if told:
            text += f" Model less rule, {subset_name(subset)}: {told}."
    return text


def _forest(panel: Axes, chart: Rows, frame: pd.DataFrame, order: list[str]) -> None:
    number_ticks(panel, frame[["brier", "low", "high"]].to_numpy(dtype=float), 0.0)
    chart.guides(panel)
    for split, part in frame.groupby("split", sort=False):
        mine = part.set_index("predictor")
        for at, name in zip(chart.at, order, strict=True):
            if name not in mine.index:
                continue
            row = mine.loc[name]
            if split != _MAIN:
                panel.plot([row["brier"]], [at + _LOWER], linestyle="", **_OTHER[str(split)])
                continue
            colour = BLUE if name == "model" else tint(INK, 0.75)
            panel.plot(
                [row["low"], row["high"]],
                [at - _LOWER, at - _LOWER],
                color=colour,
                linewidth=1.8,
                solid_capstyle="butt",
                zorder=2,
            )
            panel.plot(
                [row["brier"]],
                [at - _LOWER],
                "o",
                color=colour,
                markersize=6,
                markeredgecolor="white",
                zorder=4,
            )
        if split == _MAIN and "rule" in mine.index:
            chart.line(panel, float(mine["brier"]["rule"]), ORANGE, linestyles=[(0, (4, 2))], linewidths=1.2)
    panel.set_xlabel("Brier score", labelpad=2)


@styled
def calibration_curve(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the share that pledged against the probability that was given, in bins.

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
        The axes; the panels are its ``child_axes``, one for each predictor.
    """
    frame = study.need("curve")
    names = list(dict.fromkeys(frame["predictor"]))
    wide = width_asked(ax, figsize)
    columns = min(3 if wide >= 5 else 1, len(names))
    count = -(-len(names) // columns)
    each = 2.3
    labels = ["share that pledged, with 95 % interval", "as predicted"]
    inner = legend_height(labels, wide - 0.2) + 0.1 + count * each + FOOT - 0.12
    about = (
        f"{study.title}. Probabilities given with the cluster left out. Numbers along the top: units in each bin; dots are"
        " larger the more there are. Intervals: Wilson."
    )
    page = paper(ax, figsize, "How often units pledged that were given a probability", about, inner)
    handles = [
        Line2D([], [], color=BLUE, marker="o", markersize=5.5, linewidth=1.4, markeredgecolor="white"),
        Line2D([], [], color=MUTED, linewidth=0.8, linestyle=(0, (4, 2))),
    ]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.1
    margin = line_height(SMALL) + width_of("0.5", SMALL) + 0.12
    room, high = (page.inner - margin + 0.16) / columns, (page.top - page.bottom - FOOT + 0.12) / count
    for n, name in enumerate(names):
        left, top = page.left + margin + (n % columns) * room, page.top - (n // columns) * high
        part = frame[frame["predictor"] == name]
        box = left, top - high + 0.16, left + room - 0.16, top
        _curve(page, part, predictor_name(name), box, (n % columns == 0, n + columns >= len(names)))
    middle = page.left + margin + (page.right - page.left - margin) / 2
    page.write(middle, page.bottom, "probability given", ha="center", va="bottom")
    upright: dict[str, Any] = {"rotation": 90, "ha": "left", "va": "center"}
    page.write(page.left, (page.top + page.bottom + FOOT - 0.12) / 2, "share that pledged", **upright)
    return page.host


def _curve(
    page: Page,
    part: pd.DataFrame,
    name: str,
    box: tuple[float, float, float, float],
    named: tuple[bool, bool],
) -> None:
    left, bottom, right, top = box
    page.write(left, top, fit(name, SMALL, right - left, bold=True), SMALL, weight="bold", va="top")
    head = top - 2 * line_height(SMALL) - 0.05
    panel = page.panel(left, bottom, right, head)
    panel.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    panel.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    part = part.sort_values("predicted", kind="stable")
    most = float(part["units"].max())
    for _, row in part.iterrows():
        x = float(row["predicted"])
        panel.plot([x, x], [row["low"], row["high"]], color=BLUE, linewidth=1.4, zorder=2)
        size = 3.5 + 4.5 * (float(row["units"]) / most) ** 0.5
        panel.plot(
            [x],
            [row["observed"]],
            "o",
            color=BLUE,
            markersize=size,
            markeredgecolor="white",
            zorder=3,
            clip_on=False,
        )
    wide = right - left
    places = [left + (float(x) + 0.04) / 1.08 * wide for x in part["predicted"]]
    counts = [number(float(units)) for units in part["units"]]
    gap = max(width_of(text, SMALL) for text in counts) + 0.05
    for x, text in zip(spread(places, gap, left + gap / 2, right - gap / 2), counts, strict=True):
        page.write(x, head + 0.03, text, SMALL, ha="center", va="bottom", color=MUTED)
    tidy(panel, grid=False)
    ticks = [0.0, 0.5, 1.0]
    panel.set_xticks(ticks, ["0", "0.5", "1"] if named[1] else [])
    panel.set_yticks(ticks, ["0", "0.5", "1"] if named[0] else [])
