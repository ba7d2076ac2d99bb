"""Golden runs: what a few runs came to, kept to notice a change of the model that nobody meant.

A golden number is no truth, only a memory. Where a change of the model is meant, ``make golden`` writes the file
anew, and the difference is read before it is kept.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.world import History, run_engine
from sim.outcomes import MONTHLY, SUMMARY
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario
from sim.scenario.quantities import month_index

__all__ = ["COMMAND", "FILE", "differences", "golden_runs", "read", "seeds_of", "write"]

FILE = Path(__file__).with_name("golden.json")
COMMAND = "make golden"
SEEDS = (1, 2, 2**64 - 1)
DATES = ("2014-12", "2015-12", "2018-12", "2024-12")
SHOWN = (
    "focus_fighters", "focus_sworn_units", "focus_ally_units", "incumbent_units", "independent_units",
    "incumbent_fighters", "incumbent_legitimacy", "focus_momentum", "hostility", "state_capacity",
)  # fmt: skip
"""Monthly outcomes shown at the dates; the digest covers all."""


def seeds_of(name: str) -> tuple[int, ...]:
    """Seeds of the golden runs of a bundled scenario: one for a what-if, which is the baseline in most of its rules."""
    return SEEDS[:1] if bundled_scenarios()[name].parent.name == "what-if" else SEEDS


def digest(history: History) -> str:
    """A hash of the whole record: every array of every month, every term of every decision."""
    whole = hashlib.sha256()
    decisions = history.decisions
    parts = {
        **history.arrays, "outcomes": history.outcomes, "summary": history.summary,
        "keys": decisions.keys, "terms": decisions.terms, "values": decisions.values,
    }  # fmt: skip
    for name, array in parts.items():
        whole.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def golden_run(config: Compiled, seed: int) -> dict[str, Any]:
    """What is kept of a run."""
    history = run_engine(config.arrays, config.months, seed)
    names = [column.name for column in MONTHLY]
    months = {date: month_index(date) - config.start for date in DATES}
    months = {date: month for date, month in months.items() if month < config.months}
    return {
        "decisions": len(history.decisions.keys),
        "digest": digest(history),
        "monthly": {
            date: {name: float(history.outcomes[month, names.index(name)]) for name in SHOWN}
            for date, month in months.items()
        },
        "summary": {
            column.name: float(value) for column, value in zip(SUMMARY, history.summary, strict=True)
        },
    }


def golden_runs() -> dict[str, dict[str, Any]]:
    """All golden runs: every bundled scenario with its seeds."""
    return {
        name: {str(seed): golden_run(config, seed) for seed in seeds_of(name)}
        for name in bundled_scenarios()
        for config in [compile_scenario(load_scenario(name))]
    }


def read() -> dict[str, Any]:
    """The golden runs as kept."""
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def write() -> None:
    """Keep the golden runs as they are now."""
    FILE.write_text(json.dumps(golden_runs(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def differences(kept: Any, now: Any, path: str = "") -> list[str]:
    """Each number that is not as it was kept, as ``path: kept, now``."""
    if isinstance(kept, dict) and isinstance(now, dict):
        found = [f"{path}{name}: only kept" for name in kept.keys() - now.keys()]
        found += [f"{path}{name}: only now" for name in now.keys() - kept.keys()]
        for name in sorted(kept.keys() & now.keys()):
            found += differences(kept[name], now[name], f"{path}{name}.")
        return found
    return [] if kept == now else [f"{path.rstrip('.')}: {kept!r} was kept, {now!r} now"]
