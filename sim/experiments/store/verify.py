"""Every byte of a store read: what is damaged, what is missing, what does not belong there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.chunk import empty_tables
from sim.experiments.counts import AWAY
from sim.experiments.plan import Plan, loaded_scenarios
from sim.experiments.store.checks import Months, PointRows, RunMonths, RunRows
from sim.experiments.store.findings import Finding, Findings, sound_plan
from sim.experiments.store.form import Form, Look, flaw_of
from sim.experiments.store.ledger import LAST, SPILL, Ledger, Standing
from sim.experiments.store.manifest import MANIFEST, read_manifest
from sim.experiments.store.parts import Footer, PartName, read_footer, shelf
from sim.experiments.store.swap import put_right
from sim.scenario.compile import compile_scenario
from sim.scenario.load import Loaded

__all__ = ["Finding", "Verdict", "verify"]

_ORDER = ("failed", LAST, "trajectories", SPILL, "quantiles", "allegiances")
"""Runs first: the rest is compared with them."""


@dataclass(frozen=True)
class Verdict:
    """What a store is like."""

    folder: Path
    plan: Plan | None
    """None where the files that say which runs there are cannot be read: no part was looked at then."""
    findings: tuple[Finding, ...]
    missing: tuple[int, ...] = ()
    """Chunks that are not there, and not because of a damaged file."""
    standing: Standing | None = None
    """What is left in place."""
    files: int = 0
    """Parts that were read."""
    bytes: int = 0

    @property
    def sound(self) -> bool:
        """Whether all that is there is as it should be."""
        return not self.findings

    @property
    def complete(self) -> bool:
        """Whether nothing is missing or damaged."""
        unsettled = self.standing is None or self.standing.unsettled
        return self.sound and not self.missing and not unsettled


def verify(folder: Path, dry_run: bool = False, progress: bool | None = None) -> Verdict:
    """Read every byte of a store and compare it with its plan.

    Damaged parts are put aside under a hidden name, so that the same sweep makes them again.

    Parameters
    ----------
    folder
        The store.
    dry_run
        Put nothing aside; so it is, too, where the folder cannot be written.
    progress
        Show a bar; by default where stderr is a terminal.

    Raises
    ------
    StoreError
        If the folder is not there, or is no sweep.
    """
    if not folder.is_dir() or not (folder / MANIFEST).is_file():
        read_manifest(folder)
    if not dry_run:
        put_right(folder)
    findings = Findings(dry_run)
    plan = sound_plan(folder, findings)
    if plan is None:
        return Verdict(folder, None, tuple(findings.found))
    ledger = Ledger(folder, plan)
    before = ledger.stand()
    reader = _Reader(ledger, findings)
    reader.all(progress)
    after = ledger.stand() if any(finding.aside for finding in findings.found) else before
    missing = tuple(c for c in range(plan.chunks) if not before.done[c] and not reader.spoilt[c])
    return Verdict(folder, plan, tuple(findings.found), missing, after, reader.files, reader.bytes)


class _Reader:
    """Reads the parts of a store, table by table."""

    def __init__(self, ledger: Ledger, findings: Findings) -> None:
        self.ledger, self.plan, self.findings = ledger, ledger.plan, findings
        self.spoilt = bytearray(self.plan.chunks)
        """A byte for each chunk: 1 where a file of it is damaged."""
        self.files = self.bytes = 0
        self._sound: dict[str, list[tuple[PartName, Path]]] = {table: [] for table in _ORDER}
        keep = self.plan.keep
        monthly = keep.allegiances or keep.trajectories != "none"
        scenarios = loaded_scenarios(self.plan) if monthly else ()
        self._forms = _forms(self.plan, scenarios)
        self._months = Months(self.plan, scenarios) if monthly else None

    def all(self, progress: bool | None) -> None:
        """Read everything."""
        from tqdm import tqdm

        quiet = {None: None, True: False, False: True}[progress]
        total = sum(file.stat().st_size for table in _ORDER for _, file in self._shelf(table))
        bar: Any = tqdm(total=total, unit="B", unit_scale=True, disable=quiet, mininterval=0.2)
        with bar:
            for table in _ORDER:
                self._foreign(table)
                for name, file in self._shelf(table):
                    size = file.stat().st_size
                    self._part(table, name, file)
                    self.files, self.bytes = self.files + 1, self.bytes + size
                    bar.update(size)

    def _shelf(self, table: str) -> list[tuple[PartName, Path]]:
        return shelf(self.ledger.folder / table)[0]

    def _foreign(self, table: str) -> None:
        """Files that readers would take for parts, and parts that are there twice."""
        place = self.ledger.folder / table
        for file in sorted(place.glob("*.parquet")) if place.is_dir() else ():
            if PartName.of(file) is None and not file.name.startswith("."):
                self.findings.add(file, "is none of the sweep's files")
        kept, doubled = shelf(place)
        for file in doubled:
            self.findings.add(file, "holds what another file holds too")
        for n, (name, file) in enumerate(kept[1:]):
            before = kept[n][0]
            if name.unit == before.unit and name.first <= before.last:
                self._spoilt(name, file, f"holds chunks that {before} holds too")

    def _part(self, table: str, name: PartName, file: Path) -> None:
        if not file.exists():
            return
        form = self._forms.get(table)
        if form is None or (name.unit == "point") != (table == "quantiles" and SPILL in self._forms):
            self.findings.add(file, "is of a table that the design does not keep")
            return
        footer = read_footer(file)
        if footer is not None and footer.design != self.plan.digest:
            flaw: str | None = "is a part of another design"
        elif footer is not None and not self.ledger.fits(table, name, footer):
            flaw = "holds other chunks than its name says"
        else:
            failed = footer.failed if footer is not None else 0
            flaw = flaw_of(file, form, self._look(table, name, failed))
            if flaw is None and failed != self._failed(table, name, footer):
                flaw = "counts other failed runs than there are"
        if flaw is None:
            self._sound[table].append((name, file))
        elif file.exists():
            self._spoilt(name, file, flaw)

    def _spoilt(self, name: PartName, file: Path, flaw: str) -> None:
        chunks = self._chunks(name)
        self.spoilt[chunks.start : chunks.stop] = b"\1" * len(chunks)
        self.findings.add(file, flaw)

    def _chunks(self, name: PartName) -> range:
        if name.unit == "part":
            return range(min(name.first, self.plan.chunks), min(name.last + 1, self.plan.chunks))
        last = self.plan.points - 1
        ends = self.plan.point_chunks(min(name.first, last)), self.plan.point_chunks(min(name.last, last))
        return range(ends[0].start, ends[1].stop)

    def _runs(self, name: PartName) -> range:
        chunks, plan = self._chunks(name), self.plan
        if name.unit == "point":
            return range(name.first * plan.replicates, (name.last + 1) * plan.replicates)
        return range(plan.chunk_runs(chunks.start).start, plan.chunk_runs(chunks.stop - 1).stop)

    def _look(self, table: str, name: PartName, failed: int) -> Look:
        runs = self._runs(name)
        if table == "failed":
            return RunRows(self.plan, runs, None)
        if table == LAST:
            others = self._held("failed", runs)
            # Where a part with failures is itself missing or damaged, it is the one to be made again.
            return RunRows(self.plan, runs, others if len(others) >= failed else None)
        good = self._good(name)
        assert self._months is not None
        if table in ("trajectories", SPILL):
            return RunMonths(self.plan, self._months, runs, good)
        points = range(runs.start // self.plan.replicates, (runs.stop - 1) // self.plan.replicates + 1)
        each = None
        if good is not None:
            each = np.bincount(good // self.plan.replicates - points.start, minlength=len(points))
        return PointRows(self.plan, self._months, points, each, counts=table == "allegiances")

    def _good(self, name: PartName) -> NDArray[np.int64] | None:
        """Runs of a part that are in the summary, where all of that is sound."""
        return self._held(LAST, self._runs(name)) if self._covers(LAST, self._chunks(name)) else None

    def _failed(self, table: str, name: PartName, footer: Footer | None) -> int:
        """Runs of a part that failed, as its footer should count them."""
        if footer is None or table in ("failed", LAST):
            # The summary's own were compared with the runs of its chunks.
            return 0 if footer is None else footer.rows if table == "failed" else footer.failed
        if name.unit == "point":
            return 0
        good = self._good(name)
        return footer.failed if good is None else len(self._runs(name)) - len(good)

    def _covers(self, table: str, chunks: range) -> bool:
        """Whether sound parts hold all of some chunks."""
        held = sum(
            min(name.last + 1, chunks.stop) - max(name.first, chunks.start)
            for name, _ in self._over(table, chunks)
        )
        return held >= len(chunks)

    def _over(self, table: str, chunks: range) -> Iterator[tuple[PartName, Path]]:
        for name, file in self._sound[table]:
            if name.first < chunks.stop and name.last >= chunks.start:
                yield name, file

    def _held(self, table: str, runs: range) -> NDArray[np.int64]:
        """Runs that sound parts of a table hold, of some."""
        import pyarrow.parquet as pq

        chunks = range(runs.start // self.plan.chunk, (runs.stop - 1) // self.plan.chunk + 1)
        found = [np.empty(0, dtype=np.int64)]
        for _, file in self._over(table, chunks):
            run = pq.read_table(file, columns=["run"])["run"].to_numpy()
            found.append(run[(run >= runs.start) & (run < runs.stop)])
        return np.concatenate(found)


def _forms(plan: Plan, scenarios: tuple[Loaded, ...]) -> dict[str, Form]:
    """How the parts of each table look."""
    tables = empty_tables(plan)
    words: dict[str, set[str]] = {"outcome": set(plan.keep.monthly), "faction": set(), "held": {"", *AWAY}}
    if "allegiances" in tables:
        for loaded in scenarios:
            compiled = compile_scenario(loaded.scenario)
            words["faction"].update(compiled.factions)
            words["held"].update(compiled.options)
    return {SPILL if name == "spill" else name: Form(table, words) for name, table in tables.items()}
