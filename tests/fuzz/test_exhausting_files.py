# ruff: noqa: E501 - one case a line
"""Files made to exhaust a reader: refused at once, in little memory, by whichever door they come in."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim.errors import BayahError
from sim.results.trust import MOST_JSON, read_json
from tests.fuzz import doors

NONSTATE = doors.seed_texts("ucdp")["ucdp-1"].decode().splitlines()
UNITS = doors.UNITS.splitlines()
CASES: dict[str, Callable[[], str | None]] = {
    "one unit 100,000 times": lambda: doors.experiment("units", f"{UNITS[0]}\n{(UNITS[1] + chr(10)) * 100_000}".encode()),
    "100,000 units": lambda: doors.experiment("units", "\n".join([UNITS[0], *(f"u{n},,,,alone,1,a" for n in range(100_000))]).encode()),
    "100,000 columns of units": lambda: doors.experiment("units", b"unit,cluster,first_oath," + b"x," * 100_000 + b"\na\n"),
    "one row of the UCDP 40,000 times": lambda: doors.ucdp(f"{NONSTATE[0]}\n{(NONSTATE[1] + chr(10)) * 40_000}".encode()),
    "5,000,000 columns of the UCDP": lambda: doors.ucdp(b"a," * 5_000_000),
    "a field of 10 MB": lambda: doors.ucdp(NONSTATE[0].encode() + b'\n"' + b"a" * 10_000_000),
    "a file of patterns of 10 MB": lambda: doors.experiment("patterns", b"a: 1\n" * 2_000_000),
    "2,000 patterns with unknown statistics": lambda: doors.experiment("patterns", (
        "meta: {title: T, schema_version: 1, until: 2014-12}\npatterns:\n" + "".join(
            f" P{n}: {{title: x, role: fit, score: share, confidence: low, source: x, parts: {{m: {{statistic: s{n}, range: [0, 1]}}}}}}\n"
            for n in range(2000)
        )).encode()),
    "100,000,000 points of a design": lambda: doors.experiment("design", doors.DESIGN.replace("points: 8", "points: 100000000").encode()),
    "nested 100,000 deep": lambda: doors.experiment("sensitivity", b"[" * 100_000),
    "aliases of aliases": lambda: doors.experiment("calibration", (
        "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    ).encode()),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_made_to_exhaust_is_refused(case: str) -> None:
    for door in ("units", "patterns", "design"):
        doors.experiment(door, doors.seed_texts(door)[f"{door}-0"])
    doors.ucdp(doors.seed_texts("ucdp")["ucdp-1"])
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        assert CASES[case]() is not None
        best = min(best, time.process_time() - began)
        if best < 1:
            break
    # Two seconds of a core that others share are one of its own.
    assert best < 2
    tracemalloc.start()
    CASES[case]()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300e6


def test_a_table_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    """Two hundred million equal values are a few kilobytes of Parquet."""
    column = pa.array([0.0] * 1000)
    table = pa.table({"weights.b_tie": pa.chunked_array([column] * 25_000)})
    pq.write_table(table, tmp_path / "posterior.parquet", compression="zstd")
    assert (tmp_path / "posterior.parquet").stat().st_size < 1_000_000
    with pytest.raises(BayahError, match="holds no posterior draws"):
        sim.posterior(tmp_path)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "9" * 5000, '{"a":' * 50_000, " " * (MOST_JSON + 1), '"\\u001b[2J"', '"\\ud800"']
)
def test_json_made_to_exhaust_or_to_paint_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(BayahError) as caught:
        read_json(file)
    doors.told(caught.value)
    file.write_text(json.dumps("\U0001f600 é"))
    assert read_json(file) == "\U0001f600 é"
