"""What sources would know of some runs: the sides that units took, their dates, and outcomes by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s

__all__ = ["ALONE", "DEAD", "FOCUS", "GONE", "INCUMBENT", "OTHER", "OUT", "SIDES", "Records", "side_table"]

INCUMBENT, FOCUS, ALONE, OUT, DEAD, GONE, OTHER = range(7)
SIDES = ("incumbent", "focus", "alone", "out", "dead", "gone", "other")
"""Sides of a unit in a month: with the incumbent or the focus patron (sworn or allied), on its own, at peace, destroyed,
not there (not yet, merged or dissolved), with another patron."""


def side_table(patrons: int, focus: int, incumbent: int) -> NDArray[np.int8]:
    """Side by the byte that the engine keeps of an allegiance.

    Parameters
    ----------
    patrons
        How many there are.
    focus, incumbent
        Which of them are the focus patron and the incumbent.

    Returns
    -------
    NDArray
        Shape (256,).
    """
    table = np.full(256, OTHER, dtype=np.int8)
    for k, side in ((incumbent, INCUMBENT), (focus, FOCUS)):
        table[[k, k + patrons]] = side
    table[2 * patrons], table[2 * patrons + 1] = ALONE, OUT
    fates = {s.FATE_RECONCILED: OUT, s.FATE_DESTROYED: DEAD}
    for fate in range(s.FATE_DISSOLVED + 1):
        table[s.AWAY + fate] = fates.get(fate, GONE)
    return table


@dataclass(frozen=True, eq=False)
class Records:
    """Some runs, as far as a pattern may look.

    Months count from the first one of the run; -1 is never.
    """

    start: int
    """Month index of the first month (:func:`sim.scenario.quantities.month_index`)."""
    units: tuple[str, ...]
    """Names of the units."""
    sides: NDArray[np.int8]
    """(runs, months, units): see :data:`SIDES`."""
    support: NDArray[np.int16]
    """(runs, units): first month with the focus patron or offering to it, by the unit or any part of its line."""
    oath: NDArray[np.int16]
    """(runs, units): first oath to it, likewise."""
    accepted: NDArray[np.int16]
    """(runs, units): first acceptance by it, likewise."""
    theatre: NDArray[np.int16]
    """(runs, units): row of the region where the unit was last."""
    monthly: Mapping[str, NDArray[np.float64]]
    """Outcomes of months, each (runs, months)."""
    regions: tuple[str, ...] = ()
    """Names of the regions, by row."""
    traits: Mapping[str, NDArray[Any]] | None = None
    """What units were coded as, each (units,)."""

    summary: Mapping[str, NDArray[np.float64]] | None = None
    """Outcomes of whole runs, each (runs,), of all units; None where only units are known, as of the record."""

    kept: Mapping[int, NDArray[np.int8]] | None = None
    """Sides at the end of some months, by month: where the others are not known, in the place of :attr:`sides`."""

    def side(self, month: int) -> NDArray[np.int8]:
        """Sides at the end of a month, (runs, units)."""
        return self.sides[:, month] if self.kept is None else self.kept[month]

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.oath)

    @property
    def months(self) -> int:
        """How many months each has."""
        return int(self.sides.shape[1])

    def trait(self, name: str) -> NDArray[Any]:
        """A coded trait of the units.

        Raises
        ------
        KeyError
            If they have no such trait.
        """
        return (self.traits or {})[name]

    def only(self, keep: NDArray[np.bool_]) -> Records:
        """The same runs with some of the units."""
        traits = {name: values[keep] for name, values in (self.traits or {}).items()}
        return replace(
            self,
            units=tuple(name for name, kept in zip(self.units, keep, strict=True) if kept),
            sides=self.sides[:, :, keep],
            kept=None if self.kept is None else {month: sides[:, keep] for month, sides in self.kept.items()},
            support=self.support[:, keep],
            oath=self.oath[:, keep],
            accepted=self.accepted[:, keep],
            theatre=self.theatre[:, keep],
            traits=traits,
        )


def joined(parts: Sequence[Records]) -> Records:
    """Runs one after the other.

    Parameters
    ----------
    parts
        Records of the same units and months.
    """
    first = parts[0]
    return replace(
        first,
        sides=np.concatenate([part.sides for part in parts]),
        support=np.concatenate([part.support for part in parts]),
        oath=np.concatenate([part.oath for part in parts]),
        accepted=np.concatenate([part.accepted for part in parts]),
        theatre=np.concatenate([part.theatre for part in parts]),
        monthly={name: np.concatenate([part.monthly[name] for part in parts]) for name in first.monthly},
        summary=None
        if first.summary is None
        else {name: np.concatenate([(part.summary or {})[name] for part in parts]) for name in first.summary},
    )
