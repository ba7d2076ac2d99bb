"""Why a faction's side differs: the pairs in which it does, by what was found to have caused it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from .comparison_record import (
    Size,
    part,
    percent,
    sentence,
    sheet,
    width_asked,
)  # fmt: skip
from .page import Page, line_height, tidy, width_of, wrap
from .style import INK, LABEL, MUTED, PATRON_COLOURS, SMALL, styled

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison

__all__ = ["KINDS", "LEAST", "causes", "causes_of"]

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "term": ("a term of its utility", {"facecolor": PATRON_COLOURS[0]}),
    "awake": ("whether it thought again", {"facecolor": PATRON_COLOURS[4]}),
    "offered": ("what was on offer to it", {"facecolor": PATRON_COLOURS[2]}),
    "rule": ("a rule other than choice", {"facecolor": PATRON_COLOURS[3]}),
    "fate": ("a fate other than choice", {"facecolor": PATRON_COLOURS[5]}),
    "joint": ("several only together", {"facecolor": "#8A8A8A", "hatch": "////", "edgecolor": "white"}),
    "unexplained": ("not explained", {"facecolor": "white", "hatch": "....", "edgecolor": MUTED}),
}
"""Kinds of causes: what the legend calls them, and how they are drawn; in the order in which they are drawn."""
_NEVER = "It stands on the same side in both arms, in every month of every pair."
_NOT_COMPARED = "Its side differs in {} of pairs; decisions of these scenarios cannot be set side by side."
_LAST = ("joint", "unexplained")
LEAST = 0.02
"""Causes in a smaller share of the pairs are counted, not drawn."""
_MOST = 12
_ROW = 0.27


def causes_of(comparison: Comparison, faction: str, alternative: str) -> pd.DataFrame:
    """The causes of a faction, by id, in one alternative."""
    frame = comparison.reasons()
    levels = frame.index
    return frame.loc[
        (levels.get_level_values("faction") == faction)
        & (levels.get_level_values("alternative") == alternative)
    ]


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The causes to draw: the largest first, what is joint or unexplained last."""
    shown = (
        frame[frame["of_moved"] >= LEAST].sort_values("of_moved", ascending=False, kind="stable").iloc[:_MOST]
    )
    last = shown["kind"].map(lambda kind: _LAST.index(kind) + 1 if kind in _LAST else 0)
    return shown.assign(last=last).sort_values(["last", "of_moved"], ascending=[True, False], kind="stable")


def _look(kind: str) -> dict[str, Any]:
    return {"edgecolor": MUTED, "linewidth": 0.4, **KINDS.get(kind, KINDS["unexplained"])[1]}


def _bars(panel: Axes, rows: pd.DataFrame, cascade: bool) -> None:
    """Bars, each starting where the one above ends, and their numbers."""
    at = 0.0
    for n, (share, kind, odds) in enumerate(
        zip(rows["of_moved"], rows["kind"], rows["log_odds"], strict=True)
    ):
        panel.barh(n, share, left=at, height=0.62, **_look(kind))
        text = percent(share) + (
            f", {odds:+.1f}".replace("-", "−") if kind == "term" and np.isfinite(odds) else ""
        )
        # Beside the bar where there is room, or else on it.
        left = at + share > 0.62 and at > 0.3
        x = at - 0.012 if left else at + (0.015 if at + share > 0.62 else share + 0.012)
        panel.text(
            x, n, text, fontsize=SMALL, va="center_baseline", ha="right" if left else "left", zorder=5, parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip
        if cascade:
            at += share
            if n < len(rows) - 1:
                panel.plot([at, at], [n - 0.31, n + 1.31], color=MUTED, linewidth=0.6)


def _names(page: Page, names: list[str], right: float, top: float, each: float) -> None:
    room = right - page.left
    for n, name in enumerate(names):
        size = SMALL if width_of(name, SMALL) <= room else SMALL - 0.5
        lines = wrap(name, size, room * 0.96, max(1, int((each + 0.05) / line_height(size))))
        look = {"ha": "right", "va": "center", "linespacing": 1.05}
        page.write(right, top - (n + 0.5) * each, "\n".join(lines), size, **look)


@styled
def causes(
    comparison: Comparison,
    faction: str,
    alternative: str | None = None,
    ax: Axes | None = None,
    *,
    figsize: Size | None = None,
) -> Axes:
    """Draw what made a faction's side differ, at its first difference in each pair.

    Parameters
    ----------
    comparison
        The comparison.
    faction
        The faction.
    alternative
        The alternative; not needed where there is only one.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the causes need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such alternative or faction.
    """
    name = comparison.alternative(alternative)
    # To resolve a name, the scenario is read, which takes longer than the drawing.
    who = faction if faction in comparison.factions else comparison.faction(faction)
    title = f"{comparison.factions[who]}: why its side differs"
    frame = causes_of(comparison, who, name)
    rows = _rows(frame)
    if not len(rows):
        page = sheet(ax, figsize or (6.3, 1.8), comparison, [name], title, "", 0.8)
        moved = float(part(comparison.who_moved(), name)["moved"][who])
        return sentence(page, _NEVER if moved == 0 else _NOT_COMPARED.format(percent(moved)))
    cascade = float(frame["of_moved"].sum()) <= 1.005
    narrow = width_asked(ax, figsize) < 5
    tall = (_ROW + 0.12 * narrow) * len(rows)
    about = _about(comparison, name, who, len(frame) - len(rows), rows, cascade)
    page = sheet(ax, figsize, comparison, [name], title, about, 1.3 + tall)
    kinds = [kind for kind in KINDS if kind in set(rows["kind"])]
    page.top -= page.legend(
        [Patch(**_look(kind)) for kind in kinds], [KINDS[kind][0] for kind in kinds], page.left, page.top, page.inner
    ) + 0.08  # fmt: skip
    names = [text[:1].upper() + text[1:] for text in rows["words"]]
    longest = max(width_of(text, SMALL) for text in names) * 1.05
    left = page.left + min((0.46 if narrow else 0.4) * page.inner, longest) + 0.1
    lines = wrap("share of the pairs in which its side differs", LABEL, page.right - left, 2)
    bottom = page.bottom + line_height(SMALL) + len(lines) * line_height(LABEL) + 0.1
    panel = page.panel(left, bottom, page.right - width_of("100 %", SMALL) / 2, page.top)
    _bars(panel, rows, cascade)
    tidy(panel, grid=False)
    panel.set(xlim=(0, 1.0), ylim=(len(rows) - 0.5, -0.5))
    panel.axvline(0, color=INK, linewidth=0.7)
    panel.set_yticks([])
    panel.set_xticks([0, 0.25, 0.5, 0.75, 1] if page.right - left > 2.4 else [0, 0.5, 1])
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    panel.set_xlabel("\n".join(lines), labelpad=2)
    _names(page, names, left - 0.06, page.top, (page.top - bottom) / len(rows))
    return page.host


def _about(
    comparison: Comparison, alternative: str, who: str, left_out: int, rows: pd.DataFrame, cascade: bool
) -> str:
    moved = float(part(comparison.who_moved(), alternative)["moved"][who])
    count = round(moved * comparison.pairs_count)
    text = (
        f"Its side differs in {percent(moved)} of pairs ({count:,} of {comparison.pairs_count:,}): by what the first"
        " difference came from. A term is credited where the choice turns back once it alone is taken from the base,"
        " on the same draw."
    )
    if not cascade:
        text += " Several can each be enough in a pair: shares overlap."
    if (rows["kind"] == "term").any():
        text += " After the share: log-odds for (+) or against (−) what it chose in the alternative, mean."
    if left_out:
        few = "1 cause" if left_out == 1 else f"{left_out} causes"
        text += (
            f" Not drawn: {few} in less than {percent(LEAST)} each."
            if len(rows) < _MOST
            else f" Not drawn: {few}."
        )
    return text
