"""Many runs of one compiled scenario, by the engine, without a record."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import seed_key
from sim.engine.world import MUTABLE, SHARED
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import FloatArray

__all__ = ["run_batch"]

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
    keys = np.array([seed_key(seed) for seed in seeds], dtype=np.float64).reshape(-1, 2)
    blocks = [slice(at, at + _AT_A_TIME) for at in range(0, len(seeds), _AT_A_TIME)]
    threads = max(1, min(threads, len(blocks)))

    def work(mine: list[slice]) -> None:
        room = _Room(arrays)
        for block in mine:
            room.run(months, keys[block], outcomes[block], summary[block])

    if threads == 1:
        work(blocks)
        return summary, outcomes
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, blocks[n::threads]) for n in range(threads)]:
            done.result()
    return summary, outcomes


class _Room:
    """What one thread needs for its runs: the scenario's arrays, its own copies, no room for a record."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        from sim.engine.kernel import kernel_for

        options = arrays["CEN"].shape[0]
        self.kernel = kernel_for(arrays["P"].shape[0])
        start = [arrays[name] for name in MUTABLE]
        scratch = (np.zeros((options, s.T_WIDTH)), np.zeros(options), np.zeros(options))
        self.world = (
            *(array.copy() for array in start),
            *(arrays[name] for name in SHARED),
            *scratch,
            *start,
        )
        none = [np.empty((0, *array.shape), array.dtype) for array in start]
        decisions = (np.empty((0, options, s.T_WIDTH)), np.empty((0, 2, options)))
        self.record = (*none, np.empty((0, 5), dtype=np.int64), *decisions)

    def run(self, months: int, keys: FloatArray, outcomes: FloatArray, summary: FloatArray) -> None:
        """One run for each pair of keys."""
        self.kernel(*self.world, keys, 0, months, outcomes, summary, *self.record)
