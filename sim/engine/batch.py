"""Many runs of one compiled scenario, by the engine, without a record."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import seed_key
from sim.engine.world import ARRAYS, MUTABLE, SHARED, lay_out
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import ByteArray, FloatArray

__all__ = ["Room", "run_batch", "seed_keys"]

_AT_A_TIME = 64
"""Runs a call into compiled code, between which an interrupt is heeded."""


def run_batch(
    arrays: dict[str, Any], months: int, seeds: Sequence[int], monthly: bool = False, threads: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Run a scenario for many seeds.

    Parameters
    ----------
    arrays
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
        room = Room(arrays)
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


class Room:
    """What one thread needs for its runs: arrays to run in, arrays to start from, no room for a full record.

    Parameters
    ----------
    arrays
        As in :class:`sim.scenario.compile.Compiled`.
    own
        Copy also what runs start from, so that numbers may be written to :attr:`start` between calls.
    """

    def __init__(self, arrays: dict[str, Any], own: bool = False) -> None:
        from sim.engine.kernel import kernel_for

        options = arrays["CEN"].shape[0]
        self.kernel = kernel_for(arrays["P"].shape[0])
        self.start = {name: lay_out(name, arrays[name].copy() if own else arrays[name]) for name in ARRAYS}
        """The state before the first month, and the parameters, by name of :data:`sim.engine.world.ARRAYS`."""
        start = [self.start[name] for name in MUTABLE]
        scratch = (np.zeros((options, s.T_WIDTH)), np.zeros(options), np.zeros(options))
        self._world = (
            *(array.copy(order="K") for array in start),
            *(self.start[name] for name in SHARED),
            *scratch,
            *start,
        )
        none = [np.empty((0, *array.shape), array.dtype) for array in start]
        decisions = (np.empty((0, options, s.T_WIDTH)), np.empty((0, 2, options)))
        self._record = (*none, np.empty((0, 5), dtype=np.int64), *decisions)

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
        self.kernel(*self._world, keys, 0, months, outcomes, summary, *self._record, allegiances)
