"""Tables of a run: columns of numpy arrays that know their unit, on their way to pandas or to Parquet.

A run is written without pandas, which takes longer to import than a run takes; a notebook gets frames.
Both are made from the same table, so a frame read from a folder equals the frame of the run that wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import StoreError
from sim.scenario.quantities import month_text
from sim.scenario.wording import one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NO_MONTH", "Field", "Kind", "Table", "Words"]

Kind = Literal["number", "count", "flag", "text", "month"]

NO_MONTH = -1
"""A month that never came; as :func:`sim.scenario.quantities.month_index` has it, -1 is no month of ours."""

_EPOCH = 1970 * 12
_ARROW: Mapping[Any, str] = {
    "number": "double", "count": "int64", "flag": "bool", "text": "string", "month": "date32[day]",
}  # fmt: skip
"""Type of a column in Arrow, by its kind."""


class Field(NamedTuple):
    """A column of a table."""

    name: str
    kind: Kind
    unit: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Words:
    """A column of text: a code for each row, -1 where there is none, and the words they stand for."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Words:
        """From texts, each word kept once, in the order in which they are met."""
        known: dict[str, int] = {}
        codes = [-1 if value is None else known.setdefault(value, len(known)) for value in values]
        return cls(np.array(codes, dtype=np.int32), tuple(known))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str | None:
        code = self.codes[row]
        return None if code < 0 else self.words[code]

    def texts(self) -> NDArray[np.object_]:
        """The texts, None where there is none."""
        return np.array([*self.words, None], dtype=object)[self.codes]

    def where(self, word: str) -> NDArray[np.bool_]:
        """Rows that hold a word."""
        if word not in self.words:
            return np.zeros(len(self.codes), dtype=bool)
        return np.asarray(self.codes == self.words.index(word))

    def rows(self, mask: NDArray[np.bool_]) -> Words:
        """Some of the rows."""
        return Words(self.codes[mask], self.words)


Data = NDArray[Any] | Words


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length.

    Parameters
    ----------
    name
        Name of the table and of its file.
    fields
        The columns, in order.
    data
        By name: float64, int64, bool, :class:`Words`, or, for months, int64 with :data:`NO_MONTH`.
    keys
        Columns that name a row, the month first; they become the index of the frame.
    """

    name: str
    fields: tuple[Field, ...]
    data: Mapping[str, Data]
    keys: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.data[self.fields[0].name])

    def numbers(self, name: str) -> NDArray[Any]:
        """A column that is not text."""
        column = self.data[name]
        assert not isinstance(column, Words)
        return column

    def words(self, name: str) -> Words:
        """A column of text."""
        column = self.data[name]
        assert isinstance(column, Words)
        return column

    def rows(self, mask: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        data: dict[str, Data] = {}
        for name, column in self.data.items():
            data[name] = column.rows(mask) if isinstance(column, Words) else column[mask]
        return Table(self.name, self.fields, data, self.keys)

    def records(self) -> Iterator[dict[str, Any]]:
        """Rows as mappings in plain types; months as ``YYYY-MM``, what is missing as None."""
        columns: dict[str, Sequence[Any]] = {}
        for field in self.fields:
            column = self.data[field.name]
            values: list[Any] = column.texts().tolist() if isinstance(column, Words) else column.tolist()
            if field.kind == "month":
                values = [None if month == NO_MONTH else month_text(month) for month in values]
            columns[field.name] = values
        for row in range(len(self)):
            yield {name: column[row] for name, column in columns.items()}

    def frame(self) -> pd.DataFrame:
        """The table as a frame; months are monthly periods."""
        import pandas as pd

        columns: dict[str, Any] = {}
        for field in self.fields:
            column = self.data[field.name]
            if field.name in self.keys:
                continue
            if isinstance(column, Words):
                columns[field.name] = column.texts()
            elif field.kind == "month":
                columns[field.name] = _periods(column)
            else:
                columns[field.name] = column
        return pd.DataFrame(columns, index=self._index())

    def _index(self) -> pd.Index:
        """The keys as an index whose levels keep their own order, so that it is sorted as the rows stand."""
        import pandas as pd

        if len(self.keys) == 1:
            return _periods(self.numbers(self.keys[0])).rename(self.keys[0])
        levels: list[Any] = []
        codes: list[Any] = []
        for key in self.keys:
            column = self.data[key]
            if isinstance(column, Words):
                levels.append(pd.Index(np.array(column.words, dtype=object), dtype="str"))
                codes.append(column.codes)
            else:
                months, places = np.unique(column, return_inverse=True)
                levels.append(_periods(months))
                codes.append(places)
        return pd.MultiIndex(levels=levels, codes=codes, names=list(self.keys))

    def arrow(self, metadata: Mapping[str, str]) -> Any:
        """The table as a ``pyarrow.Table``, units in the metadata of its fields."""
        import pyarrow as pa

        fields, arrays = [], []
        for field in self.fields:
            array = _to_arrow(field, self.data[field.name])
            about = {"unit": field.unit, "meaning": field.meaning, "kind": field.kind}
            column = self.data[field.name]
            if field.name in self.keys and isinstance(column, Words):
                about["order"] = json.dumps(column.words, ensure_ascii=False)
            fields.append(pa.field(field.name, array.type, metadata=about))
            arrays.append(array)
        about = {"table": self.name, "keys": ",".join(self.keys), **metadata}
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about))

    @classmethod
    def from_arrow(cls, table: Any) -> Table:
        """The table that :meth:`arrow` made.

        Raises
        ------
        StoreError
            If it was made by something else.
        """
        about = _notes(table.schema)
        fields, data = [], {}
        for n, place in enumerate(table.schema):
            notes = _notes(place)
            kind: Any = notes.get("kind")
            if str(place.type) != _ARROW.get(kind) or place.name in data:
                raise StoreError(f"column '{one_line(place.name, 60)}' is none of ours")
            fields.append(Field(place.name, kind, notes.get("unit", ""), notes.get("meaning", "")))
            data[place.name] = _from_arrow(kind, table.column(n), notes.get("order"))
        keys = tuple(key for key in about.get("keys", "").split(",") if key)
        if not keys or any(key not in data for key in keys):
            raise StoreError("it does not say which columns name a row")
        return cls(about.get("table", ""), tuple(fields), data, keys)


def _notes(place: Any) -> dict[str, str]:
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (place.metadata or {}).items()
    }


def _periods(months: NDArray[Any]) -> pd.PeriodIndex:
    import pandas as pd

    missing = np.iinfo(np.int64).min
    ordinals = np.where(months == NO_MONTH, missing, months - _EPOCH)
    make: Any = pd.PeriodIndex
    periods: pd.PeriodIndex = make.from_ordinals(ordinals, freq="M")
    return periods


def _to_arrow(field: Field, column: Data) -> Any:
    """A column as a pyarrow array.

    Built from buffers, because ``pyarrow.array`` imports pandas to ask whether it was given a series.
    """
    import pyarrow as pa

    if isinstance(column, Words):
        return _text_array(column)
    if field.kind == "month":
        days = (column - _EPOCH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
        return _plain_array(pa.date32(), days, column == NO_MONTH)
    if field.kind == "flag":
        bits = np.packbits(column, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(column), [None, pa.py_buffer(bits)])
    return _plain_array(pa.int64() if field.kind == "count" else pa.float64(), column, None)


def _plain_array(kind: Any, values: NDArray[Any], missing: NDArray[np.bool_] | None) -> Any:
    import pyarrow as pa

    present = None
    if missing is not None and missing.any():
        present = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    buffers = [present, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(kind, len(values), buffers)


def _text_array(column: Words) -> Any:
    import pyarrow as pa

    raw = [*(word.encode("utf-8") for word in column.words), b""]
    starts = np.cumsum([0, *map(len, raw)])[:-1]
    lengths = np.array([len(word) for word in raw])[column.codes]
    ends = np.cumsum(lengths)
    # Where each byte of the column stands in the words put end to end.
    shift = np.repeat(starts[column.codes] - ends + lengths, lengths)
    places = np.arange(ends[-1] if len(ends) else 0) + shift
    text = np.frombuffer(b"".join(raw), dtype=np.uint8)[places]
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    missing = column.codes < 0
    present = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    return pa.StringArray.from_buffers(len(column), pa.py_buffer(offsets), pa.py_buffer(text), present)


def _from_arrow(kind: Kind, column: Any, order: str | None) -> Data:
    import pyarrow as pa

    whole = column.combine_chunks()
    if kind not in ("text", "month") and column.null_count:
        raise StoreError("a number is missing where there must be one")
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], whole.type)
    if kind == "text":
        coded = whole.dictionary_encode()
        codes = np.where(_missing(coded), np.int32(-1), _buffer(coded.indices, np.int32))
        words = tuple(coded.dictionary.to_pylist())
        return _ordered(Words(codes, words), order)
    if kind == "month":
        days = _buffer(whole, np.int32).astype("datetime64[D]")
        months: NDArray[np.int64] = days.astype("datetime64[M]").astype(np.int64) + _EPOCH
        return np.where(_missing(whole), NO_MONTH, months)
    if kind == "flag":
        return _bits(whole, 1)
    return _buffer(whole, np.int64 if kind == "count" else np.float64)


# Columns are read from their buffers: pyarrow's own ways to numpy import pandas.


def _missing(array: Any) -> NDArray[np.bool_]:
    """Where an array holds nothing."""
    if array.buffers()[0] is None:
        return np.zeros(len(array), dtype=bool)
    return ~_bits(array, 0)


def _bits(array: Any, buffer: int) -> NDArray[np.bool_]:
    raw = np.frombuffer(array.buffers()[buffer] or b"", dtype=np.uint8)
    bits = np.unpackbits(raw, bitorder="little")[array.offset : array.offset + len(array)]
    return bits.astype(bool)


def _buffer(array: Any, kind: Any) -> NDArray[Any]:
    """The numbers of an array, whatever they are where there is none."""
    raw = np.frombuffer(array.buffers()[1] or b"", dtype=kind)
    return raw[array.offset : array.offset + len(array)]


def _ordered(column: Words, order: str | None) -> Words:
    """The column with its words in the order in which they were written."""
    if order is None:
        return column
    known = json.loads(order)
    if not isinstance(known, list) or not set(column.words) <= set(map(str, known)):
        raise StoreError("it knows other words than it holds")
    words = tuple(map(str, known))
    place = {word: code for code, word in enumerate(words)}
    codes = np.array([*(place[word] for word in column.words), -1], dtype=np.int32)
    return Words(codes[column.codes], words)
