"""Levers: which number of a scenario stands where in the arrays of a run.

The table is filled by the same calls that write the arrays, so a lever cannot point to a place that compilation
does not write. A sweep changes a number through its slot without reading or checking the scenario again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Place", "Slot", "Slots", "decay", "same"]

Place = tuple[str, tuple[int, ...]]
"""Name of an array and an index into it."""


def same(value: float) -> float:
    """The number as it is."""
    return value


def decay(half_life: float) -> float:
    """The factor kept each month for a half-life in months; 0 months means at once."""
    return 0.0 if half_life <= 0.0 else float(0.5 ** (1.0 / half_life))


@dataclass(frozen=True)
class Slot:
    """One lever: its dotted path, its value in the scenario, and every place that holds it."""

    path: str
    value: float
    unit: str
    transform: Callable[[float], float]
    places: tuple[Place, ...]


class Slots:
    """Writes numbers into named arrays and remembers where each came from."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays
        self._found: dict[str, Slot] = {}

    def put(
        self,
        path: str,
        value: float,
        array: str,
        *index: int,
        unit: str = "",
        transform: Callable[[float], float] = same,
    ) -> None:
        """Write ``transform(value)`` at a place, under a dotted path."""
        self.arrays[array][index] = transform(value)
        known = self._found.get(path)
        places = (*known.places, (array, index)) if known else ((array, index),)
        self._found[path] = Slot(path, value, unit, transform, places)

    def table(self) -> dict[str, Slot]:
        """All slots by path, in the order written."""
        return dict(self._found)
