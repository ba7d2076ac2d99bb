"""Memory stays flat; ``python benchmarks/bench_soak.py`` shows it for a hundred times as many."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_soak.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/statm").exists(), reason="only Linux tells a process its memory so"
    ),
]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_soak", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_soak"] = module
    spec.loader.exec_module(module)
    return module


def test_runs_leave_nothing_behind(bench: ModuleType) -> None:
    found = bench.soak_runs(2_000, chunk=200)
    assert found.count == 2_000
    assert found.flat, found


def test_models_that_are_dropped_are_gone(bench: ModuleType) -> None:
    found = bench.soak_models(100, chunk=10, months=1)
    assert found.left == 0
    assert found.flat, found


def test_a_leak_is_seen(bench: ModuleType) -> None:
    kept: list[bytes] = []
    found = bench.soak("leaking", 1_000, 100, lambda first, last: kept.append(b"x" * 40_000 * (last - first)))
    assert found.rise == pytest.approx(16.0, rel=0.2)
    assert not found.flat


def test_models_that_are_kept_are_counted(bench: ModuleType) -> None:
    from sim.agents import AllegianceModel

    before = bench.models_alive()
    kept = [AllegianceModel("baseline", seed=1) for _ in range(3)]
    assert bench.models_alive() - before == len(kept)
