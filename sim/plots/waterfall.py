"""Why one faction chose as it did: the terms of one decision, as a waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.results.wording import NOUNS
from sim.scenario.load import resolve_faction
from sim.scenario.quantities import month_text
from sim.state import TERM

from .page import Page, line_height, tidy, width_of, wrap
from .record import Record, month_position, months_of, palette_of
from .style import INK, LABEL, MUTED, PALE, SMALL, Palette, styled

__all__ = ["Decision", "find_decision", "steps_of", "waterfall"]

SMALLEST = 0.05
"""Terms that differ by less, log-odds, are drawn as one."""


@dataclass(frozen=True, eq=False)
class Decision:
    """One appraisal: what was held, what was chosen, and another option to hold it against."""

    month: int
    """Index of :func:`~sim.scenario.quantities.month_index`."""
    faction: str
    held: str
    chosen: str
    other: str
    """The chosen option, or the best alternative where the faction stayed."""
    differences: NDArray[np.float64]
    """Terms of ``other`` less those of ``held``, log-odds."""
    probability: float
    """Of ``other``."""

    @property
    def text(self) -> str:
        """The month as ``2015-08``."""
        return month_text(self.month)


def find_decision(run: Record, faction: str | None = None, month: str | None = None) -> Decision | None:
    """A decision of a run, or None where there was none.

    Without a faction: of the scenario's factions that went over to the patron asked about, the largest; or
    else the first change of anyone, or else the first appraisal. Without a month: the faction's first change,
    or its first appraisal.

    Raises
    ------
    UsageError
        If the faction or the month is unknown.
    """
    table = run.data("decisions")
    who, held, chosen = (table.words(name).texts() for name in ("faction", "held", "chosen"))
    months = table.numbers("month")
    keep = np.ones(len(table), dtype=bool)
    if faction is not None:
        known = run.data("factions").words("faction").words
        keep &= who == (faction if faction in known else resolve_faction(run.scenario, faction))
    if month is not None:
        keep &= months == months_of(run)[month_position(run, month)]
    rows = np.flatnonzero(keep)
    if not len(rows):
        return None
    moved = [int(n) for n in rows if held[n] != chosen[n]]
    focus = run.scenario.report.focus or tuple(run.scenario.patrons)[-1]
    joined = [n for n in moved if faction is None and chosen[n] == focus and who[n] in run.scenario.factions]
    largest = {name: entry.fighters.value for name, entry in run.scenario.factions.items()}
    best = max(joined, key=lambda n: largest[str(who[n])]) if joined else moved[0] if moved else int(rows[0])
    return _decision(table, np.flatnonzero((who == who[best]) & (months == months[best])))


def _decision(table: Any, rows: NDArray[np.int64]) -> Decision | None:
    """The decision whose options are in these rows."""
    first = int(rows[0])
    option = table.words("option").texts()[rows]
    held, chosen = (str(table.words(name)[first]) for name in ("held", "chosen"))
    utility = np.where(table.numbers("available")[rows], table.numbers("utility")[rows], -np.inf)
    other = chosen
    if chosen == held:
        rest = np.where(option == held, -np.inf, utility)
        if not np.isfinite(rest).any():
            return None
        other = str(option[int(np.argmax(rest))])
    a, b = rows[option == held][0], rows[option == other][0]
    columns = [table.numbers(term.name) for term in TERM]
    differences = np.array([column[b] - column[a] for column in columns])
    return Decision(
        int(table.numbers("month")[first]), str(table.words("faction")[first]), held, chosen, other,
        differences, float(table.numbers("probability")[b]),
    )  # fmt: skip


def steps_of(decision: Decision) -> list[tuple[str, float]]:
    """Terms in plain words and their differences, the largest first, the small ones as one."""
    terms = zip(TERM, decision.differences, strict=True)
    named = [(NOUNS[term.name][0].upper() + NOUNS[term.name][1:], float(d)) for term, d in terms]
    large = sorted((step for step in named if abs(step[1]) >= SMALLEST), key=lambda step: -abs(step[1]))
    small = [d for _, d in named if 0 < abs(d) < SMALLEST]
    label = "1 smaller term" if len(small) == 1 else f"{len(small)} smaller terms"
    return [*large, (label, sum(small))] if small else large


def bars(panel: Axes, steps: list[tuple[str, float]], colours: tuple[str, str]) -> None:
    """Bars that start where the one above ends, the sum below, and the numbers."""
    at, reach = 0.0, [0.0]
    for n, (_, d) in enumerate(steps):
        panel.barh(
            n,
            d,
            left=at,
            height=0.62,
            color=colours[0] if d > 0 else colours[1],
            edgecolor=MUTED,
            linewidth=0.4,
        )
        panel.plot([at + d, at + d], [n - 0.31, n + 1.31], color=MUTED, linewidth=0.6)
        at += d
        reach.append(at)
    panel.barh(len(steps), at, height=0.62, color=INK)
    low, high = min(reach), max(reach)
    span = max(high - low, 1.0)
    panel.set(xlim=(low - 0.14 * span, high + 0.14 * span), ylim=(len(steps) + 0.6, -0.6))
    for n, (_, d) in enumerate([*steps, ("", at)]):
        end = reach[n] + d if n < len(steps) else at
        side = 1 if d >= 0 else -1
        panel.text(
            end + side * 0.012 * span, n, _signed(d), fontsize=SMALL, va="center",
            ha="left" if side > 0 else "right", weight="bold" if n == len(steps) else "normal", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip


def _signed(number: float) -> str:
    text = f"{number:+.1f}"
    return "0" if text[1:] == "0.0" else text.replace("-", "−")


def _empty(page: Page, what: str) -> Axes:
    page.write(
        (page.left + page.right) / 2, (page.top + page.bottom) / 2, what, LABEL, ha="center", color=MUTED
    )
    return page.host


def _colours(decision: Decision, palette: Palette) -> tuple[str, str]:
    """Colours of what speaks for the other option and of what speaks for the one held."""
    mine, theirs = palette.colour(decision.other), palette.colour(decision.held)
    return mine, theirs if theirs != mine else PALE


def _title(run: Record, decision: Decision, palette: Palette) -> str:
    entry = run.scenario.factions.get(decision.faction)
    name = entry.name if entry else decision.faction
    held, other = palette.name(decision.held), palette.name(decision.other)
    what = f"stayed: {held}" if decision.chosen == decision.held else f"{held} to {other}"
    return f"{name}, {decision.text}, {what}"


@styled
def waterfall(
    run: Record, faction: str | None = None, month: str | None = None, *, ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
) -> Axes:  # fmt: skip
    """Draw what made a faction choose: the terms of the option it chose less those of the one it held.

    Where it stayed, the best alternative takes the place of the chosen option.

    Parameters
    ----------
    run
        The run.
    faction
        Id, code, name or alias; see :func:`find_decision` for what is drawn without it.
    month
        The month of the decision (``2015-08``).
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the terms need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is its only ``child_axes``.
    """
    decision, palette = find_decision(run, faction, month), palette_of(run)
    if decision is None:
        return _empty(
            Page(ax, figsize or (6.3, 2.0), run, "No such decision"), "Nobody appraised its options then."
        )
    steps = steps_of(decision)
    size = figsize or (6.3, 1.9 + 0.235 * (len(steps) + 1))
    page = Page(ax, size, run, _title(run, decision, palette))
    other, held = palette.name(decision.other), palette.name(decision.held)
    handles = [
        Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in _colours(decision, palette)
    ]
    labels = [f"speaks for: {other}", f"speaks for: {held}"]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.08
    names = [*(name for name, _ in steps), f"Sum: {other} over {held}"]
    left = page.left + min(0.42 * page.inner, max(width_of(name, SMALL, bold=True) for name in names)) + 0.12
    lines = wrap(_unit(run), LABEL, page.right - left, 4)
    bottom = page.bottom + line_height(SMALL) + len(lines) * line_height(LABEL) + 0.1
    panel = page.panel(left, bottom, page.right, page.top)
    bars(panel, steps, _colours(decision, palette))
    tidy(panel, grid=False)
    panel.axvline(0, color=MUTED, linewidth=0.7, zorder=1)
    panel.set_yticks([])
    panel.set_xlabel("\n".join(lines), labelpad=2)
    write_names(page, names, left - 0.06, bottom)
    return page.host


def _unit(run: Record) -> str:
    """What the numbers are."""
    decision = run.scenario.decision
    against = ", each term against its mean in the first month" if decision.centres else ""
    return f"log-odds{against}; a move needs a sum above {decision.theta.value:g}"


def write_names(page: Page, names: list[str], right: float, bottom: float) -> None:
    """What each bar is, in one line or two."""
    each, room = (page.top - bottom) / (len(names) + 0.2), right - page.left
    for n, name in enumerate(names):
        bold = n == len(names) - 1
        size = SMALL if width_of(name, SMALL, bold) <= room else SMALL - 1
        lines = wrap(name, size, room, 2 if 2 * line_height(size) <= each + 0.03 else 1, bold)
        y = page.top - (n + 0.6) * each
        look = {"ha": "right", "va": "center", "linespacing": 1.05, "weight": "bold" if bold else "normal"}
        page.write(right, y, "\n".join(lines), size, **look)
