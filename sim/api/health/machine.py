"""The machine: processors, room on the disk, and variables that change how Bayah runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sim.api.health.check import Check

__all__ = ["machine_checks"]

LITTLE = 300e6
"""Bytes: compiled code takes 70 MB, a run some megabytes, a sweep up to hundreds."""
VARIABLES = {
    "BAYAH_CACHE": "compiled code is kept there",
    "NUMBA_DISABLE_JIT": "nothing is compiled: runs take a thousand times as long",
    "NUMBA_CPU_NAME": "code is compiled for that processor",
    "NUMBA_NUM_THREADS": "has no effect on Bayah: use --workers",
    "PYTHONDONTWRITEBYTECODE": "every start compiles what it imports, and takes longer",
}


def machine_checks(cache: Path) -> Iterator[Check]:
    """Threads, free disk space where Bayah writes, and variables that are set."""
    from sim.experiments.sweep import processors

    used, there = processors(), os.cpu_count() or 1
    told = f"{used} that this process may use of {there}; sweeps use {used} unless told (--workers)"
    yield Check("machine", "threads", told, values={"usable": used, "processors": there})
    places = {"disk, here": Path.cwd(), "disk, cache": cache, "disk, temporary": Path(tempfile.gettempdir())}
    for name, place in places.items():
        yield _disk(name, place)
    for name, meaning in VARIABLES.items():
        if os.environ.get(name):
            yield Check(
                "machine", name, f"{os.environ[name]} ({meaning})", values={"value": os.environ[name]}
            )


def _disk(name: str, place: Path) -> Check:
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        problem = f"free space is not known: {error.strerror}"
        return Check("machine", name, str(place), problem, "look after that folder")
    problem = f"{free / 1e6:,.0f} MB are left" if free < LITTLE else ""
    told = f"{free / 1e9:,.1f} GB free at {place}"
    return Check("machine", name, told, problem, "make room, or work in another folder", {"free": free})
