"""Many runs of one compiled scenario, by the engine, without a record."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import seed_key
from sim.engine.stages import enter, legs
from sim.engine.world import ARRAYS, MUTABLE, SHARED, lay_out
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import ByteArray, FloatArray, IntArray

__all__ = ["Room", "Snapshot", "run_batch", "seed_keys"]

_AT_A_TIME = 64
"""Runs a call into compiled code, between which an interrupt is heeded."""


def run_batch(
    arrays: dict[str, Any],
    months: int,
    seeds: Sequence[int],
    monthly: bool = False,
    threads: int = 1,
    stages: Sequence[Any] = (),
) -> tuple[FloatArray, FloatArray]:
    """Run a scenario for many seeds.

    Parameters
    ----------
    arrays, stages
        As in :class:`sim.scenario.compile.Compiled`.
    months
        Months to run.
    seeds
        Run seeds.
    monthly
        Also measure the monthly outcomes.
    threads
        Threads to run on; the results do not depend on it.

    Returns
    -------
    summary
        Shape (runs, O_WIDTH); the last column is the status of the run.
    outcomes
        Shape (runs, months, M_WIDTH), or (runs, 0, M_WIDTH) if not asked for.
    """
    summary = np.zeros((len(seeds), O_WIDTH))
    outcomes = np.zeros((len(seeds), months if monthly else 0, M_WIDTH))
    keys = seed_keys(seeds)
    blocks = [slice(at, at + _AT_A_TIME) for at in range(0, len(seeds), _AT_A_TIME)]
    threads = max(1, min(threads, len(blocks)))

    def work(mine: list[slice]) -> None:
        room = Room(arrays, stages=stages)
        for block in mine:
            room.run(months, keys[block], outcomes[block], summary[block])

    if threads == 1:
        work(blocks)
        return summary, outcomes
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, blocks[n::threads]) for n in range(threads)]:
            done.result()
    return summary, outcomes


def seed_keys(seeds: Sequence[int]) -> FloatArray:
    """The halves of each seed, shape (runs, 2)."""
    return np.array([seed_key(seed) for seed in seeds], dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a run before a month."""

    month: int
    arrays: tuple[Any, ...]
    """By place in :data:`sim.engine.world.MUTABLE`."""
    summary: FloatArray
    """Summary outcomes as they stand."""
    events: Any
    """The event table that holds."""


class Room:
    """What one thread needs for its runs: arrays to run in, arrays to start from, no room for a full record.

    Parameters
    ----------
    arrays, stages
        As in :class:`sim.scenario.compile.Compiled`.
    own
        Copy also what runs start from, so that numbers may be written to :attr:`start` and :attr:`later` between
        calls.
    """

    def __init__(self, arrays: dict[str, Any], own: bool = False, stages: Sequence[Any] = ()) -> None:
        from sim.engine.kernel import NO_PROBES, kernel_for

        def laid(given: dict[str, Any]) -> dict[str, Any]:
            return {name: lay_out(name, given[name].copy() if own else given[name]) for name in ARRAYS}

        options = arrays["CEN"].shape[0]
        self.kernel = kernel_for(arrays["P"].shape[0])
        self.start = laid(arrays)
        """The state before the first month, and the parameters, by name of :data:`sim.engine.world.ARRAYS`."""
        self.stages = tuple(stages)
        self.later = [laid(stage.compiled.arrays) for stage in stages]
        """The same of each stage."""
        start = [self.start[name] for name in MUTABLE]
        scratch = (np.zeros((options, s.T_WIDTH)), np.zeros(options), np.zeros(options))
        self._world = (
            *(array.copy(order="K") for array in start),
            *(self.start[name] for name in SHARED),
            *scratch,
            *start,
        )
        self._none = [np.empty((0, *array.shape), array.dtype) for array in start]
        self._options = options
        self._unasked = NO_PROBES
        self._no_keys = np.empty((0, 2))
        self.snapshots: dict[int, Snapshot] = {}
        """States kept by the last :meth:`trace`, by the month that comes next."""
        self._record = (*self._none, *self._decisions(0))

    def run(
        self,
        months: int,
        keys: FloatArray,
        outcomes: FloatArray,
        summary: FloatArray,
        allegiances: ByteArray | None = None,
    ) -> None:
        """One run for each pair of keys.

        Parameters
        ----------
        months
            Months to run.
        keys
            Shape (runs, 2): :func:`sim.draws.seed_key` of each run's seed.
        outcomes
            Shape (runs, months, M_WIDTH), or (runs, 0, M_WIDTH) to measure none.
        summary
            Shape (runs, O_WIDTH).
        allegiances
            Shape (runs, months, factions), or (runs, 0, 0), or none: a byte for each, see
            :func:`sim.engine.month.keep_allegiances`.
        """
        if allegiances is None:
            allegiances = np.empty((len(keys), 0, 0), dtype=np.uint8)
        if not any(stage.month < months for stage in self.stages):
            self.kernel(
                *self._world, keys, 0, months, outcomes, summary, *self._record, allegiances, self._unasked
            )
            return
        for n in range(len(keys)):
            one = slice(n, n + 1)
            self._legs(
                months, keys[one], outcomes[one], summary[one], allegiances[one], self._record, self._unasked
            )

    def trace(
        self,
        months: int,
        keys: FloatArray,
        outcomes: FloatArray,
        summary: FloatArray,
        allegiances: ByteArray,
        decisions: tuple[Any, Any, Any],
        probes: IntArray | None = None,
        pauses: Sequence[int] = (),
        start: Snapshot | None = None,
    ) -> tuple[tuple[Any, Any, Any], int]:
        """One run with its decisions.

        Parameters
        ----------
        months, keys, outcomes, summary, allegiances
            As in :meth:`run`, of one run.
        decisions
            Room for them, as :meth:`room_for` gives it.
        probes
            Shape (n, 2), months and rows in that order: factions whose choice is recorded even if they sleep.
        pauses
            Months before which the state is kept, in :attr:`snapshots`; ascending, none of them 0.
        start
            A state of another room with the same rows from which the run goes on, in place of its first months. What
            that room's scenario and this one's say must be the same until then, and no stage may begin before it.

        Returns
        -------
        decisions
            The same, or more room where that was too little.
        count
            How many there are.
        """
        asked = self._unasked if probes is None else probes
        while True:
            record = (*self._none, *decisions)
            if start is not None:
                self._take(start)
                summary[0] = start.summary
            first = 0 if start is None else start.month
            count = self._legs(months, keys, outcomes, summary, allegiances, record, asked, pauses, first)
            if count < len(decisions[0]):
                return decisions, count
            decisions = self._decisions(2 * len(decisions[0]))

    @property
    def state(self) -> dict[str, Any]:
        """The state in which the last run ended, by name; the next run overwrites it."""
        return dict(zip(MUTABLE, self._world, strict=False))

    def room_for(self, decisions: int) -> tuple[Any, Any, Any]:
        """Room for decisions, as in :class:`sim.engine.world.Decisions`."""
        return self._decisions(decisions)

    def _decisions(self, count: int) -> tuple[Any, Any, Any]:
        keys = np.empty((count, 5), dtype=np.int64)
        return keys, np.empty((count, self._options, s.T_WIDTH)), np.empty((count, 2, self._options))

    def _legs(
        self, months: int, keys: Any, outcomes: Any, summary: Any, allegiances: Any, record: tuple[Any, ...],
        probes: Any, pauses: Sequence[int] = (), begin: int = 0,
    ) -> int:  # fmt: skip
        """One run, stage by stage; the number of decisions recorded."""
        count, world, head = 0, self._world, len(MUTABLE)
        state = dict(zip(MUTABLE, world, strict=False))
        events = self.start["E"]
        record, decisions = record[:-3], record[-3:]
        if begin:
            keys = self._no_keys
        for number, first, last in legs(self.stages, months):
            if last <= begin:
                continue
            if number >= 0:
                if state["C"][s.C_STATUS] != s.STATUS_GOOD:
                    break
                later = self.later[number]
                enter(state, events, later, self.stages[number].jumps)
                events, keys = later["E"], self._no_keys
                world = (*world[:head], *(later[name] for name in SHARED), *world[head + len(SHARED) :])
            at = max(first, begin)
            for to in (*(month for month in pauses if at < month < last), last):
                rest = tuple(array[count:] for array in decisions)
                count += self.kernel(
                    *world, keys, at, to, outcomes, summary, *record, *rest, allegiances, probes
                )
                at, keys = to, self._no_keys
                if to in pauses:
                    arrays = tuple(array.copy(order="K") for array in world[:head])
                    self.snapshots[to] = Snapshot(to, arrays, summary[0].copy(), events)
        return count

    def _take(self, start: Snapshot) -> None:
        """Go on from a state of another room."""
        for mine, given in zip(self._world, start.arrays, strict=False):
            mine[...] = given
        enter(dict(zip(MUTABLE, self._world, strict=False)), start.events, self.start, ())
