"""How far an outcome differs between the arms of a comparison, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import UsageError

from .bands import value_ticks
from .comparison_record import (
    RUN,
    Size,
    alternatives_of,
    amount,
    lever_place,
    mark_levers,
    meaning,
    months_compared,
    of_outcome,
    part,
    percent,
    sentence,
    shade_later,
    sheet,
    signed,
    width_asked,
)  # fmt: skip
from .page import Page, line_height, scale_months, tidy, width_of
from .style import INK, LABEL, LINES, MUTED, PALE, PATRON_COLOURS, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison

__all__ = ["MOST_ALTERNATIVES", "difference"]

MOST_ALTERNATIVES = 6
"""More than this cannot be told apart by their colours."""
_TALL = 2.6
"""Height of the panel with its labels, inches, where no height is asked for."""
_BLUE = PATRON_COLOURS[0]
_SPREAD, _INTERVAL, _UNSEEN = tint(_BLUE, 0.16), tint(_BLUE, 0.5), "#CFCFCF"


def _chosen(comparison: Comparison, alternative: str | Sequence[str] | None) -> list[str]:
    several = alternatives_of(comparison, alternative)
    if not 0 < len(several) <= MOST_ALTERNATIVES:
        raise UsageError(
            f"this figure shows 1 to {MOST_ALTERNATIVES} alternatives, not {len(several)}; forest shows all"
        )
    return several


def _frames(comparison: Comparison, outcome: str, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    frame = of_outcome(comparison, outcome)
    frame = frame.loc[frame.index.get_level_values("month") != RUN]
    if not len(frame):
        raise UsageError(
            f"'{outcome}' is an outcome of the run as a whole and has no months; draw it with forest"
        )
    return {name: part(frame, name).reindex(list(comparison.months)) for name in names}


def _steps(values: Any) -> Any:
    array = np.asarray(values, dtype=float)
    return np.append(array, array[-1])


def _band(panel: Axes, low: Any, high: Any, **look: Any) -> None:
    low, high = _steps(low), _steps(high)
    panel.fill_between(np.arange(len(low)), low, high, step="post", **{"linewidth": 0, **look})


def _line(panel: Axes, values: Any, **look: Any) -> None:
    ys = _steps(values)
    panel.step(np.arange(len(ys)), ys, where="post", **look)


def _one(panel: Axes, frame: pd.DataFrame, spread: pd.DataFrame | None) -> list[tuple[Any, str]]:
    """A single alternative in full; what the legend says of it."""
    entries: list[tuple[Any, str]] = [
        (Line2D([], [], color=_BLUE, linewidth=1.8), "mean difference"),
        (Patch(facecolor=_INTERVAL), "its 95 % interval"),
    ]
    if spread is not None:
        _band(panel, spread["q05"], spread["q95"], color=_SPREAD, zorder=1.2)
        entries.append((Patch(facecolor=_SPREAD), "nine in ten pairs"))
    _band(panel, -frame["smallest"], frame["smallest"], color=_UNSEEN, zorder=1.3)
    entries.append((Patch(facecolor=_UNSEEN), "too small to have been seen"))
    _band(panel, frame["low"], frame["high"], color=_INTERVAL, zorder=1.6)
    if "weights_low" in frame:
        for column in ("weights_low", "weights_high"):
            _line(
                panel,
                frame[column],
                color=PATRON_COLOURS[1],
                linewidth=1.0,
                linestyle=(0, (4, 1.5)),
                zorder=2,
            )
        handle = Line2D([], [], color=PATRON_COLOURS[1], linewidth=1.0, linestyle=(0, (4, 1.5)))
        entries.append((handle, "spread over the weights, sampling error taken out"))
    _line(panel, frame["difference"], color=_BLUE, linewidth=1.8, zorder=3)
    return entries


def _several(panel: Axes, frames: dict[str, pd.DataFrame], titles: Any) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = []
    for n, (name, frame) in enumerate(frames.items()):
        colour, dashes = PATRON_COLOURS[n], LINES[n % len(LINES)]
        _band(panel, frame["low"], frame["high"], color=colour, alpha=0.22, zorder=1.6)
        _line(panel, frame["difference"], color=colour, linestyle=dashes, linewidth=1.6, zorder=3)
        entries.append((Line2D([], [], color=colour, linestyle=dashes, linewidth=1.6), titles[name]))
    return entries


def _entries(
    comparison: Comparison, names: Sequence[str], frames: dict[str, pd.DataFrame], spread: Any
) -> list[tuple[Any, str]]:
    """The legend, drawn on axes that nobody sees: its height is needed before there is a panel."""
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    one = len(names) == 1
    entries = _one(ax, frames[names[0]], spread) if one else _several(ax, frames, comparison.titles)
    months = {comparison.lever_months[name] for name in names if lever_place(comparison, name) is not None}
    if months:
        text = f"levers differ from {months.pop()}" if len(months) == 1 else "levers differ from then on"
        entries.append((Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (3, 2))), text))
    return entries


def _about(comparison: Comparison, outcome: str, frames: dict[str, pd.DataFrame], whole: bool) -> str:
    """What the footer says."""
    column = meaning(outcome)
    text = f"{outcome}: {column.meaning}"
    if len(frames) > 1:
        small = sorted(float(frame["smallest"].iloc[-1]) for frame in frames.values())
        least = f"{amount(small[0])} to {amount(small[-1])} {column.unit}"
        return (
            f"{text} Lines: mean paired differences, in the model; bands: their 95 % intervals. The smallest difference"
            f" that could have been seen at the end of {comparison.months[-1]}: {least}."
        )
    frame = next(iter(frames.values()))
    last = frame.iloc[-1]
    text += (
        f" At the end of {frame.index[-1]}: {signed(last['difference'])} {column.unit}"
        f" ({signed(last['low'])} to {signed(last['high'])}), higher in {percent(last['p_higher'])} of pairs,"
        f" lower in {percent(last['p_lower'])}; the smallest difference that could have been seen is"
        f" {amount(last['smallest'])}."
    )
    return text + ("" if whole else " The spread of the pairs was not kept.")


def _limits(panel: Axes, frames: dict[str, pd.DataFrame], spread: Any) -> None:
    """Room for everything that is drawn, and for zero."""
    columns = [
        name for name in ("low", "high", "weights_low", "weights_high") if name in next(iter(frames.values()))
    ]
    values: list[Any] = [frame[columns].to_numpy(dtype=float) for frame in frames.values()]
    if len(frames) == 1:
        unseen = next(iter(frames.values()))["smallest"].to_numpy(dtype=float)
        values += [unseen, -unseen]
    if spread is not None:
        values.append(spread[["q05", "q95"]].to_numpy(dtype=float))
    flat = np.concatenate([np.ravel(value) for value in values])
    flat = flat[np.isfinite(flat)]
    low, high = min(float(flat.min()), 0.0), max(float(flat.max()), 0.0)
    room = 0.05 * (high - low) or 1.0
    panel.set_ylim(low - room, high + room)
    places, labels = value_ticks(*panel.get_ylim())
    panel.set_yticks(places, [label.replace("-", "−") for label in labels])


@styled
def difference(
    comparison: Comparison,
    outcome: str,
    alternative: str | Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    figsize: Size | None = None,
) -> Axes:
    """Draw how far a monthly outcome differs from the base: the mean over pairs, its interval, where pairs lie.

    Parameters
    ----------
    comparison
        The comparison.
    outcome
        A monthly outcome.
    alternative
        The alternative; all where not given. Of several, six at most, only means and intervals are drawn.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as it needs to be.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such alternative or outcome, or the outcome has no months.
    """
    names = _chosen(comparison, alternative)
    frames = _frames(comparison, outcome, names)
    still = all(
        not (frame[["p_higher", "p_lower"]].to_numpy(dtype=float) > 0).any() for frame in frames.values()
    )
    spread = (
        part(comparison.spread(outcome), names[0]) if len(names) == 1 and outcome in comparison.kept else None
    )
    title = f"{outcome.replace('_', ' ').capitalize()}: difference from the base"
    about = "" if still else _about(comparison, outcome, frames, len(names) > 1 or spread is not None)
    if still:
        page = sheet(ax, (width_asked(ax, figsize), 1.8), comparison, names, title, "", 0.8)
        return sentence(
            page, f"No difference: {outcome} is the same in every month of all {_count(comparison)}."
        )
    entries = _entries(comparison, names, frames, spread)
    handles, labels = [handle for handle, _ in entries], [label for _, label in entries]
    draft = Page(None, (width_asked(ax, figsize), 9.0), None, "")
    tall = _TALL + draft.legend(handles, labels, draft.left, draft.top, draft.inner)
    page = sheet(ax, figsize, comparison, names, title, about, tall, shaded=True)
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.06
    left = page.left + width_of("−00,000", SMALL) + line_height(LABEL) + 0.12
    panel = page.panel(
        left, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08, page.right, page.top
    )
    if len(names) == 1:
        _one(panel, frames[names[0]], spread)
    else:
        _several(panel, frames, comparison.titles)
    panel.axhline(0, color=MUTED, linewidth=0.8, zorder=2)
    for place in {lever_place(comparison, name) for name in names}:
        mark_levers(panel, place)
    shade_later(panel, comparison)
    tidy(panel)
    panel.grid(axis="y", color=PALE, linewidth=0.6)
    _limits(panel, frames, spread)
    panel.set_ylabel(f"difference ({meaning(outcome).unit})")
    panel.yaxis.set_label_coords(-(left - page.left - 0.07) / (page.right - left), 0.5)
    scale_months(panel, months_compared(comparison), page.right - left)
    return page.host


def _count(comparison: Comparison) -> str:
    return "1 pair" if comparison.pairs_count == 1 else f"{comparison.pairs_count:,} pairs"
