"""Figures of the page say what the tables say."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

pytest.importorskip("solara", reason="needs the extra viz")

import sim
from sim.dashboard.live import compared, fighters, network, patrons, regions, ribbons, terms
from sim.dashboard.live.frame import Frame, round_up
from sim.plots.waterfall import find_decision
from sim.results.run import Run

DRAWN = (ribbons, fighters, network, regions, patrons)


@pytest.fixture(scope="module", params=["baseline", "sahel"])
def run(request: pytest.FixtureRequest) -> Run:
    return sim.run(request.param, seed=2)


@pytest.fixture(scope="module")
def frame(run: Run) -> Frame:
    return Frame(run, len(run.outcomes))


@pytest.mark.parametrize("figure", DRAWN, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_options_are_plain_data(frame: Frame, figure: Any) -> None:
    option = figure.draw(frame)
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert 200 < figure.height(frame) < 2500


def test_bars_of_allegiance_are_the_table(run: Run, frame: Frame) -> None:
    option = ribbons.draw(frame)
    pieces: dict[str, list[tuple[str, int]]] = {}
    for series in option["series"]:
        for item in series["data"] if series["type"] == "bar" else ():
            if item and "faction" in item:
                pieces.setdefault(item["faction"], []).append((item["month"], item["value"]))
    table = run.factions.reset_index()
    table["month"] = table["month"].astype(str)
    there = table[(table["fate"] == "active") | (table["fate"] == "reconciled")]
    assert {name: sum(months for _, months in rows) for name, rows in pieces.items()} == there.groupby(
        "faction"
    ).size().to_dict()
    some = there[there["faction"] == there["faction"].iloc[0]]
    changed = some["month"][
        (some["allegiance"] != some["allegiance"].shift()) | (some["oath"] != some["oath"].shift())
    ]
    assert set(changed) <= {month for month, _ in pieces[some["faction"].iloc[0]]}


def test_stacks_of_fighters_are_the_table(run: Run, frame: Frame) -> None:
    option = fighters.draw(frame)
    first = [series["data"] for series in option["series"] if series["yAxisIndex"] == 0]
    patron = next(iter(run.scenario.patrons))
    table = run.patrons.xs(patron, level="patron")
    wanted = table[["core", "sworn", "declared", "allied"]].sum(axis=1).to_numpy()
    assert np.abs(np.sum(first, axis=0) - wanted).max() <= 2.0


def test_two_arms_share_their_scales(frame: Frame) -> None:
    tops = {side: 2 * most for side, most in fighters.tops(frame).items()}
    axes = fighters.draw(frame, tops)["yAxis"]
    assert [axis["max"] for axis in axes] == [round_up(1.02 * most) for most in tops.values()]


def test_terms_add_up_to_the_difference(run: Run, frame: Frame) -> None:
    decision = find_decision(run)
    assert decision is not None
    option = terms.draw(frame, decision)
    labels = option["yAxis"]["data"]
    assert labels[-1].startswith("In all")
    ends = [
        (gap if gap > 0 else 0) + high["value"] + (gap if gap < 0 else 0) + low["value"]
        for gap, high, low in zip(*(series["data"] for series in option["series"]), strict=True)
    ]
    total = float(np.sum(decision.differences))
    assert float(labels[-1].split()[-1]) == pytest.approx(total, abs=0.006)
    assert max(abs(end) for end in ends) >= abs(total) - 1e-3
    assert len(labels) * 26 < terms.height(decision)


def test_events_of_one_month_share_a_line_with_all_their_numbers(frame: Frame) -> None:
    events, lines = frame.events(), frame.mark_line(named=True)["data"]
    assert len({at for at, _ in events}) == len(lines)
    told = [(number, line) for line in lines for number in line["label"]["formatter"].split(", ")]
    assert [number for number, _ in told] == [str(n) for n in range(1, len(events) + 1)]
    for (at, title), (_, line) in zip(events, told, strict=True):
        assert line["xAxis"] == frame.months[at]
        assert title in line["name"]


def test_an_outcome_in_both_arms(frame: Frame, run: Run) -> None:
    option = compared.draw([frame, frame], ["one", "other"], "focus_fighters")
    assert [series["name"] for series in option["series"]] == ["one", "other"]
    assert option["series"][0]["data"] == pytest.approx(run.outcomes["focus_fighters"].tolist(), rel=1e-4)
    assert option["yAxis"]["name"] == "persons"


def test_bands_lie_about_their_median() -> None:
    results = sim.ensemble("baseline", runs=20, until="2014-06")
    shown = sim.run("baseline", until="2014-06")
    bands = results.bands("pledged_units")
    option = compared.spread(Frame(shown, 18), "shown", "pledged_units", bands, 0, top=50.0)
    by_name = {series["name"]: np.array(series["data"], dtype=float) for series in option["series"]}
    low = by_name["nine in ten runs, lower end"]
    assert (low <= by_name["median"]).all()
    assert (low + by_name["nine in ten runs"] >= by_name["median"]).all()
    assert option["yAxis"]["max"] == 51.0


def test_a_network_marks_the_faction_asked_about(run: Run) -> None:
    name = next(iter(run.scenario.factions))
    nodes = network.draw(Frame(run, len(run.outcomes), name))["series"][0]["data"]
    assert [node["faction"] for node in nodes if node["itemStyle"]["borderWidth"] == 3] == [name]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in (node["value"] for node in nodes))


def test_names_from_a_file_are_no_markup() -> None:
    handle = sim.load("baseline", set={"factions.imu.name": "<img src=x onerror=alert(1)>"})
    shown = sim.run(handle, until="2013-02")
    node = next(n for n in network.draw(Frame(shown, 2))["series"][0]["data"] if n["faction"] == "imu")
    assert "<img" not in node["tooltip"]["formatter"]


@pytest.mark.parametrize(
    ("value", "end"), [(0.0, 0.0), (51.2, 52.0), (4321.0, 4400.0), (0.031, 0.031), (100.0, 100.0)]
)
def test_scales_end_on_two_digits(value: float, end: float) -> None:
    assert round_up(value) == pytest.approx(end)
