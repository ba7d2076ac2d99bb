"""Whether memory stays flat: very many runs in one process, and very many Mesa models made and dropped.

    python benchmarks/bench_soak.py [--runs N] [--models N] [--json FILE]

Runs are whole ones of the baseline, in chunks of 1,000 on two threads, with their monthly outcomes; models make three
months each. The memory of the process is read after every chunk, garbage collected. What counts is the second half:
a straight line through it must not rise by more than the limit, and of the models none may be left. Takes some
minutes with the numbers given by default; needs Linux, where a process can read its own memory.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

RUNS, RUNS_A_CHUNK = 200_000, 1_000
MODELS, MODELS_A_CHUNK = 5_000, 50
MONTHS = 3
LIMIT = 8.0
"""Megabytes over the second half; a leak of one run's outcomes among ten would come to ten times that."""


@dataclass(frozen=True)
class Soak:
    """What was measured."""

    name: str
    count: int
    seconds: float
    first: float
    """Megabytes after the first chunk."""
    last: float
    most: float
    rise: float
    """Megabytes by which a straight line through the second half rises."""
    left: int
    """Objects that should be gone and are not."""

    @property
    def flat(self) -> bool:
        """Whether memory stayed as it was."""
        return self.rise <= LIMIT and self.left == 0


def resident() -> float:
    """Megabytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def soak(
    name: str, count: int, chunk: int, step: Callable[[int, int], None], left: Callable[[], int] = lambda: 0
) -> Soak:
    """Call ``step(first, last)`` for chunk after chunk and watch the memory.

    Parameters
    ----------
    name
        What is done.
    count, chunk
        How many in all, and how many a call.
    step
        Does those from ``first`` to before ``last``.
    left
        How many objects are there that should be gone.
    """
    import numpy as np

    start, sizes = time.perf_counter(), []
    for first in range(0, count, chunk):
        step(first, min(first + chunk, count))
        gc.collect()
        sizes.append(resident())
    later = np.array(sizes[len(sizes) // 2 :])
    slope = float(np.polyfit(np.arange(len(later)), later, 1)[0]) if len(later) > 1 else 0.0
    seconds = time.perf_counter() - start
    return Soak(name, count, seconds, sizes[0], sizes[-1], max(sizes), slope * (len(later) - 1), left())


def soak_runs(count: int, chunk: int = RUNS_A_CHUNK) -> Soak:
    """Whole runs of the baseline by the engine; the first chunk comes out the same again at the end."""
    from sim.engine.batch import run_batch
    from sim.scenario.compile import compile_scenario
    from sim.scenario.load import load_scenario

    config = compile_scenario(load_scenario("baseline"))

    def step(first: int, last: int) -> None:
        run_batch(config.arrays, config.months, range(first, last), monthly=True, threads=2)

    def digest() -> str:
        arrays = run_batch(config.arrays, config.months, range(64), monthly=True, threads=2)
        return sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()

    before = digest()
    found = soak("runs by the engine", count, chunk, step)
    if digest() != before:
        raise SystemExit("the same seeds gave other outcomes after the soak than before it")
    return found


def soak_models(count: int, chunk: int = MODELS_A_CHUNK, months: int = MONTHS) -> Soak:
    """Mesa models made, run for some months and dropped."""
    from sim.agents import AllegianceModel
    from sim.scenario.compile import compile_scenario
    from sim.scenario.load import load_scenario

    config = compile_scenario(load_scenario("baseline"))
    before = models_alive()

    def step(first: int, last: int) -> None:
        for seed in range(first, last):
            model = AllegianceModel(config, seed=seed)
            for _ in range(months):
                model.step()

    return soak("Mesa models", count, chunk, step, lambda: models_alive() - before)


def models_alive() -> int:
    """Models that nothing has collected."""
    from sim.agents import AllegianceModel

    gc.collect()
    return sum(isinstance(thing, AllegianceModel) for thing in gc.get_objects())


def show(found: Soak) -> None:
    """Print what was measured."""
    print(
        f"{found.name}: {found.count:,} in {found.seconds:,.0f} s; {found.first:.0f} MB after the first chunk, "
        f"{found.last:.0f} MB at the end, {found.most:.0f} MB at most; second half {found.rise:+.2f} MB "
        f"(at most {LIMIT:g}); {found.left} left{'' if found.flat else '  NOT FLAT'}",
        flush=True,
    )


def main() -> int:
    """Soak, print, and say by the exit code whether memory stayed flat."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs by the engine (default {RUNS:,})")
    parser.add_argument("--models", type=int, default=MODELS, help=f"Mesa models (default {MODELS:,})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    if min(options.runs, options.models) < 0:
        parser.error("--runs and --models must not be negative")
    found = []
    for count, kind in ((options.runs, soak_runs), (options.models, soak_models)):
        if count:
            found.append(kind(count))
            show(found[-1])
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n", encoding="utf-8")
    return 0 if all(one.flat for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
