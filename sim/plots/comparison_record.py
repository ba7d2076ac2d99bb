"""What a figure of a comparison reads, and what all of them say: which alternative, of how many pairs, from when on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from matplotlib.axes import Axes

from sim.errors import UsageError
from sim.outcomes import MONTHLY, SUMMARY
from sim.scenario.quantities import month_index, month_text
from sim.scenario.wording import one_line

from .page import PAD, Page, fit, line_height, width_of, wrap
from .ribbons import plain_name
from .style import INK, LABEL, MUTED, SMALL, TITLE, Palette

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison
    from sim.state import Column

__all__ = [
    "RUN", "Size", "alternatives_of", "amount", "head", "lever_place", "mark_levers", "meaning", "months_compared",
    "names_of", "of_outcome", "part", "percent", "sentence", "shade_later", "sheet", "side_words", "signed",
    "width_asked", "write_name",
]  # fmt: skip

RUN = "run"
"""The month of an outcome of the run as a whole."""
Size = tuple[float, float] | tuple[float, None]
"""Width and height, inches; None where the height is what is needed."""


_SHORT: WeakKeyDictionary[Comparison, dict[str, str]] = WeakKeyDictionary()
"""Abbreviations of factions; to read a scenario takes its time."""
_MONTHLY: dict[str, Column] = {column.name: column for column in MONTHLY}
_SUMMARY: dict[str, Column] = {column.name: column for column in SUMMARY}


def meaning(outcome: str, month: str | None = None) -> Column:
    """Unit and meaning of an outcome by month, or of the run as a whole."""
    return _SUMMARY[outcome] if month == RUN or outcome not in _MONTHLY else _MONTHLY[outcome]


def alternatives_of(comparison: Comparison, named: str | Sequence[str] | None) -> list[str]:
    """The alternatives that a figure shows, all of them where none is named."""
    names = comparison.alternatives if named is None else [named] if isinstance(named, str) else named
    return list(dict.fromkeys(comparison.alternative(name) for name in names))


def of_outcome(comparison: Comparison, outcome: str) -> pd.DataFrame:
    """The differences in one outcome, by alternative and month."""
    return part(comparison.difference(outcome), outcome, "outcome")


def part(frame: pd.DataFrame, key: str, level: int | str = 0) -> pd.DataFrame:
    """The rows of a key in one level of the index, which the rows then lack."""
    rows: pd.DataFrame = cast("Any", frame.xs(key, level=level))
    return rows


def check_month(comparison: Comparison, month: str) -> str:
    """A month of the comparison.

    Raises
    ------
    UsageError
        If it is none.
    """
    months = comparison.months
    if month not in months:
        raise UsageError(
            f"the comparison goes from {months[0]} to {months[-1]}; '{one_line(str(month), 20)}' is outside"
        )
    return month


def months_compared(comparison: Comparison) -> range:
    """The months as indices of :func:`~sim.scenario.quantities.month_index`."""
    start = month_index(comparison.months[0])
    return range(start, start + len(comparison.months))


def lever_place(comparison: Comparison, alternative: str, months: range | None = None) -> int | None:
    """Position of the month from which the levers differ; None where it is not among those drawn."""
    text, drawn = comparison.lever_months.get(alternative), months or months_compared(comparison)
    return month_index(text) - drawn[0] if text and month_index(text) in drawn else None


def _later(comparison: Comparison, months: range) -> int | None:
    """Position of the first month past the record."""
    if comparison.unvalidated_from is None:
        return None
    first = max(month_index(comparison.unvalidated_from) - months[0], 0)
    return first if first < len(months) else None


def shade_later(panel: Axes, comparison: Comparison, months: range | None = None, over: bool = False) -> None:
    """Shade the months past the record; ``over`` what is drawn, where cells would hide it."""
    drawn = months or months_compared(comparison)
    first = _later(comparison, drawn)
    if first is None:
        return
    last = len(drawn)
    if over:
        panel.axvspan(first, last, facecolor="#E9E2D2", alpha=0.45, edgecolor="none", zorder=2.2)
        return
    panel.axvspan(first, last, facecolor="#E9E2D2", edgecolor="none", zorder=0)
    panel.axvspan(first, last, facecolor="white", alpha=0.4, edgecolor="none", zorder=2.2)


def with_shading(about: str, comparison: Comparison) -> str:
    """What a footer says, and what is shaded."""
    months = months_compared(comparison)
    first = _later(comparison, months)
    if first is None:
        return about
    return f"{about} Shaded: after {month_text(months[0] + first - 1)}, unvalidated."


def width_asked(ax: Axes | None, figsize: Size | None) -> float:
    """Width of a page to come, inches."""
    if ax is None:
        return (figsize or (6.3, None))[0]
    figure = ax.get_figure(root=True)
    assert figure is not None
    return float(ax.get_window_extent().width / figure.dpi)


def _told(comparison: Comparison, alternatives: Sequence[str]) -> list[str]:
    """What is compared with what, and the face of the comparison."""
    base = comparison.titles[comparison.base]
    if len(alternatives) == 1:
        return [f"{comparison.titles[alternatives[0]]}, against: {base}", f"In the model, {comparison.face}"]
    return [f"Against: {base}", f"In the model, {comparison.face}"]


def head(page: Page, comparison: Comparison, *alternatives: str) -> None:
    """Below the title: the alternative, if there is one, the base, and the face of the comparison."""
    looks = ((LABEL, 4, INK), (SMALL, 2, MUTED))
    for text, (size, most, colour) in zip(_told(comparison, alternatives), looks, strict=True):
        for line in wrap(text, size, page.inner * 0.96, most):
            page.write(page.left, page.top, line, size, va="top", color=colour)
            page.top -= line_height(size)
    page.top -= 0.06


def sheet(
    ax: Axes | None, figsize: Size | None, comparison: Comparison, alternatives: Sequence[str], title: str,
    about: str, inner: float, shaded: bool = False,
) -> Page:  # fmt: skip
    """A page with title, head and footer.

    Parameters
    ----------
    ax
        Axes to draw in, or None for a figure of its own.
    figsize
        Width and height of that figure, inches; without a height it is as high as it needs to be.
    comparison
        The comparison.
    alternatives
        The one that is shown, or several.
    title, about
        Title and footer.
    inner
        Height of what stands between head and footer, inches.
    shaded
        Whether months past the record are shaded, which the footer then says.
    """
    width, asked = width_asked(ax, figsize), (figsize or (6.3, None))[1]
    room = width - 2 * PAD
    face, below = _told(comparison, alternatives), with_shading(about, comparison) if shaded else about
    tall = PAD * 1.3 + 0.16 + len(wrap(title, TITLE, room, 2, bold=True)) * line_height(TITLE)
    tall += len(wrap(face[0], LABEL, room * 0.96, 4)) * line_height(LABEL)
    tall += len(wrap(face[1], SMALL, room * 0.96, 2)) * line_height(SMALL)
    tall += len(wrap(below, SMALL - 0.5, room * 0.94, 7)) * line_height(SMALL - 0.5)
    page = Page(ax, (width, asked or tall + inner), None, title, below)
    head(page, comparison, *alternatives)
    return page


def signed(number: float) -> str:
    """A difference with its sign, to three digits.

    Examples
    --------
    >>> signed(-1234.5), signed(0.01234), signed(0.0), signed(12.0), signed(-1.5e-6)
    ('−1,234', '+0.0123', '0', '+12.0', '−1.5e−06')
    """
    text = amount(abs(number))
    return "0" if text == "0" else ("+" if number > 0 else "−") + text


def amount(number: float) -> str:
    """A number to three digits.

    Examples
    --------
    >>> amount(12345.6), amount(1.0), amount(0.25), amount(0.0000001)
    ('12,346', '1.00', '0.250', '0')
    """
    size = abs(number)
    if size < 5e-7:
        return "0"
    digits = (
        0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3 if size >= 0.09995 else 4
    )
    text = f"{number:,.{digits}f}" if size >= 0.0005 else f"{number:.2g}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """A share as per cent; what is neither none nor all is not rounded to it.

    Examples
    --------
    >>> percent(0.0), percent(0.001), percent(0.333), percent(0.999), percent(1.0)
    ('0 %', '<1 %', '33 %', '>99 %', '100 %')
    """
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < share < 1 else f"{100 * share:.0f} %"


def side_words(palette: Palette, side: str) -> str:
    """A side in plain words."""
    return {"gone": "no longer there", "not yet": "not yet there"}.get(side) or palette.name(side)


def names_of(comparison: Comparison, factions: Sequence[str], narrow: bool) -> list[str]:
    """Names of factions; where there is little room, the abbreviation that each goes by."""
    from .ties import short_faction_names

    if not narrow:
        return [comparison.factions[who] for who in factions]
    if comparison not in _SHORT:
        roster = comparison.scenario(comparison.base).scenario.factions
        _SHORT[comparison] = dict(zip(roster, short_faction_names(list(roster.values())), strict=True))
    return [_SHORT[comparison][who] for who in factions]


def write_name(page: Page, right: float, y: float, name: str, room: float) -> None:
    """A faction's name beside its row: without what stands in brackets, smaller, or cut where it is long."""
    text = plain_name(name, room)
    size = SMALL if width_of(text, SMALL) <= room else SMALL - 1
    page.write(right, y, fit(text, size, room), size, ha="right", va="center_baseline")


def mark_levers(panel: Axes, place: int | None, colour: str = INK) -> None:
    """The line from which the levers differ."""
    if place is not None:
        panel.axvline(place, color=colour, linewidth=1.0, linestyle=(0, (3, 2)), zorder=2.6, gid="levers")


def sentence(page: Page, text: str) -> Axes:
    """What there is to say where there is nothing to draw."""
    lines = wrap(text, LABEL, page.inner * 0.92, 6)
    middle: Any = (page.left + page.right) / 2
    page.write(
        middle,
        (page.top + page.bottom) / 2,
        "\n".join(lines),
        LABEL,
        ha="center",
        va="center",
        linespacing=1.3,
    )
    return page.host
