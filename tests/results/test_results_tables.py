"""Tables: to frames, to Parquet and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import StoreError
from sim.results.tables import NO_MONTH, Field, Table, Words
from sim.scenario.quantities import month_index

pytestmark = pytest.mark.core

FIELDS = (
    Field("month", "month", "month", "When."),
    Field("who", "text", "id", "Who."),
    Field("x", "number", "share", "A share."),
    Field("n", "count", "count", "A count."),
    Field("yes", "flag", "flag", "A flag."),
    Field("last", "month", "month", "A month that may never have come."),
    Field("said", "text", "words", "Words, or none."),
)

rows = st.tuples(
    st.integers(month_index("1900-01"), month_index("2100-12")),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.floats(allow_nan=True),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.none() | st.integers(month_index("1900-01"), month_index("2100-12")),
    st.none() | st.text(st.characters(codec="utf-8"), max_size=8),
)


def table_of(values: list[tuple[object, ...]]) -> Table:
    month, who, x, n, yes, last, said = zip(*values, strict=True) if values else ((),) * 7
    data = {
        "month": np.array(month, dtype=np.int64),
        "who": Words.of(who),
        "x": np.array(x, dtype=np.float64),
        "n": np.array(n, dtype=np.int64),
        "yes": np.array(yes, dtype=bool),
        "last": np.array([NO_MONTH if m is None else m for m in last], dtype=np.int64),
        "said": Words.of(said),
    }
    return Table("things", FIELDS, data, ("month", "who"))


@given(st.lists(rows, max_size=20))
def test_a_table_survives_parquet(values: list[tuple[object, ...]]) -> None:
    table = table_of(values)
    sink = pa.BufferOutputStream()
    pq.write_table(table.arrow({}), sink)
    back = Table.from_arrow(pq.read_table(pa.BufferReader(sink.getvalue())))
    assert back.fields == table.fields
    assert back.keys == table.keys
    assert back.name == table.name
    pd.testing.assert_frame_equal(back.frame(), table.frame(), check_exact=True)
    assert str(list(back.records())) == str(list(table.records()))


def test_other_tools_read_the_columns_as_they_are(tmp_path: Path) -> None:
    table = table_of(
        [
            (month_index("2015-07"), "imu", 0.5, 3, True, None, "ja"),
            (24180, "hig", 1.0, 4, False, 24181, None),
        ]
    )
    pq.write_table(table.arrow({"seed": "7"}), tmp_path / "things.parquet")
    read = pq.read_table(tmp_path / "things.parquet")
    assert [str(kind) for kind in read.schema.types] == [
        "date32[day]", "string", "double", "int64", "bool", "date32[day]", "string",
    ]  # fmt: skip
    assert read.to_pylist()[0] == {
        "month": pd.Timestamp("2015-07-01").date(), "who": "imu", "x": 0.5, "n": 3, "yes": True, "last": None,
        "said": "ja",
    }  # fmt: skip
    assert read.schema.field("x").metadata[b"unit"] == b"share"
    assert read.schema.metadata[b"seed"] == b"7"


def test_the_index_of_a_frame_is_monthly() -> None:
    frame = table_of([(month_index("2015-07"), "imu", 0.5, 3, True, None, None)]).frame()
    assert frame.index.names == ["month", "who"]
    assert frame.index.levels[0].dtype == "period[M]"
    assert frame.loc[("2015-07", "imu"), "x"] == 0.5
    assert frame["last"].isna().all()
    assert frame["said"].isna().all()


def test_records_are_plain() -> None:
    (row,) = table_of([(month_index("2015-07"), "imu", 0.5, 3, True, None, None)]).records()
    assert row == {
        "month": "2015-07",
        "who": "imu",
        "x": 0.5,
        "n": 3,
        "yes": True,
        "last": None,
        "said": None,
    }
    assert [type(row[name]) for name in ("x", "n", "yes")] == [float, int, bool]


def test_words_are_found_by_row_and_by_word() -> None:
    words = Words.of(["a", None, "b", "a"])
    assert words.words == ("a", "b")
    assert [words[row] for row in range(len(words))] == ["a", None, "b", "a"]
    assert words.where("a").tolist() == [True, False, False, True]
    assert not words.where("c").any()
    assert words.rows(words.where("a")).texts().tolist() == ["a", "a"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"x": [1.0]}), "column 'x' is none of ours"),
        (
            pa.table(
                [pa.array([1.0])],
                schema=pa.schema([pa.field("x", pa.float64(), metadata={"kind": "number"})]),
            ),
            "which columns name a row",
        ),
    ],
)
def test_a_table_of_someone_else_is_refused(table: pa.Table, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        Table.from_arrow(table)
