"""The runs that every environment of the matrix makes, and what they came to.

    python tests/matrix/matrix_runs.py [--runs N] [--save FILE]

A script for the interpreter of each environment: it prints one JSON document, and keeps the records themselves in
FILE, so that records that are not the same can be laid beside one another.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "science"))

import llvmlite.binding as llvm
import numpy as np
from everything import VARIANTS, everything
from records import digest, parts
from small_worlds import eight_factions

from sim.agents import AllegianceModel
from sim.engine.batch import run_batch
from sim.engine.world import run_engine
from sim.jit import source_hash
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

WHOLE = (("baseline", 1), ("baseline", 2**64 - 1), ("sahel", 1))
"""Bundled scenarios over their whole period, with seeds; too long for plain Python."""
MANY = "summaries and months of many runs"


def compiles() -> bool:
    """Whether rules are compiled in this process."""
    from sim.rules.appraisal import appraise

    return hasattr(appraise, "py_func")


def cases() -> Iterator[tuple[str, Compiled, int]]:
    """Every run by name: the eight factions, every kind of event under every rule, and whole scenarios."""
    yield "eight factions, 12 months", eight_factions(), 5
    for variant in VARIANTS:
        yield f"everything, {variant}", compile_scenario(everything(variant), spare_rows=60), 20
    if compiles():
        for name, seed in WHOLE:
            yield f"{name}, seed {seed}", compile_scenario(load_scenario(name)), seed


def environment() -> dict[str, Any]:
    """What these runs were made with."""
    packages = ("mesa", "numba", "llvmlite", "numpy", "pandas", "pydantic")
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "compiled": compiles(),
        "processor": os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name(),
        "libc": "-".join(platform.libc_ver()),
        "sources": source_hash(),
    }


def made(runs: int) -> tuple[dict[str, dict[str, str]], dict[str, np.ndarray]]:
    """Digests of whole records by case and driver, and the arrays of the engine's records."""
    digests: dict[str, dict[str, str]] = {}
    arrays: dict[str, np.ndarray] = {}
    for name, config, seed in cases():
        engine = run_engine(config.arrays, config.months, seed)
        mesa = AllegianceModel(config, seed=seed).run()
        digests[name] = {"engine": digest(engine), "mesa": digest(mesa)}
        arrays |= {f"{name}|{part}": array for part, array in parts(engine).items()}
    if runs and compiles():
        config = compile_scenario(load_scenario("baseline"))
        summary, outcomes = run_batch(config.arrays, config.months, range(runs), monthly=True, threads=2)
        arrays |= {f"{MANY}|summary": summary, f"{MANY}|outcomes": outcomes}
    return digests, arrays


def main() -> None:
    """Make the runs and print what they came to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--runs", type=int, default=0, help="runs of the baseline beside the records (default 0)"
    )
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the records there (npz)")
    options = parser.parse_args()
    digests, arrays = made(options.runs)
    if options.save:
        np.savez(options.save, **arrays)
    print(json.dumps({"environment": environment(), "digests": digests}))


if __name__ == "__main__":
    main()
