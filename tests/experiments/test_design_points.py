# ruff: noqa: E501 - one case a line
"""The points of a design: crossed, addressed, and left out where they cannot be."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.api.sweeping import plan_sweep
from sim.errors import ExperimentError
from sim.experiments.dating import out_of_order
from sim.experiments.plan import Plan
from sim.scenario.check import date_flaws
from sim.scenario.load import load, with_overrides
from sim.scenario.quantities import month_index, month_text

pytestmark = pytest.mark.core

META = {"title": "T", "question": "Q", "schema_version": 1}
LOADED = {name: load(name) for name in ("baseline", "no-khorasan-oath")}
BASELINE = LOADED["baseline"].scenario.model_dump(exclude_none=True)


def plan(**design: Any) -> Plan:
    return plan_sweep({"meta": META, "scenario": "baseline", **design}, scenarios=LOADED)


def points(made: Plan) -> list[dict[str, Any]]:
    return [made.values(point) for point in range(made.points)]


def test_blocks_are_crossed_and_the_last_turns_fastest() -> None:
    made = plan(
        uncertainties=[{"list": [{"decision.theta": 1.0}, {"decision.theta": 2.0}]}],
        levers=[
            {"grid": {"mechanisms.M01": [True, False], "decision.rule": ["logit", "random"]}},
            {"zip": {"weights.b_tie": [1, 2, 3], "weights.b_local": {"low": 0, "high": 4, "step": 2}}},
        ],
    )
    wanted = [
        {
            "decision.theta": t,
            "mechanisms.M01": m,
            "decision.rule": r,
            "weights.b_tie": a,
            "weights.b_local": b,
        }
        for t in (1.0, 2.0)
        for m in (True, False)
        for r in ("logit", "random")
        for a, b in ((1.0, 0.0), (2.0, 2.0), (3.0, 4.0))
    ]
    assert points(made) == wanted


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4), scenarios=st.integers(1, 2))
def test_a_grid_is_the_product_of_its_values(sizes: list[int], scenarios: int) -> None:
    names = ["weights.b_tie", "weights.b_local", "weights.b_embed", "decision.theta"]
    values = {name: [float(n) for n in range(size)] for name, size in zip(names, sizes, strict=False)}
    made = plan(scenario=["baseline", "no-khorasan-oath"][:scenarios], levers=[{"grid": values}])
    told = [(int(made.scenario_of[p]), *made.values(p).values()) for p in range(made.points)]
    assert told == list(itertools.product(range(scenarios), *values.values()))


@settings(max_examples=200, deadline=None)
@given(
    replicates=st.integers(1, 40),
    size=st.integers(1, 30),
    chunk=st.integers(1, 60),
    draws=st.sampled_from(["common", "own"]),
    seed=st.integers(0, 2**60),
)
def test_runs_have_addresses_and_chunks_share_them_out(
    replicates: int, size: int, chunk: int, draws: str, seed: int
) -> None:
    base = BASE_PLAN
    made = Plan(
        name="x", title="x", question="x", scenarios=base.scenarios, variables=(), columns={},
        scenario_of=np.zeros(size, dtype=np.int32), replicates=replicates, seed=seed, draws=draws,
        keep=base.keep, chunk=chunk,
    )  # fmt: skip
    places = [made.place(run) for run in range(made.runs)]
    assert places == list(itertools.product(range(size), range(replicates)))
    seeds = [made.seed_of(run) for run in range(made.runs)]
    assert len(set(seeds)) == (replicates if draws == "common" else made.runs)
    if draws == "common":
        assert seeds == [seed + replicate for _, replicate in places]
    assert list(itertools.chain(*map(made.chunk_runs, range(made.chunks)))) == list(range(made.runs))
    for number in range(made.chunks):
        assert set(made.chunk_points(number)) == {places[run][0] for run in made.chunk_runs(number)}
    for point in range(size):
        holds = [n for n in range(made.chunks) if any(places[r][0] == point for r in made.chunk_runs(n))]
        assert list(made.point_chunks(point)) == holds


BASE_PLAN = plan()

MONTH = st.integers(month_index("2012-11"), month_index("2025-02")).map(month_text)
DATES = st.fixed_dictionaries(
    {
        "omar_dies": MONTH,
        "omar_revealed": MONTH | st.sampled_from(["omar_dies", "omar_dies + 3", "mansour_succession + 1", "takeover - 9"]),
        "iskp_founded": MONTH,
        "takeover": MONTH | st.sampled_from(["doha_truce + 2"]),
        "mansour_killed": MONTH | st.sampled_from(["omar_revealed + 1"]),
        "unity_plea": MONTH,
    }
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(DATES, min_size=1, max_size=8), st.sampled_from([None, "2016-01", "2023-01"]))
def test_columns_of_dates_are_judged_as_one_set_of_dates_is(
    rows: list[dict[str, str]], active: str | None
) -> None:
    data = BASELINE
    if active is not None:
        factions = {name: dict(faction) for name, faction in data["factions"].items()}
        factions["hekmat_network"]["active_from"] = active
        data = {**data, "factions": factions}
    columns = {name: np.array([row[name] for row in rows], dtype=object) for name in rows[0]}
    wanted = []
    for row in rows:
        events = {n: {**e, **({"date": row[n]} if n in row else {})} for n, e in data["events"].items()}
        wanted.append(bool(date_flaws(data, events)))
    assert out_of_order(data, columns).tolist() == wanted


def test_impossible_points_are_left_out_on_request_and_only_they() -> None:
    design = {
        "levers": [
            {"grid": {"events.omar_revealed.date": ["2013-01", "2013-04", "omar_dies + 3", "2016-06"]}}
        ],
        "impossible": "skip",
    }
    made = plan(**design)
    assert [list(point.values()) for point in points(made)] == [["2013-04"], ["omar_dies + 3"]]
    assert made.skipped == 2


def test_the_first_point_may_be_the_impossible_one() -> None:
    mix = "factions.imu.ethnic_mix"
    value = LOADED["baseline"].scenario.factions["imu"].ethnic_mix["uzbek"].value
    made = plan(levers=[{"grid": {f"{mix}.uzbek": [0.01, value]}}], impossible="skip")
    assert points(made) == [{f"{mix}.uzbek": value}]


def test_shares_of_one_whole_are_varied_together() -> None:
    parts = "events.taliban_resettles_guests.destinations"
    both = {f"{parts}.nangarhar": [0.3, 0.4], f"{parts}.kandahar_zabul": [0.4, 0.3]}
    assert plan(levers=[{"zip": both}]).points == 2
    with pytest.raises(ExperimentError, match=r"2 of 4 points cannot be"):
        plan(levers=[{"grid": both}])


def test_structures_are_levers_like_others() -> None:
    made = plan(
        levers=[
            {"grid": {"factions.imu.home": ["kabul", "nangarhar"], "factions.imu.active_from": ["2013-01", "2014-01"]}},
            {"grid": {"factions.imu.allegiance": ["taliban", "iskp"]}},
        ],
        impossible="skip",
    )  # fmt: skip
    # Nobody begins under a patron that is founded later.
    assert made.points == 4
    assert made.skipped == 4
    for point in points(made):
        with_overrides(LOADED["baseline"], point)


def test_a_period_that_ends_is_checked_against_the_dates_of_the_point() -> None:
    with pytest.raises(ExperimentError, match=r"period\.end: .* is after the period"):
        plan(levers=[{"grid": {"period.end": ["2016-12"]}}])
    assert plan(levers=[{"grid": {"period.end": ["2023-06", "2024-06"]}}]).points == 2


def test_a_hundred_thousand_sets_of_dates_are_judged_in_seconds() -> None:
    began = time.process_time()
    made = plan(
        uncertainties=[
            {
                "sample": "random",
                "points": 100_000,
                "over": {
                    "events.omar_dies.date": {"low": "2013-01", "high": "2014-12"},
                    "events.omar_revealed.date": {"low": "2013-01", "high": "2016-05"},
                    "events.iskp_founded.date": {"low": "2014-06", "high": "2015-02"},
                },
            }
        ],
        impossible="skip",
    )
    assert 10_000 < made.points < 90_000
    assert made.points + made.skipped == 100_000
    dies, shown = (made.columns[f"events.omar_{name}.date"] for name in ("dies", "revealed"))
    assert all(dies <= shown)
    assert time.process_time() - began < 8


CHILD = """
import json, pathlib, resource, sys, time
from sim.api.sweeping import plan_sweep
from sim.errors import BayahError
import sim.experiments.planning
def yard():
    # Processor time of a loop that takes a quarter of a second where nothing else runs.
    began, total = time.process_time(), 0
    for n in range(2_000_000):
        total += n * n % 7
    return time.process_time() - began

before = yard()
began = time.process_time()
try:
    plan_sweep(sys.argv[1])
    lines = []
except BayahError as error:
    lines = str(error).splitlines()
taken = (time.process_time() - began) / max(1.0, 2.0 * (before + yard()))
status = pathlib.Path("/proc/self/status")
own = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")] if status.exists() else []
peak = (int(own[0].split()[1]) if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024
print(json.dumps({"lines": lines, "seconds": taken, "megabytes": peak}))
"""
TOP = "meta: {title: T, question: Q, schema_version: 1}\nscenario: baseline\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[" * 100_000, "nested more than"),
        ("a: 1\n" * 100_000, "more problems"),
        (TOP + "".join(f"k{n}: 1\n" for n in range(20_000)), "more problems"),
        (TOP + "levers: [" + "{grid: {weights.x: [1]}}, " * 3_000 + "]\n", "more problems"),
        (TOP + "levers: [{grid: {decision.theta: {low: 1, high: 2, step: 1.0e-300}}}]\n", "more than 1,000,000"),
        (TOP + "uncertainties: [{sample: sobol, points: 67108864, over: {weights.*: prior}}]\n", "too many"),
        (TOP + f"uncertainties: [{{sample: random, points: 2, over: {{weights.{'*e' * 100}x: prior}}}}]\n", "matches no"),
        (TOP + "levers: [{grid: {events.omar_revealed.date: {low: 2013-05, high: 9999-12, step: 1}}}]\n", "points cannot be"),
        (TOP + "levers: [{grid: {weights.b_tie: {low: 0, high: 1, count: 1000}, weights.b_local: {low: 0, high: 1, count: 1000}, weights.b_power: {low: 0, high: 1, count: 1000}}}]\n", "too many"),
    ],
    ids=["nested", "duplicates", "unknown keys", "unknown paths", "steps", "sobol", "stars", "months", "grid"],
)  # fmt: skip
def test_files_made_to_exhaust_are_refused_within_limits(text: str, part: str, tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_text(text)
    # Processor time is told against a loop's, and the best of three tries counts.
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, "big.yaml"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        result = json.loads(done.stdout)
        if result["seconds"] < 2:
            break
    assert len(result["lines"]) <= 101
    assert any(part in line for line in result["lines"]), result["lines"][-3:]
    assert result["seconds"] < 2
    assert result["megabytes"] < 250
