"""Sensitivity analyses of the model: their files, their runs, stopping and going on, what is told of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.errors import ExperimentError, StoreError, UsageError
from sim.experiments.format import SCHEMAS
from sim.experiments.patterns.targets import measured
from sim.experiments.sensitivity.findings import json_text
from sim.experiments.sensitivity.reading import read_sensitivity
from sim.experiments.sensitivity.schema import Keep
from sim.experiments.sensitivity.stages import survivors
from sim.scenario.bundled import bundled_folder
from sim.scenario.reader import read_tree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))
from json_schema_subset import is_valid

META = {"title": "Which matter", "question": "Which?", "schema_version": 1}
PATHS = ["patrons.iskp.constant", "weights.b_embed", "weights.split_min"]


def asked(**changes: Any) -> dict[str, Any]:
    """Three numbers, two years and a half, two outputs."""
    return {
        "name": "small",
        "meta": META,
        "scenario": "baseline",
        "until": "2015-06",
        "outputs": {
            "pledges": {"title": "Pledges", "statistic": "pledged_ever"},
            "ratio": {"title": "Peak ratio", "statistic": "run_outcome", "with": {"outcome": "peak_ratio"}},
        },
        "parameters": PATHS,
        "morris": {"trajectories": 6, "replicates": 4},
        "keep": 2,
        "sobol": {"points": 16, "replicates": 4},
        **changes,
    }


def write_file(folder: Path, **changes: Any) -> Path:
    form = asked(**changes)
    del form["name"]
    file = folder / "small.yaml"
    file.write_text(json.dumps(form, indent=1))
    return file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return sim.sensitivity(asked(), out=tmp_path_factory.mktemp("made") / "small", progress=False)


def test_morris_then_sobol_on_the_survivors(made: Any) -> None:
    assert made.stages == ("morris", "sobol")
    assert made.kept[0] == PATHS[0]
    assert len(made.kept) == 2
    assert (made.about["morris"]["runs"], made.about["sobol"]["runs"]) == (6 * 4 * 4, 16 * 4 * 4)
    assert made.morris.loc[("pledges", PATHS[0]), "mu"] > 5
    assert made.sobol.loc[("pledges", PATHS[0]), "total"] > 0.5
    assert set(made.sobol.loc["ratio"].index) == set(made.kept)
    assert (made.noise("morris")["between"] > 0).all()
    assert made.about["outputs"]["ratio"]["unit"] == "ratio"
    text = made.text()
    assert "Morris: 3 numbers, 6 trajectories, 24 points, 96 runs" in text
    assert f"Went on from Morris: {', '.join(made.kept)}" in text


def test_tables_hold_what_the_json_says(made: Any) -> None:
    again = sim.open_sensitivity(made.folder)
    pd.testing.assert_frame_equal(again.sobol, made.sobol, rtol=1e-8)
    indices = pd.read_parquet(made.folder / "indices.parquet")
    one = indices.query("stage == 'sobol' and output == 'pledges' and index == 'total'").set_index(
        "parameter"
    )["value"]
    assert np.allclose(one.sort_index(), made.sobol.loc["pledges"]["total"].sort_index())
    settled = pd.read_parquet(made.folder / "convergence.parquet").query("stage == 'morris'")
    assert settled["size"].max() == 6
    last = settled[settled["size"] == 6].set_index(["output", "parameter"])["value"]
    assert np.allclose(last.sort_index(), made.morris["mu_star"].sort_index())
    points = pd.read_parquet(made.folder / "points-sobol.parquet")
    assert len(points) == 64
    assert (points["failed"] == 0).all()
    assert points[PATHS[0]].between(-3.5846, 11.4154).all()


def test_what_is_there_is_not_made_again_and_what_is_damaged_is(made: Any, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    first = sim.sensitivity(asked(), out=folder, figures=False, progress=False)
    assert json_text(first.about) == json_text(made.about)
    parts = sorted((folder / "parts").rglob("*.npz"))
    before = {file: file.stat().st_mtime_ns for file in parts}
    parts[0].write_bytes(b"damaged")
    (folder / "sensitivity.json").unlink()
    with pytest.raises(StoreError, match="not finished"):
        sim.open_sensitivity(folder)
    second = sim.sensitivity(asked(), out=folder, figures=False, progress=False)
    assert json_text(second.about) == json_text(first.about)
    changed = [file for file in parts if file.stat().st_mtime_ns != before[file]]
    assert changed == [parts[0]]


def test_a_folder_of_something_else_is_refused(made: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="holds another analysis \\(experiment\\)"):
        sim.sensitivity(asked(seed=2), out=made.folder, progress=False)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds no sensitivity analysis"):
        sim.sensitivity(asked(), out=tmp_path, progress=False)


@pytest.mark.slow
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL])
def test_stopped_at_any_time_the_same_command_goes_on(way: signal.Signals, tmp_path: Path) -> None:
    file = write_file(
        tmp_path, morris={"trajectories": 60, "replicates": 10}, sobol={"points": 128, "replicates": 8}
    )
    folder = tmp_path / "out"
    words = [
        sys.executable,
        "-m",
        "sim",
        "sensitivity",
        str(file),
        "--out",
        str(folder),
        "--no-figures",
        "--json",
    ]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        if list(folder.rglob("*.npz")) or running.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(running.pid, way)
    errors = running.communicate()[1]
    if way == signal.SIGINT:
        assert running.returncode == 3
        assert f"to go on: bayah sensitivity {file} --out {folder}" in errors
    assert not (folder / "sensitivity.json").exists()
    kept = {part: part.stat().st_mtime_ns for part in folder.rglob("*.npz")}
    assert kept
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert all(part.stat().st_mtime_ns == when for part, when in kept.items())
    fresh = sim.sensitivity(file, out=tmp_path / "fresh", figures=False, progress=False)
    told = json.loads(done.stdout)
    del told["folder"]
    assert json_text(told) == json_text(fresh.about)
    assert not list(folder.rglob("*.tmp"))


def test_runs_that_fail_are_counted_and_drop_their_trajectory(tmp_path: Path) -> None:
    """Factions that split every month run out of rows."""
    (tmp_path / "splitting.yaml").write_text(
        "extends: baseline\nmeta: {title: T, question: Q}\nweights: {split_crisis: 100, split_min: 0}\n"
    )
    file = write_file(
        tmp_path, scenario="./splitting.yaml", sobol=None, until="2014-12",
        parameters={"weights.split_hazard": {"low": 0.03, "high": 0.072}, "weights.b_embed": "prior"},
        morris={"trajectories": 10, "levels": 4, "replicates": 6},
    )  # fmt: skip
    found = sim.sensitivity(file, out=tmp_path / "out", figures=False, progress=False)
    morris = found.about["morris"]
    assert morris["failed"] > 0
    points = pd.read_parquet(tmp_path / "out" / "points-morris.parquet")
    assert points["failed"].sum() == morris["failed"]
    lost = points.groupby("group")["pledges_mean"].apply(lambda column: column.isna().any()).sum()
    assert morris["outputs"]["pledges"]["dropped"] == lost
    assert 0 < lost < 9
    assert (points.loc[points["failed"] == 6, "pledges_mean"].isna()).all()
    assert points.loc[points["failed"] < 6, "pledges_mean"].notna().all()
    assert found.about["morris"]["outputs"]["pledges"]["convergence"][-1]["size"] == 10 - lost
    assert f"{morris['failed']:,} failed" in found.text()
    assert f"{lost} trajectories without a good run left out" in found.text()


def test_an_output_that_a_run_has_nothing_for_is_not_made_up(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import numpy as np\n\ndef sometimes(records):\n"
        "    ever = (records.oath >= 0).sum(axis=1).astype(float)\n    return np.where(ever > 3, ever, np.nan)\n"
    )
    outputs = {
        "pledges": {"title": "Pledges", "statistic": "pledged_ever"},
        "some": {"title": "Pledges, if more than three", "statistic": "own.py:sometimes"},
    }
    file = write_file(tmp_path, outputs=outputs, sobol=None)
    found = sim.sensitivity(file, out=tmp_path / "out", figures=False, progress=False)
    told = found.about["morris"]["outputs"]
    assert told["pledges"]["undefined"] == 0
    assert told["some"]["undefined"] > 0
    assert told["some"]["dropped"] > told["pledges"]["dropped"] == 0
    (tmp_path / "own.py").write_text(
        "def sometimes(records):\n    return (records.oath >= 0).sum(axis=1) * 2.0\n"
    )
    with pytest.raises(StoreError, match="holds another analysis \\(statistics\\)"):
        sim.sensitivity(file, out=tmp_path / "out", figures=False, progress=False)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "meta: {title: T, question: Q, schema_version: 1}\n"
        "scenario: baseline\n"
        "until: 2012-01\n"
        "outputs:\n"
        "  a: {title: A, statistic: pledged_evr}\n"
        "  b: {title: B, statistic: run_outcome, with: {outcome: peak_rati}}\n"
        "  c: {title: C, statistic: first_offer}\n"
        "parameters:\n"
        "  - weights.b_embedd\n"
        "  - decision.rule\n"
        "  - weights.zz_*\n"
        "  - weights.centre.*\n"
        "morris: {trajectories: 4}\n"
    )
    with pytest.raises(ExperimentError) as caught:
        read_sensitivity(file)
    told = [str(problem).removeprefix(f"{file}:") for problem in caught.value.problems]
    starts = [
        "3:8: until: 2012-01 is before the first month",
        "5:28: outputs.a.statistic: no statistic 'pledged_evr' (did you mean 'pledged_ever'?)",
        "6:57: outputs.b.with.outcome: no outcome of runs 'peak_rati' (did you mean 'peak_ratio'?)",
        "7:6: outputs.c: 'first_offer' also needs with: unit",
        "9:5: parameters.0: ",
        "10:5: parameters.1: is a choice; only numbers are varied",
        "11:5: parameters.2: no number with a prior matches 'weights.zz_*'",
        "12:5: parameters.3: no number with a prior matches 'weights.centre.*'",
    ]
    assert len(told) == len(starts)
    for line, start in zip(told, starts, strict=True):
        assert line.startswith(start)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"sobol": {"points": 100}}, "sobol.points: should be a power of 2: 64 or 128"),
        ({"morris": {"levels": 5}}, "morris.levels: should be even"),
        ({"morris": None, "sobol": None}, "give morris, sobol, or both"),
        ({"parameters": {PATHS[1]: {"low": 3, "high": 2}}}, "low (3.0) must be below high (2.0)"),
        ({"parameters": {"patrons.iskp.recognition": {"low": 0.5, "high": 2}}}, "recognition"),
        ({"parameters": []}, "parameters"),
        ({"outputs": {}}, "outputs"),
        ({"keep": 0}, "keep"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused(changes: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        read_sensitivity(asked(**changes))
    assert any(wrong in str(problem) for problem in caught.value.problems)


def test_patterns_of_paths_ranges_and_rules() -> None:
    inquiry = read_sensitivity(asked(parameters=["weights.wake_*", "weights.wake_news"]))
    assert len(inquiry.paths) == len(set(inquiry.paths)) == 8
    inquiry = read_sensitivity(
        asked(parameters={"decision.theta": {"low": 1, "high": 4}, "factions.imu.fighters": "prior"})
    )
    theta, men = inquiry.parameters
    ends = np.array([0.0, 1.0])
    assert theta.levels(ends).tolist() == [1, 4]
    assert men.levels(ends).tolist() == [300, 3000]
    (embed,) = read_sensitivity(asked(parameters=["weights.b_embed"])).parameters
    # A normal prior has no ends: its levels lie between its 2.5 and its 97.5 % quantile.
    assert np.allclose(embed.levels(ends), 6 + 2.25 * np.array([-1.959964, 1.959964]), atol=1e-5)
    assert embed.values(np.array([0.5]))[0] == pytest.approx(6)


def test_who_survives() -> None:
    def one(**stars: float) -> dict[str, Any]:
        return {"indices": {name: {"mu_star": star} for name, star in stars.items()}}

    morris = {"outputs": {"x": one(a=10, b=1, c=0), "y": one(a=0.01, b=0.05, c=0.2)}}
    assert survivors(morris, 3) == ("a", "c", "b")
    assert survivors(morris, 1) == ("a",)
    assert survivors(morris, Keep(share=0.3)) == ("a", "c")
    assert survivors(morris, Keep(share=0.3, most=1)) == ("a",)
    with pytest.raises(ExperimentError, match="no number has any effect"):
        survivors({"outputs": {"x": one(a=0.0)}}, 3)


def test_sobol_alone_takes_all_numbers(tmp_path: Path) -> None:
    found = sim.sensitivity(asked(morris=None), out=tmp_path / "out", figures=False, progress=False)
    assert found.stages == ("sobol",)
    assert set(found.sobol.loc["pledges"].index) == set(PATHS)


def test_how_many_threads_there_are_changes_nothing(made: Any, tmp_path: Path) -> None:
    one = sim.sensitivity(asked(), out=tmp_path / "one", workers=1, figures=False, progress=False)
    assert json_text(one.about) == json_text(made.about)


def test_pawn_on_a_sweep(tmp_path: Path) -> None:
    over = {
        PATHS[0]: "prior",
        "weights.neglect": "prior",
        "events.omar_revealed.date": {"low": "2014-01", "high": "2015-05"},
    }
    design = {
        "name": "swept", "meta": META, "scenario": "baseline", "until": "2015-06", "replicates": 3,
        "uncertainties": [
            {"sample": "latin_hypercube", "points": 60, "over": over},
            {"grid": {"weights.accept_periphery": [0.1, 0.3, 0.5]}},
        ],
    }  # fmt: skip
    results = sim.sweep(design, out=tmp_path / "swept", progress=False)
    found = sim.sensitivity(pawn=results, outputs=["pledged_ever", "splits"])
    told = found.pawn
    assert (
        told.loc[("pledged_ever", PATHS[0]), "median"] > 1.5 * told.loc[("pledged_ever", PATHS[0]), "floor"]
    )
    assert (
        told.loc[("pledged_ever", "weights.neglect"), "median"] < told.loc[("pledged_ever", PATHS[0]), "low"]
    )
    assert found.about["pawn"]["left_out"] == ["events.omar_revealed.date"]
    assert (told["low"] <= told["median"]).all()
    assert (told["median"] <= told["high"]).all()
    again = sim.sensitivity(pawn=tmp_path / "swept", outputs=["pledged_ever"], out=tmp_path / "pawn")
    assert json_text(again.about["pawn"]["outputs"]) == json_text(
        {"pledged_ever": found.about["pawn"]["outputs"]["pledged_ever"]}
    )
    assert (tmp_path / "pawn" / "figures" / "tornado.png").stat().st_size > 5000
    with pytest.raises(UsageError, match="no outcome 'pledged_evr' \\(did you mean 'pledged_ever'"):
        sim.sensitivity(pawn=results, outputs=["pledged_evr"])
    with pytest.raises(UsageError, match="no convergence to show"):
        found.plot.convergence()


def test_a_sweep_that_varies_no_number_has_nothing_to_tell(tmp_path: Path) -> None:
    design = {"name": "one", "meta": META, "scenario": "baseline", "until": "2013-06", "replicates": 2}
    results = sim.sweep(design, out=tmp_path / "one", progress=False)
    with pytest.raises(UsageError, match="varies no numbers"):
        sim.sensitivity(pawn=results)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, folder = write_file(tmp_path), tmp_path / "out"
    assert main(["sensitivity", str(file), "--dry-run"]) == 0
    assert "Sobol: 2 numbers, 256 runs" in capsys.readouterr().out
    assert main(["sensitivity", str(file), "--out", str(folder), "-q"]) == 0
    assert capsys.readouterr().out == ""
    figures = {figure.name for figure in (folder / "figures").iterdir()}
    assert figures == {"tornado.png", "convergence.png", "tornado-morris.png", "convergence-morris.png"}
    assert main(["sensitivity", str(file), "--out", str(folder), "--json", "--no-figures"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["morris"]["runs"] == 96
    assert main(["check", str(file)]) == 0
    assert "note: Morris: 3 numbers, 96 runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ([], "give an experiment, or --pawn"),
        (["sensitivity", "--pawn", "x"], "give an experiment, or --pawn"),
        (["sensitivity", "--output", "x"], "--output goes with --pawn"),
        (["--pawn", "x", "--dry-run"], "--pawn makes no runs"),
        (["sensitivty"], "no bundled sensitivity of that name (did you mean 'sensitivity'?)"),
        (["patterns"], "is of the kind patterns"),
        (["sensitivity", "--workers", "0"], "--workers should be 1 or more"),
    ],
)  # fmt: skip
def test_calls_that_do_not_hold(words: list[str], wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sensitivity", *words]) == 2
    assert wrong in capsys.readouterr().err


def test_without_salib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "SALib", None)
    assert main(["sensitivity", str(write_file(tmp_path)), "--out", str(tmp_path / "out")]) == 2
    assert "pip install 'bayah[analysis]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["patterns", "sensitivity"])
def test_the_bundled_schemas_are_current(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``bayah schema --sensitivity --out experiments/sensitivity.schema.json`` writes it anew."""
    file = bundled_folder("experiments") / f"{kind}.schema.json"
    assert file.read_text(encoding="utf-8") == SCHEMAS[kind]()
    assert main(["schema", f"--{kind}"]) == 0
    assert capsys.readouterr().out == SCHEMAS[kind]()


def test_the_bundled_analysis_is_of_the_size_it_says() -> None:
    inquiry = read_sensitivity("sensitivity")
    assert inquiry.told() == ["Morris: 30 numbers, 29,760 runs", "Sobol: 12 numbers, 458,752 runs"]
    data = read_tree(bundled_folder("experiments") / "sensitivity.yaml").data
    assert is_valid(data, json.loads(SCHEMAS["sensitivity"]()))
    assert {"pledges", "imu_offer", "peak_ratio", "third_pole"} <= {one.name for one in inquiry.outputs}


def test_the_bundled_analysis_may_end_with_2016() -> None:
    """What it says of itself: means of points to the end of 2016 and of 2018 hang together above 0.97."""
    inquiry = read_sensitivity("sensitivity")
    assert inquiry.form.until == "2016-12"
    u = np.random.default_rng(1).random((48, len(inquiry.parameters)))
    points = np.stack([one.values(u[:, n]) for n, one in enumerate(inquiry.parameters)], axis=1)
    means = []
    for until in ("2016-12", "2018-12"):
        witness = replace(inquiry.asked(), until=until).witness()
        found = []
        for row in points:
            witness.write(dict(zip(inquiry.paths, row.tolist(), strict=True)))
            records, _ = witness.runs(range(1, 7))
            found.append(measured(inquiry.outputs, records).mean(axis=0))
        means.append(np.array(found))
    for n in range(len(inquiry.outputs)):
        assert np.corrcoef(means[0][:, n], means[1][:, n])[0, 1] > 0.97


def test_the_document_says_what_its_json_says() -> None:
    """``bayah sensitivity sensitivity`` writes the JSON, ``sim.open_sensitivity("docs/data").markdown()`` the tables."""
    docs = bundled_folder("experiments").parent / "docs"
    found = sim.open_sensitivity(docs / "data")
    text = (docs / "sensitivity.md").read_text(encoding="utf-8")
    table = text.split("<!-- table -->\n")[1].split("<!-- end of table -->")[0]
    assert table == found.markdown()
    inquiry = read_sensitivity("sensitivity")
    assert found.about["until"] == inquiry.form.until
    assert list(found.about["parameters"]) == list(inquiry.paths)
    assert {name: one["title"] for name, one in found.about["outputs"].items()} == {
        one.name: one.form.title for one in inquiry.outputs
    }
    assert (found.about["morris"]["runs"], found.about["sobol"]["runs"]) == (29_760, 458_752)
