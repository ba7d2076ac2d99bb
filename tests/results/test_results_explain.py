"""Why a faction chose as it did."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from sim import state as s
from sim.errors import UsageError
from sim.results.making import make_run
from sim.results.run import Run
from sim.results.wording import NOUNS, REASONS, option_words
from sim.scenario.load import load

BEHIND = {
    "answered or ignored": {"oath_accepted", "oath_ignored", "oath_refused"},
    "tied faction": {"switch"},
    "news of a patron": {"offers_open", "founded", "territorial_collapse"},
    "split off": {"split"},
}
"""Reasons, and the kinds of events of which one must stand behind each."""


def first_move(run: Run, faction: str | None = None) -> tuple[str, str]:
    """Faction and month of the first decision that changed an allegiance."""
    frame = run.decisions.reset_index()
    moved = frame[(frame["held"] != frame["chosen"]) & (frame["faction"].eq(faction) if faction else True)]
    return str(moved.iloc[0]["faction"]), str(moved.iloc[0]["month"])


def decided(run: Run, faction: str) -> list[str]:
    """Months in which a faction decided."""
    mine = run.decisions.xs(faction, level="faction")
    return [str(month) for month in mine.index.get_level_values("month").unique()]


def test_every_decision_can_be_told_and_adds_up(baseline: Run) -> None:
    pairs = baseline.decisions.index.droplevel("option").unique()
    for month, faction in pairs:
        told = baseline.explain(faction, str(month))
        data = told.as_dict()
        assert data["kind"] == "decision"
        frame = baseline.decisions.loc[(month, faction)]
        assert data["chosen"] == frame["chosen"].iloc[0]
        assert data["reasons"] == frame["reasons"].iloc[0].split("; ")
        if data["against"] is not None:
            assert sum(item["difference"] for item in data["differences"]) == pytest.approx(data["gap"])
            assert sum(data["groups"].values()) == pytest.approx(data["gap"])
            gap = frame.loc[data["chosen"], "utility"] - frame.loc[data["against"], "utility"]
            assert data["gap"] == pytest.approx(gap)
        if data["moved"]:
            assert data["against"] == data["held"]
        assert max(map(len, str(told).splitlines())) <= 110


def test_a_decision_is_told_in_words(baseline: Run) -> None:
    faction, month = first_move(baseline)
    told = baseline.explain(faction, month)
    text, data = str(told), told.as_dict()
    name = baseline.scenario.factions[faction].name
    assert text.startswith(f"{name} ({faction}, {data['code']}), {month}, seed 1")
    assert f"It left {option_words(data['held'], data['patrons'])}" in text.replace("\n", " ")
    strongest = next(item for item in data["differences"] if item["difference"] > 0)
    assert f"{strongest['difference']:+.2f}  {REASONS[strongest['term']][0]}" in text
    assert json.loads(json.dumps(data)) == data
    assert repr(told) == text


def test_the_table_holds_terms_by_option(baseline: Run) -> None:
    faction, month = first_move(baseline)
    table = baseline.explain(faction, month).table
    frame = baseline.decisions.loc[(month, faction)]
    assert list(table.columns) == baseline.manifest["options"]
    for term in s.TERM:
        assert table.loc[term.name].tolist() == frame[term.name].tolist()
    assert table.loc["probability"].sum() == pytest.approx(1.0)
    assert "<table" in baseline.explain(faction, month)._repr_html_()


def test_changes_are_those_since_the_decision_before(baseline: Run) -> None:
    months = [
        str(month)
        for month, _, _ in baseline.decisions.xs("imu", level="faction", drop_level=False).index[::6]
    ]
    first, second = baseline.explain("imu", months[0]), baseline.explain("imu", months[1])
    assert first.as_dict()["since"] is None
    assert "had not decided before" in str(first)
    since = second.as_dict()["since"]
    assert since["month"] == months[0]
    for change in since["changes"]:
        now = baseline.decisions.loc[(months[1], "imu", change["option"]), change["term"]]
        then = baseline.decisions.loc[(months[0], "imu", change["option"]), change["term"]]
        assert change["change"] == pytest.approx(now - then)


def test_what_woke_it_is_named(baseline: Run) -> None:
    frame = baseline.decisions.reset_index()
    woken = frame[frame["reasons"].str.contains("hidden death")]
    assert set(woken["month"].astype(str)) == {"2015-07"}
    for faction in woken["faction"].unique():
        events = baseline.explain(faction, "2015-07").as_dict()["events"]
        assert "Omar's death announced" in [event["detail"] for event in events]
    for row in frame[frame["reasons"].str.contains("was displaced")].itertuples():
        kinds = {event["kind"] for event in baseline.explain(row.faction, str(row.month)).as_dict()["events"]}
        assert "displaced" in kinds
    later = frame[frame["month"].astype(str) > "2013-02"]
    for reason, kinds in BEHIND.items():
        hits = later[later["reasons"].str.contains(reason)].drop_duplicates(["month", "faction"])
        for row in hits.itertuples():
            events = baseline.explain(row.faction, str(row.month)).as_dict()["events"]
            assert kinds & {event["kind"] for event in events}, (reason, row.faction, row.month)


def test_all_decisions_in_short(baseline: Run) -> None:
    faction, month = first_move(baseline)
    told = baseline.explain(faction)
    data = told.as_dict()
    mine = baseline.decisions.xs(faction, level="faction")
    assert [decision["month"] for decision in data["decisions"]] == [
        str(m) for m in mine.index.get_level_values("month").unique()
    ]
    assert data["telling"]["moved"]
    assert len(told.table) == len(mine)
    assert all(decision["month"] in str(told) for decision in data["decisions"])
    assert month in [decision["month"] for decision in data["decisions"] if decision["moved"]]


def test_names_of_all_kinds_are_understood(baseline: Run) -> None:
    asked = [
        baseline.explain(name).as_dict()["faction"]
        for name in ("imu", "F30", " IMU ", "Islamic Movement of Uzbekistan")
    ]
    assert asked == ["imu"] * 4
    splinter = next(name for name in baseline.factions.loc["2024-12"].index if name.endswith("_s1"))
    told = baseline.explain(splinter.upper())
    assert f"{splinter}, a splinter of " in str(told)


def test_a_month_without_a_decision_names_the_nearest(baseline: Run) -> None:
    months = [pd.Period(month, "M") for month in decided(baseline, "imu")]
    quiet = next(month + 1 for month, later in pairwise(months) if month + 1 < later)
    told = baseline.explain("imu", str(quiet))
    assert told.as_dict()["before"]["month"] == str(quiet - 1)
    assert f"The nearest decision before: {quiet - 1}" in str(told)
    assert "nothing woke it" in str(told)
    assert told.table.empty
    assert "did not exist yet" in str(baseline.explain("aqis", "2013-05"))
    last = baseline.factions.loc["2024-12"]
    gone = last.index[last["fate"].isin(["merged", "dissolved", "destroyed"])][0]
    assert "no longer there" in str(baseline.explain(gone, "2024-12"))


@pytest.mark.parametrize(
    ("faction", "month", "words"),
    [
        ("imv", None, "did you mean 'imu'"),
        ("imu", "2015-13", "months run from 01 to 12"),
        ("imu", "2030-01", "outside the period"),
        ("imu", "yesterday", "not a month"),
    ],
)
def test_what_is_not_there_is_refused(baseline: Run, faction: str, month: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        baseline.explain(faction, month)


@pytest.mark.parametrize(
    ("rule", "words"),
    [("threshold", "follows its peers"), ("landscape", "least friction"), ("random", "at random")],
)
def test_rules_that_do_not_read_the_terms_say_so(rule: str, words: str) -> None:
    run = make_run(load("baseline", [f"decision.rule={rule}"]), until="2014-12")
    faction, month = first_move(run)
    told = run.explain(faction, month)
    assert words in str(told)
    assert not told.as_dict()["by_terms"]
    assert "rather than" not in str(told)


def test_every_term_has_its_words() -> None:
    names = {column.name for column in s.TERM}
    assert set(REASONS) == names == set(NOUNS)
    assert len({words for pair in REASONS.values() for words in pair}) == 2 * len(names)


def test_options_in_words() -> None:
    patrons: dict[str, Any] = {"iskp": "ISKP"}
    words = [option_words(option, patrons) for option in ("iskp", "ally(iskp)", "independent", "exit")]
    assert words == [
        "an oath to ISKP",
        "alliance with ISKP without an oath",
        "independence",
        "peace with the holder of the state",
    ]
