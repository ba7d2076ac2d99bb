"""Do the what-ifs go where the articles say? Every direction that a what-if states, shown or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.experiments.compare.comparison import Comparison
from sim.experiments.compare.words import signed

__all__ = ["Direction", "directions", "directions_markdown"]


@dataclass(frozen=True)
class Direction:
    """A direction stated, and what the pairs show."""

    what_if: str
    stated: str
    outcome: str
    month: str
    expected: str
    difference: float
    low: float
    high: float
    no_effect: float
    pairs: int

    @property
    def verdict(self) -> str:
        """``shown``, ``too small`` (in that direction, but less than counts), ``not shown`` or ``opposite``."""
        small = abs(self.difference) < self.no_effect
        if self.expected == "same":
            return "shown" if max(abs(self.low), abs(self.high)) < self.no_effect else "not shown"
        sign = 1.0 if self.expected == "higher" else -1.0
        ends = sorted((sign * self.low, sign * self.high))
        if ends[0] > 0:
            return "too small" if small else "shown"
        return "opposite" if ends[1] < 0 and not small else "not shown"


def directions(comparison: Comparison) -> Iterator[Direction]:
    """Every direction that the alternatives of a comparison state."""
    frame: Any = comparison.frame("difference")
    for name in comparison.alternatives:
        stated = (comparison.what_ifs[name] or {}).get("readouts", ())
        for reading, entry in zip(comparison.readouts[name], stated, strict=False):
            if "direction" not in entry:
                continue
            row = frame.loc[(name, reading.outcome, reading.month)]
            yield Direction(
                name, str(entry.get("stated", "")), reading.outcome, reading.month, str(entry["direction"]),
                float(row.difference), float(row.low), float(row.high), float(entry["no_effect"]), int(row.pairs),
            )  # fmt: skip


def directions_markdown(found: Iterable[Direction]) -> str:
    """The table of the documents."""
    heads = (
        "what-if",
        "stated by",
        "outcome",
        "month",
        "expected",
        "difference (95 %)",
        "no effect below",
        "in the model",
    )
    lines = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for one in found:
        interval = f"{signed(one.difference)} ({signed(one.low)} to {signed(one.high)})"
        cells = (
            f"`{one.what_if}`", one.stated, f"`{one.outcome}`", one.month, one.expected, interval, f"{one.no_effect:g}",
            one.verdict,
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
