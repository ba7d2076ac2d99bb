"""In how many runs of a point each faction holds each allegiance, month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.experiments.plan import Plan
from sim.results.tables import Field, Table, Words
from sim.scenario.compile import Compiled

__all__ = ["AWAY", "Counts"]

AWAY = ("not yet", "active", "merged", "reconciled", "destroyed", "dissolved")
"""What a faction that holds no allegiance is, by its fate."""

_FIELDS = (
    Field("point", "count", "point", "Point of the design, from 0."),
    Field("month", "month", "month", "Month, at its end."),
    Field("faction", "text", "faction", "Id of the faction."),
    Field("held", "text", "option", "The allegiance it holds, or why it holds none."),
    Field("runs", "count", "runs", "Runs in which it does, among those of this file."),
)


class Counts:
    """Counts of one chunk; those of a point are packed when the next point begins.

    Parameters
    ----------
    plan
        The plan.
    """

    def __init__(self, plan: Plan) -> None:
        self._each = plan.replicates
        self._point = -1
        self._compiled: Compiled | None = None
        self._now: NDArray[np.int64] | None = None
        self._words: dict[str, dict[str, int]] = {"faction": {}, "held": {}}
        self._packed: dict[str, list[NDArray[np.int64]]] = {field.name: [] for field in _FIELDS}

    def add(self, compiled: Compiled, runs: NDArray[np.int64], held: NDArray[np.uint8]) -> None:
        """Take runs, in order.

        Parameters
        ----------
        compiled
            Their scenario.
        runs
            Shape (runs,).
        held
            Shape (runs, months, factions): see :func:`sim.engine.month.keep_allegiances`.
        """
        points = runs // self._each
        for point in np.unique(points):
            if point != self._point or compiled is not self._compiled:
                self._pack()
                self._point, self._compiled = int(point), compiled
            counted = self._count(held[points == point])
            self._now = counted if self._now is None else self._now + counted

    def _count(self, held: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Shape (months, factions, 256)."""
        runs, months, factions = held.shape
        cell = np.arange(months * factions, dtype=np.int64) * 256
        places = (cell[None, :] + held.reshape(runs, months * factions)).ravel()
        counts = np.bincount(places, minlength=months * factions * 256)
        return np.asarray(counts.reshape(months, factions, 256), dtype=np.int64)

    def _pack(self) -> None:
        if self._now is None or self._compiled is None:
            return
        month, faction, byte = np.nonzero(self._now)
        away = [""] * (s.AWAY - len(self._compiled.options))
        meaning = (*self._compiled.options, *away, *AWAY)
        names = self._codes("faction", self._compiled.factions)
        words = self._codes("held", meaning)
        self._packed["point"].append(np.full(len(month), self._point))
        self._packed["month"].append(self._compiled.start + month)
        self._packed["faction"].append(names[faction])
        self._packed["held"].append(words[byte])
        self._packed["runs"].append(self._now[month, faction, byte])
        self._now = None

    def _codes(self, column: str, words: tuple[str, ...]) -> NDArray[np.int64]:
        known = self._words[column]
        return np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int64)

    def table(self) -> Table:
        """A row for each point, month, faction and allegiance that is held in any run."""
        self._pack()
        empty = np.empty(0, dtype=np.int64)
        whole: dict[str, Any] = {
            name: np.concatenate([empty, *parts]) for name, parts in self._packed.items()
        }
        for name, words in self._words.items():
            whole[name] = Words(whole[name].astype(np.int32), tuple(words))
        return Table("allegiances", _FIELDS, whole, ("point", "month", "faction", "held"))
