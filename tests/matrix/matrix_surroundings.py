"""Surroundings in which the same runs are made: interpreters, versions of what Bayah rests on, processors.

Records are compared bit for bit, but for one case: a C library that computes ``exp`` and ``log`` in another way, as on
a processor without fused multiply-add, may round them otherwise in the last bit. What follows from that bit is told.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "CHOICES",
    "Found",
    "Surroundings",
    "Unlike",
    "lowest_pins",
    "make",
    "make_runs",
    "makeable",
    "near_here",
    "unlike",
]  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
RUNS = Path(__file__).with_name("matrix_runs.py")
CHOICES = ("I", "decision keys")
"""Parts of a record that are whole numbers: who is where, who decided what."""
OLDEST_MESA = "mesa[network]==3.3.1"


@dataclass(frozen=True)
class Surroundings:
    """Where runs are made.

    Parameters
    ----------
    name
        What it is called in the table.
    python
        The interpreter.
    variables
        Set beside those of this process.
    exact
        Whether every bit must be as here.
    """

    name: str
    python: str = sys.executable
    variables: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True)
class Found:
    """What the runs came to in some surroundings."""

    environment: dict[str, Any]
    digests: dict[str, dict[str, str]]
    arrays: dict[str, np.ndarray]


@dataclass(frozen=True)
class Unlike:
    """One part of a record that is not the same."""

    part: str
    numbers: int
    of: int
    largest: float
    """Largest difference, relative to the number where that is over 1; infinite where the shapes differ."""


def make_runs(where: Surroundings, folder: Path, runs: int = 0) -> Found:
    """Make the runs there, in a process of their own."""
    place = folder / f"{re.sub(r'[^a-z0-9.]+', '-', where.name.lower())}.npz"
    words = [where.python, "-W", "ignore", str(RUNS), "--runs", str(runs), "--save", str(place)]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    result = subprocess.run(
        words, cwd=ROOT, env={**variables, **where.variables}, capture_output=True, text=True, check=False,
        timeout=1800,
    )  # fmt: skip
    if result.returncode != 0:
        raise RuntimeError(f"{where.name}: {result.stderr[-2000:]}")
    told = json.loads(result.stdout)
    with np.load(place) as kept:
        arrays = {name: kept[name] for name in kept.files}
    return Found(told["environment"], told["digests"], arrays)


def unlike(here: Found, there: Found) -> list[Unlike]:
    """Every part that is not the same to the bit; runs that were made there only count as unlike."""
    found = []
    for part, array in there.arrays.items():
        twin = here.arrays.get(part)
        if twin is None or twin.shape != array.shape or twin.dtype != array.dtype:
            found.append(Unlike(part, array.size, array.size, float("inf")))
        elif twin.tobytes() != array.tobytes():
            apart = np.abs(np.where(twin == array, 0, array - twin)) / np.maximum(1.0, np.abs(twin))
            found.append(Unlike(part, int((twin != array).sum()), array.size, float(apart.max())))
    return found


def near_here() -> list[Surroundings]:
    """What can be had with the running interpreter alone."""
    found = [
        Surroundings("plain Python", variables={"NUMBA_DISABLE_JIT": "1"}),
        Surroundings("generic processor", variables={"NUMBA_CPU_NAME": "generic"}),
    ]
    if platform.libc_ver()[0] == "glibc" and platform.machine() == "x86_64":
        tunables = {
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable"
        }
        found.append(Surroundings("C library without fused multiply-add", variables=tunables, exact=False))
    return found


def lowest_pins() -> list[str]:
    """Every direct dependency at the lowest version that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.sub(r">=([^,]+).*", r"==\1", line) for line in project["dependencies"]]


def makeable() -> dict[str, tuple[str, Sequence[str]]]:
    """Environments that can be made here, by name: interpreter and pins; Pythons that are not found are left out."""
    wanted: dict[str, tuple[str, Sequence[str]]] = {
        "3.11, oldest Mesa": ("python3.11", [OLDEST_MESA]),
        "3.11, lowest versions": ("python3.11", lowest_pins()),
        "3.12, newest versions": ("python3.12", []),
        "3.13, newest versions": ("python3.13", []),
        "3.13, oldest Mesa": ("python3.13", [OLDEST_MESA]),
    }
    return {name: (python, pins) for name, (python, pins) in wanted.items() if _starts(python)}


def _starts(python: str) -> bool:
    if shutil.which(python) is None:
        return False
    return subprocess.run([python, "-c", ""], cwd=ROOT, capture_output=True, check=False).returncode == 0


def make(name: str, python: str, pins: Sequence[str]) -> Surroundings:
    """Make an environment beside ``.venv``, or take it as it stands if it was made of the same words."""
    folder = ROOT / f".venv-matrix-{re.sub(r'[^a-z0-9.]+', '-', name.lower())}"
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    words = ["-e", str(ROOT), *pins]
    note = folder / ".installed"
    made_of = "\n".join([*words, (ROOT / "pyproject.toml").read_text(encoding="utf-8")])
    if not note.exists() or note.read_text(encoding="utf-8") != made_of:
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], cwd=ROOT, check=True)
        pip = [str(commands / "python"), "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", *words], cwd=ROOT, check=True)
        subprocess.run([*pip, "check"], cwd=ROOT, check=True)
        note.write_text(made_of, encoding="utf-8")
    return Surroundings(f"Python {name}", str(commands / "python"))
