"""``bayah plot``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.experiments.store.manifest import found_or_join

DESIGN: dict[str, Any] = {
    "name": "grid",
    "meta": {"title": "Small", "question": "Does it matter?", "schema_version": 1},
    "scenario": "baseline",
    "until": "2014-03",
    "levers": [{"grid": {"decision.theta": [2.0, 4.0], "weights.b_embed": [0.5, 1.0]}}],
    "replicates": 3,
    "trajectories": "quantiles",
    "allegiances": True,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plot") / "grid"
    sim.sweep(DESIGN, out=place, progress=False)
    return place


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_all_that_applies_is_drawn_into_the_folder(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(store)]) == 0
    wanted = {
        "bands-focus_fighters.png", "bands-incumbent_fighters.png", "heat-pledged_ever.png", "scatter.png",
        "allegiances.png",
    }  # fmt: skip
    assert _names(store / "figures") == wanted
    lines = capsys.readouterr().out.splitlines()
    assert {Path(line).name for line in lines} == wanted
    assert all((store / "figures" / name).read_bytes().startswith(b"\x89PNG") for name in wanted)


def test_what_is_asked_for_is_drawn(store: Path, tmp_path: Path) -> None:
    words = ["--only", "bands", "--only", "heat", "--outcome", "attacks", "--point", "0", "--point", "3"]
    assert main(["plot", str(store), "--out", str(tmp_path / "a"), *words]) == 0
    assert _names(tmp_path / "a") == {"bands-attacks-point-0-3.png", "heat-attacks.png"}
    words = ["--only", "heat", "--x", "b_embed", "--y", "decision.theta", "--format", "svg"]
    assert main(["plot", str(store), "--out", str(tmp_path / "b"), *words]) == 0
    svg = (tmp_path / "b" / "heat-pledged_ever.svg").read_text()
    assert svg.startswith("<?xml")
    assert main(["plot", str(store), "--out", str(tmp_path / "c"), *words]) == 0
    assert (tmp_path / "c" / "heat-pledged_ever.svg").read_text() == svg


def test_json_names_files_and_what_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = {**DESIGN, "levers": [], "trajectories": "none", "allegiances": False, "name": "plain"}
    sim.sweep(plain, out=tmp_path / "plain", progress=False)
    assert main(["plot", str(tmp_path / "plain"), "--json", "--format", "pdf"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [entry["figure"] for entry in told["files"]] == ["scatter"]
    assert Path(told["files"][0]["file"]).read_bytes().startswith(b"%PDF")
    reasons = {entry["figure"]: entry["reason"] for entry in told["left_out"]}
    assert set(reasons) == {"bands", "heat", "allegiances"}
    assert "keeps nothing by month" in reasons["bands"]
    assert "varies nothing" in reasons["heat"]
    assert "does not count allegiances" in reasons["allegiances"]
    assert main(["plot", str(tmp_path / "plain"), "--only", "heat"]) == 1


def test_a_sweep_that_is_not_finished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = {**DESIGN, "chunk": 3}
    found_or_join(tmp_path / "begun", plan_sweep(begun))
    assert main(["plot", str(tmp_path / "begun")]) == 3
    out = capsys.readouterr().out
    assert out == "nothing to draw: no run has come out yet\n"
    sim.sweep(begun, out=tmp_path / "begun", shard="2/2", progress=False)
    assert main(["plot", str(tmp_path / "begun")]) == 0
    out = capsys.readouterr().out
    assert "no " not in out
    assert len(out.splitlines()) == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--outcome", "focus_fihters"], "did you mean 'focus_fighters'?"),
        (["--x", "decision.thet"], "did you mean 'decision.theta'?"),
        (["--point", "4"], "there is no point 4; points are 0 to 3"),
        (["--only", "maps"], "maps"),
    ],
)
def test_what_the_sweep_does_not_know_is_refused(
    words: list[str], message: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", str(store), "--out", str(tmp_path / "none"), *words]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert not said.out
    assert not (tmp_path / "none").exists()


def test_no_sweep_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(tmp_path)]) == 2
    assert "is not the folder of a sweep" in capsys.readouterr().err


def test_a_figure_that_cannot_be_written_leaves_nothing(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    kept = tmp_path / "scatter.png"
    kept.write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    assert main(["plot", str(store), "--out", str(tmp_path), "--only", "scatter"]) == 2
    assert _names(tmp_path) == {"scatter.png"}
    assert kept.read_bytes() == b"before"


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "--help"]) == 0
    assert "bayah plot results/omar --only heat" in capsys.readouterr().out
