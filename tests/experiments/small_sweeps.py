"""Small sweeps for tests, and what it means that two stores hold the same."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd

from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.experiments.plan import Plan
from sim.experiments.results import Results
from sim.experiments.sweep import run_sweep

META = {"title": "A small sweep", "question": "Does it hold?", "schema_version": 1}
TABLES = ("summary", "trajectories", "quantiles", "allegiances", "failed")


def small(**changes: Any) -> dict[str, Any]:
    """A design of 6 points by 20 replicates over a year and a half; everything is kept."""
    design = {
        "name": "small",
        "meta": META,
        "scenario": "baseline",
        "until": "2014-06",
        "uncertainties": [
            {
                "sample": "latin_hypercube",
                "points": 3,
                "over": {"weights.b_embed": "prior", "decision.theta": "prior"},
            }
        ],
        "levers": [{"grid": {"events.omar_revealed.date": ["2013-06", "2014-03"]}}],
        "replicates": 20,
        "chunk": 20,
        "trajectories": "all",
        "allegiances": True,
    }
    return {**design, **changes}


def small_plan(**changes: Any) -> Plan:
    """Its plan."""
    return plan_sweep(small(**changes))


def write_design(folder: Path, **changes: Any) -> Path:
    """Its file."""
    design = small(**changes)
    del design["name"]
    file = folder / "small.yaml"
    file.write_text(json.dumps(design, indent=1))
    return file


def made(folder: Path, plan: Plan, **options: Any) -> Path:
    """A store, made to its end."""
    report = run_sweep(plan, folder, progress=False, **options)
    assert report.complete, report
    return folder


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """All tables of a store, sorted; allegiances summed over the parts."""
    results, found = Results(folder), {}
    for name in TABLES:
        data = results.dataset(name)
        if data is None:
            continue
        frame = data.to_table().to_pandas()
        if name == "allegiances":
            keys = ["point", "month", "faction", "held"]
            found[name] = frame.groupby(keys, as_index=False)["runs"].sum()
        else:
            keys = [key for key in ("run", "point", "outcome", "month") if key in frame]
            found[name] = frame.sort_values(keys, ignore_index=True)
    return found


def assert_same(one: Path, other: Path) -> None:
    """Every value of two stores is the same to the bit."""
    mine, theirs = tables(one), tables(other)
    assert mine.keys() == theirs.keys()
    for name, frame in mine.items():
        assert list(frame.columns) == list(theirs[name].columns), name
        assert len(frame) == len(theirs[name]), name
        for column in frame:
            same = frame[column].to_numpy() == theirs[name][column].to_numpy()
            assert same.all(), f"{name}.{column}: {(~same).sum()} of {len(frame)} differ"


def digest(folder: Path) -> str:
    """One word for everything a store holds."""
    whole = hashlib.sha256()
    for name, frame in sorted(tables(folder).items()):
        whole.update(name.encode())
        for column in frame:
            values = frame[column]
            text = values.astype(str) if not pd.api.types.is_float_dtype(values) else values.map(float.hex)
            whole.update("\n".join([column, *text]).encode())
    return whole.hexdigest()


def no_drafts(folder: Path) -> None:
    """Nothing half-written lies about."""
    assert not [file for file in folder.rglob(".*.tmp")]


def command(*words: Any, **environment: str) -> subprocess.Popen[str]:
    """``bayah`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run_command(*words: Any) -> tuple[int, str, str]:
    """``bayah`` in this process: exit code, output, errors."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
        code = main(list(map(str, words)))
    return code, out.getvalue(), errors.getvalue()


def run_process(*words: Any, **environment: str) -> tuple[int, str, str]:
    """The same in a process of its own, to its end."""
    process = command(*words, **environment)
    out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors
