"""Which chunks a store holds: its files are the ledger, read by their footers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.chunk import spills
from sim.experiments.plan import Plan
from sim.experiments.store.files import land
from sim.experiments.store.parts import Footer, PartName, part_file, read_footer, shelf

__all__ = ["COMPACTED", "Ledger", "Standing", "holder", "keep_chunk", "point_file", "tables_of"]

LAST = "summary"
"""The table whose part lands last: where it is, the chunk is done."""
SPILL = ".spill"
"""Trajectories kept until quantiles are made of them."""
COMPACTED = ".compacted"
"""A file that is there where parts of several chunks may be; without it nobody looks for them."""


def tables_of(plan: Plan) -> tuple[str, ...]:
    """Folders in which every chunk has a part, the last one last."""
    keep = plan.keep
    tables = ["allegiances"] if keep.allegiances else []
    if keep.trajectories == "all":
        tables.append("trajectories")
    elif keep.trajectories == "quantiles":
        tables.append(SPILL if spills(plan) else "quantiles")
    return (*tables, LAST)


def point_file(folder: Path, point: int) -> Path:
    """Where quantiles of a point are kept whose runs are spread over several chunks."""
    return folder / "quantiles" / str(PartName(point, point, "point"))


def holder(folder: Path, table: str, number: int, unit: str = "part") -> Path | None:
    """The file of a table that holds a chunk (or a point), by the names of the files; None where there is none."""
    single = folder / table / str(PartName(number, number, unit))
    if single.exists():
        return single
    if not (folder / COMPACTED).exists():
        return None
    kept, _ = shelf(folder / table, unit)
    return next((file for name, file in kept if name.first <= number <= name.last), None)


def keep_chunk(folder: Path, chunk: int, parts: Mapping[str, bytes]) -> None:
    """Land the parts of a chunk, the one that says it is done last.

    Raises
    ------
    OSError
        If a part cannot be written; the chunk is then not done.
    """
    for table in sorted(parts, key=lambda name: name == LAST):
        place = SPILL if table == "spill" else table
        file = part_file(folder, place, chunk)
        # A file of several chunks that holds this one stays: beside it the runs would be there twice.
        if holder(folder, place, chunk) in (None, file):
            _keep(file, parts[table])


def _keep(file: Path, data: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    try:
        land(file, data)
    except FileNotFoundError:
        # The folder was exchanged for its compacted form while the part was written.
        if holder(file.parent.parent, file.parent.name, _number(file)) is None:
            file.parent.mkdir(exist_ok=True)
            land(file, data)


def _number(file: Path) -> int:
    name = PartName.of(file)
    assert name is not None
    return name.first


@dataclass(frozen=True)
class Standing:
    """How far a store has come."""

    done: bytes
    """A byte for each chunk: 1 where it is done."""
    runs: int
    """Runs that came out."""
    failed: int
    """Runs that failed."""
    damaged: tuple[Path, ...]
    """Parts with no readable footer, of another design, or incomplete."""
    unsettled: int = 0
    """Points whose runs are all there and whose quantiles are still to be made."""

    @property
    def chunks_done(self) -> int:
        """Chunks that are done."""
        return sum(self.done)


class Ledger:
    """The parts of a store.

    Parameters
    ----------
    folder
        The store.
    plan
        Its plan.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self._tables = tables_of(plan)
        self._spills = spills(plan)

    def has(self, chunk: int) -> bool:
        """Whether all parts of a chunk have landed, by their names; of failures, by the word of the summary."""
        if not all(self._named(table, chunk) for table in reversed(self._tables)):
            return False
        file = holder(self.folder, LAST, chunk)
        footer = None if file is None else read_footer(file)
        name = None if file is None else PartName.of(file)
        if footer is None or name is None:
            return False
        return not footer.failed or self._failures_there(name, footer.failed, self._failures())

    def landed(self, chunk: int) -> bool:
        """Whether the last part of a chunk has landed, by its name."""
        return holder(self.folder, LAST, chunk) is not None

    def settled(self, point: int) -> bool:
        """Whether quantiles are made of a point whose runs are spread over several chunks."""
        return holder(self.folder, "quantiles", point, "point") is not None

    def _named(self, table: str, chunk: int) -> bool:
        if holder(self.folder, table, chunk) is not None:
            return True
        return table == SPILL and all(self.settled(point) for point in self.plan.chunk_points(chunk))

    def parts(self, table: str) -> list[tuple[PartName, Path]]:
        """Parts of a table, in order, by chunk; none twice."""
        return shelf(self.folder / table, "part")[0]

    def points(self) -> list[tuple[PartName, Path]]:
        """Quantiles of points whose runs are spread over several chunks, in order."""
        return shelf(self.folder / "quantiles", "point")[0]

    def stand(self) -> Standing:
        """Read the footers."""
        good: dict[str, bytearray] = {}
        damaged: list[Path] = []
        failures: list[tuple[PartName, Footer | None]] = []
        for name, file in self.parts("failed"):
            footer = read_footer(file)
            failures.append(
                (name, footer if footer is not None and self.fits("failed", name, footer) else None)
            )
            if failures[-1][1] is None:
                damaged.append(file)
        counted: list[tuple[PartName, Footer]] = []
        for table in self._tables:
            good[table] = bytearray(self.plan.chunks)
            for name, file in self.parts(table):
                footer = read_footer(file)
                if footer is None or not self.fits(table, name, footer):
                    damaged.append(file)
                    continue
                there = 1
                if table == LAST:
                    counted.append((name, footer))
                    there = not footer.failed or self._failures_there(name, footer.failed, failures)
                good[table][name.first : name.last + 1] = bytes([there]) * (name.last + 1 - name.first)
        points, spoilt = self._points()
        done = bytes(
            all(good[table][chunk] or self._over(table, chunk, points) for table in self._tables)
            for chunk in range(self.plan.chunks)
        )
        unsettled = points.count(0) if self._spills and all(done) else 0
        return Standing(done, *self._count(counted, done), (*damaged, *spoilt), unsettled)

    def _count(self, parts: Sequence[tuple[PartName, Footer]], done: bytes) -> tuple[int, int]:
        """Runs that came out and runs that failed, of chunks that are done."""
        runs = failed = 0
        for name, footer in parts:
            open_ = [chunk for chunk in range(name.first, name.last + 1) if not done[chunk]]
            left = sum(len(self.plan.chunk_runs(chunk)) for chunk in open_)
            # Of a file with several chunks the footer does not say in which of them runs failed.
            runs += max(0, footer.rows - left)
            failed += footer.failed - max(0, left - footer.rows)
        return runs, failed

    def _points(self) -> tuple[bytearray, list[Path]]:
        """A byte for each point: 1 where its quantiles are in a readable file of their own; and those that are not."""
        made = bytearray(self.plan.points if self._spills else 0)
        damaged: list[Path] = []
        for name, file in self.points() if self._spills else ():
            footer = read_footer(file)
            if footer is None or not self.fits("quantiles", name, footer):
                damaged.append(file)
            else:
                made[name.first : name.last + 1] = b"\1" * (name.last + 1 - name.first)
        return made, damaged

    def _failures(self) -> list[tuple[PartName, Footer | None]]:
        return [(name, read_footer(file)) for name, file in self.parts("failed")]

    def _failures_there(
        self, name: PartName, failed: int, parts: Sequence[tuple[PartName, Footer | None]]
    ) -> bool:
        """Whether the failures that a summary counts are in readable parts."""
        rows = 0
        begin = bisect_left(parts, name.first, key=lambda pair: pair[0].last)
        for other, footer in parts[begin : bisect_right(parts, name.last, key=lambda pair: pair[0].first)]:
            if footer is None:
                continue
            if other.first < name.first or name.last < other.last:
                # It holds other chunks too, and its footer does not say which rows are whose.
                return True
            rows += footer.rows
        return rows == failed

    def _over(self, table: str, chunk: int, points: bytearray) -> bool:
        """Whether a spilled part is no longer needed: quantiles of all its points are made."""
        if table != SPILL:
            return False
        here = self.plan.chunk_points(chunk)
        return points.count(1, here.start, here.stop) == len(here)

    def fits(self, table: str, name: PartName, footer: Footer) -> bool:
        """Whether a part says of itself what its name and the plan say."""
        if name.unit == "point":
            return self._point_fits(name, footer)
        if footer.design != self.plan.digest or (footer.first, footer.last) != (name.first, name.last):
            return False
        if name.last >= self.plan.chunks:
            return False
        runs = self.plan.chunk_runs(name.last).stop - self.plan.chunk_runs(name.first).start
        return table != LAST or footer.rows + footer.failed == runs

    def _point_fits(self, name: PartName, footer: Footer) -> bool:
        if footer.design != self.plan.digest or name.last >= self.plan.points:
            return False
        return footer.first == self.plan.point_chunks(name.first)[0]
