"""Who pledged: the probability that each unit was given without itself, and what the one-variable rule gives."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .calibration_numbers import BLUE, ORANGE
from .ribbons import plain_name
from .rows import Row, Rows, Size, paper, share_ticks, width_asked
from .study import Study
from .style import MUTED, styled, tint

__all__ = ["units"]

_LOOKS: dict[str, dict[str, Any]] = {
    "pledged": {"marker": "s", "markersize": 6, "color": ORANGE, "markeredgecolor": "white", "zorder": 4},
    "did not": {"marker": "o", "markersize": 5.5, "color": BLUE, "markerfacecolor": "white", "zorder": 4},
    "rule": {"marker": "|", "markersize": 8, "color": MUTED, "markeredgewidth": 1.6, "zorder": 3},
}
_LABELS = (
    "pledged, the model's probability",
    "did not pledge, the model's probability",
    "rule: not embedded",
)


@styled
def units(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the held-out probability of each unit that it ever pledges, the highest first.

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
    frame = study.need("units").sort_values("held_out", ascending=False, kind="stable")
    embedded = "embedded" in frame
    wide = width_asked(ax, figsize)
    full = wide >= 5
    rows = []
    for _, row in frame.iterrows():
        texts = [f"{row['held_out']:.2f}", f"{row['rule']:.2f}"]
        if embedded and full:
            texts = ["yes" if row["embedded"] else "", *texts]
        name = plain_name(str(row["name"]), 2.0 if full else wide - 1.1)
        rows.append(Row(name, tuple(texts)))
    heads = [*(["embedded"] if embedded and full else []), "model", "rule"]
    chart = Rows(rows, heads, wide, _LABELS, band=0.17 if full else 0.14)
    pledged = int(frame["outcome"].sum())
    about = (
        f"{study.title}. Each unit's cluster has left the record, observed and simulated, before runs are accepted anew."
        f" {pledged} of {len(frame)} units pledged. Lines: how far the model is from what happened."
    )
    title = "Who ever pledges: probability given to each unit without itself"
    page = paper(ax, figsize, title, about, chart.height)
    handles = [Line2D([], [], linestyle="", **look) for look in _LOOKS.values()]
    page.top -= page.legend(handles, _LABELS, page.left, page.top, page.inner) + 0.06
    panel = chart.lay(page)[0]
    share_ticks(panel)
    chart.guides(panel)
    for at, (_, row) in zip(chart.at, frame.iterrows(), strict=True):
        happened = bool(row["outcome"])
        colour = ORANGE if happened else BLUE
        ends = [float(row["held_out"]), float(happened)]
        panel.plot(ends, [at, at], color=tint(colour, 0.35), linewidth=1.6, solid_capstyle="butt", zorder=2)
        panel.plot([row["rule"]], [at], linestyle="", clip_on=False, **_LOOKS["rule"])
        look = _LOOKS["pledged" if happened else "did not"]
        panel.plot([row["held_out"]], [at], linestyle="", clip_on=False, **look)
    panel.set_xlabel("probability of ever pledging", labelpad=2)
    return page.host
