"""Small records made by hand, and patterns over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.patterns.records import SIDES, Records
from sim.scenario.quantities import month_index

__all__ = ["HEAD", "START", "records", "write_patterns"]

START = month_index("2015-01")
HEAD = "meta: {title: T, schema_version: 1, until: 2016-12}\npatterns:\n"
_LETTERS = {"i": "incumbent", "f": "focus", "a": "alone", "o": "out", "d": "dead", "-": "gone", "x": "other"}


def records(
    sides: Sequence[Sequence[str]] = (),
    oath: Sequence[Sequence[int]] | None = None,
    support: Sequence[Sequence[int]] | None = None,
    theatre: Sequence[Sequence[int]] | None = None,
    monthly: Mapping[str, Sequence[Sequence[float]]] | None = None,
    traits: Mapping[str, Sequence[Any]] | None = None,
    regions: Sequence[str] = (),
    months: int = 24,
) -> Records:
    """Runs from 2015-01 on: for each run, and in it for each unit, a word with a letter for each month."""
    runs = len(sides) or len(oath or ()) or len(next(iter((monthly or {"": [[]]}).values())))
    units = len(sides[0]) if sides else len(oath[0]) if oath else 0
    if sides:
        months = len(sides[0][0])
        codes = [[[SIDES.index(_LETTERS[c]) for c in unit] for unit in run] for run in sides]
        table = np.array(codes, dtype=np.int8).transpose(0, 2, 1)
    else:
        table = np.full((runs, months, units), SIDES.index("gone"), dtype=np.int8)

    def dates(given: Sequence[Sequence[int]] | None) -> Any:
        return np.array(given if given is not None else np.full((runs, units), -1), dtype=np.int16)

    return Records(
        start=START,
        units=tuple("abcdefgh"[:units]),
        sides=table,
        support=dates(support),
        oath=dates(oath),
        accepted=dates(None),
        theatre=dates(theatre),
        monthly={name: np.array(rows, dtype=np.float64) for name, rows in (monthly or {}).items()},
        regions=tuple(regions),
        traits={name: np.array(values) for name, values in (traits or {}).items()},
    )


def write_patterns(path: Path, *parts: str, head: str = HEAD) -> Path:
    """A file of one pattern with parts in YAML, named p0, p1 and so on."""
    lines = [
        "  P:", "    title: T", "    role: fit", "    score: share", "    confidence: high", "    source: made by hand",
        "    parts:", *(f"      p{n}: {part}" for n, part in enumerate(parts)),
    ]  # fmt: skip
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path
