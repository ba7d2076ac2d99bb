"""How long the bundled sensitivity analysis takes: Morris on 30 numbers, Sobol on the 12 that survive.

    python benchmarks/bench_sensitivity.py [--out DIR] [--share N] [--json FILE]

Makes the analysis in full (488,512 runs) unless ``--share`` asks for an N-th of its trajectories and base points; times
are then those of the share, times N. Seconds are by the clock, for the work is on two threads; beside them stand the
seconds of processor, which say what a machine with nothing else to do would take. Limits are for 2 cores of a server's
processor.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.experiments.patterns.many import warm
from sim.experiments.sensitivity import stages
from sim.experiments.sensitivity.findings import write
from sim.experiments.sensitivity.reading import Inquiry, read_sensitivity

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_engine import Figure, show

LIMITS = {"morris": 30.0, "sobol": 300.0}


def part_of(inquiry: Inquiry, share: int) -> Inquiry:
    """A share of an analysis: fewer trajectories and base points, the same numbers and replicates."""
    form = inquiry.form
    assert form.morris is not None
    assert form.sobol is not None
    morris = form.morris.model_copy(update={"trajectories": max(2, form.morris.trajectories // share)})
    points = 1 << max(3, (form.sobol.points // share).bit_length() - 1)
    sobol = form.sobol.model_copy(update={"points": points})
    changed = form.model_copy(update={"morris": morris, "sobol": sobol})
    return Inquiry(
        inquiry.name, changed, inquiry.loaded, inquiry.outputs, inquiry.parameters, inquiry.patterns
    )


def timed(spent: dict[str, list[float]]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Making runs and working out indices, with the seconds of each stage added up."""
    make, told = stages._make, stages._told

    def clocked(call: Callable[..., Any], name_at: Callable[..., str]) -> Callable[..., Any]:
        def wrapped(*words: Any) -> Any:
            start, processor = time.perf_counter(), time.process_time()
            found = call(*words)
            row = spent.setdefault(name_at(*words), [0.0, 0.0])
            row[0] += time.perf_counter() - start
            row[1] += time.process_time() - processor
            return found

        return wrapped

    return clocked(make, lambda *words: words[2]), clocked(told, lambda *words: words[1].name)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="keep the analysis here")
    parser.add_argument("--share", type=int, default=1, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    inquiry = read_sensitivity("sensitivity")
    if asked.share > 1:
        inquiry = part_of(inquiry, asked.share)
    warm(inquiry.asked(), print)
    stages.need_salib()
    spent: dict[str, list[float]] = {}
    stages._make, stages._told = timed(spent)
    with tempfile.TemporaryDirectory() as place:
        folder = asked.out or Path(place) / "sensitivity"
        made = stages.analyse(inquiry, folder)
        write(made.about, folder, made)
    figures = list(_figures(made.about, spent))
    show(figures)
    if asked.json is not None:
        about = {"load": os.getloadavg(), "runs": {name: made.about[name]["runs"] for name in spent}}
        asked.json.write_text(json.dumps({**about, "figures": [asdict(one) for one in figures]}, indent=1))
    return 0 if all(figure.met for figure in figures) else 1


def _figures(about: dict[str, Any], spent: dict[str, list[float]]) -> Any:
    whole = {"morris": 29_760, "sobol": 458_752}
    for name, (clock, processor) in spent.items():
        runs = about[name]["runs"]
        scale = whole[name] / runs
        seconds, busy = clock * scale, processor / 2 * scale
        limit = LIMITS[name]
        yield Figure(f"{name}, by the clock", seconds, "s", f"below {limit:g}", seconds < limit)
        yield Figure(f"{name}, by the processor on 2 cores", busy, "s", f"below {limit:g}", busy < limit)
        yield Figure(f"{name}, runs", runs / clock, "runs/s")


if __name__ == "__main__":
    raise SystemExit(main())
