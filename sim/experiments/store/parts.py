"""Parts: one Parquet file for each table and chunk. Its footer says what it is; its pages carry checksums."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.results.tables import Field, Table

__all__ = [
    "Footer", "PartName", "content_digest", "encode", "part_file", "read_footer", "read_part", "wrong_with",
]  # fmt: skip

FORMAT, VERSION = "bayah sweep", 1
_NAME = re.compile(r"part-(\d{5,})(?:-(\d{5,}))?\.parquet")


@dataclass(frozen=True)
class PartName:
    """Which chunks a file holds."""

    first: int
    last: int

    @classmethod
    def of(cls, file: Path) -> PartName | None:
        """From the name of a file; None where it is none of ours."""
        match = _NAME.fullmatch(file.name)
        if match is None:
            return None
        first = int(match[1])
        return cls(first, int(match[2] or first))

    def __str__(self) -> str:
        last = f"-{self.last:05d}" if self.last > self.first else ""
        return f"part-{self.first:05d}{last}.parquet"


def part_file(folder: Path, table: str, chunk: int) -> Path:
    """Where the part of a chunk is kept."""
    return folder / table / str(PartName(chunk, chunk))


@dataclass(frozen=True)
class Footer:
    """What a part says of itself."""

    design: str
    """Digest of the plan."""
    first: int
    last: int
    rows: int
    failed: int
    """Runs of these chunks that failed."""
    content: str
    """Digest of its values."""


def encode(table: Table, design: str, chunk: int, failed: int) -> bytes:
    """A table as the bytes of a part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = table.arrow({})
    notes = {
        **(arrow.schema.metadata or {}),
        b"format": FORMAT.encode(),
        b"version": str(VERSION).encode(),
        b"design": design.encode(),
        b"chunks": f"{chunk}-{chunk}".encode(),
        b"failed": str(failed).encode(),
        b"content": content_digest([arrow]).encode(),
    }
    sink = pa.BufferOutputStream()
    pq.write_table(arrow.replace_schema_metadata(notes), sink, **writing(table.fields, table.name))
    return bytes(sink.getvalue())


def writing(fields: tuple[Field, ...], table: str) -> dict[str, Any]:
    """How parts are laid out: floats by byte, the rest by dictionary; trajectories a few months at a time."""
    floats = [field.name for field in fields if field.kind == "number"]
    return {
        "compression": "zstd",
        "use_dictionary": [field.name for field in fields if field.kind != "number"],
        "use_byte_stream_split": floats,
        "write_page_checksum": True,
        "row_group_size": 32_768 if table in ("trajectories", "spill") else 1_048_576,
    }


def content_digest(tables: list[Any]) -> str:
    """SHA-256 of the values of a table, column by column, given in pieces (``pyarrow`` tables)."""
    digests = [hashlib.sha256() for _ in tables[0].schema]
    for table in tables:
        for digest, column in zip(digests, table.columns, strict=True):
            for piece in column.chunks:
                _take_in(digest, piece)
    whole = hashlib.sha256()
    for field, digest in zip(tables[0].schema, digests, strict=True):
        whole.update(field.name.encode())
        whole.update(digest.digest())
    return whole.hexdigest()


def _take_in(digest: Any, piece: Any) -> None:
    import pyarrow as pa

    if pa.types.is_string(piece.type) or pa.types.is_boolean(piece.type) or piece.null_count:
        digest.update("".join(f"{value!r}\n" for value in piece.to_pylist()).encode())
        return
    width = piece.type.bit_width // 8
    digest.update(memoryview(piece.buffers()[1])[piece.offset * width : (piece.offset + len(piece)) * width])


def read_footer(file: Path) -> Footer | None:
    """What a part says of itself, or None where it is damaged or none of ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(file)
        notes = {key.decode(): value.decode() for key, value in (metadata.metadata or {}).items()}
        first, _, last = notes["chunks"].partition("-")
        if notes["format"] != FORMAT or int(notes["version"]) > VERSION:
            return None
        return Footer(
            design=notes["design"],
            first=int(first),
            last=int(last),
            rows=metadata.num_rows,
            failed=int(notes["failed"]),
            content=notes["content"],
        )
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return None


def read_part(file: Path) -> Any:
    """A part as a ``pyarrow.Table``, its checksums compared.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If it is damaged.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(file, page_checksum_verification=True) as parts:
        return parts.read()


def wrong_with(file: Path, fields: Any) -> str | None:
    """What is wrong with a part, every byte of it read; None where it is sound.

    Parameters
    ----------
    file
        The part.
    fields
        The columns that it should have, with their notes (``pyarrow.Schema``), or None to take them as they are.
    """
    import pyarrow as pa

    if file.stat().st_size == 0:
        return "is empty"
    footer = read_footer(file)
    if footer is None:
        return "has no readable footer"
    try:
        table = read_part(file)
    except (pa.ArrowException, OSError) as error:
        return f"cannot be read: {str(error).splitlines()[0]}"
    if fields is not None and not table.schema.equals(fields, check_metadata=False):
        return "has other columns than were written"
    if content_digest([table]) != footer.content:
        return "holds other values than were written"
    return None
