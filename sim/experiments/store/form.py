"""How a part must look, whatever values it holds: its columns with their notes, and what its footer says of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

from sim.experiments.store.parts import ContentDigest, read_footer
from sim.results.tables import Table

__all__ = ["Form", "Look", "flaw_of", "statistics_flaw"]

_NOTES = frozenset({"table", "keys", "format", "version", "design", "chunks", "failed", "content"})


class Look(Protocol):
    """Looks at the values of a part, some rows at a time."""

    def take(self, table: Any) -> str | None:
        """What is wrong with the next rows."""

    def end(self) -> str | None:
        """What is wrong with the whole."""


class Form:
    """The form of the parts of a table.

    Parameters
    ----------
    table
        The table with no rows, as the plan has it.
    words
        Words that a column of text may know without any row using them, by column.
    """

    def __init__(self, table: Table, words: Mapping[str, Collection[str]] | None = None) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._words = words or {}
        arrow = table.arrow({})
        sink = pa.BufferOutputStream()
        pq.write_table(arrow, sink)
        self._parquet = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
        self._about = _plain(arrow.schema.metadata)
        self._fields = {field.name: (field.type, field.nullable, _notes(field)) for field in arrow.schema}

    def flaw(self, parts: Any) -> str | None:
        """What is wrong with the columns and notes of an open part (``pyarrow.parquet.ParquetFile``)."""
        schema = parts.schema_arrow
        if schema.names != list(self._fields) or not parts.schema.equals(self._parquet):
            return "has other columns than the design keeps"
        for field in schema:
            if (field.type, field.nullable, _notes(field)) != self._fields[field.name]:
                return f"has other notes at column '{field.name}' than the design"
        notes = {key: text for key, text in _plain(parts.metadata.metadata).items() if key != "ARROW:schema"}
        inner = _plain(schema.metadata)
        if notes.keys() != _NOTES or any(notes.get(key) != text for key, text in inner.items()):
            return "says two things of itself"
        if any(notes[key] != text for key, text in self._about.items()):
            return "is a part of another table"
        return None

    def words_flaw(self, schema: Any, used: Mapping[str, set[str]]) -> str | None:
        """What is wrong with the words that columns of text say they know, given those that are used."""
        for name, words in used.items():
            known = json.loads((schema.field(name).metadata or {}).get(b"order", b"[]"))
            right = words.union(self._words.get(name, ()))
            if len(set(known)) < len(known) or not words <= set(known) or not set(known) <= right:
                return f"knows other words at column '{name}' than the design"
        return None

    @property
    def worded(self) -> tuple[str, ...]:
        """Columns that note their words."""
        return tuple(name for name, (_, _, notes) in self._fields.items() if "order" in notes)


def _plain(notes: Any) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in (notes or {}).items()}


def _notes(field: Any) -> dict[str, str]:
    """The notes of a column but for the words, which hang on the rows."""
    notes = _plain(field.metadata)
    notes.pop("PARQUET:field_id", None)
    return {**notes, "order": ""} if "order" in notes else notes


def flaw_of(file: Path, form: Form, look: Look) -> str | None:
    """What is wrong with a part, every byte of it read; None where it is sound.

    Parameters
    ----------
    file
        The part.
    form
        How it must look.
    look
        Looks at its values.
    """
    import pyarrow.parquet as pq

    try:
        if file.stat().st_size == 0:
            return "is empty"
        footer = read_footer(file)
        if footer is None:
            return "has no readable footer"
        with pq.ParquetFile(file, page_checksum_verification=True) as parts:
            flaw = form.flaw(parts)
            if flaw is not None:
                return flaw
            digest = ContentDigest(parts.schema_arrow.names)
            used: dict[str, set[str]] = {name: set() for name in form.worded}
            for group in range(parts.num_row_groups):
                table = parts.read_row_group(group)
                digest.take(table)
                for name, words in used.items():
                    words.update(table[name].unique().to_pylist())
                flaw = statistics_flaw(parts.metadata.row_group(group), table) or look.take(table)
                if flaw is not None:
                    return flaw
            if digest.text() != footer.content:
                return "holds other values than were written"
            return form.words_flaw(parts.schema_arrow, used) or look.end()
    except Exception as error:
        # Bytes that are not what they should be may raise anything.
        return f"cannot be read: {(str(error) or type(error).__name__).splitlines()[0]}"


def statistics_flaw(group: Any, table: Any) -> str | None:
    """What is wrong with what a footer says of some rows: readers pass over rows by its word."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if group.num_rows != len(table):
        return "counts its rows wrong"
    for place, name in enumerate(table.column_names):
        about, column = group.column(place), table[name]
        told = about.statistics
        if about.path_in_schema != name or about.num_values != len(table):
            return f"says something else of column '{name}' than it holds"
        if told is None or not len(table):
            continue
        if told.has_null_count and told.null_count != column.null_count:
            return f"says something else of column '{name}' than it holds"
        if told.has_min_max:
            reach = pc.min_max(column).as_py()
            if (told.min, told.max) != (reach["min"], reach["max"]) and not (
                pa.types.is_floating(column.type) and pc.all(pc.is_nan(column)).as_py()
            ):
                return f"says something else of column '{name}' than it holds"
    return None
