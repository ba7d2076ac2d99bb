"""``bayah run``, ``bayah explain`` and ``bayah list``."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from scenarios_tiny import tiny_scenario_text

from sim.cli import main
from sim.results.run import open_run


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: a run writes below it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("results") / "baseline"
    assert main(["run", "baseline", "--no-figures", "-q", "--out", str(folder)]) == 0
    return str(folder)


def test_a_run_prints_a_summary_and_writes_where_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "baseline", "--no-figures", "--seed", "7"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        "Taliban or ISKP, 2013 to 2024: the baseline\nseed 7, driver engine, 2013-01 to 2024-12\n"
    )
    for words in (
        "Fighters",
        "Factions",
        "2014-06",
        "Taliban, core",
        "iskp, sworn",
        "support",
        "Splits: ",
        "crushed: ",
    ):
        assert words in text
    assert text.endswith("\nwritten to results/baseline\n")
    assert max(map(len, text.splitlines())) <= 100
    run = open_run("results/baseline")
    assert run.seed == 7
    assert text.startswith(run.summary_text())
    assert "unvalidated" not in text.lower()


def test_numbers_of_the_summary_are_those_of_the_tables(results: str) -> None:
    run = open_run(results)
    table = run.table(["2016-12"])
    core = run.patrons.loc[("2016-12", "taliban"), "core"]
    assert table.loc[("2016-12", "taliban", "core"), "fighters"] == core
    factions = run.factions.loc["2016-12"]
    assert table["factions"].sum() == len(factions)
    active = factions[factions["fate"] == "active"]["fighters"].sum()
    told = table.drop(index="core", level="standing").drop(index=["gone", "reconciled"], level="standing")
    assert told["fighters"].sum() == pytest.approx(active)
    line = next(line for line in run.summary_text().splitlines() if line.startswith("Taliban, core"))
    assert f"{run.table().loc[('2016-12', 'taliban', 'core'), 'fighters']:,.0f}" in line


@pytest.mark.slow
def test_a_run_with_figures_draws_them_all() -> None:
    from sim.plots.folder import FIGURES

    assert main(["run", "baseline", "--until", "2015-12", "-q"]) == 0
    drawn = sorted(path.name for path in Path("results/baseline/figures").iterdir())
    assert drawn == sorted(f"{name}.png" for name in FIGURES)
    assert open_run("results/baseline").manifest["figures"] == [f"figures/{name}" for name in drawn]
    assert main(["run", "baseline", "--until", "2015-12", "-q", "--force", "--no-figures"]) == 0
    assert not Path("results/baseline/figures").exists()


def test_a_file_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(tiny_scenario_text(), encoding="utf-8")
    words = ["run", "mine.yaml", "--no-figures", "--set", "decision.theta=1", "--until", "2016-03"]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "changed: decision.theta=1" in text
    run = open_run("results/mine")
    assert run.scenario.decision.theta.value == 1.0
    assert str(run.outcomes.index[-1]) == "2016-03"
    assert run.manifest["scenario"]["overrides"] == ["decision.theta=1"]


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "baseline", "--no-figures", "--json", "--out", "here"]) == 0
    data = json.loads(capsys.readouterr().out)
    run = open_run("here")
    assert data["seed"] == 1
    assert data["folder"] == str(Path("here").absolute())
    assert data["summary"] == run.manifest["summary"]
    assert len(data["events"]["split"]) == run.summary["splits"]
    assert len([first for first in data["first"] if first["accepted"]]) == run.summary["accepted_ever"]
    assert {row["standing"] for row in data["allegiance"]} >= {"core", "sworn", "declared", "allied"}


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "baseline", "--no-figures", "--quiet", "--until", "2013-02"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_both_drivers_write_the_same_tables() -> None:
    for driver in ("engine", "mesa"):
        words = ["run", "baseline", "-q", "--no-figures", "--until", "2014-12", "--driver", driver]
        assert main([*words, "--out", driver]) == 0
    engine, mesa = open_run("engine"), open_run("mesa")
    assert engine.manifest["tables"] == mesa.manifest["tables"]
    assert "mesa" in mesa.manifest["packages"]


def test_months_past_the_record_are_labelled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "baseline", "--no-figures", "--until", "2025-06"]) == 0
    text = capsys.readouterr().out
    assert "UNVALIDATED from 2025-01 on" in text
    assert "2025-06*" in text
    assert "2024-12*" not in text
    assert open_run("results/baseline").unvalidated_from == "2025-01"
    assert main(["explain", "results/baseline", "--faction", "imu", "--month", "2025-03"]) == 0
    assert "2025-03 (unvalidated)" in capsys.readouterr().out


@pytest.mark.parametrize("seed", ["0", str(2**64 - 1)])
def test_the_ends_of_the_seeds_are_seeds(seed: str) -> None:
    assert main(["run", "baseline", "-q", "--no-figures", "--until", "2013-02", "--seed", seed]) == 0
    assert open_run("results/baseline").seed == int(seed)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "-1"], "a seed is a whole number from 0 to"),
        (["--seed", str(2**64)], "a seed is a whole number from 0 to"),
        (["--seed", "1.5"], "a seed is a whole number from 0 to"),
        (["--seed", "9" * 5000], "a seed is a whole number from 0 to"),
        (["--seed", "١"], "a seed is a whole number from 0 to"),
        (["--until", "2012-12"], "before the first month, 2013-01"),
        (["--until", "2015"], "is not a month"),
        (["--until", "9999-12"], "more than 1200 months"),
        (["--set", "factions.imv.fighters=3"], "did you mean"),
        (["--out", "."], "the working folder"),
        (["--out", ""], "needs a name"),
        (["--driver", "horse"], "horse"),
    ],
)
def test_what_does_not_hold_is_a_line_and_writes_nothing(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "baseline", "--no-figures", *words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert list(Path().iterdir()) == []


def test_a_run_that_is_there_is_refused_before_it_is_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "baseline", "-q", "--no-figures", "--until", "2013-02"]
    assert main(words) == 0
    before = Path("results/baseline/manifest.json").read_bytes()
    assert main([*words, "--seed", "2"]) == 2
    assert (
        capsys.readouterr().err
        == "results/baseline: holds a run already; --force replaces it (in Python: force=True), "
        "--out names another folder\n"
    )
    assert Path("results/baseline/manifest.json").read_bytes() == before
    assert main([*words, "--seed", "2", "--force"]) == 0
    assert open_run("results/baseline").seed == 2


def test_a_run_that_leaves_the_model_is_an_error_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "run",
        "baseline",
        "--no-figures",
        "--set",
        "weights.split_hazard=1",
        "--set",
        "weights.split_min=0",
    ]
    assert main(words) == 1
    assert "no row left for a splinter" in capsys.readouterr().err
    assert not Path("results").exists()


def test_the_first_compile_is_announced_and_can_be_interrupted(tmp_path: Path) -> None:
    from sim.results.making import engine_is_compiled

    words = [sys.executable, "-u", "-m", "sim", "run", "baseline", "--until", "2013-02", "--no-figures"]
    environment = {**os.environ, "BAYAH_CACHE": str(tmp_path / "cache")}
    (tmp_path / "here").mkdir()
    process = subprocess.Popen(
        words,
        cwd=tmp_path / "here",
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert first == "compiling the engine, once (about a minute)\n"
    assert process.returncode == 130
    assert os.listdir(tmp_path / "here") == []
    assert main(["run", "baseline", "-q", "--no-figures", "--until", "2013-02"]) == 0
    assert engine_is_compiled()


def test_explain_tells_a_history(results: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", results, "--faction", "F30"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Islamic Movement of Uzbekistan (imu, F30), seed 1\n")
    assert text.strip() == str(open_run(results).explain("imu"))


def test_explain_tells_a_decision_with_its_terms(results: str, capsys: pytest.CaptureFixture[str]) -> None:
    frame = open_run(results).decisions.xs("imu", level="faction").reset_index()
    month = str(frame.iloc[0]["month"])
    assert main(["explain", results, "--faction", "imu", "--month", month]) == 0
    text = capsys.readouterr().out
    assert f", {month}, seed 1" in text
    rows = {
        line.split()[0]: line.split()[1:] for line in text.partition("Terms by option")[2].splitlines()[1:]
    }
    there = frame[(frame["month"] == month) & frame["available"]]
    assert rows["term"] == there["option"].tolist()
    assert rows["embed"] == [f"{value:.2f}" for value in there["embed"]]
    assert rows["utility"] == [f"{value:.2f}" for value in there["utility"]]
    assert main(["explain", results, "--faction", "imu", "--month", month, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["month"] == month
    assert data["options"][0]["terms"]["embed"] == pytest.approx(there["embed"].iloc[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--faction", "imv"], "unknown faction 'imv' (did you mean 'imu'?)"),
        (["--faction", "imu", "--month", "2031-01"], "outside the period, 2013-01 to 2024-12"),
        ([], "--faction"),
    ],
)
def test_explain_says_what_is_not_there(
    results: str, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", results, *words]) == 2
    assert said in capsys.readouterr().err
    assert main(["explain", "nowhere", "--faction", "imu"]) == 2
    assert capsys.readouterr().err.endswith("nowhere: there is no such folder\n")


def test_the_name_of_a_scenario_is_no_folder_of_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "baseline", "-q", "--no-figures", "--until", "2013-02"]) == 0
    assert main(["explain", "baseline", "--faction", "imu"]) == 2
    folder = Path("results/baseline").resolve()
    assert f"there is no such folder (did you mean '{folder}'?)" in capsys.readouterr().err
    assert main(["plot", "results/baseline"]) == 2
    assert "is not the manifest of a sweep (it is of a run: bayah explain" in capsys.readouterr().err


def test_a_run_says_what_to_look_at_next(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "baseline", "--no-figures", "--until", "2014-08", "--out", "a b"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.out.endswith("\nwritten to a b\n")
    line = told.err.splitlines()[-1]
    assert line.startswith("why a faction chose so: bayah explain 'a b' --faction ")
    assert main(shlex.split(line.partition("bayah ")[2])) == 0
    assert main([*words, "--force", "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_a_list_that_finds_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "levers", "--search", "omarr"]) == 0
    assert capsys.readouterr() == ("", "nothing holds all of: omarr\n")


def test_list_shows_every_bundled_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    from sim.scenario.bundled import bundled_scenarios
    from sim.scenario.load import load_scenario

    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["scenarios"]
    assert [row["name"] for row in rows] == list(bundled_scenarios())
    for row in [row for row in rows if not row["extends"]] + rows[-2:]:
        meta = load_scenario(row["name"]).meta
        assert (row["title"], row["question"]) == (meta.title, meta.question)
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for row in rows:
        shown = [line for line in lines if line.split(maxsplit=1)[:1] == [row["name"]]]
        assert len(shown) == 1, "one line for each what-if, so that the list fits on a screen or two"
        assert shown[0].endswith(f"  {row['title']}")
        assert row["extends"] or any(line.strip() == row["question"] for line in lines)
    assert "What if, against 'Taliban or ISKP, 2013 to 2024: the baseline' (bayah list what-ifs):" in lines
    assert max(len(line) for line in lines[: len(rows) + 4]) < 130


def test_list_tells_what_ifs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "what-ifs", "--search", "prison_release"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "no-prison-release",
        "  What if the prisons had not been opened when the Taliban took Kabul?",
        "  changes: without prison_release",
        "  read in: focus_fighters in 2022-12; less than 200 is no effect (persons)",
    ]
    assert main(["list", "what-ifs", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("| what-if | question |")
    assert main(["list", "levers", "--markdown"]) == 2
    assert "--markdown is for all what-ifs" in capsys.readouterr().err


def test_list_finds_levers_and_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "levers", "--search", "omar_dies date"]) == 0
    assert capsys.readouterr().out.split() == ["events.omar_dies.date", "2013-04", "month", "lever"]
    assert main(["list", "outcomes", "--search", "focus legitimacy"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "focus_legitimacy  month  share     Legitimacy of the focus patron."
    ]
    assert main(["list", "levers", "--scenario", "baselin"]) == 2
    assert "did you mean" in capsys.readouterr().err
