"""How long a person waits at the command line.

    python benchmarks/bench_cli.py [--repeats N] [--json FILE]

Each command is called in a process of its own, once to warm compiled code and caches and then N times. The
median counts. Limits are for two cores of a server's processor.
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
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Case:
    """A command and the longest time that it may take, in seconds."""

    name: str
    words: tuple[str, ...]
    limit: float
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """What was measured, in seconds."""

    name: str
    median: float
    fastest: float
    slowest: float
    limit: float
    within: bool


CASES = (
    Case("bayah --help", ("--help",), 0.150),
    Case("bayah run baseline --no-figures", ("run", "baseline", "--no-figures"), 2.0, writes=True),
    Case("bayah run baseline", ("run", "baseline"), 4.5, writes=True),
)


def seconds(case: Case, folder: Path) -> float:
    """Wall-clock time of one call, from the start of the process to its end."""
    command = Path(sys.executable).with_name("bayah")
    words = [str(command), *case.words]
    if case.writes:
        words += ["--out", str(folder / "run"), "--force"]
    # Without bytecode every start compiles all that it imports: nobody who installed the program meets that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    result = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - start
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {result.returncode}:\n{result.stderr[-2000:]}")
    return elapsed


def measure(case: Case, repeats: int) -> Timing:
    """Median, fastest and slowest of several warm calls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds(case, folder)
        times = [seconds(case, folder) for _ in range(repeats)]
    median = statistics.median(times)
    return Timing(case.name, median, min(times), max(times), case.limit, median <= case.limit)


def main() -> int:
    """Measure all commands, print a table, and say by the exit code whether each kept its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5, help="warm calls of each command (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the timings there, too")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")

    timings = [measure(case, options.repeats) for case in CASES]
    print(f"{'command':<34}{'median':>9}{'fastest':>9}{'slowest':>9}{'limit':>9}")
    for timing in timings:
        numbers = (timing.median, timing.fastest, timing.slowest, timing.limit)
        verdict = "" if timing.within else "  too slow"
        print(f"{timing.name:<34}" + "".join(f"{number:>7.2f} s" for number in numbers) + verdict)

    document = {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "repeats": options.repeats,
        "timings": [asdict(timing) for timing in timings],
    }
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    else:
        print(json.dumps(document))
    return 0 if all(timing.within for timing in timings) else 1


if __name__ == "__main__":
    sys.exit(main())
