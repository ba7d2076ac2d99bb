"""Patterns scored on invented samples whose answers are known."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from calibrated import small, table_of
from numpy.typing import NDArray

from sim.experiments.calibration.accept import accept, fitted_values
from sim.experiments.patterns.targets import Targets
from sim.experiments.validation.predictive import (
    MODEL,
    accepted_runs,
    joint_frame,
    pattern_frame,
    pattern_verdicts,
    patterns_inside,
)

NAN = np.nan


@dataclass(frozen=True)
class Measure:
    """What is asked of a measure here: its name, its pattern and the pattern's role."""

    name: str
    pattern: str
    role: str = "fit"

    @property
    def about(self) -> Any:
        return SimpleNamespace(score="share", role=self.role)


MEASURES = (Measure("A.x", "A"), Measure("A.y", "A"), Measure("B.x", "B"), Measure("R.x", "R", "report"))
CALIBRATION: Any = SimpleNamespace(measures=MEASURES, fitted=3)
TARGETS = Targets(
    names=tuple(m.name for m in MEASURES),
    patterns=tuple(m.pattern for m in MEASURES),
    observed=np.array([5.0, 100.0, NAN, 2.0]),
    low=np.array([4.0, 50.0, 10.0, NAN]),
    high=np.array([6.0, 200.0, 20.0, NAN]),
    scale=np.array([2.0, 0.5, 3.0, 1.0]),
    log=np.array([False, True, False, False]),
    weight=np.array([0.5, 0.5, 1.0, 1.0]),
)


def sample(x: Any, y: Any = 100.0, b: Any = 15.0, r: Any = 2.0, runs: int = 101) -> NDArray[np.float64]:
    return np.stack([np.broadcast_to(np.asarray(v, dtype=float), runs) for v in (x, y, b, r)], axis=1)


SPREAD = np.linspace(0.0, 10.0, 101)


def test_where_the_record_lies_among_runs() -> None:
    frame = pattern_frame(CALIBRATION, TARGETS, {MODEL: sample(SPREAD)}).set_index("measure")
    row = frame.loc["A.x"]
    assert (row["observed"], row["low"], row["high"], row["nothing"]) == (5.0, 4.0, 6.0, 0.0)
    # 41 to 61 of 101 runs are in range.
    assert row["in_range"] == pytest.approx(21 / 101)
    assert [row[f"q{q:02d}"] for q in (5, 10, 25, 50, 75, 90, 95)] == pytest.approx(
        [0.5, 1.0, 2.5, 5.0, 7.5, 9.0, 9.5]
    )
    assert row["percentile"] == pytest.approx(0.5)
    assert row["central80"]
    # Of even values over (0, 10) at the middle: 10 / 4 - 10 / 6, on a scale of 2.
    assert row["crps"] == pytest.approx((10 / 4 - 10 / 6) / 2, abs=0.01)
    # A measure without a range is in range wherever a run has it.
    assert frame.loc["R.x", "in_range"] == 1.0


@pytest.mark.parametrize(("observed", "inside"), [(0.95, False), (1.05, True), (8.95, True), (9.05, False)])
def test_inside_is_the_central_80_percent(observed: float, inside: bool) -> None:
    from dataclasses import replace

    at = replace(TARGETS, observed=np.array([observed, 100.0, NAN, 2.0]))
    frame = pattern_frame(CALIBRATION, at, {MODEL: sample(SPREAD)}).set_index("measure")
    assert frame.loc["A.x", "central80"] == inside


def test_logarithms_are_compared_where_the_measure_says_so() -> None:
    frame = pattern_frame(CALIBRATION, TARGETS, {MODEL: sample(5.0, 100 * np.e)}).set_index("measure")
    # One away by the logarithm, on a scale of a half.
    assert frame.loc["A.y", "crps"] == pytest.approx(2.0)
    assert frame.loc["A.y", "q50"] == pytest.approx(100 * np.e)
    nothing = pattern_frame(CALIBRATION, TARGETS, {MODEL: sample(5.0, 0.0)})
    assert np.isfinite(nothing.set_index("measure").loc["A.y", "crps"])


def test_a_measure_of_which_only_a_range_is_known_has_no_score() -> None:
    for b, inside in (
        (np.repeat([15.0, 21.0], [51, 50]), True),
        (np.repeat([15.0, 21.0], [50, 51]), False),
        (15.0, True),
        (21.0, False),
    ):
        frame = pattern_frame(CALIBRATION, TARGETS, {MODEL: sample(5.0, b=b)}).set_index("measure")
        row = frame.loc["B.x"]
        assert np.isnan(row["crps"])
        assert np.isnan(row["percentile"])
        assert np.isnan(row["skill"])
        assert row["central80"] == inside, b
        verdict = pattern_verdicts(frame.reset_index()).loc["B"]
        assert verdict["inside"] == inside
        assert np.isnan(verdict["crps"])
        assert np.isnan(verdict["skill"])
        assert verdict["best_null"] == ""


def test_runs_with_nothing_are_told_and_not_scored() -> None:
    x = np.where(np.arange(101) < 50, NAN, SPREAD)
    frame = pattern_frame(CALIBRATION, TARGETS, {MODEL: sample(x), "none": sample(NAN)})
    model = frame[frame["predictor"] == MODEL].set_index("measure")
    assert model.loc["A.x", "nothing"] == pytest.approx(50 / 101)
    assert model.loc["A.x", "q50"] == pytest.approx(7.5)
    # Out of range: a run that has nothing does not meet it.
    assert model.loc["A.x", "in_range"] == pytest.approx(11 / 101)
    none = frame[frame["predictor"] == "none"].set_index("measure").loc["A.x"]
    assert none["nothing"] == 1.0
    assert np.isnan(none["crps"])
    assert not none["central80"]
    assert none["in_range"] == 0.0


def test_skill_is_against_the_best_null_of_each_measure() -> None:
    samples = {MODEL: sample(6.0, 100.0), "far": sample(9.0, 100.0), "near": sample(5.5, 900.0)}
    frame = pattern_frame(CALIBRATION, TARGETS, samples)
    model = frame[frame["predictor"] == MODEL].set_index("measure")
    assert model.loc["A.x", "best_null"] == "near"
    assert model.loc["A.x", "best_null_crps"] == pytest.approx(0.25)
    assert model.loc["A.x", "skill"] == pytest.approx(1 - 0.5 / 0.25)
    # A null that is right to the point leaves nothing to be better at.
    assert model.loc["A.y", "best_null"] == "far"
    assert np.isnan(model.loc["A.y", "skill"])
    # Of a pattern: the mean of its parts. The near null is bad at the other part.
    verdict = pattern_verdicts(frame).loc["A"]
    assert verdict["crps"] == pytest.approx(0.25)
    assert verdict["best_null"] == "far"
    assert verdict["best_null_crps"] == pytest.approx(1.0)
    assert verdict["skill"] == pytest.approx(0.75)


def test_a_null_with_no_value_for_a_part_is_not_judged_on_the_others() -> None:
    samples = {MODEL: sample(6.0, 120.0), "half": sample(5.0, NAN), "whole": sample(9.0, 300.0)}
    frame = pattern_frame(CALIBRATION, TARGETS, samples)
    verdict = pattern_verdicts(frame).loc["A"]
    assert verdict["best_null"] == "whole"
    assert verdict["skill"] > 0
    # Measure by measure it is.
    row = frame[(frame["predictor"] == MODEL) & (frame["measure"] == "A.x")].iloc[0]
    assert row["best_null"] == "half"
    # A model with no value for a part has no skill in the whole.
    samples = {MODEL: sample(5.0, NAN), "whole": sample(9.0, 300.0)}
    verdict = pattern_verdicts(pattern_frame(CALIBRATION, TARGETS, samples)).loc["A"]
    assert not verdict["inside"]
    assert not verdict["skill"] > 0


def test_a_pattern_is_inside_if_all_its_parts_are() -> None:
    samples = {MODEL: sample(SPREAD, 400.0)}
    verdicts = pattern_verdicts(pattern_frame(CALIBRATION, TARGETS, samples))
    assert verdicts.index.tolist() == ["A", "B", "R"]
    assert verdicts["inside"].tolist() == [False, True, True]
    assert verdicts["outside"].tolist() == ["A.y", "", ""]
    assert verdicts["role"].tolist() == ["fit", "fit", "report"]
    assert verdicts["in_range"].tolist() == pytest.approx([0.0, 1.0, 1.0])


def test_how_many_patterns_a_run_has_at_once() -> None:
    x = np.where(np.arange(101) < 60, 5.0, 9.0)
    b = np.where(np.arange(101) < 20, 15.0, 30.0)
    mine = sample(x, b=b)
    counts = patterns_inside(CALIBRATION, TARGETS, mine)
    # Reported patterns are not counted; parts count once, together.
    assert counts.tolist() == [2] * 20 + [1] * 40 + [0] * 41
    half = sample(5.0, 900.0)
    assert set(patterns_inside(CALIBRATION, TARGETS, half)) == {1}
    frame = joint_frame(CALIBRATION, TARGETS, {MODEL: mine, "half": half})
    shares = frame.pivot(index="predictor", columns="inside", values="share")
    assert shares.loc[MODEL].tolist() == pytest.approx([41 / 101, 40 / 101, 20 / 101])
    assert shares.loc["half"].tolist() == [0.0, 1.0, 0.0]
    assert frame.groupby("predictor")["share"].sum().tolist() == pytest.approx([1.0, 1.0])


def test_runs_of_accepted_draws_are_taken_as_often_as_they_weigh() -> None:
    from dataclasses import replace

    calibration, table = small(), table_of()
    found = accept(table, fitted_values(calibration, table), calibration.targets, 0.2, adjust=False)
    runs = accepted_runs(table, found, 2000, 1)
    assert runs.shape == (2000, len(calibration.measures))
    # Every row is one of the accepted draws' runs, also those that were not accepted themselves.
    rows = {
        row.tobytes() for row in table.measures[found.draws].reshape(-1, runs.shape[1]).astype(np.float64)
    }
    assert {row.tobytes() for row in runs} <= rows
    heaviest = int(found.draws[np.argmax(found.weights)])
    share = found.weights[found.draws == heaviest].sum()
    wanted = {row.tobytes() for row in table.measures[heaviest].astype(np.float64)}
    assert np.mean([row.tobytes() in wanted for row in runs]) == pytest.approx(share, abs=0.01)
    # Failed runs are no runs.
    good = table.good.copy()
    good[heaviest] = False
    without = accepted_runs(replace(table, good=good), found, 2000, 1)
    assert len(without) < 2000
    assert not {row.tobytes() for row in without} & wanted
