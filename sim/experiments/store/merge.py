"""Parts read one after the other as one table, with little of it in memory; and written as one file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.plan import Plan
from sim.experiments.store.parts import ContentDigest, notes_of, pieces, writing
from sim.results.tables import Table

__all__ = ["AT_A_TIME", "in_blocks", "joined_schema", "summed", "write_merged"]

AT_A_TIME = 262_144
"""Rows that are held and sorted at a time."""
_ALLEGIANCE = ("point", "month", "faction", "held")


def joined_schema(files: Sequence[Path]) -> Any:
    """Columns of several parts of a table, with their notes; words in the order in which they are met.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If a file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    first: Any = None
    orders: dict[str, dict[str, None]] = {}
    for file in files:
        schema = pq.read_schema(file)
        first = first or schema
        for field in schema:
            words = (field.metadata or {}).get(b"order")
            if words is not None:
                orders.setdefault(field.name, {}).update(dict.fromkeys(json.loads(words)))
    fields = []
    for field in first:
        notes = {key: value for key, value in (field.metadata or {}).items() if key != b"PARQUET:field_id"}
        if field.name in orders:
            notes[b"order"] = json.dumps(list(orders[field.name]), ensure_ascii=False).encode()
        fields.append(field.with_metadata(notes))
    kept = {key: (first.metadata or {})[key] for key in (b"table", b"keys")}
    return pa.schema(fields, metadata=kept)


def in_blocks(table: str, files: Iterable[Path], schema: Any) -> Iterator[Any]:
    """The rows of parts, some at a time, as ``pyarrow`` tables of one schema.

    Runs come in their order. Within a block, trajectories stand by month and then by run, as in a part. Counts of
    allegiances of a point are added up, whichever parts they are in.

    Raises
    ------
    StoreError
        If a part is damaged.
    """
    units = (unit for file in files for unit in _units(table, file))
    if table == "allegiances":
        yield from _counts(units, schema)
        return
    held: list[Any] = []
    rows = 0
    for unit in units:
        held.append(unit.replace_schema_metadata(None).cast(_bare(schema)))
        rows += len(unit)
        if rows >= AT_A_TIME:
            yield _block(table, held, schema)
            held, rows = [], 0
    if rows:
        yield _block(table, held, schema)


def _bare(schema: Any) -> Any:
    return schema.remove_metadata()


def _units(table: str, file: Path) -> Iterator[Any]:
    """Rows of a file that belong together: of trajectories, all months of the same runs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if table not in ("trajectories", ".spill"):
        yield from pieces(file)
        return
    held: list[Any] = []
    last = -1
    for piece in pieces(file):
        if not len(piece):
            continue
        reach = pc.min_max(piece["run"]).as_py()
        if held and reach["min"] > last:
            yield pa.concat_tables(held)
            held = []
        held.append(piece)
        last = max(last, reach["max"])
    if held:
        yield pa.concat_tables(held)


def _block(table: str, held: list[Any], schema: Any) -> Any:
    import pyarrow as pa

    whole = pa.concat_tables(held)
    if table in ("trajectories", ".spill") and len(held) > 1:
        whole = whole.sort_by([("month", "ascending"), ("run", "ascending")])
    return whole.cast(schema)


def _counts(units: Iterator[Any], schema: Any) -> Iterator[Any]:
    """Counts of allegiances, added up; a point that is not at its end waits for the next part."""
    import pyarrow as pa
    import pyarrow.compute as pc

    held: Any = None
    for unit in units:
        unit = unit.replace_schema_metadata(None).cast(_bare(schema))
        held = unit if held is None else pa.concat_tables([held, unit])
        if len(held) < AT_A_TIME:
            continue
        held = summed(held, schema)
        open_ = pc.equal(held["point"], pc.max(held["point"]))
        done = held.filter(pc.invert(open_))
        if len(done):
            yield done.cast(schema)
        held = held.filter(open_).replace_schema_metadata(None).cast(_bare(schema))
    if held is not None and len(held):
        yield summed(held, schema).cast(schema)


def summed(table: Any, schema: Any) -> Any:
    """Counts of allegiances, one row for each point, month, faction and allegiance, in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = table.group_by(list(_ALLEGIANCE), use_threads=False).aggregate([("runs", "sum")])
    ranks = []
    for name in ("faction", "held"):
        words = json.loads((schema.field(name).metadata or {})[b"order"])
        ranks.append(pc.index_in(whole[name], value_set=pa.array(words, pa.string())))
    keyed = pa.table(
        {"point": whole["point"], "month": whole["month"], "faction": ranks[0], "held": ranks[1]}
    )
    order = pc.sort_indices(keyed, sort_keys=[(name, "ascending") for name in _ALLEGIANCE])
    whole = whole.rename_columns([name.removesuffix("_sum") for name in whole.column_names])
    return whole.select(schema.names).take(order).cast(_bare(schema))


def write_merged(
    table: Table, plan: Plan, files: Sequence[Path], target: Path, chunks: tuple[int, int], failed: int
) -> int:
    """Write several parts as one.

    Parameters
    ----------
    table
        Its columns, as the plan has them.
    plan
        The plan.
    files
        The parts, in order; every byte of them is compared with its checksums on the way.
    target
        Where to write; a file that is half written is the caller's to remove.
    chunks
        First and last chunk of the parts.
    failed
        Runs of these chunks that failed.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    StoreError
        If a part is damaged.
    """
    import os

    import pyarrow.parquet as pq

    schema = joined_schema(files)
    notes = notes_of(plan.digest, *chunks, failed)
    about = {**{key.decode(): value.decode() for key, value in schema.metadata.items()}, **notes}
    how = writing(table.fields, table.name)
    group = how.pop("row_group_size")
    digest, rows = ContentDigest(schema.names), 0
    with pq.ParquetWriter(target, schema.with_metadata(about), **how) as writer:
        for block in in_blocks(table.name, files, schema):
            digest.take(block)
            rows += len(block)
            writer.write_table(block.cast(writer.schema), row_group_size=group)
        writer.add_key_value_metadata({"content": digest.text()})
    with open(target, "rb+") as stream:
        os.fsync(stream.fileno())
    return rows
