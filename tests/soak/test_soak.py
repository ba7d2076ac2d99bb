"""Memory stays flat; ``python benchmarks/bench_soak.py`` shows it for a hundred times as many.

Each is measured in a process of its own: one that has run other tests holds memory already freed, and a leak that
fills it would not be seen.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/statm").exists(), reason="only Linux tells a process its memory so"
    ),
]


def measured(code: str) -> dict[str, Any]:
    """What ``code`` leaves as ``found``, a Soak, in a new process."""
    lines = (
        f"import sys; sys.path.insert(0, {str(BENCHMARKS)!r})",
        "import dataclasses, json, bench_soak",
        code,
        "print(json.dumps(dataclasses.asdict(found) | {'flat': found.flat}))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_runs_leave_nothing_behind() -> None:
    found = measured("found = bench_soak.soak_runs(2_000, chunk=200)")
    assert found["count"] == 2_000
    assert found["flat"], found


def test_models_that_are_dropped_are_gone() -> None:
    found = measured("found = bench_soak.soak_models(100, chunk=10, months=1)")
    assert found["left"] == 0
    assert found["flat"], found


def test_a_leak_is_seen() -> None:
    found = measured(
        "kept = []\n"
        "leak = lambda first, last: kept.append(b'x' * 40_000 * (last - first))\n"
        "found = bench_soak.soak('leaking', 1_000, 100, leak)"
    )
    assert found["rise"] == pytest.approx(16.0, rel=0.2)
    assert not found["flat"]


def test_models_that_are_kept_are_counted() -> None:
    found = measured(
        "from sim.agents import AllegianceModel\n"
        "kept = []\n"
        "keep = lambda first, last: kept.append(AllegianceModel('baseline', seed=first))\n"
        "found = bench_soak.soak('kept', 3, 1, keep, bench_soak.models_alive)"
    )
    assert found["left"] == 3
    assert not found["flat"]
