# ruff: noqa: E501 - one case a line
"""Values that hold from a month on: read, checked, and the same however they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import errors_of
from json_schema_subset import is_valid

import sim
from sim.cli import main
from sim.results.making import make_run
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.dated import lived_scenario, staged_scenarios
from sim.scenario.dates import resolve_dates
from sim.scenario.format import file_schema_text
from sim.scenario.levers import Levers
from sim.scenario.lint import lint
from sim.scenario.load import Loaded, load_text, resolved_yaml, with_overrides
from sim.scenario.overrides import parse_overrides
from sim.scenario.quantities import month_index

pytestmark = pytest.mark.core

CHANGES = """\
changes:
  2015-03:
    set:
      patrons.banner.acceptance: {value: 0, source: "judgement: the lever"}
      factions.guests.autonomy: {value: 0.9, source: "judgement: the lever"}
      events.plea.date: 2015-09
    remove: [events.elder_succeeded]
  2016-01:
    set:
      patrons.banner.acceptance: {value: 0.5, source: "judgement: the lever"}
      weights.b_embed: {value: 3, source: "judgement: the lever"}
"""
TEXTS = (
    "patrons.banner.acceptance=0@2015-03",
    "factions.F01.autonomy @ 2015-03 = 0.9",
    "events.plea.date=2015-09 @2015-03",
    "events.elder_succeeded=null@2015-03",
    "patrons.banner.acceptance@2016-01=0.5",
    "weights.b_embed=3@2016-01",
)
VALUES = {
    "weights.b_embed@2016-01": 3,
    "patrons.banner.acceptance@2016-01": np.float64(0.5),
    "patrons.banner.acceptance@2015-03": {"value": 0, "source": "judgement: the lever"},
    "factions.guests.autonomy@2015-03": 0.9,
    "events.plea.date@2015-03": "2015-09",
    "events.elder_succeeded@2015-03": None,
}


def assert_same_arrays(one: Compiled, other: Compiled) -> None:
    for name, array in one.arrays.items():
        assert np.array_equal(array, other.arrays[name]), name
    assert [stage.month for stage in one.stages] == [stage.month for stage in other.stages]
    for mine, theirs in zip(one.stages, other.stages, strict=True):
        assert mine.jumps == theirs.jumps
        assert mine.paths == theirs.paths
        for name, array in mine.compiled.arrays.items():
            assert np.array_equal(array, theirs.compiled.arrays[name]), name


@pytest.fixture(scope="module")
def written(tiny_text: str) -> Loaded:
    return load_text(tiny_text + CHANGES)


# Three ways to write the same


@pytest.mark.parametrize("overrides", [TEXTS, VALUES], ids=["text", "mapping"])
def test_texts_and_mappings_say_what_the_file_says(
    tiny: Loaded, written: Loaded, overrides: tuple[str, ...] | dict[str, object]
) -> None:
    assert_same_arrays(
        compile_scenario(with_overrides(tiny, overrides).scenario), compile_scenario(written.scenario)
    )


def test_what_is_dated_is_not_set_before(tiny: Loaded, written: Loaded) -> None:
    begin, now = compile_scenario(tiny.scenario), compile_scenario(written.scenario)
    for name, array in begin.arrays.items():
        assert np.array_equal(array, now.arrays[name]), name
    assert [stage.month for stage in now.stages] == [26, 36]


def test_resolved_yaml_loads_to_an_equal_scenario(tiny: Loaded, written: Loaded) -> None:
    for loaded in (written, with_overrides(tiny, TEXTS)):
        again = load_text(resolved_yaml(loaded))
        assert again.scenario == loaded.scenario
        assert_same_arrays(compile_scenario(again.scenario), compile_scenario(loaded.scenario))


def test_the_month_stands_after_the_path_or_after_the_value() -> None:
    read = parse_overrides(
        ["a.b=1@2015-06", "a.b@2015-06=1", "a.b=2015-09@2015-06", "a.b='x@2015-06'", "a.b=x", "a.b=1@2015-6"]
    )
    assert [one.month for one in read] == ["2015-06", "2015-06", "2015-06", None, None, None]
    assert [one.text for one in read] == ["1", "1", "2015-09", "'x@2015-06'", "x", "1@2015-6"]
    assert [one.month for one in parse_overrides({"a.b@2015-06": 1, "a.c": "x@2015-06"})] == ["2015-06", None]


# What changes mean


def test_several_months_add_up(written: Loaded) -> None:
    (first, paths, early), (second, all_paths, late) = staged_scenarios(written.scenario)
    assert (first, second) == ("2015-03", "2016-01")
    assert [one.patrons["banner"].acceptance.value for one in (written.scenario, early, late)] == [1, 0, 0.5]
    assert [one.factions["guests"].autonomy.value for one in (written.scenario, early, late)] == [
        0.6, 0.9, 0.9,
    ]  # fmt: skip
    assert [one.weights.b_embed.value for one in (written.scenario, early, late)] == [6, 6, 3]
    assert "elder_succeeded" in written.scenario.events
    assert "elder_succeeded" not in early.events
    assert "elder_succeeded" not in late.events
    assert paths < all_paths
    assert all_paths - paths == {"weights.b_embed"}


def test_a_future_event_is_removed_and_another_moved(tiny: Loaded, written: Loaded) -> None:
    lived = lived_scenario(written.scenario)
    assert resolve_dates(tiny.scenario)["plea"] == month_index("2015-06")
    assert resolve_dates(lived)["plea"] == month_index("2015-09")
    told = make_run(written, 1).events
    dated = told[told["origin"] == "scenario"].reset_index()
    when = dict(zip(dated["event"], dated["month"].astype(str), strict=True))
    assert when["plea"] == "2015-09"
    assert when["elder_revealed"] == "2015-07"
    assert "elder_succeeded" not in when
    assert lived_scenario(tiny.scenario) is tiny.scenario


def test_an_added_event_comes(tiny: Loaded) -> None:
    event = {"kind": "prestige", "date": "2015-10", "patron": "banner", "momentum": 0.1, "source": "R1"}
    loaded = with_overrides(tiny, {"events.victory@2015-03": event})
    told = make_run(loaded, 1).events.reset_index()
    assert told.loc[told["event"] == "victory", "month"].astype(str).tolist() == ["2015-10"]
    assert not np.array_equal(make_run(loaded, 1).outcomes, make_run(tiny, 1).outcomes)


@pytest.mark.parametrize("month", ["2015-06", "2015-05"])
def test_an_event_can_be_removed_until_its_own_month(tiny: Loaded, month: str) -> None:
    """The plea comes in 2015-06: what changes in a month changes before its events."""
    changed = with_overrides(tiny, [f"events.plea=null@{month}"])
    assert "plea" not in lived_scenario(changed.scenario).events


def test_a_change_of_the_same_value_is_none(tiny: Loaded) -> None:
    (stage,) = compile_scenario(with_overrides(tiny, ["patrons.banner.effort=0.5@2015-06"]).scenario).stages
    assert stage.jumps == ()
    (stage,) = compile_scenario(with_overrides(tiny, ["patrons.banner.effort=0.6@2015-06"]).scenario).stages
    assert {name for name, _ in stage.jumps} == {"P"}


def test_the_last_of_several_for_a_month_holds(tiny: Loaded) -> None:
    pair = ["patrons.banner.effort=0.6@2015-06", "patrons.banner.effort=0.7@2015-06"]
    (_, _, after) = staged_scenarios(with_overrides(tiny, pair).scenario)[0]
    assert after.patrons["banner"].effort.value == 0.7
    # Dated or not, a value at the start does not undo a later one.
    (_, _, after) = staged_scenarios(with_overrides(tiny, [pair[0], "patrons.banner.effort=0.2"]).scenario)[0]
    assert after.patrons["banner"].effort.value == 0.6


def test_files_that_extend_add_their_changes(folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "extends: tiny.yaml\nchanges: {2015-06: {set: {patrons.banner.effort: 0.6}}, 2015-08: {remove: [events.plea2]}}\n"
        "events: {plea2: {kind: unity_plea, date: 2015-10, patron: elders, to: banner, source: R1}}\n"
    )
    (folder / "b.yaml").write_text(
        "extends: a.yaml\nchanges: {2015-06: {set: {patrons.banner.tolerance: 0.6}}, 2015-08: null}\n"
    )
    changes = sim.load(folder / "b.yaml").scenario.changes
    assert list(changes) == ["2015-06"]
    assert set(changes["2015-06"].set) == {"patrons.banner.effort", "patrons.banner.tolerance"}


# What is refused

REFUSED = [
    ("patrons.baner.effort=0@2015-06", "unknown path: patrons has no 'baner' (did you mean 'banner'?)"),
    ("patrons.banner.efort=0@2015-06", "patrons.banner has no 'efort' (did you mean 'effort'?)"),
    ("ties.9.weight=0@2015-06", "ties is a list of 2"),
    ("patrons.banner.effort=0@2019-06", "2019-06 is outside the period, 2013-01 to 2016-12"),
    ("patrons.banner.effort=0@2012-12", "2012-12 is outside the period"),
    ("patrons.banner.effort=0@2013-01", "2013-01 is the first month: set it without a date"),
    ("patrons.banner.effort=0@2015-13", "'2015-13' has month 13"),
    ("patrons.banner.effort=0@2015-6", "a number is wanted here, not the text '0@2015-6'"),
    ("patrons.banner.effort=2@2015-06", "from 2015-06 on: 2 is outside 0 to 1 (share)"),
    ("patrons.banner.effort=high@2015-06", "from 2015-06 on: a number is wanted here"),
    ("patrons.banner.effort=@2015-06", "no value after ="),
    ("patrons.banner.core_fighters=9@2015-06", "'core_fighters' says how the run begins"),
    ("patrons.banner.leader=X@2015-06", "'leader' says how the run begins"),
    ("patrons.banner.latent=true@2015-06", "'latent' says how the run begins"),
    ("factions.guests.fighters=9@2015-06", "'fighters' says how the run begins"),
    ("factions.guests.allegiance=banner@2015-06", "'allegiance' says how the run begins"),
    ("regions.hills.recruit_pool=9@2015-06", "'recruit_pool' says how the run begins"),
    ("decision.threshold_mean=0.1@2015-06", "'threshold_mean' says how the run begins"),
    ("observation.patron=elders@2015-06", "'patron' holds for the whole run"),
    ("period.end=2015-12@2015-06", "'period' holds for the whole run"),
    ("report.focus=elders@2015-06", "'report' holds for the whole run"),
    ("meta.title=x@2015-06", "'meta' holds for the whole run"),
    ("patrons.banner=null@2015-06", "name what changes of it"),
    ("factions.guests=null@2015-06", "name what changes of it"),
    ("ties=[]@2015-06", "'ties' is not a dotted path"),
    ("weights=null@2015-06", "'weights' is not a dotted path"),
    ("mechanisms.M99=false@2015-06", "'M99' is not a statement"),
    ("events.nothing=null@2015-06", "null removes nothing, there is no such key"),
    ("events.plae=null@2015-03", "there is no such key (did you mean 'plea'?)"),
    ("events.elder_revealed=null@2015-06", "removing it orphans events that need it: elder_succeeded"),
    ("events.banner_founded.date=2016-03@2015-02", "'banner_founded' has happened in 2015-01, before 2015-02"),
    ("events.plea=null@2015-07", "'plea' has happened in 2015-06, before 2015-07; it cannot change any more"),
    ("events.plea.refused=false@2015-07", "'plea' has happened in 2015-06"),
    ("events.plea.date=2015-03@2015-05", "'plea' would happen in 2015-03, before 2015-05"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_change_that_cannot_be_is_told_in_one_line(tiny: Loaded, text: str, told: str) -> None:
    (line,) = errors_of(lambda: with_overrides(tiny, [text]))
    assert line.startswith(f"--set {text}: ")
    assert told in line
    assert len(line) < 250


def test_what_moves_with_the_past_cannot_move_it(tiny: Loaded) -> None:
    """The plea is dated by the founding; moving the founding after its own month is refused for both."""
    lines = errors_of(lambda: with_overrides(tiny, ["events.banner_founded.date=2015-08@2015-07"]))
    assert [line.split("'")[1] for line in lines] == ["banner_founded", "plea"]
    moved = with_overrides(tiny, ["events.banner_founded.date=2015-03@2015-01"])
    assert resolve_dates(lived_scenario(moved.scenario))["plea"] == month_index("2015-08")


MALFORMED = [
    ("changes: 3\n", "bad.yaml:+1:10: changes: should be a mapping, not the number 3"),
    ("changes: [a]\n", "bad.yaml:+1:10: changes: should be a mapping, not a list"),
    ("changes:\n  2015-06: 3\n", "bad.yaml:+2:12: changes.2015-06: should be a mapping, not the number 3"),
    ("changes:\n  june:\n    set: {}\n", "bad.yaml:+2:3: changes.june: 'june' is not a month; write it as"),
    ("changes:\n  2015-06:\n    sett: {}\n", "bad.yaml:+3:5: changes.2015-06.sett: unknown key (did you mean 'set'?)"),
    ("changes:\n  2015-06:\n    set: [a]\n", "bad.yaml:+3:10: changes.2015-06.set: should be a mapping"),
    ("changes:\n  2015-06:\n    set: {b_embed: 3}\n", "bad.yaml:+3:11: changes.2015-06.set.b_embed: 'b_embed' is not a"),
    (
        "changes:\n  2015-06:\n    set:\n      weights.b_embd: 3\n",
        "bad.yaml:+4:7: changes.2015-06.set.weights.b_embd: unknown path: weights has no 'b_embd' (did you mean 'b_embed'?)",
    ),
    ("changes:\n  2015-06:\n    set: {weights.b_embed: {value: x}}\n", "bad.yaml:+3:36: weights.b_embed.value: from 2015-06 on"),
    ("changes:\n  2015-06:\n    set: {factions.F01.autonomy: 3}\n", "bad.yaml:+3:34: factions.guests.autonomy: from 2015-06 on: 3 is"),
    ("changes:\n  2015-06:\n    remove: events.plea\n", "bad.yaml:+3:13: changes.2015-06.remove: should be a list"),
    ("changes:\n  2015-06:\n    remove: [3]\n", "bad.yaml:+3:14: changes.2015-06.remove.0: should be text"),
    ("changes:\n  2015-06:\n    remove: [events.plae]\n", "bad.yaml:+3:14: events.plae: null removes nothing"),
    (
        "changes:\n  2015-06:\n    remove: [events.elder_dies, events.elder_revealed, events.elder_succeeded]\n",
        "bad.yaml:+3:14: changes.2015-06.remove.0: 'elder_dies' has happened in 2013-04, before 2015-06",
    ),
    ("changes:\n  2019-06:\n    set: {weights.b_embed: 3}\n", "bad.yaml:+2:3: changes.2019-06: 2019-06 is outside"),
    (
        "changes:\n  2015-06: {set: {weights.b_embed: 3}}\n  2015-06-02: {set: {weights.b_tie: 3}}\n",
        "bad.yaml:+1:10: changes: names a month twice",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MALFORMED)
def test_what_is_wrong_in_a_file_has_file_line_and_column(
    tiny_text: str, refusals: Callable[..., list[str]], text: str, told: str
) -> None:
    (line,) = refusals(tiny_text + text)
    # Lines are counted from the end of what comes before the change.
    told = re.sub(r":\+(\d+):", lambda found: f":{len(tiny_text.splitlines()) + int(found[1])}:", told)
    if told.endswith("twice"):
        assert line.startswith("bad.yaml:")
        assert "names a month twice" in line
    else:
        assert line.startswith(told)


def test_an_empty_entry_changes_nothing(tiny: Loaded, tiny_text: str) -> None:
    for text in ("changes: {}\n", "changes: null\n", "changes:\n  2015-06: {}\n"):
        loaded = load_text(tiny_text + text)
        assert make_run(loaded, 1).outcomes.equals(make_run(tiny, 1).outcomes)


def test_the_second_stretch_is_checked_as_it_stands(tiny: Loaded) -> None:
    """The event that the second change needs was taken away by the first."""
    pair = ["events.plea=null@2015-03", "events.plea.date=2015-09@2015-05"]
    (line,) = errors_of(lambda: with_overrides(tiny, pair))
    assert "unknown path: events has no 'plea'" in line


# What else reads a scenario


def test_warnings(folder: Path, tiny_text: str) -> None:
    (folder / "a.yaml").write_text(
        "extends: tiny.yaml\nchanges:\n  2015-06:\n    set:\n      weights.b_tie: 1\n"
        "      patrons.banner.effort: {value: 0.2, source: 'judgement: the lever'}\n"
    )
    told = [str(problem) for problem in lint(sim.load("a.yaml").loaded)]
    assert any("what-if changes levers, not what we do not know: weights.b_tie" in line for line in told)
    assert any("b_tie" in line and "has no source" in line for line in told)
    assert all("effort" not in line for line in told)
    assert all(line.startswith("a.yaml:5:") for line in told)
    strange = (
        tiny_text + "changes: {2015-06: {set: {patrons.banner.effort: {value: 0.2, source: X9 of it}}}}\n"
    )
    assert any("'X9' is not in the table of sources" in str(one) for one in lint(load_text(strange)))


def test_commands_and_lists_take_a_scenario_with_changes(
    folder: Path, tiny_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.yaml").write_text(tiny_text + CHANGES)
    for words in (["check", "a.yaml"], ["evidence", "a.yaml"], ["list", "levers", "--scenario", "a.yaml"]):
        assert main(words) == 0, capsys.readouterr().err
    assert main(["check", "tiny.yaml", "--set", "patrons.banner.acceptance=0@2013-01"]) == 2
    out, err = capsys.readouterr()
    assert "a.yaml: holds, 0 warnings" in out
    assert err.splitlines()[-1].endswith("2013-01 is the first month: set it without a date")
    levers, before = (sim.levers(name).set_index("path") for name in ("a.yaml", "tiny.yaml"))
    assert levers.index.difference(before.index).tolist() == [
        "factions.guests.autonomy@2015-03", "patrons.banner.acceptance@2015-03", "patrons.banner.acceptance@2016-01",
        "weights.b_embed@2016-01",
    ]  # fmt: skip
    row = levers.loc["weights.b_embed@2016-01"]
    assert (row["value"], row["unit"], row["source"]) == (
        3,
        levers.loc["weights.b_embed", "unit"],
        "judgement: the lever",
    )
    assert (row["kind"], levers.loc["patrons.banner.acceptance@2016-01", "kind"]) == ("uncertainty", "lever")
    for path, value in levers.loc[levers.index.str.contains("@"), "value"].items():
        assert with_overrides(sim.load("tiny.yaml").loaded, {path: value}).scenario.changes
    assert "acceptance" in str(sim.describe("patrons.banner.acceptance", "a.yaml"))
    assert "plea" in str(sim.describe("plea", "a.yaml"))


def test_the_schema_of_files_knows_changes(tiny: Loaded, written: Loaded) -> None:
    schema = json.loads(file_schema_text())
    assert is_valid(written.tree, schema)
    assert is_valid({**tiny.tree, "changes": {"2015-06": {"remove": ["events.plea"]}}}, schema)
    for wrong in ([], {"2015-06": []}, {"2015-06": {"sett": {}}}, {"2015-06": {"remove": [3]}}):
        assert not is_valid({**tiny.tree, "changes": wrong}, schema)


# Sweeps


def test_what_a_stage_sets_is_not_varied(tiny: Loaded) -> None:
    changes = {
        "weights.b_embed.value@2015-03": 3, "events.plea@2015-03": None, "patrons.banner.interest@2015-03": {"hills": 0.1},
    }  # fmt: skip
    (stage,) = compile_scenario(with_overrides(tiny, changes).scenario).stages
    for path in (
        "weights.b_embed",
        "events.plea.date",
        "events.plea.refused",
        "patrons.banner.interest.hills",
    ):
        assert stage.sets(path), path
    for path in (
        "weights.b_tie",
        "events.elder_dies.date",
        "patrons.banner.effort",
        "patrons.elders.interest.plain",
    ):
        assert not stage.sets(path), path


def test_a_varied_weight_holds_in_later_stretches(written: Loaded) -> None:
    """Written into the arrays, as a sweep does it, or set before compiling: the same."""
    compiled = compile_scenario(written.scenario)
    values = {"weights.b_tie": 7.5, "weights.b_embed": 5.0, "patrons.elders.effort": 0.25}
    expected = compile_scenario(with_overrides(written, values).scenario)
    sets = [compiled, *(stage.compiled for stage in compiled.stages)]
    wanted = [expected, *(stage.compiled for stage in expected.stages)]
    changed = [frozenset[str](), *(stage.paths for stage in compiled.stages)]
    for one, other, paths in zip(sets, wanted, changed, strict=True):
        arrays = {name: array.copy() for name, array in one.arrays.items()}
        mine = {path: value for path, value in values.items() if path not in paths}
        Levers(one, list(mine)).write(arrays, list(mine.values()))
        for name in ("A", "P", "F", "X"):
            assert np.array_equal(arrays[name], other.arrays[name]), name
    assert wanted[1].arrays["A"].tolist() != sets[1].arrays["A"].tolist()


def test_a_sweep_over_a_scenario_with_changes(folder: Path, tiny_text: str) -> None:
    (folder / "a.yaml").write_text(tiny_text + CHANGES)
    (folder / "design.yaml").write_text(
        "meta: {title: T, question: Q?, schema_version: 1}\nscenario: a.yaml\nreplicates: 3\n"
        "levers: [{grid: {weights.b_tie: [0.5, 6], patrons.banner.acceptance: [0.2, 1]}}]\n"
    )
    results = sim.sweep("design.yaml", out="swept", workers=1, progress=False)
    made = results.summary.reset_index()
    assert len(made) == 12
    for run in (0, 4, 11):
        replayed = results.replay(run)
        point = made.iloc[run]
        values = {name: point[name] for name in ("weights.b_tie", "patrons.banner.acceptance")}
        whole = make_run(sim.load("a.yaml").set(values).loaded, replayed.seed)
        assert replayed.outcomes.equals(whole.outcomes)
        for name in whole.summary.index.intersection(made.columns):
            assert point[name] == whole.summary[name], name
