"""The notebook API."""

from __future__ import annotations

import doctest
import importlib
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.errors import ScenarioError, UsageError
from sim.results.run import Run


@pytest.mark.parametrize(
    "name",
    [
        "sim",
        "sim.api.running",
        "sim.api.handle",
        "sim.api.discovery",
        "sim.api.describing",
        "sim.results.frames",
        "sim.results.run",
    ],
)
def test_the_examples_in_docstrings_run(name: str) -> None:
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    done = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert done.failed == 0
    assert done.attempted > 0 or name in ("sim", "sim.results.frames", "sim.results.run")


@pytest.mark.core
def test_all_that_is_offered_is_there_and_nothing_is_imported_early() -> None:
    script = (
        "import sim, sys\n"
        "early = [name for name in sys.modules if name.startswith('sim.')]\n"
        "assert not early, early\n"
        "assert all(callable(getattr(sim, name)) for name in sim.__all__)\n"
        "assert set(sim.__all__) <= set(dir(sim))\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.core
def test_outcomes_is_a_function_even_when_its_module_is_loaded() -> None:
    from sim.outcomes import MONTHLY

    assert len(sim.outcomes()) > len(MONTHLY)
    script = (
        "import sim.outcomes, sim.engine.world, sim; print(sim.outcomes().loc[('run', 'splits'), 'unit'])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "count\n"


def test_what_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        _ = sim.simulate


def test_scenarios_say_what_they_extend() -> None:
    frame = sim.scenarios()
    for whole in ("baseline", "sahel"):
        assert frame.loc[whole, "extends"] == ""
    others = frame.drop(index=["baseline", "sahel"])
    assert set(others["extends"]) == {frame.loc["baseline", "title"], frame.loc["sahel", "title"]}


def a_few(rows: pd.DataFrame) -> pd.DataFrame:
    """Levers and uncertainties of every section."""
    section = rows["path"].str.partition(".")[0]
    return rows.groupby([section, "kind", "unit"]).head(1)


def test_every_kind_of_lever_can_be_pulled() -> None:
    loaded = sim.load("baseline")
    frame = loaded.levers()
    assert not frame["path"].duplicated().any()
    assert set(frame["kind"]) == {"lever", "uncertainty"}
    some = a_few(frame)
    again = loaded.set(dict(zip(some["path"], some["value"], strict=True)))
    assert len(again.overrides) == len(some) > 30
    assert again.levers()[["path", "value", "unit"]].equals(frame[["path", "value", "unit"]])


def test_levers_and_uncertainties_are_told_apart_as_the_check_does() -> None:
    from sim.scenario.bundled import bundled_scenarios
    from sim.scenario.lint import lint
    from sim.scenario.load import load_text

    some = a_few(sim.levers("baseline"))
    some = some[~some["path"].str.startswith("ties.")]
    what_if: dict[str, Any] = {"extends": str(bundled_scenarios()["baseline"])}
    for row in some.itertuples():
        *path, last = row.path.split(".")
        place = what_if
        for part in path:
            place = place.setdefault(part, {})
        place[last] = row.value
    problems = lint(load_text(json.dumps(what_if)))
    warned = {problem.path for problem in problems if "a what-if changes levers" in problem.message}
    assert warned == set(some.loc[some["kind"] == "uncertainty", "path"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("baseline", "Scenario baseline"),
        ("no-waziristan-operation", "driven out of North Waziristan"),
        ("F30", "name = Islamic Movement of Uzbekistan"),
        ("imu", "Faction imu"),
        ("iskp", "Patron iskp"),
        ("nangarhar", "Region nangarhar"),
        ("omar_revealed", "in 2015-07"),
        ("mansour_succession", "in 2015-07"),
        ("b_embed", "log-odds (uncertainty)"),
        ("weights.b_embed", "source: "),
        ("patrons.iskp.franchise_slots", "count (lever)"),
        ("events.omar_revealed.date", "= 2015-07"),
        ("decision.rule", "= logit"),
        ("focus_fighters", "By month, in persons."),
        ("peak_fighters", "Of the run as a whole, in persons."),
        ("M53", "Contested: "),
        ("m08", "Statement M08: Calculated risk"),
        ("cohesion", "Column cohesion of the table of factions"),
        ("novelty", "Term novelty of a decision"),
    ],
)
def test_a_name_is_described(name: str, words: str) -> None:
    told = sim.describe(name)
    assert words in str(told)
    assert repr(told) == str(told)
    assert told._repr_html_().startswith("<div>")


def test_sources_of_a_number_are_spelled_out() -> None:
    told = str(sim.describe("weights.b_embed"))
    assert "P2: Prior P2" in told


def test_a_name_that_means_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'b_embed'"):
        sim.describe("b_embd")
    with pytest.raises(UsageError, match=r"names that hold it: .*omar_revealed"):
        sim.describe("omar")


def test_a_scenario_is_changed_without_changing_it() -> None:
    base = sim.load("baseline")
    changed = base.set({"decision.theta": 2}).without("prison_release")
    assert base.decision.theta.value != 2.0
    assert changed.decision.theta.value == 2.0
    assert "prison_release" not in changed.events
    assert len(changed.overrides) == 2
    assert "2 changed" in repr(changed)
    assert base.factions["imu"].code == "F30"
    assert base.resolve("f30") == "imu"
    assert {"set", "factions", "evidence"} <= set(dir(base))


def test_an_event_that_others_need_is_not_removed() -> None:
    with pytest.raises(ScenarioError, match="orphans events that need it"):
        sim.load("baseline").without("omar_dies")
    with pytest.raises(UsageError, match="did you mean 'zarb_e_azb'"):
        sim.load("baseline").without("zarb_e_asb")


def test_an_event_can_be_added_and_not_twice() -> None:
    base = sim.load("baseline")
    more = base.with_event(
        "peace", kind="peace_offer", date="2015-01", regions=["nangarhar"], level=0.8, months=6
    )
    assert more.events["peace"].source.startswith("judgement")
    with pytest.raises(UsageError, match="change it with set"):
        base.with_event("omar_dies", kind="prestige", date="2014-01", patron="iskp", momentum=0.1)
    with pytest.raises(ScenarioError):
        base.with_event("peace", kind="peace_offer", date="2015-01")


def test_a_handle_shows_itself_and_survives_a_copy() -> None:
    base = sim.load("baseline")
    assert "38 factions" in base._repr_html_()
    assert pickle.loads(pickle.dumps(base)).scenario == base.scenario
    with pytest.raises(AttributeError, match="did you mean 'factions'"):
        _ = base.faction
    assert len(base.evidence()) > 1000
    assert "name: Islamic Movement of Uzbekistan" in base.yaml()


def test_scenarios_run_however_they_are_given(tmp_path: Path) -> None:
    handle = sim.load("baseline")
    (tmp_path / "mine.yaml").write_text(handle.yaml(), encoding="utf-8")
    given: list[Any] = [
        "baseline",
        handle,
        handle.scenario,
        tmp_path / "mine.yaml",
        str(tmp_path / "mine.yaml"),
    ]
    runs = [sim.run(scenario, seed=3, until="2014-09") for scenario in given]
    for run in runs[1:]:
        pd.testing.assert_frame_equal(run.factions, runs[0].factions, check_exact=True)
        assert run.manifest["scenario"]["hash"] == runs[0].manifest["scenario"]["hash"]


def test_a_run_in_a_notebook(tmp_path: Path) -> None:
    run = sim.run("baseline", until="2015-12")
    assert isinstance(run, Run)
    assert "<table>" in run._repr_html_()
    assert run.table(["2015-12"]).index.get_level_values("month").unique().astype(str).tolist() == ["2015-12"]
    folder = run.save(tmp_path / "here", figures=False)
    assert sim.open_run(folder).explain("F30").as_dict() == run.explain("imu").as_dict()


@pytest.mark.slow
def test_figures_are_at_hand() -> None:
    run = sim.run("baseline", until="2015-12")
    for name in ("timeline", "ribbons", "patrons"):
        assert getattr(run.plot, name)().get_figure() is not None
    assert run.plot.regions("2015-07").get_figure() is not None
    assert run.plot.ties(month="2015-07", figsize=(6, 5)).get_figure() is not None
    moved = run.decisions.reset_index().query("held != chosen").iloc[0]
    assert run.plot.waterfall(moved["faction"], str(moved["month"])).get_figure() is not None
    with pytest.raises(UsageError, match="outside the period"):
        run.plot.regions("2020-01")
    with pytest.raises(UsageError, match="it shows every month"):
        run.plot.timeline("2015")  # type: ignore[arg-type]
    assert "timeline, ribbons" in repr(run.plot)


def test_mesa_takes_classes_and_rules_of_ones_own() -> None:
    from sim.agents.faction import Faction

    class Steady(Faction):
        def choose(self, options: Any, utilities: Any, draw: float) -> int:
            return list(options).index(self.allegiance)

    run = sim.run(
        "baseline", driver="mesa", until="2014-12", agents={"F30": Steady, "dadullah_front": Steady}
    )
    assert set(run.manifest["own"]) == {"imu", "dadullah_front"}
    assert run.manifest["own"]["imu"].endswith("Steady")
    mine = run.decisions.xs("dadullah_front", level="faction")
    assert (mine["chosen"] == mine["held"]).all()
    plain = sim.run("baseline", until="2014-12")
    moved = plain.decisions.xs("dadullah_front", level="faction")
    assert (moved["chosen"] != moved["held"]).any()
    with pytest.raises(UsageError, match="driver='mesa'"):
        sim.run("baseline", agents={"imu": Steady})


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, True, "1", None])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(UsageError, match="a seed is a whole number"):
        sim.run("baseline", seed=seed, until="2013-01")


def test_a_driver_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="engine, mesa"):
        sim.run("baseline", driver="horse", until="2013-01")  # type: ignore[arg-type]
