"""How long a sweep takes and how large it gets, by making a few of its runs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from sim.experiments.bench import Bench
from sim.experiments.execute.remote import chunk_parts
from sim.experiments.plan import Plan
from sim.experiments.sweep import processors

__all__ = ["estimate"]

_TRIAL = 200


def estimate(plan: Plan, workers: int | None = None) -> dict[str, Any]:
    """Runs, seconds and bytes of a sweep.

    Parameters
    ----------
    plan
        The plan.
    workers
        Workers; by default the processors there are.

    Returns
    -------
    dict
        ``points``, ``runs``, ``chunks``, ``workers``, ``seconds`` and ``bytes``; the last two are scaled up from
        the first runs of the plan.
    """
    count = workers or processors()
    size = min(plan.chunk, _TRIAL if plan.driver == "engine" else 2)
    trial = replace(plan, chunk=size)
    bench = Bench(trial)
    next(iter(bench.blocks(range(1))))
    begun = time.perf_counter()
    parts = chunk_parts(bench, 0, lambda done, failed: None)
    seconds = (time.perf_counter() - begun) / size * plan.runs / count
    # The footer of a part does not grow with its rows.
    footers = 4_000 * len(parts)
    held = sum(map(len, parts.values()))
    each = max(held - footers, held // 10) / size
    return {
        "points": plan.points,
        "runs": plan.runs,
        "chunks": plan.chunks,
        "workers": count,
        "seconds": seconds,
        "bytes": round(each * plan.runs + footers * plan.chunks),
    }
