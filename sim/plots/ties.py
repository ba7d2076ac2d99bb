"""The network of ties at a date, coloured by allegiance."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from sim.scenario.quantities import month_text
from sim.scenario.schema import Faction

from .page import Page, line_height, width_of
from .record import Panel, Record, month_position, months_of, palette_of
from .states import States
from .style import MUTED, SMALL, Palette, styled

__all__ = ["layout", "short_faction_names", "ties"]

Points = NDArray[np.float64]
TYPE = SMALL - 0.8
SIZES = (100, 1000)
"""Men shown in the legend."""


def short_faction_names(factions: Sequence[Faction]) -> list[str]:
    """The abbreviation that each goes by, or its name, without what stands in brackets where that will do."""
    plain = [re.sub(r"\s*\([^()]*\)$", "", faction.name) for faction in factions]
    names = []
    for faction, name in zip(factions, plain, strict=True):
        known = [alias for alias in faction.aliases if re.fullmatch(r"[A-Za-z-]{2,5}", alias)]
        short = [alias for alias in known if sum(letter.isupper() for letter in alias) >= 2]
        names.append(short[0] if short else name if plain.count(name) == 1 else faction.name)
    return names


def _distances(count: int, edges: Sequence[tuple[int, int, float]]) -> Points:
    """Length of the shortest way between any two; a tie of full weight is 1 long, a faint one 2."""
    far = np.full((count, count), np.inf)
    np.fill_diagonal(far, 0.0)
    for a, b, weight in edges:
        far[a, b] = far[b, a] = min(far[a, b], 2.0 - weight)
    for via in range(count):
        far = np.minimum(far, far[:, via, None] + far[None, via, :])
    return far


def layout(count: int, edges: Sequence[tuple[int, int, float]], steps: int = 60) -> Points:
    """Places of nodes: distances on paper are like those along the ties (Gansner, Koren and North 2004).

    Stress is majorised from a circle: no random start, so a scenario always looks the same.

    Parameters
    ----------
    count
        Number of nodes.
    edges
        Pairs of nodes, with weights 0 to 1.
    steps
        Rounds.

    Returns
    -------
    ndarray
        Shape (count, 2), within 0 to 1 each way.
    """
    if count < 2:
        return np.full((count, 2), 0.5)
    far = _distances(count, edges)
    reach = float(np.max(far[np.isfinite(far)]))
    far[np.isinf(far)] = reach * 1.15 + 1.0
    weight = np.where(far > 0, 1.0 / np.maximum(far, 1e-9) ** 2, 0.0)
    inverse = np.linalg.pinv(np.diag(weight.sum(axis=1)) - weight)
    turn = 2 * np.pi * np.arange(count) / count
    at = np.stack([np.cos(turn), np.sin(turn)], axis=1) * float(np.max(far)) / 2
    for _ in range(steps):
        apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))
        pull = np.where(apart > 1e-9, weight * far / np.maximum(apart, 1e-9), 0.0)
        at = inverse @ ((np.diag(pull.sum(axis=1)) - pull) @ at)
    low, high = at.min(axis=0), at.max(axis=0)
    return np.asarray((at - low) / np.maximum(high - low, 1e-9))


def _apart(at: Points, radii: NDArray[np.float64], room: tuple[float, float]) -> Points:
    """Push nodes apart, inches, until none touches another and each has a line of text beside it."""
    at, least = at.copy(), radii[:, None] + radii[None] + line_height(TYPE)
    for _ in range(60):
        gap = at[:, None] - at[None]
        apart = np.sqrt((gap**2).sum(axis=2)) + np.eye(len(at)) * 1e9
        push = np.clip(least - apart, 0, None) / np.maximum(apart, 1e-6)
        if not push.any():
            break
        at = at + 0.5 * (gap * push[:, :, None]).sum(axis=1)
        at = np.clip(at, radii[:, None], np.array(room) - radii[:, None])
    return at


Box = tuple[float, float, float, float]


def _spots(x: float, y: float, r: float, wide: float, high: float) -> list[tuple[float, float]]:
    """Places of a label about a node, its lower left corner, the best first."""
    slant = 0.72 * r
    return [
        (x + r, y - high / 2), (x - r - wide, y - high / 2),
        (x - wide / 2, y - r - high), (x - wide / 2, y + r),
        (x + slant, y + slant), (x + slant, y - slant - high),
        (x - slant - wide, y + slant), (x - slant - wide, y - slant - high),
    ]  # fmt: skip


def _label_places(
    at: Points, radii: NDArray[np.float64], texts: Sequence[str], room: tuple[float, float], rounds: int = 4
) -> list[tuple[float, float]]:
    """Lower left corner of each label, beside its node where it covers least; each has several turns."""
    high = line_height(TYPE) * 0.95
    nodes: list[Box] = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(at, radii, strict=True)]
    labels: dict[int, Box] = {}
    for n in [*range(len(texts))] * rounds:
        wide = width_of(texts[n], TYPE) + 0.03
        others = [*nodes, *(box for m, box in labels.items() if m != n)]
        best = (np.inf, 0.0, 0.0)
        for k, (x, y) in enumerate(_spots(at[n][0], at[n][1], radii[n] + 0.025, wide, high)):
            a, b = min(max(x, 0.0), max(room[0] - wide, 0.0)), min(max(y, 0.0), room[1] - high)
            covered = sum(_shared((a, b, a + wide, b + high), box) for box in others)
            best = min(best, (covered + 0.001 * k + 0.3 * (abs(a - x) + abs(b - y)), a, b))
        labels[n] = (best[1], best[2], best[1] + wide, best[2] + high)
    return [labels[n][:2] for n in range(len(texts))]


def _shared(one: Box, other: Box) -> float:
    """Area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _radius(men: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Radius of a node, inches: its area grows with the men."""
    return np.asarray(0.035 + 0.0028 * np.sqrt(np.maximum(men, 0.0)))


def _legend(page: Page, held: Sequence[str | None], palette: Palette) -> float:
    handles, labels = [], []
    for name in palette.order():
        if name in held:
            handles.append(_dot(6.0, palette.colour(name)))
            labels.append(palette.name(name))
    if None in held:
        handles.append(_dot(4.0, "white"))
        labels.append("not there at the time")
    used = page.legend(handles, labels, page.left, page.top, page.inner)
    sizes = [_dot(2 * 72 * float(_radius(men)), "#BBBBBB") for men in SIZES]
    tall = 2 * float(_radius(SIZES[-1]))
    page.legend(
        sizes,
        [f"{men:,} fighters" for men in SIZES],
        page.left,
        page.top - used - tall / 2 + 0.08,
        page.inner,
    )
    return used + tall


def _dot(points: float, colour: str) -> Line2D:
    look = {"markerfacecolor": colour, "markeredgecolor": MUTED, "markeredgewidth": 0.6}
    return Line2D([], [], marker="o", color="none", markersize=points, **look)  # type: ignore[arg-type]


@styled
def ties(
    run: Record, month: str | None = None, *, ax: Axes | None = None,
    figsize: tuple[float, float] = (6.3, 6.0), most: int = 80,
) -> Axes:  # fmt: skip
    """Draw the ties between the scenario's factions, coloured by what they hold at a date.

    Parameters
    ----------
    run
        The run.
    month
        The date (``2015-08``); the last month where not given.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches.
    most
        Factions shown at most, the largest of the scenario. Splinters are not shown.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, which are in inches.
    """
    palette, when = palette_of(run), month_position(run, month)
    roster = dict(sorted(run.scenario.factions.items(), key=lambda pair: -pair[1].fighters.value)[:most])
    held, men = _held(run, tuple(roster), when)
    row = {name: n for n, name in enumerate(roster)}
    known = [tie for tie in run.scenario.ties if tie.a in row and tie.b in row]
    edges = [(row[tie.a], row[tie.b], tie.weight.value) for tie in known]
    title = f"Ties between factions, and what they held in {month_text(months_of(run)[when])}"
    page = Page(ax, figsize, run, title)
    page.top -= _legend(page, held, palette) + 0.06
    _network(page, short_faction_names(tuple(roster.values())), men, held, edges, palette)
    return page.host


def _held(run: Record, names: Sequence[str], when: int) -> tuple[list[str | None], NDArray[np.float64]]:
    """What each held in a month, None where it was not there, and its men."""
    states, men = States.of(run), Panel(run, "factions").number("fighters", 0.0)[when]
    index = {name: j for j, name in enumerate(states.names)}
    held = [states.held[when, index[name]] if name in index else None for name in names]
    rows = zip(names, held, strict=True)
    return held, np.array([0.0 if option is None else men[index[name]] for name, option in rows])


def _network(
    page: Page, texts: Sequence[str], men: NDArray[np.float64], held: Sequence[str | None],
    edges: Sequence[tuple[int, int, float]], palette: Palette,
) -> None:  # fmt: skip
    """Edges, nodes and labels in what is left of the page."""
    room = (page.inner, max(page.top - page.bottom, 0.3))
    corner, radii = np.array([page.left, page.bottom]), _radius(men)
    inset = np.minimum(np.array([0.35, 0.15]), np.array(room) / 4)
    at = _apart(inset + layout(len(texts), edges) * (np.array(room) - 2 * inset), radii, room)
    spots = np.array(_label_places(at, radii, texts, room)) + corner
    at = at + corner
    lines = [(at[a], at[b]) for a, b, _ in edges]
    widths = [0.4 + 1.6 * weight for _, _, weight in edges]
    page.host.add_collection(LineCollection(lines, colors="#C4C4C4", linewidths=widths, zorder=1))
    colours = ["white" if option is None else palette.colour(option) for option in held]
    dots = page.host.scatter(at[:, 0], at[:, 1], (2 * 72 * radii) ** 2, colours, zorder=3)
    dots.set(edgecolor=MUTED, linewidth=0.6)
    halo = [withStroke(linewidth=1.8, foreground="white", alpha=0.85)]
    for (x, y), text in zip(spots, texts, strict=True):
        page.write(x, y + 0.01, text, TYPE, zorder=4, gid="label", path_effects=halo)
