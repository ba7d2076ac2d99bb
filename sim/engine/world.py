"""The arrays of one run, and a run by the compiled engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import seed_key
from sim.engine.stages import enter, legs
from sim.errors import RunError
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import FloatArray, IntArray

__all__ = ["ARRAYS", "MUTABLE", "Decisions", "History", "World", "lay_out", "run_engine"]

MUTABLE = ("F", "I", "X", "P", "W", "G", "H", "C")
"""Arrays that a run changes."""
SHARED = ("A", "E", "CEN", "TP", "TI", "TW", "NP", "NI", "D")
"""Arrays that a run only reads."""
ARRAYS = MUTABLE + SHARED
_BY_COLUMN = ("G", "H")
"""Arrays of which one column is read for all regions in a row; they lie in memory by column, the others by row."""


def lay_out(name: str, array: Any) -> Any:
    """An array of :data:`ARRAYS` as the engine takes it; copied only if it lies in memory otherwise."""
    return np.asfortranarray(array) if name in _BY_COLUMN else np.ascontiguousarray(array)


class World:
    """The arrays of one run: its own copies of what changes, the compiled scenario's of what does not.

    Parameters
    ----------
    arrays
        As in :class:`sim.scenario.compile.Compiled`.
    seed
        Run seed, 0 to 2**64 - 1.
    """

    F: FloatArray
    I: IntArray
    X: FloatArray
    P: FloatArray
    W: FloatArray
    G: FloatArray
    H: FloatArray
    C: FloatArray
    A: FloatArray
    E: FloatArray
    CEN: FloatArray
    TP: IntArray
    TI: IntArray
    TW: FloatArray
    NP: IntArray
    NI: IntArray
    D: FloatArray
    T: FloatArray
    """Terms of the last appraisal, shape (options, terms)."""
    V: FloatArray
    """Utilities of the last appraisal, shape (options,)."""
    Q: FloatArray
    """Probabilities of the last choice, shape (options,)."""

    def __init__(self, arrays: dict[str, Any], seed: int) -> None:
        from sim.rules.opening import open_run
        from sim.rules.sums import take_stock

        for name in MUTABLE:
            setattr(self, name, lay_out(name, arrays[name].copy()))
        for name in SHARED:
            setattr(self, name, arrays[name])
        self.C[s.C_KEY0], self.C[s.C_KEY1] = seed_key(seed)
        options = self.CEN.shape[0]
        self.T = np.zeros((options, s.T_WIDTH))
        self.V = np.zeros(options)
        self.Q = np.zeros(options)
        take_stock(self.F, self.I, self.P, self.W, self.G, self.H, self.C, self.A, self.NP, self.NI)
        open_run(self.F, self.I, self.P, self.C, self.A)

    def enter(self, arrays: dict[str, Any], jumps: Iterable[tuple[str, tuple[int, ...]]]) -> None:
        """Go on under what a stage of the scenario says; see :func:`sim.engine.stages.enter`."""
        enter({name: getattr(self, name) for name in MUTABLE}, self.E, arrays, jumps)
        for name in SHARED:
            setattr(self, name, arrays[name])

    def state(self) -> tuple[Any, ...]:
        """The arrays in the order in which the rules of a phase take them."""
        return tuple(getattr(self, name) for name in MUTABLE)

    def status(self) -> None:
        """Raise if the run ended in a state that the model does not allow.

        Raises
        ------
        RunError
            With the month and what was wrong.
        """
        code = int(self.C[s.C_STATUS])
        if code != s.STATUS_GOOD:
            raise RunError(
                f"the run stopped in month {int(self.C[s.C_MONTH])} of the period: {s.STATUSES[code]}"
            )


@dataclass(eq=False)
class Decisions:
    """Every appraisal of a run, in order."""

    keys: IntArray
    """(n, 5): month, faction row, option held, option chosen, bits of why it was awake."""
    terms: FloatArray
    """(n, options, terms), log-odds."""
    values: FloatArray
    """(n, 2, options): utilities, probabilities."""


@dataclass(eq=False)
class History:
    """The full record of a run: every array at the end of every month, monthly outcomes, decisions."""

    arrays: dict[str, Any]
    """By name of :data:`MUTABLE`: shape (months, ...)."""
    outcomes: FloatArray
    """(months, M_WIDTH)."""
    summary: FloatArray
    """(O_WIDTH,)."""
    decisions: Decisions
    seed: int


def empty_history(world: World, months: int, record: bool) -> dict[str, Any]:
    """Room for the record of a run, or none."""
    room = months if record else 0
    return {
        name: np.empty((room, *getattr(world, name).shape), getattr(world, name).dtype) for name in MUTABLE
    }


def run_engine(arrays: dict[str, Any], months: int, seed: int, stages: Sequence[Any] = ()) -> History:
    """One run by the engine, with its full record.

    Parameters
    ----------
    arrays, stages
        As in :class:`sim.scenario.compile.Compiled`.
    months
        Months to run.
    seed
        Run seed.

    Raises
    ------
    RunError
        If the run left what the model allows.
    """
    from sim.engine.kernel import simulate

    world = World(arrays, seed)
    kept = empty_history(world, months, True)
    room = world.F.shape[0] * months
    options = world.CEN.shape[0]
    keys = np.empty((room, 5), dtype=np.int64)
    terms = np.empty((room, options, s.T_WIDTH))
    values = np.empty((room, 2, options))
    outcomes, summary = np.zeros((months, M_WIDTH)), np.zeros(O_WIDTH)
    count = 0
    for number, first, last in legs(stages, months):
        if number >= 0:
            world.enter(stages[number].compiled.arrays, stages[number].jumps)
        count += simulate(
            *(getattr(world, name) for name in ARRAYS), world.T, world.V, world.Q, first, last, outcomes, summary,
            *(kept[name] for name in MUTABLE), keys[count:], terms[count:], values[count:],
        )  # fmt: skip
        world.status()
    decisions = Decisions(keys[:count].copy(), terms[:count].copy(), values[:count].copy())
    return History(kept, outcomes, summary, decisions, seed)
