"""Which chunks a store holds: its files are the ledger, read by their footers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.chunk import spills
from sim.experiments.plan import Plan
from sim.experiments.store.files import land
from sim.experiments.store.parts import Footer, PartName, part_file, read_footer

__all__ = ["Ledger", "Standing", "keep_chunk", "point_file", "tables_of"]

LAST = "summary"
"""The table whose part lands last: where it is, the chunk is done."""
SPILL = ".spill"
"""Trajectories kept until quantiles are made of them."""


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
    return folder / "quantiles" / f"point-{point:08d}.parquet"


def keep_chunk(folder: Path, chunk: int, parts: Mapping[str, bytes]) -> None:
    """Land the parts of a chunk, the one that says it is done last.

    Raises
    ------
    OSError
        If a part cannot be written; the chunk is then not done.
    """
    for table in sorted(parts, key=lambda name: name == LAST):
        file = part_file(folder, SPILL if table == "spill" else table, chunk)
        file.parent.mkdir(exist_ok=True)
        land(file, parts[table])


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
        """Whether a chunk has landed, by the name of its last part."""
        return part_file(self.folder, LAST, chunk).exists()

    def parts(self, table: str) -> list[tuple[PartName, Path]]:
        """Parts of a table, in order."""
        place = self.folder / table
        if not place.is_dir():
            return []
        named = [(PartName.of(file), file) for file in place.iterdir()]
        return sorted(((n, f) for n, f in named if n is not None), key=lambda pair: (pair[0].first, pair[1]))

    def stand(self) -> Standing:
        """Read the footers."""
        good: dict[str, bytearray] = {}
        damaged: list[Path] = []
        runs = failed = 0
        for table in self._tables:
            good[table] = bytearray(self.plan.chunks)
            for name, file in self.parts(table):
                footer = read_footer(file)
                if footer is None or not self._fits(table, name, footer):
                    damaged.append(file)
                    continue
                for chunk in range(name.first, name.last + 1):
                    good[table][chunk] = 1
                if table == LAST:
                    runs, failed = runs + footer.rows, failed + footer.failed
                if table == LAST and footer.failed and not self._failures_there(name):
                    good[table][name.first : name.last + 1] = bytes(name.last + 1 - name.first)
        done = bytearray(self.plan.chunks)
        for chunk in range(self.plan.chunks):
            done[chunk] = all(good[table][chunk] or self._over(table, chunk) for table in self._tables)
        return Standing(bytes(done), runs, failed, tuple(damaged))

    def _failures_there(self, name: PartName) -> bool:
        """Whether the failures that a summary counts are in readable parts."""
        return any(
            other.first <= name.first and name.last <= other.last and read_footer(file) is not None
            for other, file in self.parts("failed")
        ) or all(
            read_footer(part_file(self.folder, "failed", chunk)) is not None
            for chunk in range(name.first, name.last + 1)
        )

    def _over(self, table: str, chunk: int) -> bool:
        """Whether a spilled part is no longer needed: quantiles of all its points are made."""
        if table != SPILL:
            return False
        return all(point_file(self.folder, point).exists() for point in self.plan.chunk_points(chunk))

    def _fits(self, table: str, name: PartName, footer: Footer) -> bool:
        if footer.design != self.plan.digest or (footer.first, footer.last) != (name.first, name.last):
            return False
        if name.last >= self.plan.chunks:
            return False
        runs = self.plan.chunk_runs(name.last).stop - self.plan.chunk_runs(name.first).start
        return table != LAST or footer.rows + footer.failed == runs
