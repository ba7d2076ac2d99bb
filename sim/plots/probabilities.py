"""How likely each faction is to hold an allegiance, over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.results.manifest import focus_of
from sim.scenario.load import resolve_faction
from sim.scenario.quantities import month_index
from sim.scenario.schema import Scenario
from sim.scenario.wording import nearest, one_line

from .bands import marks_of_points
from .marks import Marks, spread
from .page import Page, fit, line_height, scale_months, shade_unvalidated, tidy, width_of
from .record import Stretch, palette_of
from .states import ENDS
from .style import LABEL, LINES, PATRON_COLOURS, SMALL, styled
from .sweep_record import check_points, differing, point_scenario, runs_at
from .ties import short_faction_names

if TYPE_CHECKING:
    from sim.experiments.results import Results

    Floats = NDArray[np.float64]

__all__ = ["MOST_NAMED", "probabilities"]

MOST_NAMED = 9
"""Factions that have a colour and a label; the others are drawn in grey and counted."""
_REST = "#C4C4C4"
_COLOURS = PATRON_COLOURS[:4] + PATRON_COLOURS[5:]
_AWAY = ("not yet", *ENDS)
_WORDS = {"independent": "on its own", "not yet": "not yet there", "reconciled": "at peace", **{
    word: word for word in ("merged", "destroyed", "dissolved")
}}  # fmt: skip


def _options(scenario: Scenario) -> list[str]:
    sworn = [option for patron in scenario.patrons for option in (patron, f"ally({patron})")]
    return [*sworn, "independent", *_AWAY]


def _asked(scenario: Scenario, held: str | Sequence[str] | None) -> list[str]:
    if held is None:
        return [focus_of(scenario)]
    names, known = [held] if isinstance(held, str) else list(held), _options(scenario)
    for name in names:
        if name not in known:
            guess = nearest(str(name), known)
            raise UsageError(
                f"'{one_line(str(name), 60)}' is nothing a faction holds{guess}; {', '.join(known)}"
            )
    if not names:
        raise UsageError("name at least one allegiance")
    return list(dict.fromkeys(names))


def _shares(results: Results, point: int, held: Sequence[str]) -> tuple[list[str], range, Floats]:
    """Factions, months, and the share of runs, shape (months, factions)."""
    frame = results.allegiances(point)
    there = [name for name in held if name in frame.columns]
    wide = frame[there].sum(axis=1).unstack("faction")
    start = month_index(str(wide.index[0]))
    return [str(name) for name in wide.columns], range(start, start + len(wide)), wide.to_numpy(dtype=float)


def _telling(shares: Floats, among: Sequence[int]) -> list[int]:
    """Factions by how high their line is, how far it moves, and how much it divides the runs."""
    telling = shares.mean(axis=0) + np.ptp(shares, axis=0) + 2 * (shares * (1 - shares)).mean(axis=0)
    return sorted(among, key=lambda j: (-round(float(telling[j]), 9), j))


def _phrase(run: Stretch, held: Sequence[str]) -> str:
    """What is held, in words."""
    palette = palette_of(run)
    words = []
    for option in held:
        if option in run.scenario.patrons:
            words.append(f"with {palette.name(option)} by oath, accepted or not")
        else:
            words.append(_WORDS.get(option) or palette.name(option))
    return ", or ".join(words)


def _labels(page: Page, ends: Sequence[tuple[float, str, Any]], span: tuple[float, float], x: float) -> None:
    """Names at the ends of lines, apart from each other, each with a leader in its line's look.

    Parameters
    ----------
    page
        The page.
    ends
        Height of the end as a share of the panel, name and look of each line.
    span
        Lower and upper edge of the panel, inches.
    x
        Its right edge, inches.
    """
    bottom, top = span
    ends = sorted(ends, key=lambda end: end[0])
    low, high = bottom + 0.02, top - 0.02
    gap = min(line_height(SMALL), (high - low) / max(len(ends) - 1, 1))
    heights = [bottom + share * (top - bottom) for share, _, _ in ends]
    for (_, text, look), start, y in zip(ends, heights, spread(heights, gap, low, high), strict=True):
        page.host.plot([x + 0.01, x + 0.09, x + 0.2], [start, y, y], linewidth=1.4, **look)
        page.write(x + 0.24, y, text, SMALL, va="center_baseline")


@styled
def probabilities(
    results: Results,
    held: str | Sequence[str] | None = None,
    point: int = 0,
    factions: Sequence[str] | None = None,
    ax: Axes | None = None,
    *,
    figsize: tuple[float, float] = (6.3, 4.8),
) -> Axes:
    """Draw the share of runs in which each faction holds an allegiance, month by month.

    Parameters
    ----------
    results
        The sweep.
    held
        What is held: a patron, ``ally(patron)``, ``independent``, or a fate such as ``destroyed``; or several of
        them. The focus patron, sworn or declared, where not given.
    point
        The point.
    factions
        Ids, codes, names or aliases of the factions to draw; all where not given.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is the first of its ``child_axes``.

    Raises
    ------
    UsageError
        If the sweep counts no allegiances, has no runs of the point yet, or knows no such faction or allegiance.
    """
    point = check_points(results, point)[0]
    counted = results.manifest["keep"]["allegiances"]
    if counted and not runs_at(results, "allegiances", point):
        raise UsageError(f"point {point} has no runs yet")
    scenario = point_scenario(results, point)
    wanted = _asked(scenario, held)
    names, months, shares = _shares(results, point, wanted)
    among = list(range(len(names)))
    if factions is not None:
        several = [factions] if isinstance(factions, str) else factions
        picked = {resolve_faction(scenario, name) for name in several}
        among = [j for j in among if names[j] in picked]
    else:
        among = [j for j in among if np.any(shares[:, j] > 0)]
    ordered = _telling(shares, among)
    named, rest = ordered[:MOST_NAMED], ordered[MOST_NAMED:]
    never = len(names) - len(among) if factions is None else 0
    run = Stretch(scenario, months)
    about = _about(results, point, len(named), len(rest), never)
    short = dict(zip(scenario.factions, short_faction_names(list(scenario.factions.values())), strict=True))
    title = f"Share of runs in which a faction is {_phrase(run, wanted)}"
    page = Page(ax, figsize, run, title, about)
    marks = Marks(page, run, marks_of_points(results, [point], months))
    _panel(page, run, marks, shares, [(j, short[names[j]]) for j in named], rest)
    return page.host


def _panel(
    page: Page,
    run: Stretch,
    marks: Marks,
    shares: Floats,
    named: Sequence[tuple[int, str]],
    rest: Sequence[int],
) -> None:
    """The lines, and the names at their ends."""
    tails = {j: f" {shares[-1, j]:.0%}".replace("%", " %") for j, _ in named}
    room = min(max((width_of(name + tails[j], SMALL) for j, name in named), default=0.0), page.inner * 0.36)
    left, right = (
        page.left + width_of("100 %", SMALL) + 0.14,
        page.right - (room * 1.05 + 0.28 if named else 0),
    )
    top, bottom = page.top - marks.height, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    panel = page.panel(left, bottom, right, top)
    x = np.arange(len(shares) + 1)

    def draw(j: int, **look: Any) -> None:
        panel.step(x, np.append(shares[:, j], shares[-1, j]), where="post", **look)

    for j in rest:
        draw(j, color=_REST, linewidth=0.8, zorder=1.8)
    highest = max(float(np.max(shares[:, [*[j for j, _ in named], *rest]])) if named else 0.0, 0.05)
    limit = 1.0 if highest > 0.8 else highest * 1.08
    # Names beside each other have colours that are not, whatever the order of the lines.
    falling = sorted(named, key=lambda entry: -shares[-1, entry[0]])
    ends = []
    for n, (j, name) in enumerate(falling):
        colour, dashes = _COLOURS[n % len(_COLOURS)], LINES[n // len(_COLOURS)]
        draw(j, color=colour, linestyle=dashes, linewidth=1.6, zorder=3)
        text = fit(name, SMALL, room - width_of(tails[j], SMALL) + 0.01) + tails[j]
        ends.append((float(shares[-1, j]) / limit, text, {"color": colour, "linestyle": dashes}))
    _labels(page, ends, (bottom, top), right)
    if not named:
        panel.text(0.5, 0.5, "None is, in any run.", transform=panel.transAxes, ha="center")
    shade_unvalidated(panel, run)
    tidy(panel)
    panel.set_ylim(0, limit)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))
    scale_months(panel, run.months, right - left)
    marks.draw([panel], left, top, right)


def _about(results: Results, point: int, named: int, rest: int, never: int) -> str:
    """What the footer says."""
    runs = results.dataset("summary").count_rows(filter=_at(point))
    total = results.manifest["replicates"]
    text = (
        f"{results.title}. {runs:,} runs" if runs == total else f"{results.title}. {runs:,} of {total:,} runs"
    )
    values = differing(results, [point])[0]
    text += f" of point {point}: {values}." if values else "."
    if rest:
        others = "1 other" if rest == 1 else f"{rest} others"
        text += f" Coloured: the {named} lines that stand out most; grey: {others}."
    if never:
        text += f" {never} never {'is' if never == 1 else 'are'}."
    return text


def _at(point: int) -> Any:
    import pyarrow.compute as pc

    return pc.field("point") == point
