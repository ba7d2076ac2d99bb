"""The second bundled theatre: other patrons, groups and areas through the same program, without a line of code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.agents.model import AllegianceModel
from sim.engine.world import run_engine
from sim.experiments.centre import centre, centres_text
from sim.results.reports import reports
from sim.results.run import Run
from sim.scenario.bundled import bundled_root
from sim.scenario.compile import compile_scenario
from sim.scenario.lint import lint
from sim.scenario.load import load

SAHEL = ("sahel", "sahel-late-split")
ELSEWHERE = re.compile(
    r"afghan|taliban|iskp|khorasan|pashtun|tajik|uzbek|pakistan|waziristan|nangarhar|kabul|haqqani|\bimu\b|omar|"
    r"doha|central.asia|deobandi|levant|china"
)
"""What belongs to the other theatre; the core of the Islamic State in Iraq and Syria belongs to both."""

DESIGN = {
    "name": "date-by-recruits",
    "meta": {
        "title": "When it parts, by who joins",
        "question": "Which counts for more?",
        "schema_version": 1,
    },
    "scenario": "sahel",
    "levers": [
        {
            "grid": {
                "events.isgs_oath.date": ["2015-05", "2016-03"],
                "patrons.isgs.recruits": [0.5, 1.5],
            }
        }
    ],
    "replicates": 5,
    "trajectories": {"keep": "all", "outcomes": ["focus_fighters", "focus_north"]},
}


@pytest.fixture(scope="module")
def run() -> Run:
    return sim.run("sahel", seed=1)


@pytest.mark.parametrize("name", SAHEL)
def test_it_checks_without_a_warning(name: str) -> None:
    assert [str(problem) for problem in lint(load(name))] == []


def test_its_centres_are_current() -> None:
    text = (bundled_root() / "sahel" / "centres.yaml").read_text(encoding="utf-8")
    assert text == centres_text(centre(load("sahel")))


@pytest.mark.parametrize(("name", "seed"), [("sahel", 1), ("sahel", 2**63), ("sahel-late-split", 5)])
def test_both_drivers_make_the_same_run(name: str, seed: int) -> None:
    scenario = load(name).scenario
    config = compile_scenario(scenario)
    model = AllegianceModel(config, seed=seed)
    mine, theirs = run_engine(config.arrays, config.months, seed), model.run()
    assert np.array_equal(mine.outcomes, theirs.outcomes)
    assert np.array_equal(mine.decisions.keys, theirs.decisions.keys)
    assert all(np.array_equal(mine.arrays[name], theirs.arrays[name]) for name in mine.arrays)


def test_the_command_runs_it_by_agents_in_a_process_of_its_own(tmp_path: Path) -> None:
    words = [
        "run",
        "sahel",
        "--driver",
        "mesa",
        "--until",
        "2015-06",
        "--no-figures",
        "--out",
        str(tmp_path / "run"),
    ]
    done = subprocess.run([sys.executable, "-m", "sim", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "driver mesa" in done.stdout


def test_runs_differ_and_any_of_them_can_be_looked_at(tmp_path: Path) -> None:
    many = sim.ensemble("sahel", runs=60, out=tmp_path / "many")
    pledged = many.summary["pledged_ever"]
    assert len(pledged) == 60
    assert pledged.nunique() > 2
    assert len(many.bands("focus_fighters")) == 72
    again = many.replay(7)
    assert again.outcomes["focus_fighters"].iloc[-1] == pytest.approx(many.summary["final_fighters"].iloc[7])
    for axes in (many.plot.bands(), many.plot.scatter(), many.plot.allegiances()):
        assert not ELSEWHERE.search(_texts(axes.figure).lower())


def test_it_sweeps_and_figures_have_its_own_titles(tmp_path: Path) -> None:
    many = sim.sweep(DESIGN, out=tmp_path / "sweep")
    text = _texts(many.plot.bands("focus_north", [0, 1]).figure)
    assert "Share of ISGS's men in the north of Mali." in text
    assert not ELSEWHERE.search(text.lower())
    assert not ELSEWHERE.search(_texts(many.plot.heat().figure).lower())


def test_a_split_that_comes_later_wins_nobody_before() -> None:
    late = sim.run("sahel-late-split", seed=1).outcomes["focus_fighters"]
    assert (late[:"2017-04"] == 0).all()  # type: ignore[misc]
    assert late["2017-05"] > 0
    assert (sim.run("sahel", seed=1).outcomes["focus_fighters"][:"2017-04"] > 0).any()  # type: ignore[misc]


def _texts(figure: object) -> str:
    import matplotlib.text

    found = figure.findobj(matplotlib.text.Text)  # type: ignore[attr-defined]
    return " | ".join(text.get_text() for text in found)


def test_no_table_speaks_of_the_other_theatre(run: Run) -> None:
    for name in ("factions", "patrons", "regions", "events", "decisions", "outcomes"):
        table = run.data(name)
        for field in table.fields:
            assert not ELSEWHERE.search(f"{field.name} {field.meaning}".lower()), (name, field)
            if field.kind == "text":
                for word in table.words(field.name).words:
                    assert not ELSEWHERE.search(word.lower()), (name, field.name, word)
    assert {"mix_sedentary", "mix_fulani", "mix_tuareg", "mix_arab"} <= set(run.patrons.columns)
    assert not ELSEWHERE.search(run.summary_text().lower())
    assert not ELSEWHERE.search(reports(run.outcomes, run.scenario).to_csv().lower())


def test_no_figure_speaks_of_the_other_theatre(run: Run) -> None:
    for name in ("timeline", "ribbons", "patrons", "regions", "ties", "waterfall"):
        text = _texts(getattr(run.plot, name)().figure)
        assert "Sahel" in text, name
        assert not ELSEWHERE.search(text.lower()), (name, text)


def test_no_explanation_speaks_of_the_other_theatre(run: Run) -> None:
    told = [str(run.explain(faction)) for faction in run.scenario.factions]
    moves = [faction for faction in run.scenario.factions if "It moved" in str(run.explain(faction))]
    assert moves
    for text in told:
        assert not ELSEWHERE.search(text.lower()), text
    assert any("an oath to Islamic State in the Greater Sahara (ISGS)" in text for text in told)
