"""Which number of a scenario stands where in the arrays of a run.

The table is filled by the same calls that write the arrays, so a lever cannot point to a place that compilation
does not write. A sweep changes a number through its slot without reading or checking the scenario again, see
:mod:`sim.scenario.levers`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Joint", "Place", "Slot", "Slots", "decay", "same"]

Place = tuple[str, tuple[int, ...]]
"""Name of an array and an index into it."""


def same(value: Any) -> float:
    """The number as it is."""
    return float(value)


def decay(half_life: float) -> float:
    """The factor kept each month for a half-life in months; 0 months means at once."""
    return 0.0 if half_life <= 0.0 else float(0.5 ** (1.0 / half_life))


@dataclass(frozen=True)
class Slot:
    """One lever: its dotted path, its value in the scenario, and every place that holds it."""

    path: str
    value: Any
    """As the scenario has it: a number, a switch, or a word of a choice."""
    unit: str
    transform: Callable[[Any], float]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Joint:
    """A place that follows from several numbers together."""

    paths: tuple[str, ...]
    place: Place
    combine: Callable[[Sequence[float]], float]
    """From the values of the paths, in order, to what stands there."""


class Slots:
    """Writes numbers into named arrays and remembers where each came from."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays
        self.joints: list[Joint] = []
        self._found: dict[str, Slot] = {}

    def put(
        self,
        path: str,
        value: Any,
        array: str,
        *index: int,
        unit: str = "",
        transform: Callable[[Any], float] = same,
    ) -> None:
        """Write ``transform(value)`` at a place, under a dotted path."""
        self.arrays[array][index] = transform(value)
        known = self._found.get(path)
        places = (*known.places, (array, index)) if known else ((array, index),)
        self._found[path] = Slot(path, value, unit, transform, places)

    def note(self, path: str, value: float, unit: str = "") -> None:
        """A number that stands in no place of its own: only joints read it, or no rule at all."""
        self._found.setdefault(path, Slot(path, value, unit, same, ()))

    def join(
        self, paths: Sequence[str], combine: Callable[[Sequence[float]], float], array: str, *index: int
    ) -> None:
        """Write what follows from the values of several paths, all of them put or noted before."""
        self.arrays[array][index] = combine([self._found[path].value for path in paths])
        self.joints.append(Joint(tuple(paths), (array, index), combine))

    def table(self) -> dict[str, Slot]:
        """All slots by path, in the order written."""
        return dict(self._found)
