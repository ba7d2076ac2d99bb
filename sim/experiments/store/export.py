"""One table of a store as one file, for programs that would rather have one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, StoreError, UsageError
from sim.experiments.chunk import empty_tables, spills
from sim.experiments.plan import Plan
from sim.experiments.store.files import landing
from sim.experiments.store.ledger import LAST
from sim.experiments.store.manifest import MANIFEST, design_table, plan_of
from sim.experiments.store.merge import in_blocks, joined_schema
from sim.experiments.store.parts import PartName, shelf
from sim.experiments.store.swap import put_right
from sim.scenario.wording import nearest, one_line

__all__ = ["FORMATS", "TABLES", "Exported", "columns_file", "export"]

TABLES = (LAST, "design", "trajectories", "quantiles", "allegiances", "failed")
FORMATS = {"csv": ".csv", "parquet": ".parquet", "feather": ".feather"}


@dataclass(frozen=True)
class Exported:
    """What was written."""

    file: Path
    table: str
    format: str
    rows: int
    columns: tuple[str, ...]
    also: Path | None
    """Units and meanings of the columns, beside a CSV file."""


def columns_file(file: Path) -> Path:
    """Where units and meanings of the columns of a CSV file are: ``runs.columns.csv`` beside ``runs.csv``."""
    return file.with_name(f"{file.stem}.columns.csv")


def export(
    folder: Path,
    table: str,
    to: Path,
    format: str | None = None,
    outcomes: Sequence[str] | None = None,
    points: Sequence[int] | None = None,
    force: bool = False,
) -> Exported:
    """Write one table of a store as one file, whole or not at all, in order of the runs.

    Parquet and Feather keep units and meanings in the notes of the columns. CSV has a line of names and nothing
    else besides the rows, months as ``YYYY-MM``; units and meanings are in a second file (:func:`columns_file`).

    Parameters
    ----------
    folder
        The store.
    table
        One of :data:`TABLES`.
    to
        The file.
    format
        One of :data:`FORMATS`; by default what the ending of the file says.
    outcomes
        Outcomes to write; all by default. Columns that name a row are always written.
    points
        Points to write; all by default.
    force
        Replace a file that is there.

    Raises
    ------
    UsageError
        If the sweep does not keep the table, or has no such outcome or point.
    StoreError
        If a part is damaged, or the file is there.
    OSError
        If the file cannot be written.
    """
    put_right(folder)
    plan = plan_of(folder)
    kind = _format(to, format)
    _refuse_inside(to)
    also = columns_file(to) if kind == "csv" else None
    for file in (to, also) if not force else ():
        if file is not None and file.exists():
            raise StoreError(Problem("is there already; --force replaces it", str(file)))
    if not to.parent.is_dir():
        raise StoreError(Problem("there is no such folder", str(to.parent)))
    select = _Select(plan, table, outcomes, points)
    schema, blocks = _source(folder, plan, table, select)
    schema = select.schema(schema)
    rows = 0
    with landing(to) as draft:
        with _writer(kind, draft, schema) as write:
            for block in blocks:
                chosen = select.rows(block)
                rows += len(chosen)
                write(chosen)
        if also is not None:
            _write_columns(also, schema)
        if not force and to.exists():
            raise StoreError(Problem("is there already; --force replaces it", str(to)))
    return Exported(to, table, kind, rows, tuple(schema.names), also)


def _refuse_inside(to: Path) -> None:
    """A file among the parts of a store would be read as one of them, or take the place of one."""
    for place in to.absolute().resolve().parents:
        if (place / MANIFEST).is_file():
            message = "would lie inside the folder of a sweep or a run; write it somewhere else"
            raise StoreError(Problem(message, str(to)))


def _format(to: Path, format: str | None) -> str:
    if format is not None:
        if format not in FORMATS:
            raise UsageError(f"there is no format '{one_line(format, 60)}'; there are {', '.join(FORMATS)}")
        return format
    for name, ending in FORMATS.items():
        if to.suffix.lower() == ending:
            return name
    raise UsageError(
        Problem("its ending says no format: name it .csv, .parquet or .feather, or give --format", str(to))
    )


class _Select:
    """Which rows and columns are wanted."""

    def __init__(
        self, plan: Plan, table: str, outcomes: Sequence[str] | None, points: Sequence[int] | None
    ) -> None:
        self.table, self.points, self.outcomes = table, points, outcomes
        _check_table(plan, table)
        known = plan.keep.outcomes if table == LAST else plan.keep.monthly
        if outcomes is not None and table not in (LAST, "trajectories", "quantiles"):
            raise UsageError(f"the table {table} holds no outcomes to choose from")
        for name in outcomes or ():
            if name not in known:
                kept = f"kept are {', '.join(known)}"
                raise UsageError(f"no outcome '{one_line(name, 60)}'{nearest(name, known)}; {kept}")
        for point in points or ():
            if not 0 <= point < plan.points:
                raise UsageError(f"there is no point {point}; points are 0 to {plan.points - 1}")
        self._left_out = (
            set(known) - set(outcomes) if outcomes is not None and table != "quantiles" else set()
        )
        self._plan = plan

    def schema(self, schema: Any) -> Any:
        """The columns that are wanted."""
        import pyarrow as pa

        return pa.schema([f for f in schema if f.name not in self._left_out], metadata=schema.metadata)

    def part(self, name: PartName) -> bool:
        """Whether a part may hold rows that are wanted."""
        if self.points is None:
            return True
        first, last = name.first, name.last
        if name.unit == "part":
            runs = self._plan.chunk_runs(first).start, self._plan.chunk_runs(last).stop - 1
            first, last = runs[0] // self._plan.replicates, runs[1] // self._plan.replicates
        return any(first <= point <= last for point in self.points)

    def rows(self, block: Any) -> Any:
        """The rows that are wanted, in order of the runs."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.points is not None:
            block = block.filter(pc.is_in(block["point"], value_set=pa.array(self.points, pa.int64())))
        if self.outcomes is not None and self.table == "quantiles":
            block = block.filter(pc.is_in(block["outcome"], value_set=pa.array(self.outcomes, pa.string())))
        if self.table == "trajectories":
            block = block.sort_by([("run", "ascending"), ("month", "ascending")])
        return block.drop_columns([name for name in block.column_names if name in self._left_out])


def _check_table(plan: Plan, table: str) -> None:
    keep = plan.keep
    if table not in TABLES:
        raise UsageError(
            f"there is no table '{one_line(table, 60)}'{nearest(table, TABLES)}; there are {', '.join(TABLES)}"
        )
    if table in ("trajectories", "quantiles"):
        wanted = "all" if table == "trajectories" else "quantiles"
        if keep.trajectories != wanted:
            raise UsageError(f"this sweep keeps no {table} (trajectories: {keep.trajectories})")
    if table == "allegiances" and not keep.allegiances:
        raise UsageError("this sweep does not count allegiances; set allegiances: true in its design")


def _source(folder: Path, plan: Plan, table: str, select: _Select) -> tuple[Any, Iterator[Any]]:
    """Columns and rows of a table, some rows at a time."""
    if table == "design":
        whole: Any = design_table(plan)
        return whole.schema, iter([whole])
    unit = "point" if table == "quantiles" and spills(plan) else "part"
    files = [file for name, file in shelf(folder / table, unit)[0] if select.part(name)]
    if not files:
        empty: Any = empty_tables(plan)[table].arrow({})
        return empty.schema, iter(())
    schema = joined_schema(files)
    return schema, in_blocks(table, files, schema)


Write = Callable[[Any], None]


def _writer(kind: str, file: Path, schema: Any) -> AbstractContextManager[Write]:
    return {"csv": _csv, "parquet": _parquet, "feather": _feather}[kind](file, schema)


@contextmanager
def _parquet(file: Path, schema: Any) -> Iterator[Write]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
        yield lambda table: writer.write_table(table.cast(schema))


@contextmanager
def _feather(file: Path, schema: Any) -> Iterator[Write]:
    import pyarrow as pa

    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema, options=options) as writer:
        yield lambda table: writer.write_table(table.cast(schema))


@contextmanager
def _csv(file: Path, schema: Any) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    months = [field.name for field in schema if pa.types.is_date(field.type)]
    plain = pa.schema([(f.name, pa.string() if f.name in months else f.type) for f in schema])

    def text(table: Any) -> Any:
        for name in months:
            place = table.column_names.index(name)
            table = table.set_column(place, name, pc.utf8_slice_codeunits(table[name].cast("string"), 0, 7))
        return table.replace_schema_metadata(None).cast(plain)

    with csv.CSVWriter(str(file), plain) as writer:
        yield lambda table: writer.write_table(text(table))


def _write_columns(file: Path, schema: Any) -> None:
    """Units and meanings of the columns."""
    import csv

    with landing(file) as draft, open(draft, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["column", "unit", "meaning"])
        for field in schema:
            notes: Mapping[bytes, bytes] = field.metadata or {}
            writer.writerow(
                [field.name, notes.get(b"unit", b"").decode(), notes.get(b"meaning", b"").decode()]
            )
