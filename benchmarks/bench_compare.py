"""How long a comparison takes, and how much pairing sharpens it.

    python benchmarks/bench_compare.py [--pairs N] [--repeats N] [--json FILE]

The command is called in a process of its own, once to warm compiled code and then N times; the median counts. The rate of
the pairs is set against the bare engine in the same process. The variance reduction is that of the oaths given by the end of
2015, for two what-ifs; it is told and not aimed at. Limits are for two cores of a server's processor.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WHAT_IFS = ("omar-hidden-until-2018", "no-waziristan-operation")
OUTCOME, MONTH = "pledged_units", "2015-12"
LIMIT = 8.0
"""Seconds for 2,000 pairs on two cores, figures included."""


def command_seconds(pairs: int, folder: Path) -> float:
    """Wall-clock time of ``bayah compare`` with its figures, from the start of the process to its end."""
    words = [
        "compare",
        "baseline",
        WHAT_IFS[0],
        "--runs",
        str(pairs),
        "--out",
        str(folder / "compare"),
        "--force",
        "-q",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("bayah")), *words], check=True, env=environment)
    return time.perf_counter() - start


def rates(pairs: int) -> dict[str, float]:
    """Pairs a second, and the bare engine's on as many threads, in one process; variance reductions."""
    import sim
    from sim.engine.batch import run_batch
    from sim.scenario.compile import compile_scenario
    from sim.scenario.load import load

    compiled = compile_scenario(load("baseline").scenario)
    run_batch(compiled.arrays, compiled.months, range(8))
    sim.compare("baseline", WHAT_IFS[0], runs=8, progress=False)
    start = time.perf_counter()
    run_batch(compiled.arrays, compiled.months, range(2 * pairs), threads=2)
    bare = pairs / (time.perf_counter() - start)
    start = time.perf_counter()
    sim.compare("baseline", WHAT_IFS[0], runs=pairs, progress=False, workers=2)
    made = pairs / (time.perf_counter() - start)
    told = sim.compare("baseline", WHAT_IFS, runs=pairs, until="2015-12", progress=False)
    reduction = told.difference(OUTCOME, MONTH)["variance_reduction"].droplevel(["outcome", "month"])
    return {"bare engine, pairs a second": bare, "comparison, pairs a second": made, **reduction.to_dict()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        command_seconds(8, Path(place))
        taken = statistics.median(command_seconds(words.pairs, Path(place)) for _ in range(words.repeats))
    found = rates(words.pairs)
    print(
        f"bayah compare, {words.pairs:,} pairs, figures included: {taken:.1f} s (aim: under {LIMIT:g} s for 2,000)"
    )
    for name in ("bare engine, pairs a second", "comparison, pairs a second"):
        print(f"{name}: {found[name]:,.0f}")
    print(
        f"of the bare engine's rate: {found['comparison, pairs a second'] / found['bare engine, pairs a second']:.2f}"
    )
    for name in WHAT_IFS:
        print(f"variance reduction of {OUTCOME} {MONTH}, {name}: {found[name]:.2f}")
    if words.json:
        words.json.write_text(json.dumps({"seconds": taken, **found}, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
