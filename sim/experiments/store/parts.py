"""Parts: one Parquet file for each table and chunk. Its footer says what it is; its pages carry checksums."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import Problem, StoreError
from sim.results.tables import Field, Table

__all__ = [
    "ContentDigest", "Footer", "PartName", "content_digest", "encode", "notes_of", "part_file", "pieces",
    "read_footer", "read_part", "shelf", "writing",
]  # fmt: skip

FORMAT, VERSION = "bayah sweep", 1
_NAME = re.compile(r"(part|point)-(\d{5,})(?:-(\d{5,}))?\.parquet")
_DIGITS = {"part": 5, "point": 8}


@dataclass(frozen=True)
class PartName:
    """What a file holds: chunks (``part``), or points whose runs are spread over several chunks (``point``)."""

    first: int
    last: int
    unit: str = "part"

    @classmethod
    def of(cls, file: Path) -> PartName | None:
        """From the name of a file; None where it is none of ours."""
        match = _NAME.fullmatch(file.name)
        if match is None:
            return None
        first = int(match[2])
        name = cls(first, int(match[3] or first), match[1])
        return name if str(name) == file.name else None

    def __str__(self) -> str:
        digits = _DIGITS[self.unit]
        last = f"-{self.last:0{digits}d}" if self.last > self.first else ""
        return f"{self.unit}-{self.first:0{digits}d}{last}.parquet"


def shelf(place: Path, unit: str | None = None) -> tuple[list[tuple[PartName, Path]], list[Path]]:
    """Parts in a folder, and those that readers leave aside because another part holds all they hold.

    Parameters
    ----------
    place
        Folder of a table; it need not be there.
    unit
        ``part`` or ``point``; both where not given.
    """
    if not place.is_dir():
        return [], []
    with os.scandir(place) as entries:
        # Opening a pipe would wait for whoever writes to it.
        files = [Path(entry) for entry in entries if entry.is_file()]
    found = [(PartName.of(file), file) for file in files]
    named = [(name, file) for name, file in found if name is not None and unit in (None, name.unit)]
    named.sort(key=lambda pair: (pair[0].unit, pair[0].first, -pair[0].last))
    kept: list[tuple[PartName, Path]] = []
    doubled: list[Path] = []
    for name, file in named:
        before = kept[-1][0] if kept else None
        if before is not None and before.unit == name.unit and name.last <= before.last:
            doubled.append(file)
        else:
            kept.append((name, file))
    return kept, doubled


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
    about = notes_of(design, chunk, chunk, failed)
    notes = {**(arrow.schema.metadata or {}), **about, "content": content_digest([arrow])}
    sink = pa.BufferOutputStream()
    pq.write_table(arrow.replace_schema_metadata(notes), sink, **writing(table.fields, table.name))
    return bytes(sink.getvalue())


def notes_of(design: str, first: int, last: int, failed: int) -> dict[str, str]:
    """What the footer of a part says, but for the digest of its values."""
    return {
        "format": FORMAT,
        "version": str(VERSION),
        "design": design,
        "chunks": f"{first}-{last}",
        "failed": str(failed),
    }


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


class ContentDigest:
    """SHA-256 of the values of a table, column by column, given in pieces; how it is cut does not matter.

    Parameters
    ----------
    names
        The columns.
    """

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._digests = [hashlib.sha256() for _ in names]

    def take(self, table: Any) -> None:
        """Take in the next rows, a ``pyarrow.Table``."""
        for digest, column in zip(self._digests, table.columns, strict=True):
            for piece in column.chunks:
                _take_in(digest, piece)

    def text(self) -> str:
        """The digest of what was taken in."""
        whole = hashlib.sha256()
        for name, digest in zip(self._names, self._digests, strict=True):
            whole.update(name.encode())
            whole.update(digest.digest())
        return whole.hexdigest()


def content_digest(tables: list[Any]) -> str:
    """The digest of a table given in pieces (``pyarrow`` tables)."""
    digest = ContentDigest(tables[0].column_names)
    for table in tables:
        digest.take(table)
    return digest.text()


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
        if not file.is_file():
            return None
        metadata = pq.read_metadata(file)
        notes = {key.decode(): value.decode() for key, value in (metadata.metadata or {}).items()}
        first, _, last = notes["chunks"].partition("-")
        if notes["format"] != FORMAT or not 1 <= int(notes["version"]) <= VERSION:
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


def pieces(file: Path) -> Iterator[Any]:
    """A part as ``pyarrow`` tables of some rows each, its checksums and then its digest compared.

    Raises
    ------
    StoreError
        If it is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = read_footer(file)
        if footer is None:
            raise StoreError(Problem("has no readable footer", str(file)))
        with pq.ParquetFile(file, page_checksum_verification=True) as parts:
            digest = ContentDigest(parts.schema_arrow.names)
            for group in range(parts.num_row_groups):
                table = parts.read_row_group(group)
                digest.take(table)
                yield table
    except (pa.ArrowException, OSError) as error:
        raise StoreError(Problem(f"cannot be read: {str(error).splitlines()[0]}", str(file))) from None
    if digest.text() != footer.content:
        raise StoreError(Problem("holds other values than were written", str(file)))
