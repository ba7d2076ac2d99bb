"""Stores for tests of what looks after them: small ones, with everything in them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from sim.experiments.bench import loaded_scenarios
from sim.experiments.plan import Plan
from sim.experiments.sweep import run_sweep
from tests.experiments.small_sweeps import small_plan

__all__ = ["KINDS", "files_of", "plan_of_kind", "read_once", "store_of_kind"]

_SPLITTING = {
    "until": "2014-12",
    "set": {"weights.split_crisis": 100, "weights.split_min": 0},
    "uncertainties": [],
    "levers": [{"grid": {"weights.split_hazard": [0.003, 0.03, 1.0]}}],
    "chunk": 7,
}
KINDS: dict[str, dict[str, Any]] = {
    "all": {},
    "points": {"trajectories": "quantiles", "chunk": 15},
    "quantiles": {"trajectories": "quantiles", "chunk": 40},
    "failing": _SPLITTING,
    "few": {**_SPLITTING, "chunk": 15},
    "failing points": {**_SPLITTING, "trajectories": "quantiles"},
}
"""Trajectories of every run; quantiles of points spread over several chunks; quantiles made with their chunk; runs
that fail because factions split until there is no row left."""


@functools.cache
def plan_of_kind(kind: str) -> Plan:
    """A plan of 60 or 120 runs."""
    return small_plan(**{"until": "2013-12", **KINDS[kind]})


def store_of_kind(folder: Path, kind: str) -> Path:
    """A whole store."""
    plan = plan_of_kind(kind)
    report = run_sweep(plan, folder, progress=False)
    assert report.kept == plan.runs
    assert (report.failed > 0) == (kind == "few" or kind.startswith("failing"))
    return folder


@functools.cache
def _loaded(digest: str) -> Any:
    return loaded_scenarios(_PLANS[digest])


_PLANS: dict[str, Plan] = {}


def read_once(plan: Plan) -> Any:
    """The scenarios of a plan, read once for all tests: reading them takes longer than all the rest of these."""
    _PLANS[plan.digest] = plan
    return _loaded(plan.digest)


def files_of(folder: Path) -> list[Path]:
    """Every file of a store that is not hidden, by name."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )
