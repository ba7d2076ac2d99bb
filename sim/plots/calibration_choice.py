"""Choice between decision rules: how probable each is, and how often rivals come near the record."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from .calibration_numbers import BLUE
from .comparison_record import percent
from .rows import Row, Rows, Size, paper, percent_ticks, width_asked
from .study import Study, number, predictor_name
from .style import MUTED, SMALL, styled, tint

__all__ = ["choice"]

_GROUND: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


@styled
def choice(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the probability of each decision rule, and the share of each rival's runs that come near the record.

    Parameters
    ----------
    study
        The calibration.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``: probabilities, then shares of runs.
    """
    chosen: dict[str, float] = (study.data.get("choice") or {}).get("probability") or {}
    rivals: dict[str, Any] = study.data.get("rivals") or {}
    own = str(study.data["rule"])
    names = sorted(
        {own, *chosen, *rivals}, key=lambda name: (-chosen.get(name, -1.0), -_near(study, name), name)
    )
    wide = width_asked(ax, figsize)
    rows = [Row(_title(study, name), _texts(study, chosen, name)) for name in names]
    heads = ["probability", "near"] if chosen else ["near"]
    chart = Rows(rows, heads, wide, band=0.26, titled=True)
    page = paper(ax, figsize, "Which decision rule the record chooses", _about(study, chosen), chart.height)
    titles = ["probability by choice", "runs near the record"] if chosen else ["runs near the record"]
    panels = chart.lay(page, [1.0] * len(titles), titles)
    for panel in panels:
        panel.set_xlim(0, 1)
    if chosen:
        _probabilities(panels[0], chart, names, chosen)
    _shares(panels[-1], chart, names, study)
    return page.host


def _near(study: Study, name: str) -> float:
    """Share of a rival's runs as near as those of the calibrated model that were accepted."""
    if name == study.data["rule"]:
        table = study.data.get("table") or {}
        good = table.get("runs", 0) - table.get("failed", 0)
        return float(table["accepted"] / good) if good else math.nan
    return float(((study.data.get("rivals") or {}).get(name) or {}).get("near", math.nan))


def _title(study: Study, name: str) -> str:
    if name == study.data["rule"]:
        return "The calibrated model"
    return str(((study.data.get("rivals") or {}).get(name) or {}).get("title") or predictor_name(name))


def _texts(study: Study, chosen: dict[str, float], name: str) -> tuple[str, ...]:
    near = _near(study, name)
    share = "–" if math.isnan(near) else "none" if near == 0 else f"{number(100 * near, 2)} %"
    if not chosen:
        return (share,)
    return (percent(chosen[name]) if name in chosen else "–", share)


def _about(study: Study, chosen: dict[str, float]) -> str:
    about = study.data.get("choice") or {}
    text = f"{study.title}. "
    if chosen:
        best = max(chosen, key=lambda name: chosen[name])
        text += (
            f"Probability: sequential Monte Carlo over all {len(chosen)} rules at once, each as probable before as the others"
            f" (dotted), {about.get('particles', 0):,} particles. Most probable: {_title(study, best)},"
            f" {percent(chosen[best])}. "
        )
    return (
        text
        + "Near: share of all runs from the prior that come as near to the record as the accepted runs of the calibrated"
        " model. Rules differ in how much of their prior is of use, so this is no probability."
    )


def _probabilities(panel: Axes, chart: Rows, names: list[str], chosen: dict[str, float]) -> None:
    percent_ticks(panel)
    chart.guides(panel)
    chart.line(panel, 1 / len(chosen), MUTED, linestyles=[(0, (1, 1.5))])
    for at, name in zip(chart.at, names, strict=True):
        if name in chosen:
            panel.barh([at], [chosen[name]], height=0.14, color=BLUE, zorder=2)
        else:
            panel.text(
                0.0, at, "not in the choice", fontsize=SMALL, va="center_baseline", color=MUTED, bbox=_GROUND
            )
    panel.set_xlabel("probability (%)", labelpad=2)


def _shares(panel: Axes, chart: Rows, names: list[str], study: Study) -> None:
    found = [_near(study, name) for name in names]
    known = [100 * value for value in found if value > 0]
    low = 10 ** math.floor(math.log10(min(known)) - 1e-9) if known else 0.01
    high = 10 ** math.ceil(math.log10(max(known)) + 1e-9) if known else 1.0
    panel.set_xscale("log")
    panel.set_xlim(low / 1.6, high * 1.3)
    chart.guides(panel)
    for at, value in zip(chart.at, found, strict=True):
        if value > 0:
            look: dict[str, Any] = {
                "color": tint(BLUE, 0.6),
                "linewidth": 2.5,
                "solid_capstyle": "butt",
                "zorder": 2,
            }
            panel.plot([low / 1.6, 100 * value], [at, at], **look)
            panel.plot([100 * value], [at], "o", color=BLUE, markersize=6, markeredgecolor="white", zorder=3)
        elif value == 0:
            panel.text(low / 1.4, at, "none", fontsize=SMALL, va="center_baseline", color=MUTED, bbox=_GROUND)
    powers = range(round(math.log10(low)), round(math.log10(high)) + 1)
    step = 1 if len(powers) <= 4 else 2
    panel.xaxis.set_major_locator(FixedLocator([10.0**n for n in powers][::step]))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_xticklabels([f"{10.0**n:g}" for n in powers][::step])
    panel.set_xlabel("share of runs (%)", labelpad=2)
