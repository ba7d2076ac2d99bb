"""``bayah compare``, folders of comparisons, and ``bayah explain`` of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scenarios_tiny import tiny_scenario_text

import sim
from sim.cli import main
from sim.errors import BayahError
from sim.experiments.compare.comparison import FRAMES, Comparison

OMAR, WAZIRISTAN = "omar-hidden-until-2018", "no-waziristan-operation"
SHORT = ("--runs", "6", "--until", "2015-09", "--no-figures")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: a comparison writes below it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared") / "omar"
    assert main(["compare", "baseline", OMAR, *SHORT, "-q", "--out", str(folder)]) == 0
    return folder


def strict(text: str) -> Any:
    """One JSON document, without numbers that JSON does not have."""

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


# What is told and written


@pytest.mark.core
def test_the_answer_is_printed_and_written_where_it_says(results: Path, capsys: Captured) -> None:
    assert main(["compare", "baseline", OMAR, *SHORT]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith(
        "baseline (Taliban or ISKP, 2013 to 2024: the baseline) against what if, in the model:"
    )
    assert "weights fixed, 6 pairs" in " ".join(out.split())
    assert f"{OMAR}: Omar's death hidden until July 2018" in out
    assert "The levers differ from 2015-07 on" in out
    assert out.endswith(f"\nwritten to results/{OMAR}\n")
    assert max(map(len, out.splitlines())) <= 100
    assert "nan" not in out
    opened = sim.open_comparison(f"results/{OMAR}")
    assert out.startswith(opened.text())
    assert (Path("results") / OMAR / "answer.txt").read_text() == opened.text() + "\n"
    # Made again, it is the same.
    for name in FRAMES:
        pd.testing.assert_frame_equal(
            opened.frame(name), sim.open_comparison(results).frame(name), check_exact=True
        )


def test_json_is_one_document(capsys: Captured) -> None:
    assert main(["compare", "baseline", OMAR, WAZIRISTAN, *SHORT, "--json", "--out", "both"]) == 0
    out, _ = capsys.readouterr()
    document = strict(out)
    opened = sim.open_comparison("both")
    assert document["folder"] == str(Path("both").absolute()) or document["folder"] == "both"
    assert (document["base"], document["pairs"], document["seed"], document["stopped"]) == (
        "baseline",
        6,
        1,
        False,
    )
    assert list(document["alternatives"]) == [OMAR, WAZIRISTAN]
    for name, answer in document["alternatives"].items():
        assert answer["levers_differ_from"] == opened.lever_months[name]
        assert [one["outcome"] for one in answer["readouts"]] == [
            one.outcome for one in opened.readouts[name]
        ]
        for one in answer["readouts"]:
            row = opened.difference().loc[(name, one["outcome"], one["month"])]
            assert one["difference"] == row["difference"]
            assert one["low"] <= one["difference"] <= one["high"]
        moved = opened.who_moved().loc[name]
        assert {one["faction"] for one in answer["who_moved"]} == set(moved.index[moved["moved"] > 0])
        if name in opened.reasons().index.get_level_values("alternative"):
            assert len(answer["reasons"]) == len(opened.reasons().loc[name])


def test_json_where_nothing_differs(capsys: Captured) -> None:
    assert (
        main(
            ["compare", "baseline", "baseline", "--runs", "2", "--until", "2013-03", "--no-figures", "--json"]
        )
        == 0
    )
    document = strict(capsys.readouterr().out)
    (answer,) = document["alternatives"].values()
    assert answer["levers_differ_from"] is None
    assert answer["who_moved"] == answer["reasons"] == []
    assert all(one["variance_reduction"] is None for one in answer["readouts"])


def test_nothing_but_json_and_errors_with_quiet(capsys: Captured) -> None:
    assert main(["compare", "baseline", OMAR, "--runs", "2", "--until", "2013-03", "--no-figures", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_set_with_and_without_alternatives(capsys: Captured) -> None:
    short = ("--runs", "4", "--until", "2015-12", "--no-figures", "--json")
    one = "patrons.iskp.acceptance=0@2015-03"
    assert main(["compare", "baseline", "--set", one, *short]) == 0
    document = strict(capsys.readouterr().out)
    ((name, answer),) = document["alternatives"].items()
    assert answer["levers_differ_from"] == "2015-03"
    assert "patrons.iskp.acceptance" in name
    assert Path(document["folder"]).name == "baseline-patrons.iskp.acceptance-0-2015-03"
    opened = sim.open_comparison(document["folder"])
    twin = sim.compare(runs=4, until="2015-12", set={"patrons.iskp.acceptance@2015-03": 0}, progress=False)
    assert np.array_equal(opened.difference()["difference"], twin.difference()["difference"])
    assert main(["compare", "baseline", OMAR, WAZIRISTAN, "--set", one, *short]) == 0
    document = strict(capsys.readouterr().out)
    assert [one["levers_differ_from"] for one in document["alternatives"].values()] == ["2015-03", "2014-06"]
    assert (
        main(
            ["compare", "baseline", "--set", "patrons.iskp.acceptance=0", "--set", "weights.b_tie=1", *short]
        )
        == 0
    )
    assert strict(capsys.readouterr().out)["notes"] == []


@pytest.mark.slow
def test_all_what_ifs_of_a_base(capsys: Captured) -> None:
    assert (
        main(["compare", "baseline", "--all", "--runs", "2", "--until", "2013-06", "--no-figures", "--json"])
        == 0
    )
    document = strict(capsys.readouterr().out)
    title = sim.load("baseline").scenario.meta.title
    rows = sim.scenarios().reset_index()
    assert set(document["alternatives"]) == set(rows.loc[rows["extends"] == title, "name"])
    assert OMAR in document["alternatives"]
    assert Path(document["folder"]).name == "baseline-what-ifs"
    Path("tiny.yaml").write_text(tiny_scenario_text())
    assert main(["compare", "tiny.yaml", "--all"]) == 2
    assert capsys.readouterr().err == "no bundled scenario extends 'tiny.yaml'\n"


def test_figures_and_a_report() -> None:
    words = [
        "compare",
        "baseline",
        OMAR,
        "--runs",
        "6",
        "--until",
        "2015-12",
        "-q",
        "--report",
        "answer.html",
    ]
    assert main([*words, "--out", "drawn"]) == 0
    assert len(list(Path("drawn/figures").iterdir())) >= 3
    page = Path("answer.html").read_text()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "weights fixed, 6 pairs" in page
    assert sim.open_comparison("drawn").pairs_count == 6


def test_weights_of_a_file(capsys: Captured) -> None:
    Path("w.csv").write_text("weights.b_tie,decision.theta\n0,3\n5,2\n9,4\n")
    words = ["compare", "baseline", OMAR, "--runs", "6", "--until", "2015-09", "--no-figures", "--json"]
    assert main([*words, "--weights", "w.csv"]) == 0
    document = strict(capsys.readouterr().out)
    assert document["weights"] == "w"
    assert document["face"] == "weights: 3 draws of w, 6 pairs"
    (answer,) = document["alternatives"].values()
    assert all("weights_sd" in one for one in answer["readouts"])
    assert main([*words, "--weights", "w.csv", "--draws", "2", "--force"]) == 0
    assert strict(capsys.readouterr().out)["face"] == "weights: 2 draws of w, 6 pairs"


# Folders


def test_a_comparison_is_the_same_from_its_folder(tmp_path: Path) -> None:
    made = sim.compare("baseline", [OMAR, WAZIRISTAN], runs=6, until="2015-09", progress=False)
    opened = sim.open_comparison(made.save(tmp_path / "both", figures=False))
    for name in FRAMES:
        pd.testing.assert_frame_equal(opened.frame(name), made.frame(name), check_exact=True)
    assert opened.text() == made.text()
    for name in ("baseline", OMAR, WAZIRISTAN):
        assert opened.scenario(name).scenario == made.scenario(name).scenario
    for name in (
        "about",
        "months",
        "kept",
        "factions",
        "notes",
        "lever_months",
        "readouts",
        "face",
        "unvalidated_from",
    ):
        mine, theirs = getattr(made, name), getattr(opened, name)
        if name == "about":
            mine = strict(json.dumps(mine))
            theirs = {key: theirs[key] for key in mine}
        assert mine == theirs, name
    moved = made.who_moved().loc[OMAR]["moved"]
    faction = str(moved.idxmax())
    assert str(opened.explain(faction, OMAR)) == str(made.explain(faction, OMAR))
    assert opened.replay(3, OMAR).outcomes.equals(made.replay(3, OMAR).outcomes)
    some, others = (each.where("seed > 3", OMAR) for each in (made, opened))
    for name in FRAMES:
        pd.testing.assert_frame_equal(some.frame(name), others.frame(name), check_exact=True)


def copy_of(folder: Path) -> Path:
    import shutil

    shutil.copytree(folder, "copy")
    return Path("copy")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "difference.parquet").unlink(), "is missing from the folder of the comparison"),
        (lambda folder: (folder / "difference.parquet").write_bytes(b"PAR1"), "is damaged"),
        (lambda folder: next(folder.glob("00-*.yaml")).write_text("meta: {}\n"), "is damaged"),
        (lambda folder: (folder / "manifest.json").unlink(), "is not the folder of a comparison"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "is not the manifest of a comparison"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": "bayah comparison"}'), "newer version"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": "bayah comparison", "version": 1}'), "missing"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe"), "cannot be read"),
    ],
)  # fmt: skip
def test_damage_is_told(results: Path, damage: Any, told: str) -> None:
    folder = copy_of(results)
    damage(folder)

    def use() -> None:
        opened = sim.open_comparison(folder)
        opened.difference()
        opened.scenario("baseline")

    with pytest.raises(BayahError, match=told) as caught:
        use()
    assert len(str(caught.value).splitlines()) == 1
    assert "copy" in str(caught.value)


def test_a_folder_is_replaced_only_with_force(results: Path, capsys: Captured) -> None:
    words = ["compare", "baseline", OMAR, "--runs", "2", "--until", "2013-03", "--no-figures", "-q", "--out"]
    folder = copy_of(results)
    assert main([*words, str(folder)]) == 2
    assert "--force" in capsys.readouterr().err
    assert sim.open_comparison(folder).pairs_count == 6
    assert main([*words, str(folder), "--force"]) == 0
    assert sim.open_comparison(folder).pairs_count == 2
    assert not list(Path.cwd().glob("*tmp*"))
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    for force in ([], ["--force"]):
        assert main([*words, "mine", *force]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert [entry.name for entry in Path("mine").iterdir()] == ["notes.txt"]


# Explained


@pytest.mark.core
def test_explain_on_a_comparison(results: Path, capsys: Captured) -> None:
    opened = sim.open_comparison(results)
    faction = str(opened.who_moved().loc[OMAR]["moved"].idxmax())
    assert main(["explain", str(results), "--faction", faction]) == 0
    out = capsys.readouterr().out
    assert out == str(opened.explain(faction)) + "\n"
    assert main(["explain", str(results), "-f", faction, "--alternative", OMAR, "--json"]) == 0
    document = strict(capsys.readouterr().out)
    assert (document["kind"], document["faction"], document["pairs"]) == ("comparison", faction, 6)
    assert document["moved"]["moved"] > 0
    for words, told in (
        (["-f", "imo"], "unknown faction 'imo'"),
        (["-f", "imu", "--alternative", "omar"], "there is no alternative 'omar'"),
        (["-f", "imu", "--month", "2015-07"], "--month is for single runs"),
    ):
        assert main(["explain", str(results), *words]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        (line,) = err.splitlines()
        assert told in line
    assert main(["explain", "nowhere", "-f", "imu"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# Stopped


INTERRUPTED = """
import os, signal, sys, threading, time
from sim.cli import main
from sim.experiments.compare import sites
ends = int(sys.argv[1])
made = sites.Site.make
def counted(self, block, tick):
    if block == 1:
        for _ in range(ends):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)
    return made(self, block, tick)
sites.Site.make = counted
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("ends", [1, 2])
def test_an_interrupt_gives_what_was_made(ends: int) -> None:
    words = [
        "compare",
        "baseline",
        OMAR,
        "--runs",
        "3200",
        "--until",
        "2015-12",
        "--no-figures",
        "--workers",
        "1",
    ]
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(ends), *words, "--out", "cut"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "stopping after the chunk in hand; once more gives it up" in done.stderr
    opened = sim.open_comparison("cut")
    made = 64 if ends == 1 else 32
    assert opened.pairs_count == made
    assert f"stopped after {made} of 3,200 pairs" in " ".join(done.stdout.split())
    whole = sim.compare("baseline", OMAR, runs=made, until="2015-12", progress=False)
    for name in ("difference", "who_moved", "moved_by_month", "reasons", "spread"):
        pd.testing.assert_frame_equal(opened.frame(name), whole.frame(name), check_exact=True)
    assert opened.pairs["made"].sum() == made


# Bad input

REFUSED = [
    (["baseline", "omar-hiden-until-2018"], "did you mean 'omar-hidden-until-2018'"),
    (["baselin", OMAR], "did you mean 'baseline'"),
    (["baseline"], "name one or more alternatives, or --all, or what to --set"),
    (["baseline", OMAR, "--runs", "0"], "runs: a number of pairs from 2"),
    (["baseline", OMAR, "--runs", "1"], "runs: a number of pairs from 2"),
    (["baseline", OMAR, "--runs=-5"], "runs: a number of pairs from 2"),
    (["baseline", OMAR, "--runs", "many"], "many"),
    (["baseline", OMAR, "--runs", "100000000"], "runs: a number of pairs from 2"),
    (["baseline", OMAR, "--seed=-1"], "seed"),
    (["baseline", OMAR, "--seed", "1.5"], "seed"),
    (["baseline", OMAR, "--seed", "18446744073709551615"], "too few seeds"),
    (["baseline", OMAR, "--until", "2012-01"], "2012-01 is before the first month"),
    (["baseline", OMAR, "--until", "soon"], "'soon' is not a month"),
    (["baseline", OMAR, "--outcome", "pledged_unit"], "did you mean 'pledged_units'"),
    (["baseline", OMAR, "--set", "patrons.iskp.efort=1"], "did you mean 'effort'"),
    (["baseline", "--set", "patrons.iskp.effort=1@2030-01"], "2030-01 is outside the period"),
    (["baseline", OMAR, "--set", "patrons.iskp.effort"], "write it as path=value"),
    (["baseline", OMAR, "--weights", "missing.csv"], "missing.csv: no such file"),
    (["baseline", OMAR, "--weights", "missing.parquet"], "missing.parquet: no such file"),
    (["baseline", OMAR, "--weights", "no-such-design"], "no-such-design"),
    (["baseline", OMAR, "--weights", "odd.csv"], "no number of 'baseline' (did you mean 'weights.b_tie'?)"),
    (["baseline", OMAR, "--weights", "bad.csv"], "point 2: should be a number"),
    (["baseline", OMAR, "--weights", "empty.csv"], "empty.csv"),
    (["baseline", OMAR, "--weights", "fine.csv", "--draws", "5"], "draws: a number from 2 to 3, not 5"),
    (["baseline", OMAR, "--weights", "fine.csv", "--runs", "4"], "4 pairs are too few for 3 points"),
    (["baseline", OMAR, "--draws", "3"], "--draws needs --weights"),
    (["baseline", OMAR, "--report", "answer.pdf"], "its name ends in .html"),
    (["baseline", OMAR, "--report", "."], "is a folder"),
    (["baseline", OMAR, "--workers", "0"], "0"),
    (["baseline", "weights-hypercube"], "weights-hypercube"),
    (["baseline", "tiny.yaml"], "have no patron in common"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_bad_input_is_one_clear_line(words: list[str], told: str, capsys: Captured) -> None:
    Path("odd.csv").write_text("weights.b_ti\n1\n2\n")
    Path("bad.csv").write_text("weights.b_tie\n1\nmuch\n")
    Path("empty.csv").write_text("")
    Path("fine.csv").write_text("weights.b_tie\n1\n2\n3\n")
    Path("tiny.yaml").write_text(tiny_scenario_text())
    before = sorted(Path.cwd().rglob("*"))
    assert main(["compare", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert told in err
    lines = [line for line in err.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert len({line.replace("'baseline'", "").replace(f"'{OMAR}'", "") for line in lines}) == 1, err
    assert sorted(Path.cwd().rglob("*")) == before


def test_comparison_says_what_it_is(results: Path) -> None:
    opened = sim.open_comparison(results)
    assert isinstance(opened, Comparison)
    assert repr(opened) == f"<Comparison of baseline with {OMAR}: weights fixed, 6 pairs>"
    assert str(opened) == opened.text()
    assert opened._repr_html_().startswith("<pre")
