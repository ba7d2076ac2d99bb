"""How fast sweeps are: against the bare kernel, threads, Mesa's own batches; memory, reading, resuming.

    python benchmarks/bench_sweep.py [--runs N] [--pairs N] [--million] [--profile] [--json FILE]

What is compared takes turns in one run, and medians of ratios are reported, so that a busy machine does not change
the figures much. Rates are by the clock, for the work is on several threads. Limits are for 2 cores of a server's
processor. ``--million`` also measures the memory of 1,000,000 runs, which takes ten times as long as the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mesa
import numpy as np

import sim
from sim.agents import AllegianceModel
from sim.api.sweeping import plan_sweep
from sim.engine.batch import Room, run_batch
from sim.experiments.bench import Bench
from sim.experiments.execute.remote import chunk_parts
from sim.experiments.plan import Plan
from sim.experiments.sweep import run_sweep
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_engine import Figure, show

META = {"title": "Speed", "question": "How fast?", "schema_version": 1}
VARIED = {"weights.b_embed": "prior", "weights.b_ideology": "prior", "decision.theta": {"low": 2, "high": 4}}

MEMORY = """
import json, resource, sys
from pathlib import Path
from sim.api.sweeping import plan_sweep
from sim.experiments.sweep import run_sweep
design, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
report = run_sweep(plan_sweep(design), folder, workers=2, progress=False)
print(json.dumps([report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def design(runs: int, points: int = 1, **more: Any) -> dict[str, Any]:
    """A design of so many runs at so many points."""
    varied = {"uncertainties": [{"sample": "random", "points": points, "over": VARIED}]} if points > 1 else {}
    return {
        "name": "speed",
        "meta": META,
        "scenario": "baseline",
        "replicates": runs // points,
        **varied,
        **more,
    }


def clock(call: Callable[[], Any]) -> float:
    """Seconds by the clock."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def into_nowhere(plan: Plan, workers: int) -> None:
    """A sweep into a folder that goes."""
    with tempfile.TemporaryDirectory() as place:
        assert run_sweep(plan, Path(place) / "store", workers=workers, progress=False).complete


def against_kernel(runs: int, pairs: int) -> list[Figure]:
    """A sweep in turn with the kernel on the same threads, and with itself on one thread."""
    compiled = compile_scenario(load_scenario("baseline"))
    plan = plan_sweep(design(runs))
    run_batch(compiled.arrays, compiled.months, range(64))
    rates, ratios, threads = [], [], []
    for _ in range(pairs):
        two = clock(lambda: into_nowhere(plan, 2))
        kernel = clock(lambda: run_batch(compiled.arrays, compiled.months, range(runs), threads=2))
        one = clock(lambda: into_nowhere(plan, 1))
        rates.append(runs / two)
        ratios.append(kernel / two)
        threads.append(one / two)
    rate, ratio, twice = (statistics.median(found) for found in (rates, ratios, threads))
    return [
        Figure("sweep, 2 threads, written", rate, "runs/s", "at least 2,500", rate >= 2500.0),
        Figure("sweep against the kernel, 2 threads", ratio, "times", "at least 0.9", ratio >= 0.9),
        Figure("2 threads against 1", twice, "times", "at least 1.6", twice >= 1.6),
    ]


def inside_the_month(runs: int, profile: bool) -> list[Figure]:
    """Share of a worker's time inside compiled code, 3 values varied and every run a point of its own."""
    plan = plan_sweep(design(runs, points=runs))
    bench = Bench(plan)
    next(iter(bench.blocks(range(1))))
    inside = [0.0]
    run = Room.run

    def timed(self: Room, *words: Any, **more: Any) -> None:
        start = time.thread_time()
        run(self, *words, **more)
        inside[0] += time.thread_time() - start

    Room.run = timed  # type: ignore[method-assign]
    try:
        start = time.thread_time()
        for chunk in range(plan.chunks):
            chunk_parts(bench, chunk, lambda done, failed: None)
        whole = time.thread_time() - start
    finally:
        Room.run = run  # type: ignore[method-assign]
    if profile:
        _print_profile(plan)
    share = inside[0] / whole
    return [
        Figure("3 values varied each run: share in the month", share, "share", "at least 0.8", share >= 0.8)
    ]


def _print_profile(plan: Plan) -> None:
    import cProfile
    import pstats

    bench = Bench(plan)
    profiler = cProfile.Profile()
    profiler.enable()
    chunk_parts(bench, 0, lambda done, failed: None)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(15)


def mesa_batch(compiled: Compiled, runs: int) -> None:
    """The same model by Mesa's own batches, on two processes."""
    mesa.batch_run(
        AllegianceModel,
        parameters={"config": [compiled], "record": False},
        rng=range(runs),
        number_processes=2,
        display_progress=False,
    )


def against_mesa(pairs: int, runs: int = 40) -> list[Figure]:
    """A sweep in turn with Mesa's batches on 2 processes, and with a loop over the Mesa driver; per run."""
    compiled = compile_scenario(load_scenario("baseline"))
    plan = plan_sweep(design(4000))
    batches, loops = [], []
    for _ in range(pairs):
        ours = clock(lambda: into_nowhere(plan, 2)) / plan.runs
        batches.append(clock(lambda: mesa_batch(compiled, runs)) / runs / ours)
        loops.append(clock(lambda: [AllegianceModel(compiled, seed=n).run() for n in range(10)]) / 10 / ours)
    batch, loop = statistics.median(batches), statistics.median(loops)
    return [
        Figure("against mesa.batch_run on 2 processes", batch, "times", "at least 100", batch >= 100.0),
        Figure("against a loop over the Mesa driver", loop, "times"),
    ]


def memory(runs: int) -> tuple[float, float]:
    """Seconds and most memory (MB) of a sweep in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, "-c", MEMORY, json.dumps(design(runs)), place + "/store"]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    seconds, most = json.loads(done.stdout)
    return seconds, most


def memories(million: bool) -> list[Figure]:
    """Most memory, and that it does not grow with the runs."""
    seconds, most = memory(100_000)
    figures = [
        Figure(
            "100,000 runs, summaries written", 100_000 / seconds, "runs/s", "at least 2,500", seconds <= 40.0
        ),
        Figure("most memory at 100,000 runs", most, "MB", "below 700", most < 700.0),
    ]
    if million:
        ratio = memory(1_000_000)[1] / most
        figures.append(
            Figure("most memory at 1,000,000 against that", ratio, "times", "at most 1.05", ratio <= 1.05)
        )
    return figures


def reading(runs: int) -> list[Figure]:
    """A month's mean over stored trajectories, in a process that has opened nothing yet."""
    kept = {"keep": "all", "outcomes": ["focus_fighters", "attacks"]}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "store"
        run_sweep(plan_sweep(design(runs, trajectories=kept)), folder, workers=2, progress=False)
        found = []
        for _ in range(5):
            start = time.perf_counter()
            mean = sim.open_results(folder).trajectories("attacks", months="2016-07")["attacks"].mean()
            found.append(time.perf_counter() - start)
            assert np.isfinite(mean)
    best = statistics.median(found)
    return [Figure(f"a month's mean over {runs:,} trajectories", best, "s", "under 1", best < 1.0)]


def resuming() -> list[Figure]:
    """The command once more on a finished sweep of 1,000 chunks."""
    with tempfile.TemporaryDirectory() as place:
        file, folder = Path(place) / "speed.yaml", Path(place) / "store"
        words = design(2000, chunk=2, until="2013-02")
        del words["name"]
        file.write_text(json.dumps(words))
        command = [sys.executable, "-m", "sim", "sweep", str(file), "--out", str(folder), "--quiet"]
        subprocess.run(command, check=True)
        found = statistics.median(clock(lambda: subprocess.run(command, check=True)) for _ in range(5))
    return [Figure("resuming a finished sweep of 1,000 chunks", found, "s", "under 2", found < 2.0)]


def main() -> int:
    """Measure, print a table, and say by the exit code whether all bars were met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--runs", type=int, default=10_000, help="runs a turn against the kernel (default 10,000)"
    )
    parser.add_argument(
        "--stored", type=int, default=100_000, help="trajectories that are read (default 100,000)"
    )
    parser.add_argument("--pairs", type=int, default=7, help="turns of each comparison (default 7)")
    parser.add_argument("--million", action="store_true", help="also measure the memory of 1,000,000 runs")
    parser.add_argument(
        "--profile", action="store_true", help="print where a chunk of varied runs spends its time"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    figures = against_kernel(options.runs, options.pairs)
    figures += inside_the_month(max(1, options.runs // 2), options.profile)
    figures += against_mesa(min(options.pairs, 3))
    figures += memories(options.million)
    figures += reading(options.stored)
    figures += resuming()
    show(figures)
    if options.json:
        document = {
            "python": platform.python_version(), "processors": os.cpu_count(), "pairs": options.pairs,
            "runs": options.runs, "figures": [asdict(figure) for figure in figures],
        }  # fmt: skip
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
