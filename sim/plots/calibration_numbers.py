"""Posterior against prior: the free numbers one by one, and how much the record tells of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .page import Page, fit, legend_height, line_height, tidy, width_of
from .rows import WIDE, Row, Rows, Size, number_ticks, paper, width_asked
from .study import Study
from .style import INK, MUTED, PATRON_COLOURS, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contraction", "density", "marginals", "prior_points"]

Floats = NDArray[np.float64]
BLUE, ORANGE = PATRON_COLOURS[0], PATRON_COLOURS[1]
_GREY = "#C9C9C9"
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linewidth": 1.8},
    {"color": ORANGE, "linewidth": 1.3, "linestyle": (0, (4, 1.5))},
)
"""Of the chosen way, then of the other."""
_WAYS = {"smc": "sequential Monte Carlo", "table": "rejection from the table"}


def density(values: Floats, at: Floats, low: float = -math.inf, high: float = math.inf) -> Floats:
    """A smoothed density of draws; what would lie beyond the ends is folded back.

    Parameters
    ----------
    values
        The draws.
    at
        Where.
    low, high
        Ends of what can be.
    """
    quarter = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.34
    spread = min(float(values.std()), quarter or math.inf) or float(np.ptp(at)) / 100
    # Draws of a weighted sample come several times: they tell less than as many that differ.
    counts = np.unique(values, return_counts=True)[1]
    worth = len(values) ** 2 / float(np.sum(counts.astype(float) ** 2))
    wide = 0.9 * spread * worth**-0.2
    copies = [values, *(2 * end - values for end in (low, high) if math.isfinite(end))]
    drawn = np.concatenate(copies)
    # Far copies add nothing, and there are few draws, so all pairs are cheap.
    pairs = np.exp(-0.5 * ((at[:, None] - drawn[None, :]) / wide) ** 2).sum(axis=1)
    found: Floats = pairs / (len(values) * wide * math.sqrt(2 * math.pi))
    found[(at < low) | (at > high)] = 0.0
    return found


def prior_points(about: dict[str, Any]) -> tuple[Floats, Floats]:
    """Places along a prior and its density there, from what the calibration tells of it."""
    from sim.experiments.sampling import prior_quantile
    from sim.scenario.quantities import Prior, Within

    prior = Prior.model_validate({name: value for name, value in about.items() if name != "unit"})
    ends = (
        -math.inf if about["low"] is None else about["low"],
        math.inf if about["high"] is None else about["high"],
    )
    u = np.concatenate([[1e-4], np.linspace(0.002, 0.998, 400), [1 - 1e-4]])
    x = prior_quantile(prior, u, Within("", *ends))
    middle, slope = (x[1:] + x[:-1]) / 2, np.diff(u) / np.maximum(np.diff(x), 1e-300)
    return np.concatenate([x[:1], middle, x[-1:]]), np.concatenate([slope[:1], slope, slope[-1:]])


def _parameters(study: Study) -> tuple[pd.DataFrame, str]:
    """A row for each free number, as the chosen way has it, and that way."""
    frame = study.need("parameters")
    way = _chosen(study)
    return frame[frame["way"] == way].set_index("path"), way


def _draws(study: Study) -> dict[str, pd.DataFrame]:
    """Draws of each way, the chosen one first."""
    ways = sorted(_WAYS, key=lambda way: way != _chosen(study))
    found = {way: study.frame(f"posterior-{way}") for way in ways}
    return {way: frame for way, frame in found.items() if frame is not None}


def _chosen(study: Study) -> str:
    return str(study.data["posterior"]["way"])


@styled
def marginals(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw the posterior of each free number against its prior.

    Parameters
    ----------
    study
        The calibration.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the panels need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``, in the order of the free numbers.
    """
    frame, way = _parameters(study)
    draws = _draws(study)
    wide = width_asked(ax, figsize)
    columns = 4 if wide >= 6 else 3 if wide >= WIDE - 0.5 else 2
    rows = -(-len(frame) // columns)
    handles: list[Any] = [Patch(facecolor=_GREY), Line2D([], [], color=BLUE, linewidth=1.8)]
    labels = ["prior", f"posterior, {_WAYS[way]}"]
    if len(draws) > 1:
        handles.append(Line2D([], [], color=ORANGE, linestyle=(0, (4, 1.5)), linewidth=1.3))
        labels.append(f"posterior, {_WAYS[next(other for other in draws if other != way)]}")
    handles.append(Line2D([], [], color=INK, marker="v", markersize=5, linestyle=""))
    labels.append("value of the scenario")
    about = _marginals_about(study, frame, draws.get(way))
    lines = 2 if frame["outside_99"].any() else 1
    each = 1.3 + lines * line_height(SMALL)
    inner = legend_height(labels, wide - 0.2) + 0.1 + rows * each
    page = paper(ax, figsize, "What the patterns of the fit tell of each free number", about, inner)
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.1
    room, high = page.inner / columns, (page.top - page.bottom) / rows
    for n, path in enumerate(frame.index):
        left, top = page.left + (n % columns) * room, page.top - (n // columns) * high
        _marginal(page, study, str(path), frame.loc[path], draws, (left, top, room - 0.14, high), lines)
    return page.host


def _marginals_about(study: Study, frame: pd.DataFrame, draws: pd.DataFrame | None) -> str:
    outside = [str(path) for path in frame.index[frame["outside_99"].astype(bool)]]
    text = f"{study.title}. "
    if draws is not None:
        worth = study.data["posterior"]["effective"]
        alike = f", worth {worth:.0f} that differ" if worth else ""
        text += f"{len(draws):,} draws of equal weight{alike}. "
    text += "Contraction: 1 less the variance of the posterior over that of the prior."
    text += " Curves of a panel share a scale; a spike may be cut."
    if outside:
        return f"{text} Median outside the prior's 99 % interval: {', '.join(outside)}."
    return f"{text} No median lies outside the prior's 99 % interval."


def _marginal(
    page: Page, study: Study, path: str, row: Any, draws: dict[str, pd.DataFrame], box: tuple[float, float, float, float],
    lines: int,
) -> None:  # fmt: skip
    left, top, wide, high = box
    outside = bool(row["outside_99"])
    colour = ORANGE if outside else INK
    told = [f"contraction {row['contraction']:.2f}".replace("-", "−")]
    told += ["median outside 99 %"] if outside else []
    name = fit(path, SMALL, wide, bold=True)
    page.write(left, top, name, SMALL, weight="bold", va="top", color=colour)
    for n, line in enumerate(told, 1):
        page.write(left, top - n * line_height(SMALL), fit(line, SMALL, wide), SMALL, va="top", color=colour)
    bottom = top - high + line_height(SMALL) * 2 + 0.14
    panel = page.panel(left, bottom, left + wide, top - (1 + lines) * line_height(SMALL) - 0.04)
    shown = {way: frame[path].to_numpy(dtype=float) for way, frame in draws.items() if path in frame}
    _curves(panel, (study.data.get("priors") or {}).get(path), row, shown)
    tidy(panel, grid=False)
    panel.spines["left"].set_visible(False)
    panel.set_yticks([])
    _few_ticks(panel, wide)
    look: dict[str, Any] = {"ha": "center", "va": "top", "color": MUTED}
    page.write(left + wide / 2, bottom - line_height(SMALL) - 0.09, str(row["unit"]), SMALL, **look)


def _curves(panel: Axes, about: dict[str, Any] | None, row: Any, shown: dict[str, Floats]) -> None:
    """Prior, posterior and the scenario's value on one scale."""
    low, high = -math.inf, math.inf
    stated = float(row["stated"])
    ends = [float(row["prior_q005"]), float(row["prior_q995"]), stated]
    ends += [float(end) for values in shown.values() for end in np.quantile(values, [0.002, 0.998])]
    margin = 0.04 * (max(ends) - min(ends)) or 0.5
    panel.set_xlim(min(ends) - margin, max(ends) + margin)
    peaks: list[float] = []
    others: list[float] = []
    if about is not None:
        x, y = prior_points(about)
        low = -math.inf if about["low"] is None else float(about["low"])
        high = math.inf if about["high"] is None else float(about["high"])
        panel.fill_between(x, y, color=_GREY, linewidth=0, zorder=1)
        peaks.append(float(np.max(y)))
    at = np.linspace(*panel.get_xlim(), 320)
    for n, values in enumerate(shown.values()):
        look = _LOOKS[n]
        curve = density(values, at, low, high)
        panel.plot(at, curve, zorder=3 - n * 0.1, **look)
        (others if n else peaks).append(float(np.max(curve)))
    # A spike of the second way is cut off rather than let it flatten the rest.
    top = max(max(peaks, default=1.0), min(max(others, default=0.0), 2.2 * max(peaks, default=1.0)))
    panel.plot([stated], [1.08 * top], marker="v", markersize=5, color=INK, clip_on=False, zorder=4)
    panel.set_ylim(0, 1.14 * top)


def _few_ticks(panel: Axes, wide: float) -> None:
    low, high = panel.get_xlim()
    places = [x for x in MaxNLocator(nbins=4).tick_values(low, high) if low <= x <= high]
    labels = [f"{x:g}".replace("-", "−") for x in places]
    while len(places) > 2 and sum(width_of(label, SMALL) + 0.08 for label in labels) > wide:
        places, labels = places[::2], labels[::2]
    panel.set_xticks(places, labels)


@styled
def contraction(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw how much narrower than its prior the posterior of each free number is, the most first.

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
        The axes; the panel is the first of its ``child_axes``.
    """
    whole = study.need("parameters")
    frame, way = _parameters(study)
    frame = frame.sort_values("contraction", ascending=False, kind="stable")
    second_way = whole[whole["way"].isin(_WAYS) & (whole["way"] != way)].set_index("path")["contraction"]
    other = second_way.reindex(frame.index).to_numpy(dtype=float)
    wide = width_asked(ax, figsize)
    several = bool(np.isfinite(other).any())
    labels = [_WAYS[way], *([next(name for key, name in _WAYS.items() if key != way)] if several else [])]
    rows = [
        Row(str(path), (f"{value:.2f}".replace("-", "−"),)) for path, value in frame["contraction"].items()
    ]
    chart = Rows(rows, ["contraction"], wide, labels)
    best, most = str(frame.index[0]), float(frame["contraction"].iloc[0])
    about = (
        f"{study.title}. 1 less the variance of the posterior over that of the prior: 0 tells nothing, 1 everything; below 0"
        f" the posterior is wider. Most: {best}, {most:.2f}."
    )
    page = paper(ax, figsize, "How much the patterns narrow each free number", about, chart.height)
    dot: dict[str, Any] = {"linestyle": "", "markersize": 6.5, "markeredgecolor": "white"}
    hollow: dict[str, Any] = {"linestyle": "", "marker": "D", "markersize": 4.5, "markerfacecolor": "white"}
    handles = [Line2D([], [], marker="o", color=BLUE, **dot), Line2D([], [], color=ORANGE, **hollow)]
    page.top -= page.legend(handles[: len(labels)], labels, page.left, page.top, page.inner) + 0.06
    panel = chart.lay(page)[0]
    number_ticks(panel, [0.0, 1.0, *frame["contraction"], *other])
    chart.guides(panel)
    chart.line(panel, 0.0)
    for at, value, second in zip(chart.at, frame["contraction"], other, strict=True):
        panel.plot([0, value], [at, at], color=tint(BLUE, 0.45), linewidth=3, solid_capstyle="butt", zorder=2)
        panel.plot([value], [at], marker="o", color=BLUE, zorder=4, **dot)
        if np.isfinite(second):
            panel.plot([second], [at], color=ORANGE, zorder=3.5, **hollow)
    panel.set_xlabel("contraction (share of the prior's variance)", labelpad=2)
    return page.host
