"""One pair of a comparison, side by side."""

from __future__ import annotations

from collections.abc import Sequence
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
    sentence,
    shade_later,
    sheet,
    width_asked,
    write_name,
)  # fmt: skip
from .page import Page, line_height, scale_months, tidy, width_of, wrap
from .record import months_of
from .ribbons import Row, draw_ribbons, legend_of, plain_name
from .states import States
from .style import INK, LABEL, PALE, SMALL, Palette, styled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.experiments.compare.comparison import Comparison
    from sim.results.run import Run

__all__ = ["pair", "telling_pair"]

_FULL, _THIN, _GAP = 0.76, 0.36, 0.24
_WIDE = 5.0
_ROW = 0.165
"""Height of a row, inches."""


def telling_pair(comparison: Comparison, alternative: str) -> int:
    """The first pair in which a faction's side differs, or else the first that parts, or else the first."""
    frame = part(comparison.pairs, alternative)
    moves = frame[[name for name in frame.columns if name.startswith("moved_")]].to_numpy(dtype=str)
    for found in ((moves != "").any(axis=1), (frame["parted"] != "").to_numpy(), frame["made"].to_numpy()):
        if found.any():
            return int(np.argmax(found))
    return 0


def _months(comparison: Comparison, runs: Sequence[Run]) -> range:
    """The months compared that both runs have."""
    spans = [months_compared(comparison), *(months_of(run) for run in runs)]
    return range(max(span[0] for span in spans), min(span[-1] for span in spans) + 1)


def _states(run: Run, months: range) -> States:
    """The states of the months compared."""
    start = months[0] - months_of(run)[0]
    return States.of(run).during(start, start + len(months))


def _held(states: States, names: Sequence[str]) -> NDArray[np.object_]:
    """What the factions hold, shape (months, factions)."""
    at = {name: j for j, name in enumerate(states.names)}
    return np.stack([states.held[:, at[name]] for name in names], axis=1)


def _rows(arms: Sequence[States], names: Sequence[str]) -> tuple[list[list[Row]], float]:
    """Rows of each arm, at the same heights, splinters below the one they come from; the height of all."""
    rows: list[list[Row]] = [[] for _ in arms]
    top = 0.0
    for name in names:
        born = [
            [j for j, other in enumerate(arm.names) if other != name and _splinter_of(arm, j, name)]
            for arm in arms
        ]
        for arm, own, splinters in zip(arms, rows, born, strict=True):
            own.append(Row(list(arm.names).index(name), top, _FULL))
            own += [Row(j, top + _FULL + 0.1 + n * _THIN, _THIN - 0.08) for n, j in enumerate(splinters)]
        top += _FULL + _GAP + max(len(splinters) for splinters in born) * _THIN
    return rows, top


def _splinter_of(states: States, j: int, name: str) -> bool:
    """Whether a faction came from another in these months."""
    return (
        states.parents[j] is not None
        and states.origin(j, (name,)) == name
        and any(held is not None for held in states.held[:, j])
    )


@styled
def pair(
    comparison: Comparison,
    pair: int | None = None,
    alternative: str | None = None,
    ax: Axes | None = None,
    *,
    most: int = 40,
    runs: Sequence[Run] | None = None,
    figsize: Size | None = None,
) -> Axes:
    """Draw the allegiances of one pair, the base at the left: of the factions whose side differs.

    Parameters
    ----------
    comparison
        The comparison.
    pair
        Number of the pair, from 0; the first in which a faction's side differs where not given.
    alternative
        The alternative; not needed where there is only one.
    ax
        Axes to draw in; a figure of its own where not given.
    most
        Factions shown at most, those whose side differs first.
    runs
        Both runs of the pair, base first, where they are at hand; else they are made again.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels of base and alternative are its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such pair or alternative.
    """
    name = comparison.alternative(alternative)
    number = telling_pair(comparison, name) if pair is None else pair
    runs = runs or [comparison.replay(number, arm) for arm in (comparison.base, name)]
    months = _months(comparison, runs)
    arms = [_states(run, months) for run in runs]
    roster = [who for who in comparison.factions if all(who in arm.names for arm in arms)]
    unlike = _held(arms[0], roster) != _held(arms[1], roster)
    first = {who: int(np.argmax(unlike[:, j])) for j, who in enumerate(roster) if unlike[:, j].any()}
    title = f"Pair {number:,}, seed {runs[0].seed:,}: the factions whose side differs"
    if not first:
        page = sheet(ax, figsize or (6.3, 1.8), comparison, [name], title, "", 0.8)
        return sentence(
            page, "In this pair every faction stands on the same side in both arms, in every month."
        )
    shown = sorted(first, key=lambda who: first[who])[:most]
    rows, height = _rows(arms, shown)
    about = _about(len(shown), len(first), len(roster))
    panels, narrow = list(zip(arms, rows, strict=True)), width_asked(ax, figsize) < _WIDE
    draft = Page(None, (width_asked(ax, figsize), 9.0), None, "")
    palette = Palette(dict(comparison.patrons))
    tall = legend_of(draft, panels, palette, draft.left, draft.top, _levers(comparison, name, months))
    inner = (0.75 if narrow else 1.0) + tall + _ROW * height
    page = sheet(ax, figsize, comparison, [name], title, about, inner, shaded=True)
    texts = names_of(comparison, shown, narrow)
    differs = [unlike[:, roster.index(who)] for who in shown]
    _draw(page, comparison, name, months, panels, height, list(zip(texts, differs, strict=True)))
    return page.host


def _levers(comparison: Comparison, alternative: str, months: range) -> list[tuple[Any, str]]:
    """What the legend says of the levers."""
    if lever_place(comparison, alternative, months) is None:
        return []
    handle = Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    return [(handle, f"levers differ from {comparison.lever_months[alternative]}")]


def _about(shown: int, differing: int, total: int) -> str:
    text = "One pair in the model, the same chances in both arms. Black line: the months in which the sides differ."
    if differing > shown:
        text += f" {differing - shown} more differ later."
    if total > differing:
        text += f" {total - differing} of {total} factions stand on the same side throughout."
    return text


def _draw(
    page: Page, comparison: Comparison, alternative: str, months: range, panels: Sequence[tuple[States, list[Row]]],
    height: float, factions: Sequence[tuple[str, NDArray[np.bool_]]],
) -> None:  # fmt: skip
    """Legend, names and two panels."""
    palette = Palette(dict(comparison.patrons))
    more = _levers(comparison, alternative, months)
    page.top -= legend_of(page, panels, palette, page.left, page.top, more) + 0.06
    longest = max(width_of(plain_name(name, 0.34 * page.inner), SMALL) for name, _ in factions)
    room = min(0.34 * page.inner, longest * 1.05)
    left = page.left + room + 0.08
    wide = (page.right - left - 0.14) / 2
    heads = [comparison.titles[arm] for arm in (comparison.base, alternative)]
    heads = heads if page.width >= _WIDE else ["Base", "Alternative"]
    titles = [wrap(text, SMALL, wide * 0.95, 3, bold=True) for text in heads]
    top = page.top - max(len(lines) for lines in titles) * line_height(SMALL) - 0.04
    bottom = page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    tops = [row.top for row in panels[0][1] if row.height > 0.5]
    for n, (states, own) in enumerate(panels):
        x = left + n * (wide + 0.14)
        page.write(x, top + 0.04, "\n".join(titles[n]), SMALL, va="bottom", weight="bold", linespacing=1.2)
        panel = page.panel(x, bottom, x + wide, top)
        panel.set_ylim(height, -_GAP / 2)
        shade_later(panel, comparison, months)
        tidy(panel, grid=False)
        panel.set_yticks([])
        panel.hlines([at + _FULL / 2 for at in tops], 0, len(months), color=PALE, linewidth=0.6, zorder=1)
        draw_ribbons(panel, states, own, palette)
        _underline(panel, tops, [differs for _, differs in factions])
        mark_levers(panel, lever_place(comparison, alternative, months))
        scale_months(panel, months, wide)
    for at, (name, _) in zip(tops, factions, strict=True):
        y = top - (at + _FULL / 2 + _GAP / 2) / (height + _GAP / 2) * (top - bottom)
        write_name(page, left - 0.06, y, name, room)


def _underline(panel: Axes, tops: Sequence[float], unlike: Sequence[NDArray[np.bool_]]) -> None:
    """Lines below the ribbons, in the months in which the sides differ."""
    for top, differs in zip(tops, unlike, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], differs, [False]]).astype(int)))
        y = top + _FULL + 0.06
        panel.hlines([y] * (len(edges) // 2), edges[::2], edges[1::2], color=INK, linewidth=1.3, zorder=3)
