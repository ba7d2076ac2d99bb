"""Runs of a design of points, kept part by part, so that what is made is not made again."""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.errors import IncompleteError, Problem, StoreError
from sim.experiments.patterns.many import ask
from sim.experiments.patterns.reading import Measure
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.targets import measured
from sim.experiments.sensitivity.reading import Inquiry
from sim.experiments.store.files import land, sweep_up
from sim.results.trust import read_json

__all__ = ["FORMAT", "VERSION", "Made", "claim", "make_points"]

Floats = NDArray[np.float64]
FORMAT, VERSION = "bayah sensitivity", 1
PART = 64
"""Points of a part."""
DESIGN = "design.json"


@dataclass(frozen=True, eq=False)
class Made:
    """Runs of all points of a design."""

    values: Floats
    """Shape (points, runs, outputs); not a number where a run failed or has nothing that could be told."""
    good: NDArray[np.bool_]
    """Shape (points, runs): runs that ended in a state that the model allows."""


def claim(inquiry: Inquiry, folder: Path) -> None:
    """Take a folder for an analysis, or see that it is its own.

    Raises
    ------
    StoreError
        If it holds anything else.
    """
    form = _form(inquiry)
    digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
    file = folder / DESIGN
    if not file.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StoreError(
                Problem("is there and holds no sensitivity analysis; name another folder", str(folder))
            )
        folder.mkdir(parents=True, exist_ok=True)
        land(file, (json.dumps({"digest": digest, **form}, indent=1, ensure_ascii=False) + "\n").encode())
        return
    try:
        there = read_json(file, "sensitivity analysis")
    except (OSError, StoreError):
        there = {}
    if not isinstance(there, dict) or there.get("digest") != digest:
        changed = [name for name in form if not isinstance(there, dict) or there.get(name) != form[name]]
        told = (
            f"holds another analysis ({', '.join(changed) or 'damaged'}); name another folder, or remove it"
        )
        raise StoreError(Problem(told, str(folder)))
    sweep_up(folder)


def _form(inquiry: Inquiry) -> dict[str, Any]:
    from sim.jit import source_hash
    from sim.results.manifest import scenario_hash

    units = inquiry.patterns.units if inquiry.patterns is not None else None
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": inquiry.name,
        "experiment": inquiry.form.model_dump(mode="json", by_alias=True, exclude_none=True),
        "scenario": scenario_hash(inquiry.loaded.scenario),
        "units": None if units is None else units.digest,
        "statistics": {one.name: one.statistic.digest for one in inquiry.outputs},
        "code": source_hash(),
    }


def make_points(
    inquiry: Inquiry,
    folder: Path,
    stage: str,
    paths: tuple[str, ...],
    points: Floats,
    replicates: int,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Made:
    """The runs of a design; parts that the folder holds are not made again.

    Parameters
    ----------
    inquiry
        The analysis.
    folder
        Its folder, claimed.
    stage
        Name of the design.
    paths
        What it varies.
    points
        Values, shape (points, paths).
    replicates
        Runs at each point; their seeds are the same at all of them, from the seed of the analysis on.
    workers, progress, say
        As for :func:`sim.experiments.patterns.many.ask`.

    Raises
    ------
    IncompleteError
        If it was interrupted: what is kept is whole, the same call goes on.
    """
    key = hashlib.sha256(np.ascontiguousarray(points, dtype="<f8").tobytes())
    key.update(json.dumps([paths, replicates]).encode())
    place = folder / "parts" / f"{stage}-{key.hexdigest()[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    ranges = [range(at, min(at + PART, len(points))) for at in range(0, len(points), PART)]
    shape = (replicates, len(inquiry.outputs))
    held = {n: part for n, r in enumerate(ranges) if (part := _read(place, n, (len(r), *shape))) is not None}
    missing = [n for n in range(len(ranges)) if n not in held]
    # Outputs have what is asked of measures: a name, a form, a statistic.
    outputs = cast("tuple[Measure, ...]", inquiry.outputs)
    seeds = range(inquiry.form.seed, inquiry.form.seed + replicates)

    def take(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        values = np.where(good[:, None], measured(outputs, records), np.nan)
        return {"values": np.where(np.isfinite(values), values, np.nan), "good": good}

    def keep(chunk: int, arrays: dict[str, NDArray[Any]]) -> None:
        _write(place, missing[chunk], arrays)
        held[missing[chunk]] = arrays

    if missing:
        _, whole = ask(
            inquiry.asked(paths), points, lambda point: seeds, take, chunks=[ranges[n] for n in missing], keep=keep,
            workers=workers, progress=progress, say=say, title=stage,
        )  # fmt: skip
        if not whole:
            told = f"stopped: {len(held):,} of {len(ranges):,} parts of {stage} are kept; the same command goes on"
            raise IncompleteError(Problem(told, str(folder)))
    parts = [held[n] for n in range(len(ranges))]
    return Made(
        np.concatenate([part["values"] for part in parts]), np.concatenate([part["good"] for part in parts])
    )


def _write(place: Path, part: int, arrays: Mapping[str, NDArray[Any]]) -> None:
    sink = io.BytesIO()
    np.savez_compressed(sink, values=arrays["values"], good=arrays["good"])
    land(place / f"{part:05d}.npz", sink.getvalue())


def _read(place: Path, part: int, shape: tuple[int, ...]) -> dict[str, NDArray[Any]] | None:
    """A part; None where it is not there, or damaged, and is to be made again."""
    file = place / f"{part:05d}.npz"
    try:
        if not file.is_file():
            return None
        with zipfile.ZipFile(file) as packed:
            # A small file can unpack to a large one: no more is taken than a part has.
            if sum(one.file_size for one in packed.infolist()) > 9 * math.prod(shape) + 10_000:
                return None
        with np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in ("values", "good")}
    except Exception:
        # Bytes that are not what they should be may raise anything.
        return None
    return found if found["values"].shape == shape and found["good"].shape == shape[:2] else None
