"""Which factions stand on another side than in the base, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .comparison_record import (
    Size,
    lever_place,
    mark_levers,
    months_compared,
    names_of,
    part,
    percent,
    sentence,
    shade_later,
    sheet,
    side_words,
    width_asked,
    write_name,
)  # fmt: skip
from .page import Page, fit, line_height, scale_months, tidy, width_of
from .ribbons import plain_name
from .style import INK, LABEL, MUTED, SMALL, Palette, styled

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison

__all__ = ["LEAST", "who_moved"]

LEAST = 0.01
"""Factions that moved in a smaller share of pairs are counted, not drawn."""
_COLOURS = "Blues"
_ROW = 0.17
_WIDE = 5.0
"""Pages at least this wide, inches, have room for the sides."""


def moved(comparison: Comparison, alternative: str) -> pd.DataFrame:
    """Factions that moved in enough pairs, those that did most often first."""
    frame = part(comparison.who_moved(), alternative)
    return frame[frame["moved"] >= LEAST].sort_values("moved", ascending=False, kind="stable")


def _scale(page: Page, most: float) -> float:
    """The scale of colours, from left to right; its height."""
    bar_left, wide = page.left + width_of("0 %", SMALL) + 0.06, min(1.3, page.inner * 0.3)
    top, high = page.top - 0.01, 0.11
    bar = page.panel(bar_left, top - high, bar_left + wide, top)
    bar.imshow(np.linspace(0, 1, 64)[None, :], cmap=_COLOURS, aspect="auto", interpolation="none")
    bar.set(xticks=[], yticks=[])
    for spine in bar.spines.values():
        spine.set(color=MUTED, linewidth=0.5)
    page.write(page.left, top - high / 2, "0 %", SMALL, va="center_baseline")
    after = bar_left + wide + 0.06
    page.write(after, top - high / 2, percent(most), SMALL, va="center_baseline")
    after += width_of(percent(most), SMALL) + 0.1
    text = "of pairs: its side differs in that month"
    room = page.right - after
    text = text if width_of(text, SMALL) * 1.05 <= room else "of pairs: side differs"
    page.write(after, top - high / 2, fit(text, SMALL, room), SMALL, va="center_baseline")
    return line_height(SMALL)


def _sides(frame: pd.DataFrame, palette: Palette) -> list[str]:
    """From which side to which, of those first differences that occur most."""
    return [
        f"{side_words(palette, str(base))} → {side_words(palette, str(other))}"
        for base, other in zip(frame["base_side"], frame["alternative_side"], strict=True)
    ]


def _column(
    page: Page, head_text: str, texts: list[str], right: float, rows: tuple[float, float], left: bool
) -> float:
    """A column of texts right of the panel, ending at ``right``; its width."""
    top, each = rows
    wide = max(width_of(text, SMALL) for text in [head_text, *texts]) * 1.05
    x, align = (right - wide, "left") if left else (right, "right")
    page.write(x, top + 0.03, head_text, SMALL, ha=align, va="bottom", color=MUTED)
    for n, text in enumerate(texts):
        page.write(x, top - (n + 0.5) * each, text, SMALL, ha=align, va="center_baseline")
    return wide


def _about(comparison: Comparison, alternative: str, shown: int, left_out: int, with_sides: bool) -> str:
    total = len(comparison.factions)
    same = total - shown - left_out
    text = "Ever: share of pairs in which its side differs in any month."
    if with_sides:
        text += " Sides: at the first difference, base → alternative, the pair of sides that occurs most."
    if left_out:
        text += f" {left_out} more differ less often than those shown."
    if same:
        text += f" {same} of {total} differ in less than {percent(LEAST)} of pairs."
    # With this share, one pair or more of those made would show it four times in five.
    unseen = 100 * (1 - 0.2 ** (1 / comparison.pairs_count))
    text += f" What happens in less than {unseen:.2g} % of pairs could have gone unseen."
    return text


@styled
def who_moved(
    comparison: Comparison,
    alternative: str | None = None,
    ax: Axes | None = None,
    *,
    most: int = 40,
    figsize: Size | None = None,
) -> Axes:
    """Draw which factions stand on another side than in the base, month by month.

    Parameters
    ----------
    comparison
        The comparison.
    alternative
        The alternative; not needed where there is only one.
    ax
        Axes to draw in; a figure of its own where not given.
    most
        Factions shown at most, those that moved in most pairs first.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such alternative.
    """
    name = comparison.alternative(alternative)
    frame = moved(comparison, name)
    shown = frame.iloc[:most]
    title = "Factions whose side differs from the base"
    if not len(shown):
        ever = (part(comparison.who_moved(), name)["moved"] > 0).any()
        share = f"less than {percent(LEAST)} of pairs" if ever else "no pair"
        page = sheet(ax, figsize or (6.3, 1.8), comparison, [name], title, "", 0.8)
        return sentence(page, f"No faction moved: each differs from its side in the base in {share}.")
    wide = width_asked(ax, figsize) >= _WIDE
    about = _about(comparison, name, len(shown), len(frame) - len(shown), wide)
    page = sheet(ax, figsize, comparison, [name], title, about, 1.0 + _ROW * len(shown), shaded=True)
    _panel(page, comparison, name, shown, wide)
    return page.host


def _panel(page: Page, comparison: Comparison, name: str, shown: pd.DataFrame, wide: bool) -> None:
    """Names, cells, and what stands beside them."""
    cells = (
        part(comparison.moved_by_month(), name)
        .reindex(index=shown.index, columns=list(comparison.months))
        .to_numpy(dtype=float)
    )
    peak = max(float(np.nanmax(cells)), 0.05)
    page.top -= _scale(page, peak) + 0.04
    place = lever_place(comparison, name)
    if place is not None:
        handle = Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
        label = f"levers differ from {comparison.lever_months[name]}"
        page.top -= page.legend([handle], [label], page.left, page.top, page.inner) + 0.02
    names = names_of(comparison, [str(who) for who in shown.index], not wide)
    longest = max(width_of(plain_name(text, 0.33 * page.inner), SMALL) for text in names)
    room = min(0.33 * page.inner, longest * 1.05)
    left = page.left + room + 0.08
    top = page.top - line_height(SMALL) - 0.03
    bottom = page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    each, right = (top - bottom) / len(shown), page.right
    if wide:
        sides = [fit(text, SMALL, 1.85) for text in _sides(shown, Palette(dict(comparison.patrons)))]
        right -= _column(page, "mostly", sides, right, (top, each), True) + 0.1
    right -= (
        _column(page, "ever", [percent(value) for value in shown["moved"]], right, (top, each), False) + 0.08
    )
    for n, text in enumerate(names):
        write_name(page, left - 0.06, top - (n + 0.5) * each, text, room)
    panel = page.panel(left, bottom, right, top)
    extent = (0, len(comparison.months), len(shown), 0)
    look: dict[str, Any] = {"cmap": _COLOURS, "vmin": 0, "vmax": peak, "aspect": "auto", "zorder": 1}
    panel.imshow(cells, extent=extent, interpolation="none", **look)
    panel.set_ylim(len(shown), 0)
    panel.hlines(np.arange(1, len(shown)), 0, len(comparison.months), color="white", linewidth=1.2, zorder=2)
    shade_later(panel, comparison, over=True)
    tidy(panel, grid=False)
    panel.set_yticks([])
    mark_levers(panel, place)
    scale_months(panel, months_compared(comparison), right - left)
