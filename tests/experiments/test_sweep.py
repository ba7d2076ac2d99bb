"""The same results however a sweep is run, and any run made again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.errors import ExperimentError, IncompleteError, StoreError, UsageError
from sim.experiments.results import Results
from sim.experiments.sweep import Shard, run_sweep
from tests.experiments.small_sweeps import (
    assert_same,
    digest,
    made,
    run_command,
    small,
    small_plan,
    tables,
    write_design,
)

GOLDEN = "7ef5c45afc17580f5f5c0264d7e184f86ff257202c646fcd1cd0cde5804bf578"
"""Everything that the small sweep holds, on any Python and number of threads."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("sweep") / "store", small_plan(), workers=1)


@pytest.mark.core
def test_a_small_sweep_comes_out_as_it_did(store: Path) -> None:
    assert digest(store) == GOLDEN


def test_four_threads_make_what_one_makes(store: Path, tmp_path: Path) -> None:
    assert_same(store, made(tmp_path / "four", small_plan(), workers=4))


@pytest.mark.parametrize("chunk", [7, 50, 1000])
def test_the_size_of_chunks_does_not_show(store: Path, tmp_path: Path, chunk: int) -> None:
    assert_same(store, made(tmp_path / "other", small_plan(chunk=chunk), workers=2))


@pytest.mark.parametrize("chunk", [7, 20, 50, 1000])
def test_quantiles_do_not_hang_on_chunks(store: Path, tmp_path: Path, chunk: int) -> None:
    plan = small_plan(trajectories="quantiles", chunk=chunk)
    folder = made(tmp_path / "quantiles", plan, workers=2)
    assert not (folder / ".spill").exists()
    for point in range(6):
        for outcome in ("attacks", "focus_fighters"):
            kept, computed = Results(folder).bands(outcome, point), Results(store).bands(outcome, point)
            assert (kept == computed).all(axis=None)


def test_shards_make_what_one_makes(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    for number in (3, 1, 2):
        report = run_sweep(small_plan(), folder, shard=Shard(number, 3), progress=False)
        assert report.mine_left == 0
        assert report.made == 40
    assert report.complete
    assert_same(store, folder)


def test_a_finished_sweep_is_left_alone(store: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in store.rglob("*")}
    report = run_sweep(small_plan(), store, progress=False)
    assert (report.made, report.kept, report.complete) == (0, 120, True)
    assert {file: file.stat().st_mtime_ns for file in store.rglob("*")} == before


def test_replicates_meet_the_same_chances_at_every_point(store: Path) -> None:
    summary = Results(store).summary
    assert (summary["seed"] == 1 + summary["replicate"]).all()
    own = small_plan(draws="own")
    assert len({own.seed_of(run) for run in range(own.runs)}) == own.runs


@pytest.mark.parametrize("driver", ["engine", "mesa"])
@pytest.mark.parametrize("run", [0, 59, 119])
def test_any_run_is_made_again_as_it_was(store: Path, run: int, driver: str) -> None:
    results = Results(store)
    made_again = results.replay(run, driver)
    row = results.summary.loc[run]
    assert made_again.seed == row["seed"]
    for outcome in results.outcomes:
        assert made_again.summary[outcome] == row[outcome]
    kept = results.trajectories(runs=run).loc[run]
    for outcome in results.monthly:
        assert (made_again.outcomes[outcome].to_numpy() == kept[outcome].to_numpy()).all()
    date = row["events.omar_revealed.date"]
    assert made_again.scenario.events["omar_revealed"].date == date


def test_a_run_is_there_as_a_live_model(store: Path) -> None:
    results = Results(store)
    model = results.model(33)
    model.run()
    assert model.measured[0] == results.trajectories("focus_fighters", runs=33).iloc[-1, 0]


def test_a_replay_that_differs_says_in_what(store: Path, tmp_path: Path) -> None:
    import json
    import shutil

    import pyarrow.parquet as pq

    folder = tmp_path / "changed"
    shutil.copytree(store, folder)
    file = folder / "summary" / "part-00000.parquet"
    table = pq.read_table(file)
    place = table.schema.get_field_index("switches")
    table = table.set_column(place, table.schema.field(place), [(table["switches"].to_numpy() + 1.0)])
    pq.write_table(table, file)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["packages"]["numpy"] = "1.0"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError) as caught:
        Results(folder).replay(3)
    text = str(caught.value)
    assert "run 3 comes out otherwise than the store has it" in text
    assert "switches is" in text
    assert "numpy is 1.0 there" in text


def test_results_in_frames(store: Path) -> None:
    results = sim.open_results(store)
    assert results.design.shape == (6, 4)
    assert results.summary.index.tolist() == list(range(120))
    assert results.failures.empty
    month = results.trajectories("attacks", months="2014-03")
    assert len(month) == 120
    shares = results.allegiances(point=2)
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert set(shares.index.get_level_values("faction")) >= {"imu", "haqqani"}
    assert results.status().chunks_done == 6
    assert "120 of 120 runs" in repr(results)
    assert "weights.b_embed" in results._repr_html_()


def test_results_name_their_folder_as_seen_from_here(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = sim.open_results(store)
    monkeypatch.chdir(store.parent)
    assert repr(results).endswith(f"in {store.name}>")
    assert f"<code>{store.name}</code>" in results._repr_html_()
    (store.parent / "beside").mkdir()
    monkeypatch.chdir(store.parent / "beside")
    assert repr(results).endswith(f"in {store}>")


def test_allegiances_are_those_of_the_runs(store: Path) -> None:
    results = Results(store)
    counts = results.allegiances(point=0).loc["2014-06"]
    held = [results.replay(run).factions.loc["2014-06"] for run in range(20)]
    for faction in ("imu", "haqqani", "ttp"):
        share = np.mean([frame.loc[faction, "allegiance"] == "taliban" for frame in held])
        assert counts.loc[faction].get("taliban", 0.0) == pytest.approx(share)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda r: r.trajectories("attack"), "did you mean 'attacks'"),
        (lambda r: r.bands("attacks", point=6), "points are 0 to 5"),
        (lambda r: r.replay(120), "runs are 0 to 119"),
        (lambda r: r.trajectories(months="2014-13"), "months run from 01 to 12"),
    ],
)
def test_what_is_not_there_is_said(store: Path, ask: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ask(Results(store))


def test_another_design_is_refused_with_what_differs(store: Path) -> None:
    with pytest.raises(StoreError) as caught:
        run_sweep(small_plan(seed=2, replicates=10), store, progress=False)
    text = str(caught.value)
    assert "holds the runs of another design" in text
    assert "seed: 1 there, 2 here" in text
    assert "replicates: 20 there, 10 here" in text
    changed = small_plan(levers=[{"grid": {"events.omar_revealed.date": ["2013-06", "2014-04"]}}])
    with pytest.raises(StoreError, match="values: other values of what is varied"):
        run_sweep(changed, store, progress=False)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="is not empty and holds no sweep"):
        run_sweep(small_plan(), tmp_path, progress=False)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_runs_of_other_code_are_refused(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.jit.source_hash", lambda: "0123")
    with pytest.raises(StoreError, match="runs made by other code"):
        run_sweep(small_plan(), store, progress=False)


def test_two_scenarios_and_a_change_of_structure(tmp_path: Path) -> None:
    design = small(
        scenario=["baseline", "no-waziristan-operation"],
        uncertainties=[],
        levers=[
            {
                "grid": {
                    "factions.imu.theatre": ["north_waziristan", "nangarhar"],
                    "mechanisms.M08": [True, False],
                }
            }
        ],
        replicates=3,
    )
    results = sim.sweep(design, out=tmp_path / "both", progress=False)
    assert len(results.summary) == 24
    assert results.design["scenario"].unique().tolist() == ["baseline", "no-waziristan-operation"]
    for run in (0, 7, 16, 23):
        assert (
            results.replay(run).scenario.factions["imu"].theatre
            == results.summary.loc[run, "factions.imu.theatre"]
        )


def test_a_notebook_loop_is_no_hindrance(tmp_path: Path) -> None:
    async def cell() -> int:
        return len(sim.ensemble("baseline", runs=30, until="2013-06").summary)

    assert asyncio.run(cell()) == 30


def test_an_ensemble_goes_with_its_results() -> None:
    import gc

    results = sim.ensemble("baseline", runs=5, until="2013-03")
    folder = results.folder
    assert folder.is_dir()
    del results
    gc.collect()
    assert not folder.exists()


def test_runs_that_fail_are_kept_apart(tmp_path: Path) -> None:
    """Factions that split every month run out of rows; the other point comes out."""
    levers = [{"grid": {"weights.split_hazard": [0.003, 1.0]}}]
    fixed = {"weights.split_crisis": 100, "weights.split_min": 0}
    file = write_design(tmp_path, until="2014-12", set=fixed, uncertainties=[], levers=levers)
    code, out, errors = run_command("sweep", file, "--out", tmp_path / "store")
    assert (code, errors) == (1, "")
    results = Results(tmp_path / "store")
    failures = results.failures
    assert len(failures) > 0
    assert f"{len(failures)} runs failed" in out
    assert set(failures["reason"]) == {"no row left for a splinter"}
    assert (failures["weights.split_hazard"] == 1.0).all()
    assert (failures["seed"] == 1 + failures["replicate"]).all()
    both = sorted([*failures.index, *results.summary.index])
    assert both == list(range(40))
    with pytest.raises(Exception, match="no row left for a splinter"):
        results.replay(int(failures.index[0]))
    assert run_command("sweep", file, "--out", tmp_path / "store")[0] == 1


def test_an_interrupt_in_a_notebook_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import os
    import signal

    from sim.experiments.store import ledger

    land, landed = ledger.land, []

    def land_and_interrupt(path: Path, data: bytes) -> None:
        land(path, data)
        landed.append(path)
        if len(landed) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ledger, "land", land_and_interrupt)
    with pytest.raises(
        IncompleteError, match=r"stopped: .* of 120 runs are kept; the same call goes on from there"
    ):
        sim.sweep(small(), out=tmp_path / "store", workers=1, progress=False)
    monkeypatch.undo()
    assert 0 < len(tables(tmp_path / "store")["summary"]) < 120
    assert len(sim.sweep(small(), out=tmp_path / "store", progress=False).summary) == 120


def test_words_of_the_command_that_do_not_hold(tmp_path: Path) -> None:
    for words, told in (
        (["sweep", "omar-by-succesor"], "did you mean 'omar-by-successor'"),
        (["sweep", "omar-by-successor", "--shard", "0/3"], "shards count from 1 to 3"),
        (["sweep", "omar-by-successor", "--workers", "0"], "should be a whole number, 1 or more"),
        (["sweep", "omar-by-successor", "--runs", "0"], "should be a whole number from 1"),
        (["replay", tmp_path / "nothing", "1"], "there is no such folder"),
    ):
        code, out, errors = run_command(*words, *(["--out", tmp_path / "x"] if words[0] == "sweep" else []))
        assert (code, out) == (2, "")
        assert told in errors
        assert "Traceback" not in errors
        assert not (tmp_path / "x").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    file = write_design(tmp_path)
    code, out, errors = run_command("sweep", file, "--dry-run", "--out", tmp_path / "store")
    assert (code, errors) == (0, "")
    assert "120 (20 at each point)" in out
    assert not (tmp_path / "store").exists()


def test_bad_designs_are_told_whole() -> None:
    with pytest.raises(ExperimentError) as caught:
        sim.sweep(
            small(
                outcomes=["switchs"],
                levers=[{"grid": {"weights.b_embd": [1, 2], "decision.rationality": [-1]}}],
            )
        )
    text = str(caught.value)
    assert "did you mean 'switches'" in text
    assert "did you mean 'b_embed'" in text
    assert "-1 is outside 0 to 1000" in text


def test_misuse_is_told(store: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    calls: list[tuple[Any, type[Exception], str]] = [
        (lambda: sim.ensemble("baseline", runs="3"), UsageError, "runs: should be a whole number from 1"),
        (lambda: sim.sweep(3), UsageError, "a design is a file, a name or a mapping"),
        (lambda: sim.sweep(small(), workers="2"), UsageError, "workers: should be a whole number"),
        (lambda: sim.sweep(small(), shard=(1, 2)), UsageError, "shard"),
        (lambda: sim.sweep(small(), out=tmp_path / "file"), StoreError, "is a file; name a folder"),
        (lambda: Results(store).replay("0"), UsageError, "a run is a whole number"),
    ]
    for call, kind, told in calls:
        with pytest.raises(kind, match=told):
            call()


def test_an_export_never_lies_among_the_parts(store: Path) -> None:
    before = sorted(store.rglob("*"))
    for name in ("summary/z.parquet", "summary/part-00000.parquet", "runs.csv"):
        code, _, errors = run_command("results", "export", store, "--to", store / name, "--force")
        assert (code, "inside the folder of a sweep" in errors) == (2, True), errors
    assert sorted(store.rglob("*")) == before


def test_where_all_runs_failed_there_is_nothing_to_draw(tmp_path: Path) -> None:
    fixed = {"weights.split_crisis": 100, "weights.split_min": 0, "weights.split_hazard": 1.0}
    file = write_design(tmp_path, until="2014-12", set=fixed, uncertainties=[], levers=[], replicates=3)
    assert run_command("sweep", file, "--out", tmp_path / "store")[0] == 1
    code, out, _ = run_command("plot", tmp_path / "store", "--out", tmp_path / "figures")
    assert (code, out) == (1, "nothing to draw: no run has come out, 3 failed\n")
    code, _, errors = run_command("replay", tmp_path / "store", "1")
    assert code == 1
    assert "it failed in the sweep as well: no row left for a splinter" in errors


def test_words_that_do_not_go_with_a_file_for_slurm(tmp_path: Path) -> None:
    code, out, errors = run_command("sweep", write_design(tmp_path), "--slurm", "--json")
    assert (code, out) == (2, "")
    assert "do not go with it" in errors
