"""Patterns scored: how many runs have each in range, how sharply, beside the nulls; and how many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from .calibration_numbers import BLUE, ORANGE
from .comparison_record import percent
from .rows import Row, Rows, Size, paper, percent_ticks, width_asked
from .study import Study, number, predictor_name
from .style import INK, MUTED, PATRON_COLOURS, SMALL, readable_on, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["joint", "patterns"]

_LOOKS: dict[str, dict[str, Any]] = {
    "model": {"marker": "o", "markersize": 7, "color": BLUE, "markeredgecolor": "white", "zorder": 5},
    "nobody_pledges": {"marker": "X", "markersize": 5.5, "color": ORANGE, "markeredgecolor": "white", "zorder": 4},
    "constants_only": {"marker": "^", "markersize": 5.5, "color": PATRON_COLOURS[2], "markeredgecolor": "white", "zorder": 4},
    "prior": {"marker": "o", "markersize": 5, "color": MUTED, "markerfacecolor": "none", "zorder": 3},
    "": {"marker": "|", "markersize": 6, "color": "#909090", "markeredgewidth": 1.2, "zorder": 2},
}  # fmt: skip
_LEAST_SKILL = -1.0


@styled
def patterns(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the score of every measure: share of runs in range, of the model and the nulls, and skill over the best null.

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
        The axes; the panels are its ``child_axes``: shares, then skill.
    """
    frame = study.need("patterns")
    model = frame[frame["predictor"] == "model"].set_index("measure")
    wide = width_asked(ax, figsize)
    rows, which = _rows(study, model, wide >= 5)
    heads = ["record at\npercentile", "central\n80 %", "best null"] if wide >= 5 else ["central\n80 %"]
    there = list(dict.fromkeys(frame["predictor"]))
    named = [name for name in _LOOKS if name in there]
    others = any(name not in _LOOKS for name in there)
    labels = [predictor_name(name) for name in named] + (["other decision rules"] if others else [])
    chart = Rows(rows, heads, wide, labels, titled=True)
    title = "The record's patterns in runs of the model and of the nulls"
    page = paper(ax, figsize, title, _about(study), chart.height)
    handles = [Line2D([], [], linestyle="", **_LOOKS[name]) for name in [*named, *([""] if others else [])]]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    titles = ["runs in range", "skill of CRPS"] if wide >= 5 else ["in range", "skill"]
    left, right = chart.lay(page, [1.3, 1.0], titles)
    percent_ticks(left, 1.4 if wide >= 5 else 1.0)
    left.set_xlabel("share of runs (%)", labelpad=2)
    right.set_xlim(_LEAST_SKILL - 0.08, 1.08)
    right.set_xticks([-1, 0, 1], ["−1", "0", "1"])
    right.set_xlabel("over the best null", labelpad=2)
    for panel in (left, right):
        chart.guides(panel)
    chart.line(right, 0.0)
    for at, measure in zip(chart.at, which, strict=True):
        if measure:
            _measure(left, right, at, frame[frame["measure"] == measure])
    return page.host


def _about(study: Study) -> str:
    found = study.data.get("summary") or {}
    text = f"{study.title}. "
    if "fitted" in found:
        text += (
            f"Of {found['fitted']} fitted patterns {found['inside']} lie with all parts inside the central 80 % of runs,"
            f" {found['inside_and_skilled']} of them with skill above the best null. "
        )
    return text + (
        "Skill: 1 less the CRPS over that of the best null; above 0 the model is nearer and sharper, arrows lie below −1."
        " Where only a range is known there is none."
    )


def _rows(study: Study, model: pd.DataFrame, full: bool) -> tuple[list[Row], list[str]]:
    rows, which, last = [], [], ""
    for measure, row in model.iterrows():
        if row["pattern"] != last:
            last = str(row["pattern"])
            kept = "Not fitted: " if row["role"] == "report" else ""
            rows.append(Row(kept + study.pattern_title(last), heading=True))
            which.append("")
        inside = "in" if row["central80"] else "out"
        texts = [inside]
        if full:
            known = not np.isnan(float(row["percentile"]))
            place = f"{100 * float(row['percentile']):.0f}" if known else "range only"
            best = (
                predictor_name(str(row["best_null"])) if known and isinstance(row["best_null"], str) else "–"
            )
            texts = [place, inside, best]
        rows.append(Row(str(measure).split(".", 1)[-1].replace("_", " "), tuple(texts)))
        which.append(str(measure))
    return rows, which


def _measure(left: Axes, right: Axes, at: float, part: pd.DataFrame) -> None:
    """One row: where each predictor's runs are, and the model's skill."""
    for predictor, share in zip(part["predictor"], part["in_range"], strict=True):
        left.plot([share], [at], linestyle="", clip_on=False, **_LOOKS.get(predictor, _LOOKS[""]))
    skill = float(part.loc[part["predictor"] == "model", "skill"].iloc[0])
    if np.isnan(skill):
        return
    shown = max(skill, _LEAST_SKILL)
    colour = BLUE if skill > 0 else ORANGE
    right.plot([0, shown], [at, at], color=tint(colour, 0.5), linewidth=3, solid_capstyle="butt", zorder=2)
    marker = "<" if skill < _LEAST_SKILL else "o"
    right.plot([shown], [at], marker, color=colour, markersize=6, markeredgecolor="white", zorder=4)


@styled
def joint(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw how many fitted patterns runs have in range at once, by predictor.

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
        The axes; the panel is the first of its ``child_axes``.
    """
    frame = study.need("joint")
    table = frame.pivot_table(index="predictor", columns="inside", values="share", fill_value=0.0)
    counts = [int(str(column)) for column in table.columns]
    values = table.to_numpy(dtype=float)
    means = values @ np.array(counts, dtype=float)
    order = sorted(range(len(table)), key=lambda n: (table.index[n] != "model", -means[n]))
    rows = [Row(predictor_name(str(table.index[n])), (number(float(means[n]), 2),)) for n in order]
    wide = width_asked(ax, figsize)
    chart = Rows(rows, ["mean"], wide, band=0.24)
    about = f"{study.title}. A pattern counts where all its parts are in range in one run. Cells: % of runs; darker is more."
    if "nobody_pledges" in table.index:
        about += " Runs in which nobody pledges have some patterns in range too: read each row as a whole."
    page = paper(ax, figsize, "Fitted patterns that one run has in range at once", about, chart.height)
    panel = chart.lay(page)[0]
    panel.set_xlim(min(counts) - 0.5, max(counts) + 0.5)
    panel.set_xticks(counts)
    panel.spines["bottom"].set_visible(False)
    panel.tick_params(length=0)
    for at, n in zip(chart.at, order, strict=True):
        for count, share in zip(counts, values[n], strict=True):
            _cell(panel, at, count, float(share), chart.band, table.index[n] == "model")
    panel.set_xlabel("patterns in range", labelpad=2)
    return page.host


def _cell(panel: Axes, at: float, count: int, share: float, band: float, own: bool) -> None:
    ground = tint(BLUE if own else "#555555", 0.95 * share**0.5)
    spot = (count - 0.5, at - band / 2)
    panel.add_patch(Rectangle(spot, 1, band, facecolor=ground, edgecolor="white", linewidth=1.0))
    if share > 0:
        text = percent(share).removesuffix(" %")
        look: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": SMALL}
        panel.text(count, at, text, color=INK if share < 0.1 else readable_on(ground), **look)
