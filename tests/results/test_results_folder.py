"""The folder of a run: whole or not at all, the same bytes each time, and nothing else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.errors import StoreError
from sim.results.folder import TABLES, check_target
from sim.results.manifest import scenario_hash
from sim.results.run import Run, open_run

FRAMES = ("factions", "patrons", "regions", "events", "decisions", "outcomes")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def short(make: Any) -> Run:
    return make(until="2013-06")


@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back_as_they_were(baseline: Run, kept: Path, name: str) -> None:
    again = open_run(kept)
    pd.testing.assert_frame_equal(getattr(again, name), getattr(baseline, name), check_exact=True)


def test_the_rest_comes_back_too(baseline: Run, kept: Path) -> None:
    again = open_run(kept)
    assert again.scenario == baseline.scenario
    assert scenario_hash(again.scenario) == baseline.manifest["scenario"]["hash"]
    assert (again.seed, again.driver, again.name) == (1, "engine", "baseline")
    assert again.history is None
    pd.testing.assert_series_equal(again.summary, baseline.summary)
    assert again.summary_text() == baseline.summary_text()
    assert str(again.explain("imu")) == str(baseline.explain("imu"))
    assert again._repr_html_() == baseline._repr_html_()


def test_the_folder_holds_what_it_should_and_no_machine(kept: Path) -> None:
    names = {"manifest.json", "scenario.resolved.yaml", *(f"{name}.parquet" for name in TABLES)}
    assert set(contents(kept)) == names
    manifest = json.loads((kept / "manifest.json").read_text())
    assert manifest["format"] == "bayah run"
    assert manifest["seed"] == 1
    assert manifest["tables"]["decisions"]["rows"] == len(open_run(kept).decisions)
    assert set(manifest["packages"]) == {"python", "bayah", "numpy", "numba", "pyarrow"}
    assert str(Path.home()) not in (kept / "manifest.json").read_text()
    assert [path for path in kept.parent.iterdir() if path != kept] == []


def test_a_saved_run_can_be_saved_again(kept: Path, tmp_path: Path) -> None:
    copy = open_run(kept).save(tmp_path / "copy", figures=False)
    assert contents(copy) == contents(kept)


def test_two_runs_of_a_seed_write_the_same_bytes(tmp_path: Path) -> None:
    from sim.results.making import make_run
    from sim.scenario.load import load

    folders = [
        make_run(load("baseline"), seed, until="2014-12").save(tmp_path / name, figures=False)
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    ]
    first, second, other = map(contents, folders)
    assert first == second
    assert first["factions.parquet"] != other["factions.parquet"]
    assert first["scenario.resolved.yaml"] == other["scenario.resolved.yaml"]


@pytest.mark.slow
def test_hash_randomisation_changes_nothing(tmp_path: Path) -> None:
    found = []
    for seed in ("0", "1"):
        words = [sys.executable, "-m", "sim", "run", "baseline", "--until", "2015-09", "--out", seed, "-q"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(words, cwd=tmp_path, env=environment, check=True, timeout=300)
        found.append(contents(tmp_path / seed))
    assert found[0].keys() == found[1].keys()
    assert any(name.endswith(".png") for name in found[0])
    for name, raw in found[0].items():
        assert raw == found[1][name], name


def test_a_run_is_not_replaced_unless_forced(short: Run, tmp_path: Path) -> None:
    folder = short.save(tmp_path / "run", figures=False)
    before = contents(folder)
    with pytest.raises(StoreError, match="holds a run already; --force"):
        short.save(folder, figures=False)
    assert contents(folder) == before
    (folder / "regions.parquet").unlink()
    short.save(folder, force=True, figures=False)
    assert contents(folder) == before
    assert os.listdir(tmp_path) == ["run"]


def test_what_is_not_a_run_is_never_replaced(short: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years")
    (tmp_path / "file").write_text("text")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"name": "an extension"}')
    for name, words in (
        ("thesis", "not a run of ours"),
        ("file", "is a file"),
        ("other", "not the manifest"),
        ("file/below", "is a file"),
    ):
        with pytest.raises(StoreError, match=words):
            short.save(tmp_path / name, force=True, figures=False)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years"


def test_what_someone_put_beside_a_run_is_not_lost(short: Run, tmp_path: Path) -> None:
    folder = short.save(tmp_path / "run", figures=False)
    (folder / "figures").mkdir()
    (folder / "figures" / "mine.png").write_bytes(b"drawn by hand")
    with pytest.raises(StoreError, match=r"no part of a run: figures/mine\.png"):
        short.save(folder, force=True, figures=False)
    assert (folder / "figures" / "mine.png").read_bytes() == b"drawn by hand"


@pytest.mark.parametrize("name", ["", " ", "a\0b", ".", "..", "/"])
def test_targets_that_make_no_sense_are_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(StoreError):
        check_target(name, force=True)


def test_an_empty_or_missing_folder_is_filled(
    short: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    assert short.save("empty", figures=False) == tmp_path / "empty"
    assert short.save("a/b/c", figures=False) == tmp_path / "a" / "b" / "c"
    assert open_run("a/b/c").seed == 1


def test_a_link_is_followed_and_stays(short: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    short.save(tmp_path / "link", figures=False)
    assert (tmp_path / "link").is_symlink()
    assert open_run(tmp_path / "real").seed == 1


@pytest.mark.parametrize("forced", [False, True])
def test_what_breaks_off_leaves_nothing_behind(short: Run, tmp_path: Path, forced: bool) -> None:
    folder = tmp_path / "run"
    before: dict[str, bytes] = {}
    if forced:
        before = contents(short.save(folder, figures=False))

    def interrupted(place: Path) -> None:
        (place / "half.png").write_bytes(b"half a figure")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(short, folder, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(short, tmp_path / "a" / "b" / "c", interrupted)
    assert os.listdir(tmp_path) == (["run"] if forced else [])
    assert not forced or contents(folder) == before


def test_a_run_that_cannot_take_its_place_leaves_the_old_one(short: Run, tmp_path: Path) -> None:
    before = contents(short.save(tmp_path / "run", figures=False))
    with pytest.raises(OSError, match="manifest"):
        write(short, tmp_path / "run", lambda place: place.with_name("manifest.json").mkdir())
    assert contents(tmp_path / "run") == before
    assert os.listdir(tmp_path) == ["run"]


def write(run: Run, folder: Path, figures: Any) -> None:
    from sim.results.folder import write_folder

    write_folder(folder, [run.data(name) for name in TABLES], "meta: {}\n", run.manifest, True, figures)


@pytest.fixture
def spoilt(kept: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(kept, tmp_path / "spoilt"))


def test_a_damaged_table_is_told_when_it_is_read(spoilt: Path) -> None:
    raw = bytearray((spoilt / "regions.parquet").read_bytes())
    raw[1000] ^= 1
    (spoilt / "regions.parquet").write_bytes(raw)
    (spoilt / "patrons.parquet").unlink()
    run = open_run(spoilt)
    assert len(run.outcomes) == 144
    with pytest.raises(StoreError, match=r"regions\.parquet: is damaged"):
        _ = run.regions
    with pytest.raises(StoreError, match=r"patrons\.parquet: is missing"):
        _ = run.patrons


def test_a_scenario_that_was_edited_is_told(spoilt: Path) -> None:
    with (spoilt / "scenario.resolved.yaml").open("a") as file:
        file.write("# a note\n")
    with pytest.raises(StoreError, match=r"scenario\.resolved\.yaml: is damaged"):
        _ = open_run(spoilt).scenario
    (spoilt / "scenario.resolved.yaml").unlink()
    with pytest.raises(StoreError, match="missing"):
        _ = open_run(spoilt).scenario


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("\ufeff{}", "cannot be read"),
        ("[]", "not the manifest"),
        ('{"format": "bayah run", "version": 99}', "newer version"),
        ('{"format": "bayah run", "version": 1}', "damaged: seed, driver"),
        ('{"format": "bayah run", "version": "1"}', "newer version"),
    ],
)
def test_a_manifest_that_does_not_hold_is_told(spoilt: Path, text: str, words: str) -> None:
    (spoilt / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=words):
        open_run(spoilt)


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such folder"):
        open_run(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="not the folder of a run"):
        open_run(tmp_path)
