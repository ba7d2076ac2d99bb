"""A sweep as a SLURM job array: the file is printed, never submitted."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.experiments.plan import Plan
from sim.experiments.reading import bundled_designs

__all__ = ["sbatch_text"]

_CHUNKS_EACH = 20
_MOST_SHARDS = 1000
_PROCESSORS = 4

_TEXT = """\
#!/bin/bash
# {title}
# {runs:,} runs in {chunks:,} chunks, shared by {shards:,} jobs. Submit with: sbatch FILE
# Submitted again, it goes on where it was; what is done already costs nothing.
#SBATCH --job-name={name}
#SBATCH --array=1-{shards}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={processors}
#SBATCH --mem-per-cpu=1G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={name}-%A_%a.out
# Two minutes before the time is up the program is told to stop: it finishes the chunk in hand and exits with 3.
# exec makes the program the process that is told.
#SBATCH --signal=B:TERM@120

set -euo pipefail
exec {command} \\
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \\
    --workers "$SLURM_CPUS_PER_TASK"
"""


def sbatch_text(plan: Plan, experiment: str, folder: Path, options: Mapping[str, Any]) -> str:
    """A file for ``sbatch`` that makes a sweep as a job array.

    Parameters
    ----------
    plan
        The plan.
    experiment
        The design: a file, or the name of a bundled one.
    folder
        The store, on a file system that all nodes see.
    options
        More options of ``bayah sweep``, with their values.

    Returns
    -------
    str
        The file. Paths in it are absolute, so that it can be submitted from anywhere.
    """
    words = [*_program(), "sweep", _design(experiment), "--out", str(folder.absolute())]
    for name, value in options.items():
        words += [name, str(value)]
    return _TEXT.format(
        title=" ".join(plan.title.split()),
        runs=plan.runs,
        chunks=plan.chunks,
        shards=max(1, min(_MOST_SHARDS, plan.chunks // _CHUNKS_EACH)),
        name="bayah-" + (re.sub(r"[^A-Za-z0-9_-]+", "-", plan.name).strip("-")[:60] or "sweep"),
        processors=_PROCESSORS,
        command=" ".join(map(shlex.quote, words)),
    )


def _program() -> list[str]:
    """How this program is called from anywhere: jobs start in another shell, maybe without the environment."""
    script = Path(sys.executable).parent / "bayah"
    return [str(script)] if script.is_file() else [sys.executable, "-m", "sim"]


def _design(experiment: str | Path) -> str:
    """A bundled design by its name, any other by its whole path."""
    return experiment if experiment in bundled_designs() else str(Path(experiment).absolute())
