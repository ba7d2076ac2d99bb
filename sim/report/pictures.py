"""The figures of a report: each at the width of a page and at that of a phone, with a text for those who cannot see it."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.causes import causes, causes_of
from sim.plots.comparison_record import RUN, meaning, part, percent, signed
from sim.plots.difference import difference
from sim.plots.forest import forest
from sim.plots.pair import pair, telling_pair
from sim.plots.term_waterfall import term_waterfall
from sim.plots.who_moved import moved, who_moved

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison

__all__ = [
    "Picture",
    "picture",
    "pictures_of_all",
    "pictures_of_causes",
    "pictures_of_movers",
    "pictures_of_outcomes",
]

WIDE, NARROW = 6.3, 3.35
"""Widths of a page's and of a phone's figure, inches."""
_MANY = 4
"""With more alternatives than this, each has fewer figures."""
_LEAST_CAUSED = 0.02
"""Factions that moved in a smaller share of pairs have no figure of their causes."""


@dataclass(frozen=True)
class Picture:
    """A figure in both widths, as addresses that hold the data, and what it shows in words."""

    wide: str
    narrow: str
    alt: str
    size: tuple[int, int]
    """Width and height of the wide one, CSS pixels, so that a page does not jump while it is read."""


def _data(axes: Axes) -> str:
    """A figure as an address that holds it."""
    import matplotlib

    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "bayah", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", dpi=160, metadata={"Date": None, "Creator": "bayah"})
    return "data:image/svg+xml;base64," + b64encode(out.getvalue()).decode("ascii")


def picture(draw: Callable[..., Axes], alt: str) -> Picture:
    """A figure in both widths, with its text."""
    wide, narrow = (draw(figsize=(width, None)) for width in (WIDE, NARROW))
    figure = wide.get_figure(root=True)
    assert figure is not None
    size = figure.get_size_inches() * 96
    return Picture(_data(wide), _data(narrow), alt, (round(float(size[0])), round(float(size[1]))))


def pictures_of_all(comparison: Comparison) -> Iterator[Picture]:
    """Every alternative on the outcomes that the answers are read from."""
    # Of a single alternative the table says as much, but for the main reading.
    most = 1 if len(comparison.alternatives) == 1 else _MANY
    names = comparison.alternatives
    readings = [comparison.readouts[name][0] for name in names]
    if len(names) <= _MANY:
        readings += [reading for name in names for reading in comparison.readouts[name]]
    for outcome, month in list(dict.fromkeys((one.outcome, one.month) for one in readings))[:most]:
        yield picture(partial(forest, comparison, outcome, month), _forest_words(comparison, outcome, month))


def _forest_words(comparison: Comparison, outcome: str, month: str) -> str:
    frame = part(part(comparison.difference(outcome, month), outcome, "outcome"), month, "month")
    unit, when = meaning(outcome, month).unit, "over the run" if month == RUN else f"at the end of {month}"
    told = [f"{comparison.titles[str(name)]}: {_row_words(row, unit)}" for name, row in frame.iterrows()]
    return f"Forest plot of the differences in {outcome} {when}, in the model. {'; '.join(told)}."


def _row_words(row: Any, unit: str) -> str:
    if row["p_higher"] + row["p_lower"] == 0:
        return "no difference"
    return f"{signed(row['difference'])} {unit}, 95 % interval {signed(row['low'])} to {signed(row['high'])}"


def pictures_of_outcomes(comparison: Comparison, name: str) -> Iterator[Picture]:
    """What differs in one alternative, by month."""
    many = len(comparison.alternatives) > _MANY
    outcomes = dict.fromkeys(one.outcome for one in comparison.readouts[name] if one.month != RUN)
    for outcome in list(outcomes)[: 1 if many else 4]:
        alt = _difference_words(comparison, name, outcome)
        yield picture(partial(difference, comparison, outcome, name), alt)


def pictures_of_movers(comparison: Comparison, name: str) -> Iterator[Picture]:
    """Who moved in one alternative: in all pairs, and in one of them."""
    yield picture(partial(who_moved, comparison, name), _mover_words(comparison, name))
    number = telling_pair(comparison, name)
    runs = [comparison.replay(number, arm) for arm in (comparison.base, name)]
    alt = f"Allegiances of the factions whose side differs, month by month, in both runs of pair {number}."
    yield picture(partial(pair, comparison, number, name, runs=runs), alt)


def pictures_of_causes(comparison: Comparison, name: str) -> Iterator[Picture]:
    """Why the factions moved that did most often."""
    movers = moved(comparison, name)
    caused = movers[movers["moved"] >= _LEAST_CAUSED].index
    for faction in caused[: 1 if len(comparison.alternatives) > _MANY else 3]:
        alt = _cause_words(comparison, name, str(faction))
        yield picture(partial(causes, comparison, str(faction), name), alt)
    for faction in caused[:1]:
        alt = f"What each term adds to the gap between the two choices of {comparison.factions[str(faction)]}, log-odds."
        yield picture(partial(term_waterfall, comparison, str(faction), name), alt)


def _difference_words(comparison: Comparison, name: str, outcome: str) -> str:
    frame = part(part(comparison.difference(outcome), name), outcome, "outcome")
    last = frame.iloc[-1]
    return (
        f"Mean paired difference in {outcome} by month, {comparison.titles[name]} less the base, in the model. At the end"
        f" of {frame.index[-1]}: {_row_words(last, meaning(outcome).unit)}."
    )


def _mover_words(comparison: Comparison, name: str) -> str:
    rows = moved(comparison, name)
    if not len(rows):
        return "No faction stands on another side than in the base."
    told = ", ".join(f"{row['name']} {percent(row['moved'])}" for _, row in rows.iloc[:6].iterrows())
    return (
        f"Factions whose side differs from the base, by month and share of pairs. Ever, most often: {told}."
    )


def _cause_words(comparison: Comparison, name: str, faction: str) -> str:
    rows = causes_of(comparison, faction, name)
    rows = rows.sort_values("of_moved", ascending=False, kind="stable").iloc[:4]
    told = "; ".join(f"{row['words']} {percent(row['of_moved'])}" for _, row in rows.iterrows())
    return f"Why the side of {comparison.factions[faction]} differs, by share of the pairs in which it does: {told}."
