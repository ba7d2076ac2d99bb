"""One table as one file; and stores read by other programs, without our code."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.csv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from sim.errors import StoreError, UsageError
from sim.experiments.results import Results
from sim.experiments.store.compact import compact
from sim.experiments.store.export import columns_file, export
from tests.experiments.stores import store_of_kind


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of_kind(tmp_path_factory.mktemp("whole") / "store", "all")


@pytest.fixture(scope="module")
def merged(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("merged") / "store"
    shutil.copytree(whole, folder)
    compact(folder, progress=False)
    return folder


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts of a point are spread over chunks, and so are the runs that its quantiles are made of."""
    return store_of_kind(tmp_path_factory.mktemp("spread") / "store", "points")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of_kind(tmp_path_factory.mktemp("failing") / "store", "failing")


def exact(file: Path) -> Any:
    """A CSV file as a frame, every digit of it."""
    return pyarrow.csv.read_csv(file).to_pandas()


def test_the_summary_in_three_formats(whole: Path, tmp_path: Path) -> None:
    wanted = Results(whole).summary.reset_index()
    for ending in ("csv", "parquet", "feather"):
        done = export(whole, "summary", tmp_path / f"runs.{ending}")
        assert (done.rows, done.format) == (120, ending)
    plain = exact(tmp_path / "runs.csv")
    pd.testing.assert_frame_equal(plain, wanted, check_dtype=False, check_exact=True)
    assert pq.read_table(tmp_path / "runs.parquet").to_pandas().equals(wanted)
    assert feather.read_table(tmp_path / "runs.feather").to_pandas().equals(wanted)
    for schema in (
        pq.read_schema(tmp_path / "runs.parquet"),
        feather.read_table(tmp_path / "runs.feather").schema,
    ):
        assert schema.field("peak_fighters").metadata[b"unit"] == b"persons"
        assert schema.field("weights.b_embed").metadata[b"meaning"] == b"Varied by the design."
    notes = pd.read_csv(tmp_path / "runs.columns.csv", index_col="column")
    assert list(notes.index) == list(wanted.columns)
    assert notes.loc["peak_fighters", "unit"] == "persons"
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "runs.columns.csv", "runs.csv", "runs.feather", "runs.parquet"
    ]  # fmt: skip


@pytest.mark.parametrize("store", ["whole", "merged"])
def test_trajectories_in_order_of_the_runs(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(store)
    to = tmp_path / "some.csv"
    done = export(folder, "trajectories", to, outcomes=["attacks", "pledged_units"], points=[5, 1])
    assert done.rows == 2 * 20 * 12
    frame = exact(to)
    assert list(frame.columns) == ["run", "point", "month", "pledged_units", "attacks"]
    assert list(frame["month"][:12]) == [f"2013-{month:02d}" for month in range(1, 13)]
    assert list(frame["run"].unique()) == [*range(20, 40), *range(100, 120)]
    there = Results(folder).trajectories(["pledged_units", "attacks"], points=[1, 5]).reset_index()
    assert (frame["run"] == there["run"]).all()
    for name in ("pledged_units", "attacks"):
        assert (frame[name] == there[name]).all()


def test_the_other_tables(whole: Path, spread: Path, failing: Path, tmp_path: Path) -> None:
    export(spread, "quantiles", tmp_path / "bands.parquet", outcomes=["attacks"])
    bands = pd.read_parquet(tmp_path / "bands.parquet")
    assert set(bands["outcome"]) == {"attacks"}
    for point in range(6):
        mean = Results(spread).bands("attacks", point)["mean"].to_numpy()
        assert (bands[bands["point"] == point]["mean"].to_numpy() == mean).all()
    export(spread, "allegiances", tmp_path / "held.parquet")
    held = pd.read_parquet(tmp_path / "held.parquet")
    assert not held.duplicated(["point", "month", "faction", "held"]).any(), "added up over chunks"
    assert (held.groupby(["point", "month", "faction"])["runs"].sum() == 20).all()
    export(whole, "allegiances", tmp_path / "same.parquet")
    keys = ["point", "month", "faction", "held"]
    same = pd.read_parquet(tmp_path / "same.parquet")
    assert held.sort_values(keys, ignore_index=True).equals(same.sort_values(keys, ignore_index=True))
    export(whole, "design", tmp_path / "design.csv", points=[2])
    design = exact(tmp_path / "design.csv")
    assert design["decision.theta"].tolist() == [Results(whole).design["decision.theta"][2]]
    export(failing, "failed", tmp_path / "failed.csv")
    failed = pd.read_csv(tmp_path / "failed.csv").set_index("run")
    assert failed["reason"].equals(Results(failing).failures["reason"].astype(failed["reason"].dtype))
    assert export(whole, "failed", tmp_path / "none.csv").rows == 0
    assert (tmp_path / "none.csv").read_text().startswith('"run","point","replicate","seed"')


def test_whole_or_not_at_all(whole: Path, tmp_path: Path) -> None:
    folder, to = tmp_path / "store", tmp_path / "runs.csv"
    shutil.copytree(whole, folder)
    to.write_text("mine")
    with pytest.raises(StoreError, match=r"runs\.csv: is there already; --force replaces it"):
        export(folder, "summary", to)
    part = folder / "summary/part-00004.parquet"
    data = part.read_bytes()
    column = pq.read_metadata(part).row_group(0).column(9)
    place = (column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size - 1
    part.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with pytest.raises(StoreError, match=r"part-00004\.parquet: cannot be read"):
        export(folder, "summary", to, force=True)
    assert to.read_text() == "mine"
    assert not columns_file(to).exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["runs.csv", "store"]
    part.write_bytes(data)
    assert export(folder, "summary", to, force=True).rows == 120


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"table": "sumary"}, r"there is no table 'sumary' \(did you mean 'summary'\?\)"),
        ({"table": "quantiles"}, r"this sweep keeps no quantiles \(trajectories: all\)"),
        ({"outcomes": ["atacks"]}, r"no outcome 'atacks' \(did you mean 'attacks'\?\)"),
        ({"outcomes": ["attacks"], "table": "design"}, "the table design holds no outcomes to choose from"),
        ({"points": [6]}, "there is no point 6; points are 0 to 5"),
        ({"format": "xlsx"}, "there is no format 'xlsx'"),
        ({"to": "runs.xlsx"}, "its ending says no format"),
        ({"to": "nowhere/runs.csv"}, "there is no such folder"),
    ],
)
def test_what_is_not_there_is_said(whole: Path, tmp_path: Path, words: dict[str, Any], told: str) -> None:
    to = tmp_path / words.get("to", "runs.csv")
    asked = {"table": "summary", **{key: value for key, value in words.items() if key != "to"}}
    with pytest.raises((UsageError, StoreError), match=told):
        export(whole, to=to, **asked)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("store", ["whole", "merged"])
def test_pandas_and_duckdb_read_it_as_it_is(store: str, request: pytest.FixtureRequest) -> None:
    """With parts put aside and drafts lying about, as a kill leaves them."""
    folder = request.getfixturevalue(store)
    first = min((folder / "summary").glob("part-*.parquet"))
    aside = first.with_name(f".{first.name}.0a1b2c3d.damaged")
    draft = first.with_name(f".{first.name}.host-1-0a1b2c3d.tmp")
    for hidden in (aside, draft):
        shutil.copyfile(first, hidden)
    results = Results(folder)
    summary, monthly = results.summary, results.trajectories("attacks")
    runs = pd.read_parquet(folder / "summary")
    paths = pd.read_parquet(folder / "trajectories", columns=["run", "month", "attacks"])
    assert (len(runs), len(paths)) == (120, 120 * 12)
    assert runs.set_index("run").sort_index()["peak_fighters"].equals(summary["peak_fighters"])
    both = paths.merge(runs[["run", "decision.theta"]], on="run")
    asked = duckdb.sql(
        f"""
        select r.run, r."decision.theta" as theta, sum(t.attacks) as attacks, min(t.month) as first
        from read_parquet('{folder}/summary/*.parquet') r
        join read_parquet('{folder}/trajectories/*.parquet') t on t.run = r.run
        group by all order by r.run
        """
    ).df()
    assert asked["run"].tolist() == list(range(120))
    assert (asked["theta"].to_numpy() == summary["decision.theta"].to_numpy()).all()
    wanted = monthly["attacks"].groupby("run").sum()
    assert asked["attacks"].to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-12)
    assert both.groupby("run")["attacks"].sum().to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-12)
    assert (asked["first"].astype(str).str[:10] == "2013-01-01").all()
    for hidden in (aside, draft):
        hidden.unlink()
