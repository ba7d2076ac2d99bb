# ruff: noqa: E501 - one case a line
"""Bundled designs, tables of points, the JSON Schema of designs, and the commands that know them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.api.advising import advice
from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.errors import ExperimentError
from sim.experiments.format import design_schema, design_schema_text
from sim.experiments.reading import bundled_designs
from sim.scenario.bundled import bundled_folder
from sim.scenario.load import load
from sim.scenario.reader import read_tree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))
from json_schema_subset import is_valid

META = {"title": "T", "question": "Q", "schema_version": 1}
LOADED = {"baseline": load("baseline")}
SIZES = {
    "acceptance-by-reach": (36, 3_600),
    "baseline-ensemble": (1, 1_000),
    "omar-by-successor": (104, 10_400),
    "posture-by-returnees": (90, 9_000),
    "weights-hypercube": (500, 10_000),
    "what-ifs-under-uncertainty": (256, 6_400),
}


@pytest.mark.parametrize("name", SIZES)
def test_bundled_designs_hold_without_a_warning_and_are_of_the_size_they_say(name: str) -> None:
    plan = plan_sweep(name)
    assert (plan.points, plan.runs) == SIZES[name]
    assert plan.skipped == 0
    assert plan.title
    assert plan.question.endswith("?")
    assert read_tree(bundled_designs()[name]).data["meta"]["notes"]
    assert advice(name, plan) == []


def test_every_design_is_listed() -> None:
    assert list(bundled_designs()) == list(SIZES)
    frame = sim.designs()
    assert dict(zip(frame.index, zip(frame.points, frame.runs, strict=True), strict=True)) == SIZES


def test_the_hypercube_varies_twelve_weights_by_their_priors() -> None:
    plan = plan_sweep("weights-hypercube")
    assert len(plan.columns) == 12
    weights = LOADED["baseline"].scenario.weights
    for path, column in plan.columns.items():
        prior = getattr(weights, path.removeprefix("weights.")).prior
        assert len(np.unique(column)) == 500
        if prior.dist == "uniform":
            layers = np.floor((column - prior.low) / (prior.high - prior.low) * 500 - 1e-7)
            assert len(np.unique(layers)) > 495


def test_what_ifs_meet_the_same_worlds() -> None:
    plan = plan_sweep("what-ifs-under-uncertainty")
    for column in plan.columns.values():
        by_scenario = column.reshape(4, 64)
        assert (by_scenario == by_scenario[0]).all()


@pytest.fixture(scope="module")
def summaries(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pd.DataFrame]:
    """What the runs of a bundled design came to, four at each point."""

    @cache
    def make(name: str) -> pd.DataFrame:
        return sim.sweep(name, out=tmp_path_factory.mktemp("swept") / name, runs=4, progress=False).summary

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "cause", "outcome", "least"),
    [
        ("omar-by-successor", "events.omar_revealed.date", "supported_ever", 1.0),
        ("acceptance-by-reach", "patrons.iskp.acceptance", "accepted_ever", 5.0),
        ("acceptance-by-reach", "regions.nangarhar.reach.taliban", "supported_ever", 1.0),
        ("posture-by-returnees", "events.second_return.pool", "final_fighters", 100.0),
        ("what-ifs-under-uncertainty", "scenario", "final_fighters", 1000.0),
    ],
)
def test_what_bundled_designs_vary_moves_what_they_ask_about(
    name: str, cause: str, outcome: str, least: float, summaries: Callable[[str], pd.DataFrame]
) -> None:
    means = summaries(name).groupby(cause)[outcome].mean()
    assert means.max() - means.min() > least


def test_the_bundled_schema_is_current() -> None:
    """``bayah schema --experiment --out experiments/experiment.schema.json`` writes it anew."""
    file = bundled_folder("experiments") / "experiment.schema.json"
    assert file.read_text(encoding="utf-8") == design_schema_text()


@pytest.mark.parametrize("file", sorted(bundled_designs().values()), ids=lambda file: file.name)
def test_bundled_designs_are_valid_and_tell_editors_of_the_schema(file: Path) -> None:
    assert is_valid(read_tree(file).data, design_schema())
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=experiment.schema.json"


@pytest.mark.parametrize(
    ("block", "valid"),
    [
        ({"grid": {"decision.theta": [1, 2]}}, True),
        ({"grid": {"decision.theta": {"low": 1, "high": 2, "count": 3}}}, True),
        ({"list": [{"decision.theta": 1, "mechanisms.M01": False}]}, True),
        ({"table": {"file": "x.csv"}}, True),
        ({"sample": "sobol", "points": 8, "over": {"weights.*": "prior"}}, True),
        ({"sample": "sobol", "points": 8, "over": {"a.b": {"dist": "normal", "mean": 1, "sd": 2}}}, True),
        ({}, False),
        ({"grid": {"theta": [1]}}, False),
        ({"grid": {"decision.theta": 3}}, False),
        ({"grid": {"decision.theta": []}}, False),
        ({"grid": {"decision.theta": [[1]]}}, False),
        ({"grid": {"a.b": [1]}, "zip": {"a.b": [1]}}, False),
        ({"sample": "sobool", "points": 8, "over": {"weights.*": "prior"}}, False),
        ({"sample": "sobol", "points": 8}, False),
        ({"gird": {"a.b": [1]}}, False),
    ],
)
def test_the_schema_knows_blocks(block: dict[str, Any], valid: bool) -> None:
    design = {"meta": META, "scenario": ["baseline"], "levers": [block], "trajectories": {"keep": "all"}}
    assert is_valid(design, design_schema()) is valid


@pytest.mark.parametrize(
    ("name", "value"), [("outcomes", ["splitz"]), ("trajectories", "al"), ("seed", -1), ("x", 1)]
)
def test_the_schema_knows_values(name: str, value: Any) -> None:
    assert not is_valid({"meta": META, "scenario": "baseline", name: value}, design_schema())


def from_table(folder: Path, file: str, **columns: str) -> Any:
    design = folder / "bad.yaml"
    wanted = f", columns: {json.dumps(columns)}" if columns else ""
    design.write_text(
        "meta: {title: T, question: Q, schema_version: 1}\nscenario: baseline\n"
        f"levers: [{{table: {{file: {file}{wanted}}}}}]\n"
    )
    return plan_sweep(design, scenarios=LOADED)


def test_points_come_from_a_table(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "name,decision.theta,events.omar_revealed.date,mechanisms.M01,decision.rule\n"
        "a,1,2015-07-01,true,logit\nb,2.5,2014-01-01,false,random\n"
    )
    plan = from_table(tmp_path, "p.csv")
    assert [plan.values(n) for n in range(2)] == [
        {"decision.theta": 1.0, "events.omar_revealed.date": "2015-07", "mechanisms.M01": True, "decision.rule": "logit"},
        {"decision.theta": 2.5, "events.omar_revealed.date": "2014-01", "mechanisms.M01": False, "decision.rule": "random"},
    ]  # fmt: skip


def test_columns_of_a_parquet_file_are_named(tmp_path: Path) -> None:
    pd.DataFrame({"t": [1, 2], "when": ["omar_dies + 3", "2015-07"]}).to_parquet(tmp_path / "p.parquet")
    plan = from_table(tmp_path, "p.parquet", t="decision.theta", when="events.omar_revealed.date")
    assert plan.values(0) == {"decision.theta": 1.0, "events.omar_revealed.date": "omar_dies + 3"}


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        (None, {}, ["3:25: levers.0.table.file: p.csv: no such file (did you mean 'q.csv'?)"]),
        ("", {}, ["3:25: levers.0.table.file: p.csv: cannot be read: Empty CSV file"]),
        ("a,b\n1,2\n", {}, ["3:11: levers.0.table: no column is named by a path; there are a, b"]),
        ("decision.theta\n", {}, ["3:25: levers.0.table.file: p.csv: has 0 rows; 1 to 20,000,000 can be read"]),
        ("a,a\n1,2\n", {}, ["3:25: levers.0.table.file: p.csv: has two columns 'a'"]),
        ("decision.tehta\n1\n", {}, ["3:19: levers.0.table.file: unknown path: decision has no 'tehta' (did you mean 'theta'?)"]),
        ("theta\n1\n", {"thta": "decision.theta"}, ["3:42: levers.0.table.columns.thta: the file has no column 'thta' (did you mean 'theta'?)"]),
        (
            "decision.theta,weights.b_tie\n1,2\nnan,99\n,1\nx,3\n",
            {},
            [
                "3:25: levers.0.table.file: column 'decision.theta', row 1: should be a number, not '1'",
                "3:25: levers.0.table.file: column 'decision.theta', row 2: should be a number, not 'nan'",
                "3:25: levers.0.table.file: column 'decision.theta', row 3: should be a number, not ''",
                "3:25: levers.0.table.file: column 'decision.theta', row 4: should be a number, not 'x'",
                "3:25: levers.0.table.file: column 'weights.b_tie', row 2: 99 is outside -30 to 30 (log-odds)",
            ],
        ),
        (
            "decision.theta,factions.imu.home\n1,kabul\nnan,\n,kabl\n" + "inf,kabul\n" * 6,
            {},
            [
                "3:25: levers.0.table.file: column 'decision.theta', row 2: is empty",
                "3:25: levers.0.table.file: column 'decision.theta', row 3: is empty",
                "3:25: levers.0.table.file: column 'decision.theta', row 4: should be a number, not inf",
                "3:25: levers.0.table.file: column 'decision.theta', row 5: should be a number, not inf",
                "3:25: levers.0.table.file: column 'decision.theta', row 6: should be a number, not inf",
                "3:25: levers.0.table.file: column 'decision.theta', so are 3 more rows",
                "3:25: levers.0.table.file: column 'factions.imu.home', row 2: unknown region ''",
                "3:25: levers.0.table.file: column 'factions.imu.home', row 3: unknown region 'kabl' (did you mean 'kabul'?)",
            ],
        ),
        ("decision.theta\n\n\n", {}, ["3:25: levers.0.table.file: p.csv: has 0 rows; 1 to 20,000,000 can be read"]),
        ("decision.theta,x\n,1\n,2\n", {}, [
            "3:25: levers.0.table.file: column 'decision.theta', row 1: is empty",
            "3:25: levers.0.table.file: column 'decision.theta', row 2: is empty",
        ]),
    ],
)  # fmt: skip
def test_tables_that_do_not_hold_are_refused_row_by_row(
    text: str | None, columns: dict[str, str], lines: list[str], tmp_path: Path
) -> None:
    (tmp_path / "q.csv").write_text("x\n")
    if text is not None:
        (tmp_path / "p.csv").write_text(text)
    with pytest.raises(ExperimentError) as caught:
        from_table(tmp_path, "p.csv", **columns)
    assert str(caught.value).splitlines() == [f"{tmp_path}/bad.yaml:{line}" for line in lines]


@pytest.mark.parametrize("file", ["sub", "missing/p.csv", "/dev/zero", "x.parquet", "b.csv"])
def test_what_is_no_table_is_refused_in_a_line(file: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\0,\xe9\n\x80,2\n")
    with pytest.raises(ExperimentError) as caught:
        from_table(tmp_path, file)
    assert len(str(caught.value).splitlines()) == 1


def test_a_table_of_100_000_rows_is_read_at_once(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).integers(0, 30, 100_000)
    frame = pd.DataFrame(
        {
            "decision.theta": rows / 7,
            "weights.b_tie": rows,
            "events.omar_revealed.date": [f"{2013 + n // 12}-{n % 12 + 1:02d}" for n in rows % 24 + 3],
            "factions.imu.home": np.array(["kabul", "nangarhar"])[rows % 2],
        }
    )
    # The first block of a reader holds whole numbers only.
    frame.loc[:50_000, "decision.theta"] = 1
    frame.to_csv(tmp_path / "p.csv", index=False)
    from_table(tmp_path, "p.csv", **{"decision.theta": "decision.theta"})
    began = time.process_time()
    plan = from_table(tmp_path, "p.csv")
    assert plan.points == 100_000
    assert time.process_time() - began < 3
    assert plan.columns["decision.theta"][-1] == rows[-1] / 7


def test_designs_are_checked_listed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "omar-by-successor", "baseline", "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert (files[0]["points"], files[0]["runs"]) == SIZES["omar-by-successor"]
    assert [file["holds"] for file in files] == [True, True]
    assert main(["list", "experiments", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["experiments"]
    assert {row["name"]: (row["points"], row["runs"]) for row in rows if row["kind"] == "design"} == SIZES
    assert {"patterns", "sensitivity"} <= {row["kind"] for row in rows}
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in [*SIZES, "baseline"])
    assert main(["schema", "--experiment"]) == 0
    assert capsys.readouterr().out == design_schema_text()


def test_what_should_give_pause_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(
        "meta: {title: T, question: Q, schema_version: 1}\nscenario: baseline\n"
        "levers: [{grid: {weights.b_tie: [1, 2]}}]\nreplicates: 5\ntrajectories: quantiles\n"
    )
    assert main(["check", str(file)]) == 0
    told = capsys.readouterr().out
    assert f"{file}:3:18: warning: levers.0.grid.weights.b_tie: nobody can choose it" in told
    assert f"{file}:5:15: warning: trajectories: quantiles of 5 runs say little" in told
    assert main(["check", "--strict", str(file)]) == 1


def test_arrays_and_ranges_of_a_notebook_are_lists() -> None:
    levers = [{"grid": {"decision.theta": np.linspace(1, 2, 5), "weights.b_tie": pd.Series([1, 2])}}]
    plan = plan_sweep({"meta": META, "scenario": "baseline", "levers": levers}, scenarios=LOADED)
    assert plan.points == 10


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "a\nb", "x" * 101])
def test_a_design_without_a_file_needs_a_name_for_a_folder(name: str) -> None:
    with pytest.raises(ExperimentError, match="cannot name a folder"):
        plan_sweep({"name": name, "meta": META, "scenario": "baseline"}, scenarios=LOADED)


def test_scenarios_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "s.yaml").write_text("extends: baseline\nmeta: {title: T, question: Q}\n")
    (tmp_path / "d.yaml").write_text(
        "meta: {title: T, question: Q, schema_version: 1}\nscenario: [a/s.yaml, b/s.yaml]\n"
    )
    assert [scenario.name for scenario in plan_sweep(tmp_path / "d.yaml").scenarios] == ["s", "b/s.yaml"]
