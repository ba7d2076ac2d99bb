"""Files of a store that are not as they should be; and the files that say which runs there are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import StoreError
from sim.experiments.plan import Plan
from sim.experiments.store.files import set_aside
from sim.experiments.store.form import statistics_flaw
from sim.experiments.store.manifest import (
    DESIGN,
    MANIFEST,
    design_table,
    manifest_flaw,
    plan_of,
    read_manifest,
)
from sim.results.trust import part_of

__all__ = ["Finding", "Findings", "sound_plan"]


@dataclass(frozen=True)
class Finding:
    """A file that is not as it should be."""

    file: Path
    what: str
    aside: Path | None
    """Where it was put, so that it is made again; None where it still is in its place."""


@dataclass
class Findings:
    dry_run: bool
    found: list[Finding] = field(default_factory=list)

    def add(self, file: Path, what: str, aside: bool = True) -> None:
        """Note a file, and put it aside if that is wanted and can be done."""
        place = None
        if aside and not self.dry_run and file.exists():
            try:
                place = set_aside(file)
            except OSError:
                place = None
        self.found.append(Finding(file, what, place))


def sound_plan(folder: Path, findings: Findings) -> Plan | None:
    """The plan, and whether the files that say it are sound."""
    flaw = manifest_flaw(folder)
    if flaw is not None:
        # It alone says which code made the runs: nobody can write it again, and by its word nothing is put aside.
        findings.add(folder / MANIFEST, f"{flaw}; bring it back from a copy", aside=False)
        try:
            return plan_of(folder)
        except StoreError:
            return None
    about = read_manifest(folder)
    for entry in about["scenarios"]:
        file = part_of(folder, entry["file"])
        if not file.is_file():
            findings.add(file, "is missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            findings.add(file, "is not the scenario of the sweep")
    if findings.found:
        return None
    try:
        plan = plan_of(folder)
    except StoreError as error:
        findings.add(folder / DESIGN, error.problems[0].message)
        return None
    flaw = _design_flaw(folder / DESIGN, plan)
    if flaw is not None:
        findings.add(folder / DESIGN, flaw)
    return plan


def _design_flaw(file: Path, plan: Plan) -> str | None:
    import pyarrow.parquet as pq

    wanted: Any = design_table(plan)
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as parts:
            rows = 0
            for group in range(parts.num_row_groups):
                table = parts.read_row_group(group)
                flaw = statistics_flaw(parts.metadata.row_group(group), table)
                if flaw is not None:
                    return flaw
                if not table.equals(wanted.slice(rows, len(table)), check_metadata=True):
                    return "holds other points, or other notes, than the design"
                rows += len(table)
    except Exception as error:
        # Bytes that are not what they should be may raise anything.
        return f"cannot be read: {(str(error) or type(error).__name__).splitlines()[0]}"
    return None if rows == len(wanted) else "lacks points"
