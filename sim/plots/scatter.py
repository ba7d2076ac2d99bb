"""Outcomes of the runs, each against each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.scenario.quantities import month_text

from .heat import COLOURS
from .page import Page, fit, line_height, width_of
from .scales import values_of
from .style import LABEL, MUTED, PALE, PATRON_COLOURS, SMALL, readable_on, styled, tint
from .sweep_record import (
    check_outcomes,
    check_parameter,
    columns,
    kind_of,
    meaning_of,
    short_paths,
    size_of,
    varied,
)

if TYPE_CHECKING:
    from sim.experiments.results import Results

__all__ = ["scatter"]

Floats = NDArray[np.float64]
_TELLING = ("pledged_ever", "third_pole_ever", "peak_fighters", "final_fighters", "rival_deaths")
_MOST_DOTS = 2000
_MOST_COLUMNS = 10
_MOST_PLACES = 60
"""Fewer distinct values than these are spread."""
NAME = SMALL - 0.5
_GAP = 0.09
_BLUE, _ORANGE = PATRON_COLOURS[0], PATRON_COLOURS[1]


class _Column:
    """What stands in one row and one column of the matrix."""

    def __init__(
        self, name: str, unit: str, values: Floats, texts: Sequence[str] = (), dated: bool = False
    ) -> None:
        self.name, self.unit, self.values, self.texts, self.dated = name, unit, values, tuple(texts), dated
        places = np.unique(values[np.isfinite(values)])
        self.low, self.high = (float(places[0]), float(places[-1])) if len(places) else (0.0, 1.0)
        self.whole = bool(len(places)) and bool((places == np.round(places)).all())
        # Dots that fall on a few places would hide one another.
        self.gap = float(np.min(np.diff(places))) if 1 < len(places) <= _MOST_PLACES else 0.0
        if self.gap * _MOST_PLACES < self.high - self.low:
            self.gap = 0.0
        margin = 0.6 * self.gap or 0.04 * (self.high - self.low) or 0.5
        self.limits = self.low - margin, self.high + margin

    @cached_property
    def ranks(self) -> Floats:
        """Ranks of the values; those that are the same share theirs."""
        from scipy.stats import rankdata

        ranks: Floats = rankdata(self.values)
        return ranks

    def shown(self, rng: np.random.Generator) -> Floats:
        """Values as dots are drawn."""
        return self.values + self.gap * rng.uniform(-0.4, 0.4, len(self.values))

    def edges(self) -> Floats:
        """Edges of the bars of its histogram."""
        if self.gap:
            count = round((self.high - self.low) / self.gap) + 1
            half = self.gap / 2
            return np.linspace(self.low - half, self.high + half, count + 1)
        return np.linspace(self.low, self.high if self.high > self.low else self.low + 1, 21)

    def ticks(self, room: float) -> tuple[list[float], list[str]]:
        """Places and labels that fit in ``room`` inches."""
        low, high = self.limits
        if self.texts:
            places: Any = np.arange(len(self.texts))
        elif self.low == self.high:
            places = [self.low]
        elif self.dated:
            years = np.arange(np.ceil(low / 12), high / 12 + 1e-9) * 12
            places = years if len(years) else [self.low]
        else:
            places = MaxNLocator(nbins=4, integer=self.whole).tick_values(self.low, self.high)
        found: list[float] = []
        last = -0.03
        for place in places:
            at, half = (place - low) / (high - low) * room, width_of(self._text(place), SMALL - 1) / 2
            if low <= place <= high and at - half >= last and at + half <= room + 0.03:
                found.append(float(place))
                last = at + half + 0.08
        return found, [self._text(place) for place in found]

    def _text(self, place: float) -> str:
        if self.texts:
            return self.texts[int(place)]
        if self.dated:
            return month_text(int(place))[: 4 if place % 12 == 0 else None]
        if max(abs(self.low), abs(self.high)) >= 10_000:
            return f"{place / 1000:g}k"
        return f"{place:,.0f}" if abs(place) >= 1000 else f"{place:g}"

    def lines(self, room: float) -> str:
        """Name, in two lines where it needs them, and unit."""
        lines: list[str] = []
        rest = self.name
        while rest and len(lines) < 2:
            cut = len(rest)
            if width_of(rest, NAME) > room and not lines:
                places = [n + 1 for n, c in enumerate(rest[:-1]) if c in "._"]
                cut = max((n for n in places if width_of(rest[:n], NAME) <= room), default=cut)
            lines.append(fit(rest[:cut], NAME, room))
            rest = rest[cut:]
        if self.unit:
            lines.append(fit(f"({self.unit})", NAME, room))
        return "\n".join(lines)


def _chosen(
    results: Results, outcomes: Sequence[str] | None, parameters: Sequence[str] | None
) -> list[_Column]:
    if outcomes is None:
        telling = [name for name in _TELLING if name in results.outcomes]
        names = telling if len(telling) >= 2 else list(results.outcomes[:5])
    else:
        names = check_outcomes(results, outcomes)
    given = [parameters] if isinstance(parameters, str) else list(parameters or ())
    paths = list(dict.fromkeys(check_parameter(results, path) for path in given))
    names = list(dict.fromkeys(names))
    if not 2 <= len(names) + len(paths) <= _MOST_COLUMNS:
        raise UsageError(
            f"a scatter matrix shows 2 to {_MOST_COLUMNS} outcomes and parameters, not {len(names) + len(paths)}"
        )
    table, short = columns(results, [*names, *paths]), short_paths(varied(results))
    found = []
    for name in names:
        unit = meaning_of(name).unit
        values = table.column(name).to_numpy().astype(float)
        found.append(_Column(name, "months from the start" if unit == "month" else unit, values))
    for path in paths:
        column = values_of(results, path, table.column(path))
        texts = () if column.measured else column.texts
        values = column.rows if column.measured else column.codes.astype(float)
        found.append(_Column(short[path], kind_of(results, path)[1], values, texts, column.dated))
    return found


def _relation(one: _Column, other: _Column) -> tuple[float, float]:
    """Correlation of values and of ranks; NaN where one does not vary."""
    from scipy.stats import rankdata

    good = np.isfinite(one.values) & np.isfinite(other.values)
    a, b = one.values[good], other.values[good]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan, np.nan
    ranks = (one.ranks, other.ranks) if good.all() else (rankdata(a), rankdata(b))
    return float(np.corrcoef(a, b)[0, 1]), float(np.corrcoef(*ranks)[0, 1])


def _diagonal(panel: Axes, column: _Column) -> None:
    counts, edges = np.histogram(column.values[np.isfinite(column.values)], bins=column.edges())
    panel.stairs(counts, edges, fill=True, color=tint(_BLUE, 0.65))
    panel.set_xlim(column.limits)
    panel.set_ylim(0, max(float(np.max(counts)) * 1.08, 1.0))


def _below(panel: Axes, across: _Column, up: _Column) -> None:
    # The same spread in every figure of the same runs.
    rng = np.random.default_rng(0)
    x, y = across.shown(rng), up.shown(rng)
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    panel.set(xlim=across.limits, ylim=up.limits)
    if len(x) > _MOST_DOTS:
        extent = (*across.limits, *up.limits)
        panel.hexbin(
            x, y, gridsize=24, extent=extent, bins="log", mincnt=1, cmap=f"{COLOURS}_r", linewidths=0.1
        )
    else:
        alpha = 0.55 if len(x) <= 400 else 0.3
        panel.scatter(x, y, s=5, color=_BLUE, alpha=alpha, linewidths=0, rasterized=True)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _above(panel: Axes, across: _Column, up: _Column, wide: float, high: float) -> None:
    r, rank = _relation(across, up)
    panel.set_facecolor(PALE if np.isnan(r) else tint(_BLUE if r >= 0 else _ORANGE, 0.75 * min(abs(r), 1.0)))
    ground: Any = panel.get_facecolor()
    ink = readable_on("#" + "".join(f"{round(255 * part):02x}" for part in ground[:3]))
    text = "–" if np.isnan(r) else _signed(r)
    size = LABEL if width_of(text, LABEL) + 0.04 <= wide else SMALL - 1.5
    second = high >= 2.4 * line_height(size) and not np.isnan(r)
    place: dict[str, Any] = {"transform": panel.transAxes, "ha": "center", "color": ink}
    panel.text(0.5, 0.62 if second else 0.5, text, fontsize=size, va="center_baseline", **place)
    if second:
        panel.text(
            0.5,
            0.3,
            _signed(rank),
            fontsize=min(size, SMALL - 0.5),
            va="center_baseline",
            style="italic",
            **place,
        )


def _about(results: Results, found: Sequence[_Column]) -> str:
    runs = len(found[0].values)
    text = f"{results.title}. {size_of(results, runs)}. Above the diagonal: correlation of values"
    text += ", below it in italics that of ranks; blue: together, orange: against each other."
    if runs > _MOST_DOTS:
        text += " Darker: more runs, by the logarithm."
    if any(column.gap for column in found):
        text += " Values that many runs share are spread a little."
    return text


@styled
def scatter(
    results: Results,
    outcomes: Sequence[str] | None = None,
    parameters: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] = (6.3, 6.2),
) -> Axes:
    """Draw outcomes of the runs, and parameters if named, each against each other.

    Below the diagonal there is a dot a run, or above 2,000 runs how many there are; on it histograms; above it
    the correlations.

    Parameters
    ----------
    results
        The sweep.
    outcomes
        Outcomes of a run that it keeps; five telling ones where not given.
    parameters
        Dotted paths that it varies; none where not given.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
        The outer axes; the panels of the matrix are its ``child_axes``, row by row:
        ``numpy.reshape(ax.child_axes, (k, k))``.

    Raises
    ------
    UsageError
        If something is asked for that the sweep does not have, or there are fewer than two columns.
    """
    found = _chosen(results, outcomes, parameters)
    count = len(found)
    page = Page(ax, figsize, None, "Runs by their outcomes", _about(results, found))
    # Names take the same room beside the panels as below them.
    narrow = min(page.inner, page.top - page.bottom) / (count + 0.7) - _GAP
    names = max(column.lines(narrow).count("\n") + 1 for column in found) * line_height(NAME)
    deep = names + line_height(SMALL) + 0.06
    left, bottom = page.left + deep, page.bottom + deep
    wide = (page.right - left + _GAP) / count - _GAP
    high = (page.top - bottom + _GAP) / count - _GAP
    for row, up in enumerate(found):
        y = page.top - row * (high + _GAP)
        look: dict[str, Any] = {"rotation": 90, "ha": "right", "va": "center", "multialignment": "center"}
        page.write(page.left + names, y - high / 2, up.lines(high + _GAP / 2), NAME, **look)
        for place, across in enumerate(found):
            x = left + place * (wide + _GAP)
            panel = page.panel(x, y - high, x + wide, y)
            _cell(panel, (row, place), across, up, (wide, high))
            if row == count - 1:
                panel.set_xticks(*across.ticks(wide))
            if place == 0 and row > 0:
                panel.set_yticks(*up.ticks(high), rotation=90, va="center")
    for place, across in enumerate(found):
        x = left + place * (wide + _GAP) + wide / 2
        page.write(x, page.bottom + names, across.lines(wide + _GAP / 2), NAME, ha="center", va="top")
    return page.host


def _cell(panel: Axes, at: tuple[int, int], across: _Column, up: _Column, size: tuple[float, float]) -> None:
    """One panel: a histogram, dots, or a correlation."""
    row, place = at
    panel.set_xticks([])
    panel.set_yticks([])
    panel.tick_params(labelsize=SMALL - 1, pad=1.5, length=2)
    for spine in panel.spines.values():
        spine.set(color=MUTED, linewidth=0.5)
    if row == place:
        _diagonal(panel, across)
    elif row > place:
        _below(panel, across, up)
    else:
        _above(panel, across, up, *size)
