"""How fast runs are: engine against Mesa, compilation, and cost by the number of factions.

    python benchmarks/bench_engine.py [--rounds N] [--runs N] [--no-compile] [--json FILE]

Engine and Mesa take turns in one process on one thread. Processor time counts and medians are compared, so
that a busy machine does not change the figures much. Limits are for one core of a server's processor.
Compilation is timed in processes of their own, with an empty cache and again with a full one.
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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim.agents import AllegianceModel
from sim.engine.batch import run_batch
from sim.outcomes import O_STATUS
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

sys.path.insert(0, str(Path(__file__).resolve().parent))

from roster import scaled

SIZES = (40, 400, 4000)

FIRST_RUN = """
import time
from sim.scenario.load import load_scenario
from sim.scenario.compile import compile_scenario
config = compile_scenario(load_scenario("baseline"))
start = time.process_time()
from sim.engine.batch import run_batch
run_batch(config.arrays, config.months, [1])
print(time.process_time() - start)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its bar, if it has one."""

    name: str
    value: float
    unit: str
    bar: str = ""
    met: bool = True


def seconds(call: Callable[[], Any]) -> float:
    """Processor time of a call; nothing that is timed so has a second thread."""
    start = time.process_time()
    call()
    return time.process_time() - start


def compare(config: Compiled, rounds: int, runs: int) -> list[Figure]:
    """Engine and Mesa in turn: rate, time of a run, ratio."""
    seeds = range(runs)
    run_batch(config.arrays, config.months, [1])
    AllegianceModel(config, seed=1).run()
    engine, mesa, ratio = [], [], []
    for number in range(rounds):
        engine.append(seconds(lambda: run_batch(config.arrays, config.months, seeds)) / runs)
        mesa.append(seconds(AllegianceModel(config, seed=number).run))
        ratio.append(mesa[-1] / engine[-1])
    rate, one, times = 1.0 / statistics.median(engine), statistics.median(mesa), statistics.median(ratio)
    return [
        Figure("engine, one thread, baseline", rate, "runs/s", "at least 1,500", rate >= 1500.0),
        Figure("Mesa driver, one run with its record", one, "s", "at most 0.3", one <= 0.3),
        Figure("engine against Mesa", times, "times", "at least 100", times >= 100.0),
    ]


def first_run(cache: Path) -> float:
    """Import of the engine and its first run, in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-c", FIRST_RUN], env={**os.environ, "BAYAH_CACHE": str(cache)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise SystemExit(result.stderr[-2000:])
    return float(result.stdout)


def compilation(repeats: int = 3) -> list[Figure]:
    """First compilation with an empty cache, then loading from it."""
    with tempfile.TemporaryDirectory() as name:
        compile_time = first_run(Path(name))
        load_time = statistics.median(first_run(Path(name)) for _ in range(repeats))
    return [
        Figure("engine, first compilation", compile_time, "s", "at most 60", compile_time <= 60.0),
        Figure("engine, loaded from the cache", load_time, "s", "at most 1", load_time <= 1.0),
    ]


def scaling(rounds: int) -> list[Figure]:
    """Time per faction and month by the number of factions, taking turns."""
    scenario = load_scenario("baseline")
    configs = {size: scaled(scenario, size) for size in SIZES}
    runs = {size: max(1, 4000 // size // 4) for size in SIZES}
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for number in range(rounds):
        for size, config in configs.items():
            seeds = range(number * runs[size], (number + 1) * runs[size])
            start = time.process_time()
            summary, _ = run_batch(config.arrays, config.months, seeds)
            elapsed = time.process_time() - start
            if summary[:, O_STATUS].any():
                raise SystemExit(f"a run with {size} factions did not come to its end")
            times[size].append(elapsed / runs[size] / size / config.months)
    medians = {size: statistics.median(found) * 1e9 for size, found in times.items()}
    figures = [Figure(f"a faction's month among {size:,}", found, "ns") for size, found in medians.items()]
    ratio = medians[SIZES[-1]] / medians[SIZES[0]]
    name = f"cost of a faction's month, {SIZES[-1]:,} against {SIZES[0]}"
    return [*figures, Figure(name, ratio, "times", "at most 2", ratio <= 2.0)]


def show(figures: list[Figure]) -> None:
    """Print the figures as a table."""
    print(f"{'':<48}{'measured':>12} {'':<8}{'bar':<16}")
    for figure in figures:
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
        missed = "" if figure.met else "  missed"
        print(f"{figure.name:<48}{value:>12} {figure.unit:<8}{figure.bar:<16}{missed}")


def main() -> int:
    """Measure, print a table, and say by the exit code whether all bars were met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each measurement (default 7)")
    parser.add_argument("--runs", type=int, default=200, help="runs of the engine a turn (default 200)")
    parser.add_argument("--no-compile", action="store_true", help="leave out the compilation")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    if options.rounds < 1 or options.runs < 1:
        parser.error("--rounds and --runs must be at least 1")
    figures = compare(compile_scenario(load_scenario("baseline")), options.rounds, options.runs)
    figures += scaling(min(options.rounds, 5))
    if not options.no_compile:
        figures += compilation()
    show(figures)
    document = {
        "python": platform.python_version(), "processors": os.cpu_count(), "rounds": options.rounds,
        "runs": options.runs, "figures": [asdict(figure) for figure in figures],
    }  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
