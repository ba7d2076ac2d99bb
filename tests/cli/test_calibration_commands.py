"""``bayah calibrate``, ``bayah validate``, and what other commands know of their files."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.api.discovery import experiment_rows
from sim.cli import main
from sim.cli.run_commands import _experiment_lines
from sim.experiments.format import SCHEMAS
from sim.scenario.bundled import bundled_folder

Captured = pytest.CaptureFixture[str]
TINY = """\
meta: {title: Two weights, question: Which?, schema_version: 1, notes: [Tiny.]}
scenario: baseline
patterns: patterns
free: {weights.b_power: prior, patrons.iskp.constant: prior}
at_prior_mean: ["weights.*"]
table: {draws: 64, replicates: 2, accept: 0.4}
rivals:
  threshold: {title: Enough peers decide, set: {decision.rule: threshold}, choice: true}
  constants: {title: Constants only, set: {weights.b_e*: 0}, free: [patrons.iskp.constant]}
rival_table: {draws: 64, replicates: 2, accept: 0.4}
smc: {particles: 20, replicates: 2, generations: 2}
recovery: {truths: 3, by_smc: 0}
choice: {particles: 20, generations: 1}
seed: 3
"""


TABLES = [
    "parameters.parquet", "posterior-regression.parquet", "posterior-table.parquet", "posterior.parquet",
    "predictive.parquet",
]  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(TINY)


def strict(text: str) -> Any:
    """One JSON document, without numbers that JSON does not have."""

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.core
@pytest.mark.parametrize("command", ["calibrate", "validate"])
def test_help_has_examples(command: str, capsys: Captured) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert f"bayah {command}" in out
    assert main([command, "--sted", "table"]) == 2
    assert main([command, "nowhere"]) == 2
    err = capsys.readouterr().err
    assert f"no such file, and no bundled {command.removesuffix('e')}" in err
    assert not Path("results").exists()


@pytest.mark.slow
def test_a_tiny_calibration_by_its_table(capsys: Captured) -> None:
    assert main(["calibrate", "tiny.yaml", "--step", "table", "--no-figures", "--json", "--quiet"]) == 0
    told = strict(capsys.readouterr().out)
    assert told["free"] == ["weights.b_power", "patrons.iskp.constant"]
    assert (told["table"]["draws"], told["table"]["runs"], told["table"]["failed"]) == (64, 128, 0)
    assert told["table"]["accepted"] >= 50
    assert told["notes"] == ["Tiny."]
    assert "smc" not in told
    folder = Path("results/tiny")
    assert Path(told["folder"]) == folder
    assert strict((folder / "calibration.json").read_text()).items() <= told.items()
    assert sorted(file.name for file in folder.glob("*.parquet")) == TABLES
    rows = {row["path"]: row for row in told["parameters"]}
    for row in rows.values():
        assert row["q005"] <= row["q050"] <= row["q500"] <= row["q950"] <= row["q995"]
        assert row["contraction"] < 1


@pytest.mark.slow
def test_a_tiny_calibration_in_all_its_steps(capsys: Captured) -> None:
    assert main(["calibrate", "tiny.yaml", "--json", "--quiet", "--out", "mine"]) == 0
    told = strict(capsys.readouterr().out)
    assert [row["t"] for row in told["smc"]["generations"]] == [0, 1]
    assert set(told["choice"]["probability"]) == {"logit", "threshold"}
    assert math.fsum(told["choice"]["probability"].values()) == pytest.approx(1.0)
    assert set(told["rivals"]) == {"threshold", "constants"}
    assert [row["path"] for row in told["rivals"]["constants"]["parameters"]] == ["patrons.iskp.constant"]
    assert told["recovery"]["truths"] == 3
    assert {row["way"] for row in told["parameters"]} == {"table", "smc", "regression"}
    folder = Path("mine")
    assert told["figures"]
    assert all(Path(file).stat().st_size > 0 for file in told["figures"])
    draws = pd.read_parquet(folder / "posterior.parquet")
    assert len(draws) == 500
    assert {"weights.b_power", "patrons.iskp.constant", "weights.clash"} <= set(draws)
    # Runs with its draws, by the name of its folder.
    words = ["--parameters", "mine", "--draws", "4", "--runs", "8", "--until", "2013-06", "--no-figures"]
    assert main(["compare", "baseline", "no-waziristan-operation", *words, "--json"]) == 0
    assert strict(capsys.readouterr().out)["face"].startswith("posterior, 4 draws")
    # The same command goes on: nothing is left to do, and all stands as it stood.
    kept = {file.name: file.read_bytes() for file in folder.glob("*.parquet")}
    parts = {file: file.stat().st_mtime_ns for file in folder.glob("*/*/part-*")}
    assert main(["calibrate", "tiny.yaml", "--out", "mine", "--no-figures"]) == 0
    out = capsys.readouterr().out
    assert "table: 64 draws, 128 runs, 0 failed" in out
    assert "SMC: 20 particles, 2 generations" in out
    assert "decision rules: " in out
    assert "weights.b_power" in out
    again = strict((folder / "calibration.json").read_text())
    assert {k: v for k, v in again.items() if k != "seconds"} == {
        k: v for k, v in told.items() if k not in ("seconds", "figures", "folder")
    }
    assert {file.name: file.read_bytes() for file in folder.glob("*.parquet")} == kept
    assert {file: file.stat().st_mtime_ns for file in folder.glob("*/*/part-*")} == parts


@pytest.mark.core
def test_a_validation_needs_the_calibration_it_is_of(capsys: Captured) -> None:
    assert main(["validate", "--quiet"]) == 2
    assert (
        "results/calibration: no calibration there; make it first: bayah calibrate" in capsys.readouterr().err
    )
    other = Path("other")
    other.mkdir()
    (other / "calibration.json").write_text('{"digest": "of something else", "record": ""}')
    assert main(["validate", "--quiet", "--calibration", "other"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("other: holds the calibration of another scenario, of another record or other code")
    for damaged in ("[]", "{", ""):
        (other / "calibration.json").write_text(damaged)
        assert main(["validate", "--quiet", "--calibration", "other"]) == 2
        assert "Traceback" not in capsys.readouterr().err


KEYS = {
    "ablation", "ablation_base", "calibration", "calibration_digest", "curve", "inputs_after_fit", "joint", "name",
    "notes", "patterns", "patterns_scored", "placebo", "posterior", "predictions", "question", "quick", "recoding",
    "scenario", "scores", "seconds", "split", "split_sha256", "summary", "title", "units", "until", "verdicts",
}  # fmt: skip


@pytest.mark.slow
def test_the_quick_validation(capsys: Captured) -> None:
    assert main(["validate", "--quick", "--json", "--quiet"]) == 0
    told = strict(capsys.readouterr().out)
    assert set(told) >= KEYS
    assert told["quick"]
    assert told["notes"][0].startswith("quick: ")
    split = bundled_folder("experiments") / "split.yaml"
    assert told["split_sha256"] == hashlib.sha256(split.read_bytes()).hexdigest()
    folder = Path("results/validation-quick")
    assert strict((folder / "validation.json").read_text()).items() <= told.items()
    fitted = [row for row in told["verdicts"] if row["role"] == "fit"]
    assert len(fitted) == told["summary"]["fitted"] == 9
    assert told["summary"]["inside"] == sum(row["inside"] for row in fitted)
    # Simple predictors do not hang on how many draws there are.
    scores = {(row["predictor"], row["split"], row["subset"]): row["brier"] for row in told["scores"]}
    assert round(scores["rule", "leave_cluster_out", "all"], 3) == 0.135
    assert round(scores["rule", "leave_one_out", "all"], 3) == 0.128
    assert round(scores["base_rate", "leave_one_out", "all"], 3) == 0.261
    assert scores["coin", "leave_one_out", "all"] == 0.25
    assert scores["nobody", "leave_cluster_out", "all"] == pytest.approx(17 / 38)
    assert ("model", "leave_cluster_out", "not_embedded") in scores
    units = pd.DataFrame(told["units"])
    assert len(units) == 38
    held = ((units["held_out"] - units["outcome"]) ** 2).mean()
    assert scores["model", "leave_cluster_out", "all"] == pytest.approx(held)
    assert {row["mechanism"] for row in told["ablation"]} == {"M02", "M51", "embeddedness"}
    assert not any(row["scored"] for row in told["predictions"])
    assert min(row["year"] for row in told["predictions"]) == 2019
    assert all(row["month"] > "2018-12" for row in told["inputs_after_fit"])
    assert len(told["recoding"]) == 8
    assert [row["real"] for row in told["placebo"]].count(True) == 1
    # What is told stands in the tables, too.
    for name in ("units", "scores", "placebo", "predictions", "ablation", "recoding", "joint", "verdicts"):
        assert len(pd.read_parquet(folder / f"{name}.parquet")) == len(told[name])
    joint = pd.DataFrame(told["joint"]).groupby("predictor")["share"].sum()
    np.testing.assert_allclose(joint, 1.0)
    assert list((folder / "figures").iterdir())
    html = (folder / "report.html").read_text()
    assert told["split_sha256"] in html
    assert Path(told["report"]) == folder / "report.html"


# What other commands know of these files


@pytest.mark.core
def test_files_are_checked_and_listed_by_their_kind(capsys: Captured) -> None:
    assert main(["check", "calibration", "validation", "tiny.yaml", "--json"]) == 0
    told = strict(capsys.readouterr().out)["files"]
    assert [row["kind"] for row in told] == ["calibration", "validation", "calibration"]
    assert all(row["holds"] for row in told)
    rows = {row["name"]: row for row in experiment_rows(counted=False)}
    assert rows["validation"]["kind"] == "validation"
    assert rows["calibration"]["kind"] == "calibration"
    # The frozen split is no experiment.
    assert "split" not in rows
    out = "\n".join(_experiment_lines([rows["calibration"], rows["validation"]]))
    assert "validation: bayah validate validation" in out
    assert "calibration: bayah calibrate calibration" in out


@pytest.mark.core
@pytest.mark.parametrize("kind", ["calibration", "validation"])
def test_the_bundled_schemas_are_current(kind: str, capsys: Captured) -> None:
    """``bayah schema --calibration --out experiments/calibration.schema.json`` writes it anew."""
    folder = bundled_folder("experiments")
    assert (folder / f"{kind}.schema.json").read_text(encoding="utf-8") == SCHEMAS[kind]()
    assert main(["schema", f"--{kind}"]) == 0
    assert capsys.readouterr().out == SCHEMAS[kind]()
    first = (folder / f"{kind}.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={kind}.schema.json"
