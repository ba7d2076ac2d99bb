"""The record of a run by Mesa, in the engine's own form."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import state as s
from sim.engine.world import MUTABLE, Decisions, History, World
from sim.outcomes import M_WIDTH, O_WIDTH, summarise
from sim.state import FloatArray, IntArray

__all__ = ["Recorder"]


class Recorder:
    """Keeps the months and decisions of a run.

    Parameters
    ----------
    world
        The arrays of the run.
    record
        Keep all arrays of every month, and decisions; else only outcomes.
    """

    def __init__(self, world: World, record: bool) -> None:
        self.record = record
        self.done = 0
        self.measured = np.zeros(M_WIDTH)
        self.summary = np.zeros(O_WIDTH)
        self._outcomes: list[FloatArray] = []
        self._months: dict[str, list[Any]] = {name: [] for name in MUTABLE}
        self._keys: list[tuple[int, int, int, int, int]] = []
        self._terms: list[FloatArray] = []
        self._values: list[FloatArray] = []

    def keep_decision(self, world: World, row: int) -> None:
        """Keep a decision: (month, faction, held, chosen, why), terms, utilities and probabilities."""
        if not self.record:
            return
        held, chosen, why = world.I[row, [s.I_ALLEGIANCE, s.I_CHOICE, s.I_WAKE]].tolist()
        self._keys.append((int(world.C[s.C_MONTH]), row, held, chosen, why))
        self._terms.append(world.T.copy())
        self._values.append(np.stack([world.V, world.Q]))

    def keep_month(self, world: World) -> None:
        """Keep the end of a month."""
        self.done += 1
        self._outcomes.append(self.measured.copy())
        if self.record:
            for name in MUTABLE:
                self._months[name].append(getattr(world, name).copy())

    def history(self, world: World, seed: int) -> History:
        """The record so far."""
        summary = self.summary.copy()
        summarise(world.I, world.P, world.W, world.C, summary)
        arrays = {
            name: np.array(months, dtype=getattr(world, name).dtype).reshape(-1, *getattr(world, name).shape)
            for name, months in self._months.items()
        }
        outcomes = np.array(self._outcomes).reshape(-1, M_WIDTH)
        return History(arrays, outcomes, summary, self._decisions(world), seed)

    def _decisions(self, world: World) -> Decisions:
        keys: IntArray = np.array(self._keys, dtype=np.int64).reshape(-1, 5)
        options = world.V.shape[0]
        terms = np.array(self._terms, dtype=np.float64).reshape(-1, options, s.T_WIDTH)
        values = np.array(self._values, dtype=np.float64).reshape(-1, 2, options)
        return Decisions(keys, terms, values)
