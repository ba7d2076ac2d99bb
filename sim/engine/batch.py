"""Many runs of one compiled scenario, by the engine, without a record."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import state as s
from sim.engine.world import ARRAYS, MUTABLE, World, empty_history
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import FloatArray

__all__ = ["run_batch"]


def run_batch(
    arrays: dict[str, Any], months: int, seeds: list[int] | range, monthly: bool = False
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

    Returns
    -------
    summary
        Shape (runs, O_WIDTH); the last column is the status of the run.
    outcomes
        Shape (runs, months, M_WIDTH), or (runs, 0, M_WIDTH) if not asked for.
    """
    from sim.engine.month import simulate

    summary = np.zeros((len(seeds), O_WIDTH))
    outcomes = np.zeros((len(seeds), months if monthly else 0, M_WIDTH))
    options = arrays["CEN"].shape[0]
    keys, terms = np.empty((0, 5), dtype=np.int64), np.empty((0, options, s.T_WIDTH))
    values = np.empty((0, 2, options))
    for n, seed in enumerate(seeds):
        world = World(arrays, seed)
        none = empty_history(world, months, False)
        simulate(  # type: ignore[call-arg]
            *(getattr(world, name) for name in ARRAYS), world.T, world.V, world.Q, 0, months, outcomes[n], summary[n],
            *(none[name] for name in MUTABLE), keys, terms, values,
        )  # fmt: skip
    return summary, outcomes
