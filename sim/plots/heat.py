"""An outcome by two parameters, as a map in colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.markers import CARETDOWN, CARETLEFT
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.scenario.wording import listed, nearest, one_line

from .bands import value_ticks
from .page import Page, fit, line_height, width_of
from .scales import MOST_CELLS, Scale, Values, values_of
from .style import INK, LABEL, PALE, SMALL, readable_on, styled
from .sweep_record import (
    check_outcomes,
    check_parameter,
    columns,
    path_text,
    short_paths,
    size_of,
    title_of,
    varied,
    with_unit,
)

if TYPE_CHECKING:
    from sim.experiments.results import Results

__all__ = ["COLOURS", "STATS", "heat"]

COLOURS = "viridis"
"""Even to the eye, and with every kind of colour blindness ordered from dark to light."""

_BAR = 0.16

Floats = NDArray[np.float64]
_STATS: dict[str, tuple[str, Callable[[Floats], float]]] = {
    "mean": ("mean", np.mean),
    "median": ("median", np.median),
    "sd": ("standard deviation", np.std),
    "min": ("least", np.min),
    "max": ("most", np.max),
    "q05": ("5 % quantile", lambda values: np.quantile(values, 0.05)),
    "q25": ("25 % quantile", lambda values: np.quantile(values, 0.25)),
    "q75": ("75 % quantile", lambda values: np.quantile(values, 0.75)),
    "q95": ("95 % quantile", lambda values: np.quantile(values, 0.95)),
}  # fmt: skip
STATS = tuple(_STATS)
"""What a cell can show of its runs."""


def _axes(results: Results, x: str | None, y: str | None) -> tuple[str, str]:
    known = varied(results)
    if len(known) < 2:
        what = f"only {known[0]}" if known else "nothing"
        raise UsageError(f"a map needs two parameters that are varied; this sweep varies {what}")
    first = None if x is None else check_parameter(results, x)
    second = None if y is None else check_parameter(results, y)
    first = next(path for path in known if path != second) if first is None else first
    second = next(path for path in known if path != first) if second is None else second
    if first == second:
        raise UsageError(f"a map needs two parameters, not {first} twice")
    return first, second


def _scales(across: Values, up: Values) -> tuple[Scale, Scale]:
    """All values where they make up a grid; bins where most pairs of values have no run."""
    sizes = len(across.places), len(up.places)
    pairs = len(np.unique(across.codes * sizes[1] + up.codes))
    bins = int(np.clip(np.sqrt(pairs / 6), 3, 8))
    sparse = pairs < sizes[0] * sizes[1] / 3
    wanted = [bins if (sparse and size > bins) or size > MOST_CELLS else None for size in sizes]
    return Scale.of(across, wanted[0]), Scale.of(up, wanted[1])


def _cells(across: Scale, up: Scale, values: Floats, stat: str) -> Floats:
    """The statistic of every cell, shape (rows, columns); NaN where there is no run."""
    good = np.isfinite(values)
    cell = (up.codes * across.size + across.codes)[good]
    order = np.argsort(cell, kind="stable")
    inside, counts = np.unique(cell[order], return_counts=True)
    out = np.full(up.size * across.size, np.nan)
    parts = np.split(values[good][order], np.cumsum(counts)[:-1])
    for place, part in zip(inside, parts, strict=True):
        out[place] = _STATS[stat][1](part)
    return out.reshape(up.size, across.size)


def _ticks(axis: Any, scale: Scale, step: float, extent: float, room: float) -> None:
    """Labels of rows or columns; every second or third one only where they are too close.

    Parameters
    ----------
    axis
        The axis.
    scale
        What stands there.
    step, extent
        Inches between two labels, and inches that one needs.
    room
        Inches a label may be long.
    """
    places = np.arange(len(scale.labels)) - (0.5 if scale.binned else 0.0)
    every = max(1, int(np.ceil(extent / step)))
    axis.set_ticks(places[::every], [fit(text, SMALL, room) for text in scale.labels[::every]])
    axis.set_tick_params(length=2 if scale.binned else 0, pad=2)


def _forms(flat: Floats) -> Iterator[Callable[[float], str]]:
    """Ways to write the values of a map, from the fullest to the shortest."""
    spread = float(np.ptp(flat)) if len(flat) else 0.0
    digits = int(np.clip(1 - np.floor(np.log10(spread)), 0, 3)) if spread > 0 else 1
    if np.array_equal(flat, np.round(flat)):
        digits = 0
    for places in range(digits, max(digits - 2, -1), -1):
        yield f"{{:,.{places}f}}".format
    if len(flat) and float(np.max(np.abs(flat))) >= 1000:
        yield lambda value: f"{value / 1000:.1f}k"


def _texts(cells: Floats, wide: float, high: float) -> tuple[float, list[str]] | None:
    """Size of type and values as texts for all cells, with as many digits as fit; None where none fit."""
    flat = cells[np.isfinite(cells)]
    for size in (SMALL, SMALL - 1, SMALL - 2):
        for form in _forms(flat):
            texts = ["" if np.isnan(value) else form(float(value)) for value in cells.ravel()]
            widest = max(width_of(text, size) for text in set(texts))
            if line_height(size) <= high and widest * 1.05 + 0.05 <= wide:
                return size, texts
    return None


def _write(panel: Axes, cells: Floats, span: tuple[float, float], wide: float, high: float) -> None:
    """Values in the cells, where they fit."""
    found = _texts(cells, wide, high)
    if found is None:
        return
    size, texts = found
    tones = colormaps[COLOURS]((cells.ravel() - span[0]) / (span[1] - span[0]))
    for place, text in enumerate(texts):
        row, column = divmod(place, cells.shape[1])
        ink = readable_on(to_hex(tones[place]))
        panel.text(column, row, text, fontsize=size, color=ink, ha="center", va="center_baseline", zorder=3)


def _own(panel: Axes, across: Scale, up: Scale) -> None:
    """Mark the scenario's own values."""
    marker: dict[str, Any] = {
        "color": INK,
        "markersize": 5,
        "clip_on": False,
        "linestyle": "none",
        "zorder": 4,
    }
    if across.own is not None:
        panel.plot([across.own], [1.0], marker=CARETDOWN, transform=panel.get_xaxis_transform(), **marker)
    if up.own is not None:
        panel.plot([1.0], [up.own], marker=CARETLEFT, transform=panel.get_yaxis_transform(), **marker)
    if across.own is not None and up.own is not None:
        corner = (across.own - 0.5, up.own - 0.5)
        frame: dict[str, Any] = {"facecolor": "none", "zorder": 3.5, "clip_on": False}
        panel.add_patch(Rectangle(corner, 1, 1, edgecolor="white", linewidth=2.6, **frame))
        panel.add_patch(Rectangle(corner, 1, 1, edgecolor=INK, linewidth=1.2, **frame))


def _about(
    results: Results, outcome: str, scales: Sequence[Scale], values: Sequence[Values], cells: Floats
) -> str:
    runs = len(scales[0].codes)
    text = f"{results.title}. {outcome}: {title_of(results, outcome)} {size_of(results, runs)}."
    others = [path for path in varied(results) if path not in (scales[0].path, scales[1].path)]
    if others:
        names = short_paths(varied(results))
        several = listed(names[path] for path in others[:6]) + (
            f" and {len(others) - 6} more" if len(others) > 6 else ""
        )
        text += f" Over all values of {several}."
    bins = [scale for scale in scales if scale.binned]
    if bins:
        text += " Bins of equally many runs, labelled at their edges."
    if np.isnan(cells).any():
        text += " Grey: no runs."
    return text


@styled
def heat(
    results: Results,
    x: str | None = None,
    y: str | None = None,
    outcome: str | None = None,
    stat: str = "mean",
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] = (6.3, 4.6),
) -> Axes:
    """Draw an outcome of a run by two parameters that the sweep varies.

    Other parameters are averaged over. Numbers and dates that make up no grid, as those of a sample, are put
    into bins of equally many runs.

    Parameters
    ----------
    results
        The sweep.
    x, y
        Dotted paths, or ``scenario`` where there are several; the first two that are varied where not given.
    outcome
        An outcome that it keeps; the first of them where not given.
    stat
        What a cell shows of its runs: ``mean``, ``median``, ``sd``, ``min``, ``max``, ``q05``, ``q25``, ``q75``
        or ``q95``.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; its ``child_axes`` are the map and the scale of colours.

    Raises
    ------
    UsageError
        If fewer than two parameters are varied, or something is asked for that the sweep does not have.
    """
    if stat not in _STATS:
        known = ", ".join(STATS)
        raise UsageError(f"unknown statistic '{one_line(str(stat), 40)}'{nearest(str(stat), STATS)}; {known}")
    across, up = _axes(results, x, y)
    name = check_outcomes(results, [results.outcomes[0] if outcome is None else outcome])[0]
    table = columns(results, [across, up, name])
    values = [values_of(results, path, table.column(path)) for path in (across, up)]
    scales = _scales(*values)
    cells = _cells(*scales, table.column(name).to_numpy().astype(float), stat)
    page = _page(results, ax, figsize, name, stat, scales, values, cells)
    _map(results, page, scales, cells, f"{_STATS[stat][0]} of {with_unit(name)}")
    return page.host


def _page(
    results: Results,
    ax: Axes | None,
    figsize: tuple[float, float],
    name: str,
    stat: str,
    scales: Sequence[Scale],
    values: Sequence[Values],
    cells: Floats,
) -> Page:
    short = short_paths(varied(results))
    title = f"{name.replace('_', ' ').capitalize()} by {short[scales[0].path]} and {short[scales[1].path]}"
    about = _about(results, name, scales, values, cells)
    marked = (scales[0].own is not None) + (scales[1].own is not None)
    about += ("", " Triangle: the scenario's own value.", " Framed: the scenario's own values.")[marked]
    return Page(ax, figsize, None, title, about)


def _map(results: Results, page: Page, scales: tuple[Scale, Scale], cells: Floats, label: str) -> None:
    """The map and its scale of colours."""
    across, up = scales
    flat = cells[np.isfinite(cells)]
    low, high = (float(np.min(flat)), float(np.max(flat))) if len(flat) else (0.0, 1.0)
    span = low, high if high > low else low + 1.0
    bar_left = page.right - _BAR - width_of("00,000", SMALL) - 0.14 - line_height(LABEL)
    rows = min(max(width_of(text, SMALL) for text in up.labels), page.inner / 3)
    left, right, top = page.left + line_height(LABEL) + rows + 0.12, bar_left - 0.22, page.top - 0.12
    long = max(width_of(text, SMALL) for text in across.labels) + 0.08
    turned = long > (right - left) / across.size * (1 if across.size <= 12 else 2)
    deep = min(long, 1.2) if turned else line_height(SMALL)
    bottom = page.bottom + line_height(LABEL) + deep + 0.06
    wide, tall = (right - left) / across.size, (top - bottom) / up.size
    panel = page.panel(left, bottom, right, top)
    panel.set_facecolor(PALE)
    _paint(panel, cells, span, 0.5 if min(wide, tall) > 0.12 else 0.0)
    _write(panel, cells, span, wide, tall)
    _ticks(panel.xaxis, across, wide, line_height(SMALL) if turned else long, deep if turned else long)
    _ticks(panel.yaxis, up, tall, line_height(SMALL), rows)
    panel.tick_params(axis="x", rotation=90 if turned else 0)
    panel.set_xlabel(fit(path_text(results, across.path, right - left, LABEL), LABEL, right - page.left))
    panel.xaxis.set_label_coords(0.5, -(bottom - page.bottom - line_height(LABEL) + 0.02) / (top - bottom))
    name = fit(path_text(results, up.path, top - bottom, LABEL), LABEL, top - page.bottom)
    # A name that is longer than the map is high has room below it, none above.
    over = max(width_of(name, LABEL) * 1.05 - (top - bottom), 0.0) / (top - bottom)
    panel.set_ylabel(name)
    panel.yaxis.set_label_coords(-(left - page.left - 0.07) / (right - left), 0.5 - over / 2)
    _own(panel, across, up)
    _bar(page, span, (bar_left, bottom, top), label)


def _paint(panel: Axes, cells: Floats, span: tuple[float, float], line: float) -> None:
    rows, columns_ = cells.shape
    x, y = np.arange(columns_ + 1) - 0.5, np.arange(rows + 1) - 0.5
    look: dict[str, Any] = {"edgecolors": "white", "linewidth": line} if line else {}
    panel.pcolormesh(x, y, np.ma.masked_invalid(cells), cmap=COLOURS, vmin=span[0], vmax=span[1], **look)
    panel.spines[:].set_visible(False)


def _bar(page: Page, span: tuple[float, float], place: tuple[float, float, float], label: str) -> None:
    """The scale of colours."""
    left, bottom, top = place
    bar = page.panel(left, bottom, left + _BAR, top)
    edges = np.linspace(*span, 257)
    middles = (edges[1:] + edges[:-1]) / 2
    bar.pcolormesh([0, 1], edges, middles[:, None], cmap=COLOURS, rasterized=True)
    bar.set_xticks([])
    bar.set_ylim(span)
    bar.yaxis.tick_right()
    bar.set_yticks(*value_ticks(*span))
    text = fit(label, LABEL, (page.top - page.bottom) * 0.95)
    page.write(page.right, (page.top + page.bottom) / 2, text, rotation=90, ha="right", va="center")
    bar.spines[:].set_visible(False)
