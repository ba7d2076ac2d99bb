"""Quantiles of points whose runs are spread over several chunks, made when the last of these lands."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.chunk import spills
from sim.experiments.plan import Plan
from sim.experiments.quantiles import band, band_table
from sim.experiments.store.files import land
from sim.experiments.store.ledger import SPILL, Ledger, point_file
from sim.experiments.store.parts import encode, part_file

__all__ = ["settle_points"]

_MOST_NUMBERS = 16_000_000
"""Numbers held at a time."""


def settle_points(folder: Path, plan: Plan, chunks: Iterable[int]) -> None:
    """Make the quantiles of points that are complete, and remove what was kept for them.

    Parameters
    ----------
    folder
        The store.
    plan
        Its plan.
    chunks
        Chunks that landed lately.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    """
    if not spills(plan):
        return
    ledger = Ledger(folder, plan)
    points = sorted({point for chunk in chunks for point in plan.chunk_points(chunk)})
    for point in points:
        wanted = plan.point_chunks(point)
        if ledger.settled(point) or not all(ledger.landed(chunk) for chunk in wanted):
            continue
        files = [part_file(folder, SPILL, chunk) for chunk in wanted]
        if all(file.exists() for file in files):
            try:
                data = _quantiles(plan, point, files)
            except FileNotFoundError:
                # Another thread or process was quicker, and has removed them.
                if ledger.settled(point):
                    continue
                raise
            point_file(folder, point).parent.mkdir(exist_ok=True)
            land(point_file(folder, point), data)
    for chunk in {chunk for point in points for chunk in plan.point_chunks(point)}:
        if all(ledger.settled(point) for point in plan.chunk_points(chunk)):
            part_file(folder, SPILL, chunk).unlink(missing_ok=True)
    with suppress(OSError):
        (folder / SPILL).rmdir()


def _quantiles(plan: Plan, point: int, files: list[Path]) -> bytes:
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    data: Any = ds.dataset([str(file) for file in files], format="parquet")
    here = pc.field("point") == point
    months = sorted({batch for batch in data.to_table(columns=["month"], filter=here)["month"].to_pylist()})
    runs = data.count_rows(filter=here & (pc.field("month") == months[0])) if months else 0
    step = max(1, _MOST_NUMBERS // max(1, runs * len(plan.keep.monthly)))
    bands: list[list[Any]] = [[] for _ in plan.keep.monthly]
    for first in range(0, len(months), step):
        some = months[first : first + step]
        within = here & (pc.field("month") >= some[0]) & (pc.field("month") <= some[-1])
        table = data.to_table(columns=["run", "month", *plan.keep.monthly], filter=within)
        order = np.lexsort((table["run"].to_numpy(), table["month"].cast("int32").to_numpy()))
        for n, name in enumerate(plan.keep.monthly):
            values = table[name].to_numpy()[order].reshape(len(some), -1).T
            bands[n].append(band(values))
    start = months[0].year * 12 + months[0].month - 1 if months else 0
    whole = [np.concatenate(parts) for parts in bands] if months else []
    table_ = band_table([point], [start], plan.keep.monthly, [(runs, whole)])
    return encode(table_, plan.digest, plan.point_chunks(point)[0], 0)
