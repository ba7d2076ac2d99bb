"""Paths in files lead nowhere they should not, names do nothing to a terminal, and nothing waits for a pipe."""

from __future__ import annotations

import functools
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from scenarios_tiny import tiny_scenario_text

import sim
from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.errors import BayahError, ExperimentError, Problem, ScenarioError, StoreError
from sim.experiments.patterns.reading import read_patterns
from sim.experiments.store.manifest import scenario_file
from sim.experiments.store.verify import verify
from sim.results.trust import is_plain_name, part_of
from sim.scenario.load import load, load_text
from sim.scenario.wording import one_line
from tests.fuzz import doors

OUT = "leads out of the folder; a file names others in its own folder or below"
ABSOLUTE = "is an absolute path; a file names others by a path relative to itself"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a secret beside it."""
    (tmp_path / "secret.yaml").write_text("weights: {b_tie: 1}\n")
    (tmp_path / "secret.csv").write_text("weights.b_tie\n1\n")
    (tmp_path / "secret.py").write_text("raise SystemExit('it was run')\n")
    here = tmp_path / "here"
    here.mkdir()
    (here / "tiny.yaml").write_text(tiny_scenario_text())
    monkeypatch.chdir(here)
    return here


def odd_places(place: Path) -> dict[str, str]:
    """Paths that a file may not name, with what is said of each."""
    (place / "link.yaml").symlink_to("../secret.yaml")
    (place / "away").symlink_to("..")
    (place / "ring.yaml").symlink_to("ring.yaml")
    (place / "gone.yaml").symlink_to("nowhere.yaml")
    (place / "passwd").write_text("weights: {}\n")
    os.mkfifo(place / "pipe.yaml")
    return {
        "../../etc/passwd": OUT, "../secret.yaml": OUT, "link.yaml": OUT, "away/secret.yaml": OUT,
        str(place.parent / "secret.yaml"): ABSOLUTE, str(place / "tiny.yaml"): ABSOLUTE, "/dev/zero": ABSOLUTE,
        "~/secret.yaml": ABSOLUTE, "ring.yaml": "is no regular file", "gone.yaml": "is no regular file",
        "pipe.yaml": "is no regular file", "passwd": "is no such file: it should end in .yaml, .yml, .json",
    }  # fmt: skip


def test_a_scenario_extends_what_is_in_its_folder_or_below(place: Path) -> None:
    for path, told in odd_places(place).items():
        (place / "a.yaml").write_text(json.dumps({"extends": path}))
        with pytest.raises(ScenarioError) as caught:
            load("a.yaml")
        assert str(caught.value) == f"a.yaml:1:13: extends: '{one_line(path, 80)}': {told}"


def test_what_it_extends_stays_within_the_same_bounds(place: Path) -> None:
    (place / "below").mkdir()
    (place / "below/b.yaml").write_text("extends: ../tiny.yaml\n")
    (place / "a.yaml").write_text("extends: below/b.yaml\n")
    assert load("a.yaml").scenario.meta.title == "A tiny field"
    (place / "below/b.yaml").write_text("extends: ../../secret.yaml\n")
    with pytest.raises(ScenarioError, match=f"^below/b.yaml:1:10: extends: .*{OUT}$"):
        load("a.yaml")


def test_the_working_folder_is_within_reach_of_files_in_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (place / "what-if").mkdir()
    (place / "what-if/a.yaml").write_text("extends: ../tiny.yaml\nmeta: {title: A}\n")
    assert load("what-if/a.yaml").scenario.meta.title == "A"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    # A path that is typed leads anywhere; what stands in the file does not.
    assert load(place / "tiny.yaml").scenario.meta.title == "A tiny field"
    with pytest.raises(ScenarioError, match=OUT):
        load(place / "what-if/a.yaml")
    monkeypatch.chdir("/")
    with pytest.raises(ScenarioError, match=OUT):
        load(place / "what-if/a.yaml")


def test_text_in_no_file_reaches_the_working_folder(place: Path) -> None:
    assert load_text("extends: tiny.yaml\n").scenario.meta.title == "A tiny field"
    with pytest.raises(ScenarioError, match=OUT):
        load_text("extends: ../secret.yaml\n")


@pytest.mark.parametrize(
    "name", ["a\nb.yaml", "a\x1b[31mb.yaml", "a\u202eb.yaml", "a\x00b.yaml", "a\x9bb.yaml"]
)
def test_names_with_control_characters_are_refused_and_shown_escaped(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "a.yaml").write_text(json.dumps({"extends": name}), encoding="utf-8")
    assert main(["check", "a.yaml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert lines[0].startswith("a.yaml:1:13: extends: ")
    if "\x00" not in name:
        shutil.copy("tiny.yaml", name)
        assert main(["check", name]) == 0
        assert capsys.readouterr().out.rstrip("\n").replace("\n", "").isprintable()
        assert main(["check", name, "--json"]) == 0
        out = capsys.readouterr().out
        assert out.replace("\n", "").isprintable()
        assert json.loads(out)["files"][0]["file"] == name


def test_a_problem_is_a_line_whatever_it_tells() -> None:
    told = str(Problem("a\nb\x1b[2J\u202e", "x\ry", 1, 2, "p\tq" * 2000))
    assert told.isprintable()
    assert len(told) < 3000
    assert told.startswith(r"x\ry:1:2: p\tq")


@pytest.mark.parametrize(
    "words", [["check"], ["run"], ["sweep"], ["sensitivity"], ["calibrate"], ["data", "ucdp"], ["explain"]]
)
@pytest.mark.parametrize("name", ["pipe.yaml", "/dev/zero", "/dev/stdin", ".", "ring.yaml"])
def test_devices_pipes_and_folders_are_no_files(
    words: list[str], name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd_places(place)
    more = ["--faction", "imu"] if words == ["explain"] else []
    assert main([*words, name, *more]) == 2
    assert capsys.readouterr().err.rstrip("\n").isprintable()


def design(**changes: Any) -> str:
    text = {
        "meta": {"title": "T", "question": "Q", "schema_version": 1}, "scenario": "tiny.yaml", "until": "2013-06",
        "levers": [{"grid": {"weights.b_tie": [0, 1]}}], **changes,
    }  # fmt: skip
    return json.dumps(text)


def test_a_design_names_scenarios_and_points_within_its_reach(place: Path) -> None:
    file = place / "d.yaml"
    for path, told in odd_places(place).items():
        file.write_text(design(scenario=[path]))
        with pytest.raises(ExperimentError) as caught:
            plan_sweep(file)
        assert f"scenario.0: '{one_line(path, 80)}': {told}" in str(caught.value)
        file.write_text(design(levers=[{"table": {"file": path.replace(".yaml", ".csv")}}]))
        with pytest.raises(ExperimentError, match=r"levers\.0\.table\.file: "):
            plan_sweep(file)
    (place / "points.csv").symlink_to("../secret.csv")
    file.write_text(design(levers=[{"table": {"file": "points.csv"}}]))
    with pytest.raises(ExperimentError, match=OUT):
        plan_sweep(file)


def test_other_experiments_name_files_within_their_reach(place: Path) -> None:
    asked = {"sensitivity": doors.SENSITIVITY, "calibration": doors.CALIBRATION}
    from sim.experiments.calibration.problem import read_calibration
    from sim.experiments.sensitivity.reading import read_sensitivity

    for kind, read in (("sensitivity", read_sensitivity), ("calibration", read_calibration)):
        for path in ("../secret.yaml", "/etc/passwd", "../../etc/passwd"):
            file = place / f"{kind}.yaml"
            file.write_text(asked[kind].replace("scenario: tiny.yaml", f"scenario: {path}"))
            with pytest.raises(ExperimentError, match=r"scenario: .*(leads out|absolute path)"):
                read(file)
            file.write_text(
                asked[kind].replace("patterns: patterns.yaml", "").rstrip() + f"\npatterns: {path}\n"
            )
            with pytest.raises(ExperimentError, match=r"patterns: .*(leads out|absolute path)"):
                read(file)
    split = (doors.ROOT / "experiments/validation.yaml").read_text()
    (place / "validation.yaml").write_text(split.replace("split.yaml", "../secret.yaml"))
    assert main(["check", "validation.yaml"]) == 2


def test_units_and_statistics_stand_within_reach_of_the_patterns(place: Path) -> None:
    for path in ("../secret.csv", "/dev/zero", "pipe.csv"):
        (place / "p.yaml").write_text(doors.PATTERNS.replace("units.csv", path))
        if path == "pipe.csv":
            os.mkfifo(place / path)
        with pytest.raises(ExperimentError, match=r"meta.units: .*(leads out|absolute path|no regular file)"):
            read_patterns(place / "p.yaml")
    (place / "units.csv").write_text(doors.UNITS)
    for path in ("../secret.py", str(place.parent / "secret.py")):
        (place / "p.yaml").write_text(
            doors.PATTERNS.replace("statistic: yearly_mean", f'statistic: "{path}:f"')
        )
        with pytest.raises(ExperimentError, match=r"(leads out|absolute path)"):
            read_patterns(place / "p.yaml")


@pytest.mark.parametrize("name", ["...yaml", "..yaml"])
def test_an_experiment_whose_name_is_no_name_writes_nothing(name: str, place: Path) -> None:
    (place / name).write_text(design())
    assert main(["sweep", f"./{name}"]) == 2
    (place / name).write_text(doors.SENSITIVITY)
    assert main(["sensitivity", f"./{name}"]) == 2
    assert sorted(file.name for file in place.iterdir()) == sorted([name, "tiny.yaml"])


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "a\x1bb", "x" * 300])
def test_a_plain_mapping_names_a_folder_or_nothing(name: str) -> None:
    import yaml

    with pytest.raises(ExperimentError, match="cannot name a folder"):
        sim.sensitivity({**yaml.safe_load(doors.SENSITIVITY), "name": name}, figures=False)


def test_scenarios_of_one_name_are_kept_inside_the_folder(place: Path) -> None:
    for folder in ("a", "a/b"):
        (place / folder).mkdir()
        shutil.copy("tiny.yaml", place / folder / "s.yaml")
    (place / "a/d.yaml").write_text(design(scenario=["s.yaml", "b/s.yaml", "../a/b/../s.yaml"], replicates=2))
    sim.sweep("a/d.yaml", out="results/d", progress=False)
    kept = sorted(
        file.relative_to(place).as_posix() for file in place.rglob("*.yaml") if "results" in file.parts
    )
    assert len(kept) == 3
    assert all(Path(file).parent == Path("results/d/scenarios") for file in kept)
    assert len(sim.open_results("results/d").summary) == 12
    assert verify(place / "results/d", progress=False).complete
    assert [scenario_file(name) for name in ("s", "a b")] == ["scenarios/s.yaml", "scenarios/a b.yaml"]


@pytest.mark.parametrize("kind", ["sweep", "comparison"])
@pytest.mark.parametrize(
    "path", ["../../secret.yaml", "/etc/passwd", "", "scenarios/../../x", "link.yaml", "a\x1bb", 7, None]
)
def test_a_manifest_names_no_part_outside_of_its_folder(kind: str, path: Any, tmp_path: Path) -> None:
    import hashlib

    with doors.copied(kind) as folder:
        (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        (tmp_path / "secret.yaml").write_text("kept")
        file = folder / "manifest.json"
        about = json.loads(file.read_text())
        if kind == "sweep":
            about["scenarios"][0]["file"] = path
        else:
            name = about["base"]
            about["places"][name] = path
            about["files"][str(path)] = hashlib.sha256(b"kept").hexdigest()
        file.write_text(json.dumps(about))
        with pytest.raises(
            StoreError, match=r"(outside of the folder|control characters|cannot be used as it is)"
        ):
            doors.OPENERS[kind](folder)
        if kind == "sweep":
            with pytest.raises(BayahError):
                sim.open_results(folder).plan  # noqa: B018
            verify(folder, progress=False)
        assert (tmp_path / "secret.yaml").read_text() == "kept"


def test_a_part_of_a_folder_is_inside_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    (tmp_path / "linked").symlink_to(folder)
    assert part_of(tmp_path / "linked", "a/b.yaml") == tmp_path / "linked/a/b.yaml"
    for name in ("..", "../results/a", "/etc/passwd", "a//b", "./a", "a/", "a\\b"):
        with pytest.raises(StoreError, match="outside of the folder"):
            part_of(folder, name)
    assert is_plain_name("a.yaml")
    assert not is_plain_name(None)


def test_a_folder_of_results_runs_no_code_of_its_own(tmp_path: Path) -> None:
    """``FILE.py:FUNCTION`` is for files that a user names: what lies in a folder of results is never imported."""
    mark = tmp_path / "it-was-run"
    for kind in doors.FOLDERS:
        with doors.copied(kind) as folder:
            for name in ("mine.py", "sim.py", "json.py", "conftest.py", "sitecustomize.py"):
                (folder / name).write_text(f"open({str(mark)!r}, 'w')\n")
            for file in folder.glob("*.json"):
                file.write_text(file.read_text().replace("pledged_ever", "mine.py:f"))
            doors.refusal(functools.partial(doors.OPENERS[kind], folder))
    assert not mark.exists()
