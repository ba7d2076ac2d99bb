"""Comparisons that several tests share, and both arms of them made without the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import sim
from sim.engine.batch import run_batch
from sim.experiments.compare.arms import Arm, Match, make_arm, match
from sim.experiments.compare.comparison import Comparison
from sim.experiments.compare.measured import Measured, Task
from sim.experiments.compare.pairs import measure_pairs
from sim.experiments.execute.control import Stop
from sim.outcomes import MONTHLY, SUMMARY
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import Loaded, load

OMAR, WAZIRISTAN = "omar-hidden-until-2018", "no-waziristan-operation"
UNTIL, MONTHS, PAIRS, SEED = "2016-06", 42, 40, 11
SEEDS = tuple(range(SEED, SEED + PAIRS))
MONTHLY_NAMES = tuple(column.name for column in MONTHLY)
RUN_NAMES = tuple(column.name for column in SUMMARY if column.name != "status")


@cache
def told() -> Comparison:
    """The baseline against two what-ifs and one change of many things from a month on."""
    return sim.compare("baseline", [OMAR, WAZIRISTAN], runs=PAIRS, seed=SEED, until=UNTIL, progress=False)


@cache
def loaded(name: str, *overrides: str) -> Loaded:
    return load(name, overrides)


@cache
def arm(name: str, *overrides: str, until: str = UNTIL) -> Arm:
    return make_arm(loaded(name, *overrides), " ".join((name, *overrides)), until)


def compiled(source: Loaded, months: int = MONTHS) -> Compiled:
    return replace(compile_scenario(source.scenario), months=months)


def outcomes(source: Loaded, seeds: Sequence[int] = SEEDS, months: int = MONTHS) -> tuple[Any, Any]:
    """Outcomes by run and month, and of runs as a whole, by the engine alone."""
    one = compiled(source, months)
    summary, monthly = run_batch(one.arrays, months, seeds, monthly=True, stages=one.stages)
    return monthly, summary[:, : len(RUN_NAMES)]


def measure(base: Arm, other: Arm, seeds: Sequence[int] = SEEDS, workers: int = 1) -> tuple[Measured, Match]:
    """Pairs measured, with all that is noted of each."""
    both = match(base, other)
    task = Task(({},), (tuple(seeds),))
    (measured,) = measure_pairs(base, [other], [both], task, [0], workers, lambda done, failed: None, Stop())
    return measured, both


def assert_same_frames(one: Comparison, other: Comparison, names: Sequence[str] | None = None) -> None:
    from sim.experiments.compare.comparison import FRAMES

    for name in names or FRAMES:
        mine, theirs = one.frame(name), other.frame(name)
        assert list(mine.columns) == list(theirs.columns), name
        assert mine.index.equals(theirs.index), name
        for column in mine.columns:
            a, b = mine[column].to_numpy(), theirs[column].to_numpy()
            if a.dtype.kind == "f":
                assert a.tobytes() == b.tobytes(), (name, column)
            else:
                assert (a == b).all(), (name, column)


def numbers(base: Any, other: Any) -> dict[str, Any]:
    """What a frame of differences should hold, by plain formulas; values of shape (pairs, ...)."""
    from scipy.stats import norm, t

    n, difference = len(base), other - base
    mean, sd = difference.mean(axis=0), difference.std(axis=0, ddof=1)
    error = sd / np.sqrt(n)
    with np.errstate(all="ignore"):
        reduction = (base.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / difference.var(axis=0, ddof=1)
        needed = np.maximum(2, np.ceil(((norm.ppf(0.975) + norm.ppf(0.8)) * sd / np.abs(mean)) ** 2))
        needed = np.where(mean == 0, np.nan, needed)
    return {
        "base": base.mean(axis=0), "alternative": other.mean(axis=0), "difference": mean, "sd": sd,
        "low": mean - t.ppf(0.975, n - 1) * error, "high": mean + t.ppf(0.975, n - 1) * error,
        "p_higher": (difference > 0).mean(axis=0), "p_lower": (difference < 0).mean(axis=0),
        "variance_reduction": reduction, "pairs_needed": needed,
        "smallest": (t.ppf(0.975, n - 1) + t.ppf(0.8, n - 1)) * error,
    }  # fmt: skip
