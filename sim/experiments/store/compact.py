"""Many parts made few: a whole store in fewer files, which hold the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import IncompleteError, Problem, StoreError
from sim.experiments.chunk import empty_tables, spills
from sim.experiments.plan import Plan
from sim.experiments.store.files import create_once, sync
from sim.experiments.store.ledger import COMPACTED, LAST, SPILL, Ledger, tables_of
from sim.experiments.store.manifest import plan_of
from sim.experiments.store.merge import write_merged
from sim.experiments.store.parts import PartName, read_footer, shelf
from sim.experiments.store.swap import exchange, new_folder, put_right
from sim.results.tables import Table

__all__ = ["MOST_NUMBERS", "MOST_ROWS", "CompactReport", "compact"]

MOST_ROWS = 1_000_000
"""Runs in a file of the summary."""
MOST_NUMBERS = 64_000_000
"""Numbers in a file of another table: about 256 MB."""

Tick = Callable[[int], None]


@dataclass(frozen=True)
class CompactReport:
    """What a call did."""

    folder: Path
    before: int
    """Files of results."""
    after: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True)
class _Part:
    name: PartName
    file: Path
    rows: int
    failed: int
    chunks: tuple[int, int]


def compact(
    folder: Path,
    progress: bool | None = None,
    most_rows: int = MOST_ROWS,
    most_numbers: int = MOST_NUMBERS,
) -> CompactReport:
    """Merge the parts of each table of a whole store into few files.

    The new files are built beside, and take the place of the old ones in one step a table: a kill at any moment
    leaves the one or the other. Once more does nothing.

    Parameters
    ----------
    folder
        The store.
    progress
        Show a bar; by default where stderr is a terminal.
    most_rows, most_numbers
        Runs in a file of the summary; numbers in a file of another table.

    Raises
    ------
    IncompleteError
        If runs are missing.
    StoreError
        If a part is damaged, or another process does the same.
    OSError
        If the folder cannot be written.
    """
    put_right(folder)
    plan = plan_of(folder)
    _whole(Ledger(folder, plan))
    tables = empty_tables(plan)
    _nothing_else([folder / table for table in tables])
    before = _measure(folder, tables)
    limits = {name: most_numbers // len(table.fields) for name, table in tables.items()}
    limits[LAST] = most_rows
    with _bar(before[1], progress) as tick:
        failures = _parts(folder, "failed")
        ranges = [(group[0].name.first, group[-1].name.last) for group in _groups(folder, LAST, limits[LAST])]
        _rewrite(folder, plan, tables["failed"], "failed", _within(failures, ranges), tick)
        names = ["quantiles"] if spills(plan) else []
        names += [table for table in tables_of(plan) if table != SPILL]
        for name in names:
            _rewrite(folder, plan, tables[name], name, _named(_groups(folder, name, limits[name])), tick)
    after = _measure(folder, tables)
    return CompactReport(folder, before[0], after[0], before[1], after[1])


def _whole(ledger: Ledger) -> None:
    standing = ledger.stand()
    if standing.damaged:
        what = "is damaged; bayah results verify puts it aside, then the same bayah sweep makes it again"
        raise StoreError([Problem(what, str(file)) for file in standing.damaged])
    missing = ledger.plan.chunks - standing.chunks_done
    if missing or standing.unsettled:
        left = (
            f"{missing:,} of {ledger.plan.chunks:,} chunks are missing"
            if missing
            else "quantiles are missing"
        )
        message = f"{left}; go on with the same bayah sweep, then compact"
        raise IncompleteError(Problem(message, str(ledger.folder)))


def _measure(folder: Path, tables: dict[str, Table]) -> tuple[int, int]:
    files = [file for table in tables for _, file in shelf(folder / table)[0]]
    return len(files), sum(file.stat().st_size for file in files)


def _parts(folder: Path, table: str) -> list[_Part]:
    parts = []
    for name, file in shelf(folder / table)[0]:
        footer = read_footer(file)
        if footer is None:
            raise StoreError(Problem("has no readable footer; see bayah results verify", str(file)))
        parts.append(_Part(name, file, footer.rows, footer.failed, (footer.first, footer.last)))
    return parts


def _groups(folder: Path, table: str, most: int) -> list[list[_Part]]:
    """Neighbours to merge: as many as a file may hold. Of files merged before, none can be joined to the next."""
    groups: list[list[_Part]] = []
    rows = 0
    for part in _parts(folder, table):
        if groups and groups[-1][-1].name.unit == part.name.unit and rows + part.rows <= most:
            groups[-1].append(part)
            rows += part.rows
        else:
            groups.append([part])
            rows = part.rows
    return groups


Named = tuple[PartName, list[_Part]]


def _named(groups: Sequence[list[_Part]]) -> list[Named]:
    return [
        (PartName(group[0].name.first, group[-1].name.last, group[0].name.unit), group) for group in groups
    ]


def _within(parts: Sequence[_Part], ranges: Sequence[tuple[int, int]]) -> list[Named]:
    """Failures go together as the summaries of the same runs do, so that each summary finds its own."""
    found: list[Named] = []
    for part in parts:
        first, last = next(span for span in ranges if span[0] <= part.name.first <= span[1])
        if found and found[-1][0].first == first and part.name.last <= last:
            found[-1] = (PartName(first, last), [*found[-1][1], part])
        elif part.name.last <= last:
            found.append((PartName(first, last), [part]))
        else:
            found.append((part.name, [part]))
    return [(name if len(group) > 1 else group[0].name, group) for name, group in found]


def _rewrite(folder: Path, plan: Plan, table: Table, name: str, groups: Sequence[Named], tick: Tick) -> None:
    """Build the new folder of a table and put it in place."""
    if all(len(group) == 1 for _, group in groups):
        tick(sum(part.file.stat().st_size for _, group in groups for part in group))
        return
    create_once(folder / COMPACTED, b"")
    place = new_folder(folder, name)
    try:
        for target, group in groups:
            if len(group) == 1:
                _same(group[0].file, place / group[0].file.name)
            else:
                failed = sum(part.failed for part in group)
                chunks = (target.first, target.last)
                if target.unit == "point":
                    chunks = (group[0].chunks[0], plan.point_chunks(target.last)[-1])
                write_merged(table, plan, [p.file for p in group], place / str(target), chunks, failed)
            tick(sum(part.file.stat().st_size for part in group))
        _as_before(folder, name, groups)
        exchange(folder, name, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _same(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
        with open(target, "rb+") as stream:
            os.fsync(stream.fileno())
    sync(target.parent)


def _nothing_else(places: Sequence[Path]) -> None:
    """The old folders go as a whole: files of somebody else must not go with them."""
    entries = [entry for place in places if place.is_dir() for entry in sorted(place.iterdir())]
    others = [entry for entry in entries if not entry.name.startswith(".") and PartName.of(entry) is None]
    if others:
        raise StoreError([Problem("is none of the sweep's files; move it elsewhere", str(f)) for f in others])


def _as_before(folder: Path, name: str, groups: Sequence[Named]) -> None:
    """Nobody has made a part again while the new folder was built."""
    now = [file for _, file in shelf(folder / name)[0]]
    if now != [part.file for _, group in groups for part in group]:
        raise StoreError(Problem("was written to in the meantime; compact it again", str(folder / name)))


@contextmanager
def _bar(total: int, progress: bool | None) -> Iterator[Tick]:
    from tqdm import tqdm

    quiet = {None: None, True: False, False: True}[progress]
    bar: Any = tqdm(total=total, unit="B", unit_scale=True, disable=quiet, mininterval=0.2)
    with bar:
        yield bar.update
