"""A run of the baseline by both drivers, equal bit for bit, and equal to what this release recorded.

``python -m sim.api.health.self_test`` makes it and prints one JSON document. ``bayah doctor`` calls that in a process
of its own, so that compiled code which brings the process down is told as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.health.check import Check

if TYPE_CHECKING:
    from sim.engine.world import History

__all__ = ["EXPECTED", "NEAR", "judged", "made", "record_digest", "self_test_check", "write_expected"]

EXPECTED = Path(__file__).with_name("expected.json")
"""What the run came to when it was last written."""
SCENARIO, SEED = "baseline", 1
NEAR = 1e-9
"""Relative difference of summary outcomes below which only the rounding of the C library differs."""
LONGEST = 900.0
"""Seconds, compilation on a slow machine included."""
REINSTALL = "pip install --force-reinstall bayah, then bayah doctor again"


def record_digest(history: History) -> str:
    """A hash of a whole record: every array of every month, every term of every decision."""
    import numpy as np

    decisions = history.decisions
    parts = {
        **history.arrays, "outcomes": history.outcomes, "summary": history.summary,
        "keys": decisions.keys, "terms": decisions.terms, "values": decisions.values,
    }  # fmt: skip
    whole = hashlib.sha256()
    for name, array in parts.items():
        whole.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def made() -> dict[str, Any]:
    """Make the run by both drivers: digests, summary outcomes, seconds."""
    from sim.agents import AllegianceModel
    from sim.engine.world import run_engine
    from sim.outcomes import SUMMARY
    from sim.scenario.compile import compile_scenario
    from sim.scenario.load import load_scenario

    config = compile_scenario(load_scenario(SCENARIO))
    start = time.perf_counter()
    engine = run_engine(config.arrays, config.months, SEED)
    between = time.perf_counter()
    mesa = AllegianceModel(config, seed=SEED).run()
    end = time.perf_counter()
    summary = {column.name: float(value) for column, value in zip(SUMMARY, engine.summary, strict=True)}
    return {
        "engine": record_digest(engine), "mesa": record_digest(mesa), "summary": summary,
        "engine_seconds": between - start, "mesa_seconds": end - between,
    }  # fmt: skip


def write_expected() -> None:
    """Keep what the run comes to now."""
    now = made()
    kept = {"scenario": SCENARIO, "seed": SEED, "digest": now["engine"], "summary": now["summary"]}
    EXPECTED.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def self_test_check(writable: bool = True) -> Check:
    """Make the run in a process of its own and say what came of it.

    Parameters
    ----------
    writable
        Whether compiled code can be kept; where not, it goes to a folder that is removed afterwards.
    """
    words = [sys.executable, "-W", "ignore", "-m", "sim.api.health.self_test"]
    with tempfile.TemporaryDirectory() as folder:
        variables = dict(os.environ) if writable else {**os.environ, "BAYAH_CACHE": folder}
        try:
            done = subprocess.run(
                words, env=variables, capture_output=True, text=True, check=False, timeout=LONGEST
            )
        except subprocess.TimeoutExpired:
            problem = f"a run did not come to its end within {LONGEST:.0f} s"
            return Check("self-test", "run", "no answer", problem, "unset NUMBA_DISABLE_JIT, or try again")
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        problem = lines[-1] if lines else f"the process ended with {done.returncode}"
        return Check(
            "self-test", "run", "failed", problem,
            "bayah doctor --clean, which tries again; if that does not help, reinstall numba and llvmlite",
            {"returncode": done.returncode, "stderr": done.stderr[-4000:]},
        )  # fmt: skip
    return judged(json.loads(done.stdout))


def judged(found: Mapping[str, Any]) -> Check:
    """What :func:`made` found, against what was recorded."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    told = (
        f"{SCENARIO}, seed {SEED}: engine {found['engine_seconds']:.1f} s, Mesa {found['mesa_seconds']:.1f} s, "
        "compilation or its loading included"
    )
    values = {**found, "expected": expected["digest"], "equal": found["engine"] == found["mesa"]}
    if found["engine"] != found["mesa"]:
        problem = "the two drivers wrote records that are not the same"
        return Check("self-test", "run", told, problem, REINSTALL, values)
    if found["engine"] == expected["digest"]:
        return Check("self-test", "run", f"{told}; both as recorded, bit for bit", values=values)
    apart = _apart(expected["summary"], found["summary"])
    if apart <= NEAR:
        words = f"{told}; both the same, and as recorded but for the last bits (at most {apart:.0e})"
        return Check("self-test", "run", words, values=values)
    problem = (
        "the run is not what this version of Bayah recorded: its rules or its baseline were changed here"
    )
    return Check("self-test", "run", told, problem, f"if you did not change them: {REINSTALL}", values)


def _apart(expected: Mapping[str, float], found: Mapping[str, float]) -> float:
    if expected.keys() != found.keys():
        return float("inf")
    return max(abs(found[name] - value) / max(1.0, abs(value)) for name, value in expected.items())


if __name__ == "__main__":
    print(json.dumps(made()))
