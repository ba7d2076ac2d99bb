"""What a faction's terms add to the gap between what it chose in the alternative and in the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .comparison_record import Size, part, percent, sentence, sheet, width_asked
from .page import line_height, tidy, width_of, wrap
from .style import LABEL, MUTED, PALE, PATRON_COLOURS, SMALL, styled
from .waterfall import SMALLEST, bars, write_names

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison

__all__ = ["term_waterfall"]

_NONE = "There is no first difference of this faction in which both choices can be set side by side."
_COLOURS = (PATRON_COLOURS[2], PALE)


@styled
def term_waterfall(
    comparison: Comparison,
    faction: str,
    alternative: str | None = None,
    ax: Axes | None = None,
    *,
    figsize: Size | None = None,
) -> Axes:
    """Draw how each term changes the gap between a faction's two choices, on the mean over first differences.

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
        Size of that figure, inches; by default 6.3 wide and as high as the terms need.

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
    who = faction if faction in comparison.factions else comparison.faction(faction)
    title = f"{comparison.factions[who]}: what its terms add"
    frame = comparison.terms()
    levels = frame.index
    frame = frame[
        (levels.get_level_values("alternative") == name) & (levels.get_level_values("faction") == who)
    ]
    if not len(frame):
        return sentence(sheet(ax, figsize or (6.3, 1.8), comparison, [name], title, "", 0.8), _NONE)
    steps = _steps(list(zip(frame["words"], frame["log_odds"], strict=True)))
    names = [*(text for text, _ in steps), "Sum"]
    moved = float(part(comparison.who_moved(), name)["moved"][who])
    about = (
        f"Mean over {int(frame['count'].iloc[0]):,} first differences in which both runs chose, or one was asked what it"
        f" would have chosen (its side differs in {percent(moved)} of {comparison.pairs_count:,} pairs)."
    )
    narrow = width_asked(ax, figsize) < 5
    page = sheet(ax, figsize, comparison, [name], title, about, 1.2 + (0.3 if narrow else 0.25) * len(names))
    handles = [Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4) for colour in _COLOURS]
    labels = ["speaks for its choice in the alternative", "speaks for its choice in the base"]
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.08
    longest = max(width_of(text, SMALL, bold=True) for text in names)
    left = page.left + min((0.46 if narrow else 0.42) * page.inner, longest) + 0.12
    lines = wrap("change of the gap between the two choices, log-odds", LABEL, page.right - left, 3)
    bottom = page.bottom + line_height(SMALL) + len(lines) * line_height(LABEL) + 0.1
    panel = page.panel(left, bottom, page.right, page.top)
    bars(panel, steps, _COLOURS)
    if narrow:
        # Numbers need as much room, inches, on a narrow panel.
        low, high = panel.get_xlim()
        panel.set_xlim(low - 0.06 * (high - low), high + 0.08 * (high - low))
    tidy(panel, grid=False)
    panel.axvline(0, color=MUTED, linewidth=0.7, zorder=1)
    panel.set_yticks([])
    panel.set_xlabel("\n".join(lines), labelpad=2)
    write_names(page, names, left - 0.06, bottom)
    return page.host


def _steps(terms: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Terms and what they add, the largest first, the small ones as one."""
    large = [(text[0].upper() + text[1:], value) for text, value in terms if abs(value) >= SMALLEST]
    small = [value for _, value in terms if 0 < abs(value) < SMALLEST]
    ordered = sorted(large, key=lambda step: -abs(step[1]))
    few = "1 smaller term" if len(small) == 1 else f"{len(small)} smaller terms"
    return [*ordered, (few, sum(small))] if small else ordered
