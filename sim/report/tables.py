"""The tables of a report, in texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.compare.words import verdict
from sim.outcomes import SUMMARY
from sim.plots.comparison_record import RUN, amount, meaning, part, percent, side_words, signed
from sim.plots.style import Palette
from sim.plots.who_moved import moved

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison

__all__ = ["Table", "moved_table", "outcome_tables", "reason_table"]

_NONE = "–"
_MOST_REASONS, _MOST_FACTIONS = 4, 12
_LEAST_REASON = 0.02


@dataclass(frozen=True)
class Table:
    """A table: what its columns are called, and its rows of texts; the first column names the row."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    """How many columns, from the left, hold words."""
    judged: bool = False
    """Whether the last column holds words too."""

    def is_number(self, column: int) -> bool:
        """Whether a column holds numbers."""
        return column >= self.words and not (self.judged and column == len(self.heads) - 1)


def _between(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


def _difference(row: Any, weights: bool) -> list[str]:
    """What differs, and in what share of pairs."""
    same = row["p_higher"] + row["p_lower"] == 0
    over = [_NONE if same else _between(row["weights_low"], row["weights_high"])] if weights else []
    told = (
        ["0", "the same in every pair"]
        if same
        else [signed(row["difference"]), _between(row["low"], row["high"])]
    )
    return [
        amount(row["base"]), amount(row["alternative"]), *told, *over, percent(row["p_higher"]), percent(row["p_lower"]),
    ]  # fmt: skip


def _sharpness(row: Any) -> list[str]:
    """How small a difference could have been seen, and how many pairs would do."""
    times, needed = row["variance_reduction"], row["pairs_needed"]
    return [
        amount(row["smallest"]), f"{row['pairs']:,}", _NONE if np.isnan(needed) else f"{needed:,.0f}",
        _NONE if np.isnan(times) else f"{times:.1f} times",
    ]  # fmt: skip


def outcome_tables(comparison: Comparison, name: str) -> list[Table]:
    """Where the answer is read, how sharply, and the outcomes of the run as a whole."""
    frame = part(comparison.difference(), name)
    weights = "weights_low" in frame.columns
    main, sharp, run = [], [], []
    for reading in comparison.readouts[name]:
        row: Any = frame.loc[(reading.outcome, reading.month)]
        when = "whole run" if reading.month == RUN else reading.month
        head = [f"{reading.outcome} ({meaning(reading.outcome, reading.month).unit})", when]
        main.append([*head, *_difference(row, weights), verdict(row, reading) or "nothing stated"])
        sharp.append([*head, *_sharpness(row)])
    for column in SUMMARY:
        if (column.name, RUN) in frame.index:
            row = frame.loc[(column.name, RUN)]
            unit = "months from the start" if column.unit == "month" else column.unit
            run.append([f"{column.name} ({unit})", *_difference(row, weights), amount(row["smallest"])])
    over = ["Over the weights"] if weights else []
    heads = [
        "Base",
        "Alternative",
        "Difference",
        "95 % interval",
        *over,
        "Higher in (pairs)",
        "Lower in (pairs)",
    ]
    smallest = "Smallest that could have been seen"
    sharpness = [smallest, "Pairs made", "Pairs needed", "Variance reduced by pairing"]
    return [
        Table(
            "Where the answer is read", ["Outcome", "At the end of", *heads, "Judged"], main, 2, judged=True
        ),
        Table("How sharply it was seen", ["Outcome", "At the end of", *sharpness], sharp, 2),
        Table("Outcomes of the run as a whole", ["Outcome", *heads, smallest], run, 1),
    ]


def moved_table(comparison: Comparison, name: str) -> Table:
    """Which factions stand elsewhere, in what share of pairs, since when, and whether they swear."""
    palette, focus = (
        Palette(dict(comparison.patrons)),
        Palette(dict(comparison.patrons)).name(comparison.focus),
    )
    rows = []
    for _, row in moved(comparison, name).iterrows():
        sides = [side_words(palette, str(row[arm])) for arm in ("base_side", "alternative_side")]
        rows.append([
            str(row["name"]), f"{sides[0]} → {sides[1]}", str(row["month"]), percent(row["moved"]), percent(row["at_end"]),
            percent(row["share"]), percent(row["pledged_base"]), percent(row["pledged_alternative"]),
            f"{_points(row['pledged_difference'])} ({_points(row['low'])} to {_points(row['high'])})",
        ])  # fmt: skip
    heads = [
        "Faction", "Sides at the first difference, mostly", "First, median", "Side differs ever (of pairs)",
        "In the last month (of pairs)", "These sides (of those)", f"Ever swore to {focus}, base",
        f"Ever swore to {focus}, alternative", "Difference, per cent points (95 % interval)",
    ]  # fmt: skip
    return Table("Who moved", heads, rows, 3)


def _points(share: float) -> str:
    text = f"{100 * share:+.1f}".replace("-", "−")
    return "0" if text[1:] == "0.0" else text


def reason_table(comparison: Comparison, name: str) -> Table:
    """Through what factions stand elsewhere: the causes credited most, of those that moved."""
    frame = comparison.reasons()
    frame = frame.loc[frame.index.get_level_values("alternative") == name]
    rows: list[list[str]] = []
    movers = moved(comparison, name).index
    for faction in movers[:_MOST_FACTIONS]:
        mine = frame.loc[frame.index.get_level_values("faction") == faction]
        rows += _causes(comparison.factions[str(faction)], mine)
    heads = ["Faction", "Because of", "Of its moves", "Of all pairs", "Log-odds, mean"]
    caption = "Reasons of the first difference"
    if len(movers) > _MOST_FACTIONS:
        caption += f", of the {_MOST_FACTIONS} factions that moved in most pairs"
    return Table(caption, heads, rows, 2)


def _causes(faction: str, frame: pd.DataFrame) -> Iterable[list[str]]:
    shown = frame[frame["of_moved"] >= _LEAST_REASON].sort_values("of_moved", ascending=False, kind="stable")
    for n, (_, row) in enumerate(shown.iloc[:_MOST_REASONS].iterrows()):
        odds = float(row["log_odds"])
        text = "" if np.isnan(odds) else f"{odds:+.2f}".replace("-", "−")
        yield [
            faction if n == 0 else "",
            str(row["words"]),
            percent(row["of_moved"]),
            percent(row["share"]),
            text or _NONE,
        ]
