"""A chunk of a sweep: its runs made, as the tables that are kept of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.bench import Bench, Block
from sim.experiments.counts import Counts
from sim.experiments.plan import Plan
from sim.experiments.quantiles import band, band_table
from sim.outcomes import MONTHLY, SUMMARY
from sim.results.tables import Field, Table, Words

__all__ = ["make_chunk", "spills"]

Tick = Callable[[int, int], None]
"""Called with the runs done and failed since the last call; raises to give the chunk up."""

_MONTHLY = {column.name: n for n, column in enumerate(MONTHLY)}
_SUMMARY = {column.name: n for n, column in enumerate(SUMMARY)}


def spills(plan: Plan) -> bool:
    """Whether quantiles need trajectories of several chunks, which are kept until the last of them lands."""
    return plan.keep.trajectories == "quantiles" and plan.chunk % plan.replicates != 0


def make_chunk(bench: Bench, chunk: int, tick: Tick) -> dict[str, Table]:
    """Make the runs of a chunk.

    Parameters
    ----------
    bench
        Where runs are made.
    chunk
        Position of the chunk.
    tick
        Told of runs as they are done.

    Returns
    -------
    dict
        Tables by name, as the plan keeps them; ``summary`` always, ``failed`` where runs failed.
    """
    gathered = _Gathered(bench.plan)
    for block in bench.blocks(bench.plan.chunk_runs(chunk)):
        gathered.add(block)
        tick(len(block.runs), len(block.reasons))
    return gathered.tables()


def empty_tables(plan: Plan) -> dict[str, Table]:
    """All tables that a plan may keep, with no rows: which columns they have."""
    tables = {"failed": _Gathered(plan).failures(), **_Gathered(plan).tables()}
    if spills(plan):
        tables["quantiles"] = band_table([], [], plan.keep.monthly, [])
    return tables


class _Gathered:
    """Blocks of a chunk, on their way to tables."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.good: list[NDArray[np.int64]] = []
        self.summary: list[NDArray[Any]] = []
        self.failed: dict[int, str] = {}
        self.monthly: list[tuple[int, NDArray[np.int64], NDArray[Any]]] = []
        """First month, runs, and outcomes of shape (runs, months, kept)."""
        self.counts = Counts(plan)
        self._columns = [_MONTHLY[name] for name in plan.keep.monthly]

    def add(self, block: Block) -> None:
        """Take what is kept of a block."""
        runs = np.arange(block.runs.start, block.runs.stop)
        good: Any = slice(None)
        if block.reasons:
            good = np.array([run not in block.reasons for run in block.runs], dtype=bool)
            self.failed.update(block.reasons)
        self.good.append(runs[good])
        self.summary.append(block.summary[good])
        if block.outcomes.shape[1]:
            kept = block.outcomes[good][:, :, self._columns]
            self.monthly.append((block.compiled.start, runs[good], kept))
        if block.allegiances.shape[1]:
            self.counts.add(block.compiled, runs[good], block.allegiances[good])

    def tables(self) -> dict[str, Table]:
        """What is kept."""
        keep = self.plan.keep
        tables: dict[str, Table] = {}
        if keep.allegiances:
            tables["allegiances"] = self.counts.table()
        if keep.trajectories == "all" or spills(self.plan):
            tables["trajectories" if keep.trajectories == "all" else "spill"] = self._trajectories()
        elif keep.trajectories == "quantiles":
            tables["quantiles"] = self._quantiles()
        if self.failed:
            tables["failed"] = self.failures()
        tables["summary"] = self._summary()
        return tables

    def _keys(self, runs: NDArray[np.int64]) -> tuple[list[Field], dict[str, Any]]:
        plan = self.plan
        fields = [
            Field("run", "count", "run", "Position of the run in the plan, from 0."),
            Field("point", "count", "point", "Point of the design, from 0."),
            Field("replicate", "count", "replicate", "Replicate at the point, from 0."),
            Field("seed", "count", "seed", "Run seed."),
        ]
        data: dict[str, Any] = {
            "run": runs,
            "point": runs // plan.replicates,
            "replicate": runs % plan.replicates,
        }
        data["seed"] = np.array([plan.seed_of(int(run)) for run in runs], dtype=np.int64)
        plan.add_parameters(fields, data, data["point"])
        return fields, data

    def _summary(self) -> Table:
        good = [np.empty(0, dtype=np.int64), *self.good]
        fields, data = self._keys(np.concatenate(good))
        whole = np.concatenate(self.summary) if self.summary else np.empty((0, len(SUMMARY)))
        for name in self.plan.keep.outcomes:
            column = SUMMARY[_SUMMARY[name]]
            fields.append(Field(name, "number", column.unit, column.meaning))
            data[name] = whole[:, _SUMMARY[name]].copy()
        return Table("summary", tuple(fields), data, ("run",))

    def failures(self) -> Table:
        """The runs that failed."""
        runs = sorted(self.failed)
        fields, data = self._keys(np.array(runs, dtype=np.int64))
        fields.append(Field("reason", "text", "words", "Why the run failed."))
        data["reason"] = Words.of([self.failed[run] for run in runs])
        return Table("failed", tuple(fields), data, ("run",))

    def _trajectories(self) -> Table:
        """By month, then by run, so that a month is read without the others."""
        runs, months, values = [], [], []
        for start, good, kept in self.monthly:
            length = kept.shape[1]
            runs.append(np.repeat(good, length))
            months.append(np.tile(np.arange(start, start + length), len(good)))
            values.append(kept.reshape(-1, len(self._columns)))
        run = np.concatenate(runs) if runs else np.empty(0, dtype=np.int64)
        month = np.concatenate(months) if months else np.empty(0, dtype=np.int64)
        order = np.lexsort((run, month))
        flat = np.concatenate(values) if values else np.empty((0, len(self._columns)))
        fields = [
            Field("run", "count", "run", "Position of the run in the plan, from 0."),
            Field("point", "count", "point", "Point of the design, from 0."),
            Field("month", "month", "month", "Month, at its end."),
        ]
        data: dict[str, Any] = {
            "run": run[order],
            "point": run[order] // self.plan.replicates,
            "month": month[order],
        }
        for n, name in enumerate(self.plan.keep.monthly):
            column = MONTHLY[_MONTHLY[name]]
            fields.append(Field(name, "number", column.unit, column.meaning))
            data[name] = flat[order, n]
        return Table("trajectories", tuple(fields), data, ("month", "run"))

    def _quantiles(self) -> Table:
        by_point: dict[int, list[NDArray[Any]]] = {}
        starts: dict[int, int] = {}
        for start, good, kept in self.monthly:
            points = good // self.plan.replicates
            for point in np.unique(points):
                by_point.setdefault(int(point), []).append(kept[points == point])
                starts[int(point)] = start
        bands = []
        for parts in by_point.values():
            whole = np.concatenate(parts)
            bands.append((len(whole), [band(whole[:, :, n]) for n in range(whole.shape[2])]))
        return band_table(list(by_point), [starts[p] for p in by_point], self.plan.keep.monthly, bands)
