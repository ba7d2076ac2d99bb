"""What it costs to calibrate and to validate: python benchmarks/bench_record.py [--whole]

Without --whole a part of the table is made and the rest worked out from it. With --whole `bayah calibrate` and
`bayah validate` run in full, which takes half an hour.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from sim.engine.batch import run_batch
from sim.experiments.calibration.making import calibrate
from sim.experiments.calibration.problem import read_calibration
from sim.experiments.calibration.table import make_table
from sim.experiments.sweep import processors
from sim.experiments.validation.making import validate
from sim.scenario.compile import compile_scenario
from sim.scenario.quantities import month_index

DRAWS = 500


def rows_of(folder: Path) -> list[tuple[str, float, str]]:
    """Name, figure, bar."""
    calibration = read_calibration()
    form = calibration.file.table
    compiled = compile_scenario(calibration.loaded.scenario)
    months = month_index(calibration.patterns.until) - compiled.start + 1
    seeds = range(1, 2001)
    run_batch(compiled.arrays, months, range(2), monthly=True)
    begun = time.perf_counter()
    run_batch(compiled.arrays, months, seeds, monthly=True, threads=processors())
    bare = len(seeds) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    make_table(calibration, folder / "table", DRAWS, form.replicates, progress=False)
    rate = DRAWS * form.replicates / (time.perf_counter() - begun)
    runs = form.draws * form.replicates
    begun = time.perf_counter()
    validate(folder=folder / "quick", quick=True, progress=False)
    quick = time.perf_counter() - begun
    return [
        ("bare engine with monthly outcomes, runs a second", bare, ""),
        ("table, runs a second", rate, ""),
        ("table against the bare engine", rate / bare, ""),
        (f"table of {runs:,} runs, minutes (worked out)", runs / rate / 60.0, ""),
        ("bayah validate --quick, seconds", quick, "60"),
    ]


def whole_rows(folder: Path) -> list[tuple[str, float, str]]:
    """The same in full."""
    begun = time.perf_counter()
    made = calibrate(folder=folder / "calibration", steps=("table", "smc"), progress=True)
    posterior = time.perf_counter() - begun
    calibrate(folder=made, progress=True)
    begun = time.perf_counter()
    found = validate(folder=folder / "validation", calibration=made, progress=True)
    validated = time.perf_counter() - begun
    told = json.loads((found / "validation.json").read_text())
    steps = ", ".join(f"{name} {seconds:.0f}" for name, seconds in told["seconds"].items())
    print(f"validate, seconds by step: {steps}")
    return [
        ("bayah calibrate to 500 posterior draws, minutes", posterior / 60.0, "30"),
        ("bayah validate in full, minutes", validated / 60.0, "20"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="run both commands in full")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        rows = rows_of(Path(place))
        if words.whole:
            rows += whole_rows(Path(place) / "whole")
    for name, figure, limit in rows:
        told = f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}"
        print(f"{name:<55}{told:>12}{'   at most ' + limit if limit else ''}")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
