# ruff: noqa: E501 - one case a line
"""Every statistic of patterns on small records whose answer is known."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_records import START, records

import sim
from sim.cli import main
from sim.errors import ExperimentError
from sim.experiments.patterns.observing import Witness
from sim.experiments.patterns.records import SIDES, Records, joined
from sim.experiments.patterns.statistics import STATISTICS
from sim.scenario.load import load
from sim.scenario.quantities import month_index, month_text

pytestmark = pytest.mark.core
NAN = math.nan


def ask(statistic: str, of: Records, **given: Any) -> list[float]:
    found = STATISTICS[statistic].function(of, **given)
    assert found.shape == (of.runs,)
    assert found.dtype == np.float64
    return [float(value) for value in found]


def years(*sums: float) -> list[float]:
    """Months of years whose sums are these, uneven within the year."""
    return [value for total in sums for value in (total / 2, *[0.0] * 10, total / 2)]


OATHS = records(oath=[[0, 5, 6, -1], [-1, -1, -1, -1], [7, 8, 9, 23]])
MOVES = records(
    sides=[["iiii", "ffdd", "aaaa", "f---", "fioo"], ["iiii", "iiii", "iiii", "iiii", "dddd"]],
    oath=[[-1, 0, -1, 0, 0], [-1, -1, -1, -1, -1]],
)
CRISIS = records(
    sides=[
        ["iiiiiaaaiiiiii", "iiiiiaaaaaaaaa", "iiiiiiaiiiiiii", "aaaaaaaaaaaaaa", "iiiiaaaaaaaaaa"],
        ["iiiiiiiiiiiiii", "iiiiiiiiiiiiii", "iiiiiiiiiiiiii", "aaaaaaaaaaaaaa", "iiiiaaaaaaaaaa"],
    ],
    traits={"bloc": ["t", "t", "t", "t", "o"]},
)
FLOWS = records(
    monthly={"attacks": [years(10, 40), years(30, 15), years(0, 0)], "other": [years(30, 60), years(0, 0), years(0, 0)]}
)  # fmt: skip

CASES: dict[str, tuple[str, Records, dict[str, Any], list[float]]] = {
    "early": ("share_pledged_before", OATHS, {"month": "2015-07"}, [2 / 3, NAN, 0]),
    "early, all": ("share_pledged_before", OATHS, {"month": "2016-12"}, [1, NAN, 3 / 4]),
    "ever": ("pledged_ever", OATHS, {}, [3, 0, 4]),
    # Those destroyed or gone after an oath count with the focus patron; one that made peace does not.
    "focus": ("share_on_side", MOVES, {"side": "focus", "month": "2015-04"}, [2 / 5, 0]),
    "incumbent": ("share_on_side", MOVES, {"side": "incumbent", "month": "2015-04"}, [1 / 5, 4 / 5]),
    "rest": ("share_on_side", MOVES, {"side": "rest", "month": "2015-04"}, [2 / 5, 1 / 5]),
    "first offer": ("first_offer", records(oath=[[3], [-1]], support=[[1], [-1]]), {"unit": "a"}, [1, 24]),
    "never": ("first_oath", records(oath=[[3], [-1]]), {"unit": "a", "never": 99}, [3, 99]),
    "third pole": ("third_pole", CRISIS, {}, [4, 1]),
    "third pole of a bloc": ("third_pole", CRISIS, {"bloc": "t"}, [3, 0]),
    # The month is 2015-06; three left within a window of two: back after 3, never, 2.
    "return": ("first_return", CRISIS, {"month": "2015-06", "bloc": "t", "window": 2, "never": 9}, [2, NAN]),
    "return, one": ("first_return", CRISIS, {"month": "2015-06", "bloc": "t", "window": 1, "never": 9}, [3, NAN]),
    "none back yet": ("first_return", CRISIS, {"month": "2015-06", "bloc": "t", "window": 1, "never": 1}, [1, NAN]),
    "share back": ("share_returned", CRISIS, {"month": "2015-06", "bloc": "t", "within": 3, "window": 2}, [2 / 3, NAN]),
    "share back at once": (
        "share_returned", CRISIS, {"month": "2015-06", "bloc": "t", "within": 2, "window": 2}, [1 / 3, NAN],
    ),
    "still alone": ("still_alone", CRISIS, {"month": "2015-06", "bloc": "t", "after": 8, "window": 2}, [1, NAN]),
    "growth": ("sum_ratio", FLOWS, {"outcome": "attacks", "over": ["2016-01", "2016-12"], "under": ["2015-01", "2015-12"]}, [4, 0.5, NAN]),
    "of parts": ("sum_ratio", FLOWS, {"outcome": "attacks", "over": ["2016-12", "2016-12"], "under": ["2015-01", "2015-01"]}, [4, 0.5, NAN]),
    "rises": ("grows_yearly", FLOWS, {"outcome": "attacks", "first": 2015, "last": 2016}, [1, 0, 0]),
    "peak": ("peak_year", FLOWS, {"outcome": "attacks", "first": 2015, "last": 2016}, [2016, 2015, NAN]),
    "mean": ("yearly_mean", FLOWS, {"outcome": "attacks", "first": 2015, "last": 2016}, [25, 22.5, 0]),
    "mean of one": ("yearly_mean", FLOWS, {"outcome": "attacks", "first": 2016, "last": 2016}, [40, 15, 0]),
    "share of sum": (
        "share_of_sum", FLOWS, {"outcome": "attacks", "other": "other", "first": 2015, "last": 2016}, [50 / 140, 1, NAN],
    ),
    "value": ("value_at", FLOWS, {"outcome": "attacks", "month": "2015-12"}, [5, 15, 0]),
    "ratio": ("ratio_at", FLOWS, {"outcome": "attacks", "other": "other", "month": "2015-12"}, [1 / 3, NAN, NAN]),
    # Geometric mean of 1 and 100 is 10, by a mean of 20; in the other year 2 by 20.
    "peak ratio": (
        "peak_yearly_ratio",
        records(monthly={"top": [[1, 100] * 6 + [2] * 12], "bottom": [[10, 30] * 12]}),
        {"top": "top", "bottom": "bottom", "first": 2015, "last": 2016},
        [0.5],
    ),
    # Nobody against nobody is no large ratio.
    "peak ratio of none": (
        "peak_yearly_ratio", records(monthly={"top": [[0.0] * 24], "bottom": [[0.0] * 24]}),
        {"top": "top", "bottom": "bottom", "first": 2015, "last": 2016}, [1e-9],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_known_answers(case: str) -> None:
    statistic, of, given, expected = CASES[case]
    assert ask(statistic, of, **given) == pytest.approx(expected, nan_ok=True)


def test_a_gap_is_that_of_shares() -> None:
    oath = [[1, -1, -1, 2], [1, 1, -1, -1]]
    with_it = records(oath=oath, traits={"embedded": [0, 0, 1, 1]})
    assert ask("pledge_gap", with_it, trait="embedded") == [0.0, 1.0]
    for nobody_to_compare in ([0] * 4, [1] * 4):
        alike = records(oath=oath, traits={"embedded": nobody_to_compare})
        assert ask("pledge_gap", alike, trait="embedded") == pytest.approx([NAN, NAN], nan_ok=True)


def test_lives_at_the_edge_and_in_the_east() -> None:
    of = records(
        sides=[["iffaaa", "iffffd", "ffffff", "iiiiii"], ["iiiiii", "iiiiii", "fiiiii", "iiiiii"]],
        oath=[[1, 1, 0, -1], [-1, -1, 0, -1]],
        theatre=[[0, 0, 1, 0], [0, 0, 1, 0]],
        regions=["east", "edge"],
    )
    assert ask("front_life", of, regions=["east"]) == pytest.approx([3.0, NAN], nan_ok=True)
    assert ask("front_life", of, regions=["east"], inside=False) == [6.0, 1.0]


def test_every_statistic_is_asked_here() -> None:
    told = {statistic for statistic, *_ in CASES.values()} | {"pledge_gap", "front_life", "run_outcome"}
    assert told == STATISTICS.keys()


def test_outcomes_of_whole_runs() -> None:
    from dataclasses import replace

    of = replace(OATHS, summary={"splits": np.array([1.0, 2.0, 3.0])})
    assert ask("run_outcome", of, outcome="splits") == [1, 2, 3]


@pytest.mark.parametrize(
    ("statistic", "given"),
    [
        ("value_at", {"outcome": "attacks", "month": "2014-12"}),
        ("value_at", {"outcome": "attacks", "month": "2017-01"}),
        ("yearly_mean", {"outcome": "attacks", "first": 2014, "last": 2015}),
        ("yearly_mean", {"outcome": "attacks", "first": 2015, "last": 2017}),
        (
            "sum_ratio",
            {"outcome": "attacks", "over": ["2014-07", "2015-03"], "under": ["2015-04", "2015-05"]},
        ),
    ],
)
def test_months_that_runs_do_not_have_are_told(statistic: str, given: dict[str, Any]) -> None:
    with pytest.raises(ExperimentError, match="is not among the months of the runs, 2015-01 to 2016-12"):
        ask(statistic, FLOWS, **given)


histories = st.lists(
    st.lists(st.text("ifaod-x", min_size=6, max_size=6), min_size=3, max_size=3), min_size=2, max_size=3
)
oaths = st.lists(st.lists(st.integers(-1, 5), min_size=3, max_size=3), min_size=2, max_size=2)


@given(histories, oaths, st.integers(0, 5))
def test_sides_share_all_units_between_them(sides: list[list[str]], oath: list[list[int]], at: int) -> None:
    of = records(sides=sides[:2], oath=oath)
    month = month_text(START + at)
    shares = [ask("share_on_side", of, side=side, month=month) for side in ("incumbent", "focus", "rest")]
    assert np.sum(shares, axis=0) == pytest.approx(1.0)


@given(histories)
def test_runs_do_not_touch_each_other(sides: list[list[str]]) -> None:
    traits = {"bloc": ["t", "t", "o"]}
    apart = [records(sides=[run], traits=traits) for run in sides]
    for name, given_ in (
        ("third_pole", {}),
        ("first_return", {"month": "2015-02", "bloc": "t", "window": 3}),
        ("share_returned", {"month": "2015-02", "bloc": "t", "window": 3, "within": 2}),
    ):
        alone = [ask(name, one, **given_)[0] for one in apart]
        assert ask(name, joined(apart), **given_) == pytest.approx(alone, nan_ok=True)


@given(st.lists(st.floats(0, 1000), min_size=24, max_size=24), st.floats(0.1, 50))
def test_shapes_do_not_know_the_scale(values: list[float], factor: float) -> None:
    of = records(monthly={"attacks": [values, [factor * value for value in values]]})
    halves = {"over": ["2016-01", "2016-12"], "under": ["2015-01", "2015-12"]}
    first, scaled = ask("sum_ratio", of, outcome="attacks", **halves)
    assert first == pytest.approx(scaled, nan_ok=True)


def test_what_is_seen_of_a_run_is_what_its_tables_say() -> None:
    seed, until = 3, "2016-12"
    run = sim.run("baseline", seed=seed, until=until)
    witness = Witness(load("baseline"), (), until, ("attacks", "rival_deaths"))
    of, good = witness.runs([seed, seed + 1])
    assert good.tolist() == [True, True]
    for outcome in ("attacks", "rival_deaths"):
        assert of.monthly[outcome][0].tolist() == run.outcomes[outcome].tolist()
    table = run.factions.reset_index()
    mine = table[table["faction"].isin(of.units)]
    words = {"taliban": "incumbent", "iskp": "focus", "independent": "alone"}
    fates = {"destroyed": "dead", "reconciled": "out"}
    told = [
        words[allegiance] if fate == "active" else fates.get(fate, "gone")
        for fate, allegiance in zip(mine["fate"], mine["allegiance"], strict=True)
    ]
    months = [month_index(str(month)) - of.start for month in mine["month"]]
    units = [of.units.index(name) for name in mine["faction"]]
    assert [SIDES[side] for side in of.sides[0, months, units]] == told
    assert {"incumbent", "focus", "alone", "dead"} <= set(told)
    sworn = table.dropna(subset=["first_oath"]).groupby("root")["first_oath"].min()
    assert {
        name: month_text(of.start + month)
        for name, month in zip(of.units, of.oath[0].tolist(), strict=True)
        if month >= 0
    } == {name: str(month) for name, month in sworn.items()}
    assert len(sworn) > 5


def test_only_some_of_the_units() -> None:
    of = MOVES.only(np.array([True, False, True, False, False]))
    assert of.units == ("a", "c")
    assert ask("share_on_side", of, side="incumbent", month="2015-01") == [0.5, 1.0]


def test_the_list_tells_each_with_unit_and_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "statistics"]) == 0
    text = capsys.readouterr().out
    for name, one in STATISTICS.items():
        assert f"{name}  ({one.unit})\n  {one.meaning}\n" in text
    assert "first_return  (months)\n" in text
    assert "  with: month, bloc, window=6, never=36\n" in text
    assert main(["list", "statistics", "--search", "yearly", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["statistics"]
    assert {"grows_yearly", "yearly_mean"} <= {row["name"] for row in rows} < STATISTICS.keys()
    (mean,) = (row for row in rows if row["name"] == "yearly_mean")
    assert [one["name"] for one in mean["arguments"]] == ["outcome", "first", "last"]
    assert mean["unit"] == "per year"
