"""Frames: what the record holds, under names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import state as s
from sim.engine.names import faction_names
from sim.outcomes import MONTHLY, SUMMARY
from sim.results.frames import wake_words
from sim.results.run import Run
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.quantities import month_index


@pytest.fixture
def compiled(baseline: Run) -> Compiled:
    return compile_scenario(baseline.scenario)


def arrays(run: Run) -> dict[str, Any]:
    assert run.history is not None
    return run.history.arrays


def test_every_faction_in_being_or_gone_has_a_row_each_month(baseline: Run) -> None:
    frame, record = baseline.factions, arrays(baseline)
    for month in ("2013-01", "2015-07", "2024-12"):
        t = month_index(month) - month_index("2013-01")
        rows = int(record["C"][t, s.C_ROWS])
        there = np.count_nonzero(record["I"][t, :rows, s.I_FATE] != s.FATE_WAITING)
        assert len(frame.loc[month]) == there
    assert not frame.index.duplicated().any()


@pytest.mark.parametrize("name", ["factions", "patrons", "regions", "decisions"])
def test_frames_are_sorted_in_the_order_of_the_scenario(baseline: Run, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = getattr(baseline, name)
        assert len(frame.loc[frame.index[-1][:2]]) > 0
    if name != "decisions":
        wide = frame.iloc[:, 0].unstack()
        known = list(getattr(baseline.scenario, name))
        assert list(wide.columns)[: len(known)] == known


def test_numbers_stand_where_the_record_has_them(baseline: Run, compiled: Compiled) -> None:
    record = arrays(baseline)
    row, t = compiled.factions.index("imu"), month_index("2016-03") - compiled.start
    mine = baseline.factions.loc[("2016-03", "imu")]
    assert mine["fighters"] == record["F"][t, row, s.F_FIGHTERS]
    assert mine["embeddedness_taliban"] == record["X"][t, row, 0, s.X_EMBEDDEDNESS]
    assert mine["theatre"] == compiled.regions[record["I"][t, row, s.I_THEATRE]]
    assert mine["allegiance"] == compiled.options[record["I"][t, row, s.I_ALLEGIANCE]]
    assert mine["oath"] == s.OATHS[record["I"][t, row, s.I_OATH]]
    patron = baseline.patrons.loc[("2016-03", "iskp")]
    assert patron["legitimacy"] == record["P"][t, 1, s.P_LEGITIMACY]
    assert patron["hostility_taliban"] == record["W"][t, 1, 0, s.W_HOSTILITY]
    region = baseline.regions.loc[("2016-03", "nangarhar")]
    place = compiled.regions.index("nangarhar")
    assert region["force_iskp"] == record["H"][t, place, 1, s.H_FORCE]
    assert region["pressure"] == record["G"][t, place, s.G_PRESSURE]


def test_months_are_dates_and_what_never_came_is_missing(baseline: Run) -> None:
    last = baseline.factions.loc["2024-12"]
    record, names = arrays(baseline), list(last.index)
    for name, column in (("first_support", s.I_FIRST_SUPPORT), ("switched", s.I_SWITCHED)):
        for row, faction in enumerate(names):
            month = int(record["I"][-1, row, column])
            found = last.loc[faction, name]
            assert (month < 0 and pd.isna(found)) or found == pd.Period("2013-01", "M") + month
    early = baseline.patrons.loc[("2013-01", "iskp")]
    assert pd.isna(early["offers_from"])
    assert baseline.patrons.loc[("2024-12", "iskp"), "founded"] == pd.Period("2015-01", "M")


def test_poles_say_who_stands_with_whom(baseline: Run) -> None:
    last = baseline.factions
    walked = (last["allegiance"] == "independent") & last["left_patron"].notna()
    assert (last["pole"] == "third_pole").equals(walked)
    for patron in ("taliban", "iskp"):
        with_it = last["allegiance"].isin([patron, f"ally({patron})"])
        assert (last["pole"] == patron).equals(with_it)


def test_men_of_factions_add_up_to_those_of_their_patron(make: Any) -> None:
    for seed in (1, 2, 3):
        run = make(seed=seed)
        active = run.factions[run.factions["fate"] == "active"]
        for patron in ("taliban", "iskp"):
            own = active[active["allegiance"] == patron]
            sworn = own[own["oath"] == "sworn"].groupby("month")["fighters"].sum()
            told = run.patrons.xs(patron, level="patron")["sworn"]
            np.testing.assert_allclose(sworn.reindex(told.index).fillna(0.0), told, atol=1e-6)


def test_splinters_are_named_by_parent_and_order_of_birth(make: Any) -> None:
    run = make(seed=1)
    last = run.factions.loc["2024-12"]
    splinters = last[last["born_month"].notna()]
    assert len(splinters) == run.summary["splits"] > 3
    for name, row in splinters.iterrows():
        assert str(name).rpartition("_s")[0] == row["parent"]
        siblings = splinters[splinters["parent"] == row["parent"]]
        ordinal = int(str(name).rpartition("_s")[2])
        assert (siblings["born_month"] < row["born_month"]).sum() == ordinal - 1


def test_a_splinter_never_takes_the_name_of_another(compiled: Compiled) -> None:
    class Roster:
        factions = ("imu", "imu_s1")

    parents = np.array([-1, -1, 0, 0, 2])
    assert faction_names(Roster().factions, parents, 5) == (
        "imu",
        "imu_s1",
        "imu_s1_",
        "imu_s2",
        "imu_s1__s1",
    )


def test_decisions_hold_every_appraisal(baseline: Run) -> None:
    assert baseline.history is not None
    frame, kept = baseline.decisions, baseline.history.decisions
    assert len(frame) == len(kept.keys) * len(baseline.manifest["options"])
    assert not frame.index.duplicated().any()
    terms = frame[[column.name for column in s.TERM]].sum(axis=1)
    there = frame["available"]
    np.testing.assert_allclose(terms[there], frame["utility"][there], atol=1e-9)
    assert frame["utility"][~there].isna().all()
    sums = frame.groupby(["month", "faction"])["probability"].sum()
    np.testing.assert_allclose(sums, 1.0)
    chosen = frame.index.get_level_values("option") == frame["chosen"]
    assert (frame["probability"][chosen] > 0).all()
    assert chosen.sum() == len(kept.keys)


def test_reasons_are_the_bits_in_words() -> None:
    assert wake_words(0) == ""
    assert wake_words(s.WAKE_LEADER | s.WAKE_TIE) == "its leader was lost; a tied faction switched"


def test_outcomes_and_summary_have_the_names_of_the_registry(baseline: Run) -> None:
    assert baseline.history is not None
    assert list(baseline.outcomes.columns) == [column.name for column in MONTHLY]
    assert baseline.outcomes.index.dtype == "period[M]"
    np.testing.assert_array_equal(baseline.outcomes.to_numpy(), baseline.history.outcomes)
    assert list(baseline.summary.index) == [column.name for column in SUMMARY]
    np.testing.assert_array_equal(baseline.summary.to_numpy(), baseline.history.summary)


@pytest.mark.parametrize("name", ["factions", "patrons", "regions", "events", "decisions", "outcomes"])
def test_every_column_says_its_unit_and_meaning(baseline: Run, name: str) -> None:
    about = baseline.columns(name)
    assert (about["unit"] != "").all()
    assert (about["meaning"] != "").all()
    assert not about.index.duplicated().any()


def test_the_past_does_not_know_the_end_of_the_period(make: Any) -> None:
    short, whole = make(until="2015-12"), make()
    for name in ("factions", "patrons", "regions", "outcomes", "decisions"):
        long = getattr(whole, name)
        head = long[long.index.get_level_values("month") <= "2015-12"]
        pd.testing.assert_frame_equal(getattr(short, name), head, check_exact=True)
