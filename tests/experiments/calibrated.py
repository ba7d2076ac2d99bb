"""The bundled calibration with little of everything, and tables of it made once."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.experiments.calibration.problem import Calibration, read_calibration
from sim.experiments.calibration.table import Reference, make_table

__all__ = ["bundled", "calibration_text", "small", "table_of"]

_SECTIONS = {
    "meta": "{title: Two weights, question: Which?, schema_version: 1}",
    "scenario": "baseline",
    "patterns": "patterns",
    "free": "{weights.b_power: prior, patrons.iskp.constant: prior}",
    "table": "{draws: 64, replicates: 2, accept: 0.4}",
    "smc": "{particles: 20, replicates: 2, generations: 2}",
    "recovery": "{truths: 2, by_smc: 0}",
    "seed": "3",
}


def calibration_text(**sections: str | None) -> str:
    """A small calibration file; sections may be given otherwise, or left out."""
    given = {**_SECTIONS, **sections}
    return "".join(f"{name}: {text}\n" for name, text in given.items() if text is not None)


@functools.cache
def bundled() -> Calibration:
    """The bundled calibration, read once."""
    return read_calibration()


def small(**table: Any) -> Calibration:
    """The bundled calibration with a table of another size."""
    form = bundled().file
    size = {"draws": 200, "replicates": 2, "accept": 0.1, **table}
    return replace(bundled(), file=form.model_copy(update={"table": form.table.model_copy(update=size)}))


@functools.cache
def table_of(draws: int = 200, replicates: int = 2) -> Reference:
    """A table of the bundled calibration, made once in a place of its own."""
    with tempfile.TemporaryDirectory() as place:
        return make_table(bundled(), Path(place) / "table", draws, replicates, progress=False)
