"""Points from a CSV or Parquet file, column by column."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.fields import LeverField
from sim.scenario.wording import nearest, one_line

__all__ = ["checked_column", "read_columns"]

_MOST_ROWS = 20_000_000
_MOST_BYTES = 2_000_000_000
_MOST_TOLD = 5


def read_columns(file: Path) -> dict[str, Any]:
    """The columns of a file of points, as Arrow has them, by name.

    Raises
    ------
    ValueError
        If it cannot be read, with the reason.
    """
    size = _size(file)
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            table = pq.read_table(file)
        else:
            # The type of a column is guessed from its first block: let that be the whole file.
            table = csv.read_csv(file, csv.ReadOptions(block_size=max(1 << 20, size + 1)))
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise ValueError(f"cannot be read: {one_line(str(error))}") from None
    names = table.column_names
    twice = [name for n, name in enumerate(names) if name in names[:n]]
    if twice:
        raise ValueError(f"has two columns '{one_line(twice[0], 60)}'")
    if not 0 < table.num_rows <= _MOST_ROWS:
        raise ValueError(f"has {table.num_rows:,} rows; 1 to {_MOST_ROWS:,} can be read")
    return {str(name): table.column(n) for n, name in enumerate(names)}


def _size(file: Path) -> int:
    try:
        status = file.stat()
    except FileNotFoundError:
        raise ValueError(f"no such file{_sibling(file)}") from None
    except (OSError, ValueError) as error:
        raise ValueError(
            f"cannot be read: {one_line(getattr(error, 'strerror', '') or str(error))}"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
    if status.st_size > _MOST_BYTES:
        raise ValueError(f"too large ({status.st_size / 1e9:.1f} GB); at most {_MOST_BYTES / 1e9:g} GB")
    return status.st_size


def _sibling(file: Path) -> str:
    try:
        names = sorted(entry.name for entry in file.parent.iterdir())
    except OSError:
        return ""
    return nearest(file.name, [name for name in names if name.endswith((".csv", ".parquet"))])


def checked_column(field: LeverField, column: Any, told: Callable[[str], None]) -> NDArray[Any]:
    """The values of a column in their own form; what is wrong with them is told, a row at a time.

    Parameters
    ----------
    field
        What the column is for.
    column
        An Arrow column.
    told
        Called with what is wrong.
    """
    if field.kind == "number" and _numeric(column):
        return _numbers(field, column, told)
    coded = column.combine_chunks().dictionary_encode()
    places = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.float64)
    taken, wrong = [], {}
    for code, value in enumerate(coded.dictionary.to_pylist()):
        # A reader of CSV takes 2015-07-01 for a date.
        text = value.isoformat()[:7] if field.kind == "date" and hasattr(value, "isoformat") else value
        try:
            taken.append(field.take(text))
        except ValueError as error:
            taken.append(None)
            wrong[code] = str(error)
    bad = np.isin(places, list(wrong)) | np.isnan(places)
    _tell(bad, told, lambda row: wrong.get(places[row], "is empty"))
    kind: Any = {"number": np.float64, "switch": bool}.get(field.kind, object)
    if bad.any():
        return np.zeros(len(places), dtype=kind)
    return np.array(taken, dtype=kind)[places.astype(np.int64)]


def _numeric(column: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(column.type) or kinds.is_floating(column.type))


def _numbers(field: LeverField, column: Any, told: Callable[[str], None]) -> NDArray[Any]:
    empty = np.asarray(column.is_null().to_numpy(), dtype=bool)
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    within = field.within
    bad = empty | ~((values >= within.low) & (values <= within.high) & np.isfinite(values))
    if within.whole:
        bad |= values != np.round(values)

    def reason(row: int) -> str:
        try:
            field.take(float(values[row]))
        except ValueError as error:
            return str(error)
        return "is empty"

    _tell(bad, told, lambda row: "is empty" if empty[row] else reason(row))
    return values


def _tell(bad: NDArray[np.bool_], told: Callable[[str], None], reason: Callable[[int], str]) -> None:
    rows = np.flatnonzero(bad)
    for row in rows[:_MOST_TOLD]:
        told(f"row {row + 1}: {reason(int(row))}")
    if len(rows) > _MOST_TOLD:
        told(f"so are {len(rows) - _MOST_TOLD:,} more rows")
