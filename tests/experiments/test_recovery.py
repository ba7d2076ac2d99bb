"""Known parameters sought from synthetic records, and how often intervals hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from calibrated import small, table_of
from invented_tables import linear_table, targets
from scipy.special import logit

from sim.experiments.calibration import recovery
from sim.experiments.calibration.recovery import Truths, coverage, draw_truths, recover
from sim.experiments.patterns.observing import Witness


def test_coverage_counts_the_truths_inside() -> None:
    truth = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.45, 0.55, 0.35, 0.65, 0.98])
    frame = pd.DataFrame({
        "path": ["a"] * 10, "truth_number": range(10), "truth": truth,
        "q05": 0.05, "q25": 0.4, "q50": 0.5 * truth, "q75": 0.6, "q95": 0.95,
        "contraction": np.linspace(0, 0.9, 10),
    })  # fmt: skip
    other = frame.assign(path="b", q25=0.0, q75=1.0, q50=-truth, contraction=0.5)
    found = coverage(pd.concat([frame, other]))
    assert found.index.tolist() == ["a", "b", "all"]
    assert found["truths"].tolist() == [10, 10, 20]
    assert found["held_50"].tolist() == pytest.approx([0.3, 1.0, 0.65])
    assert found["held_90"].tolist() == pytest.approx([0.9, 0.9, 0.9])
    # The ends of an interval hold it.
    edge = coverage(frame.assign(q05=frame["truth"], q95=frame["truth"]))
    assert edge.loc["a", "held_90"] == 1.0
    # Numbers of one truth are not independent: two standard errors over truths.
    shares = np.where((truth >= 0.4) & (truth <= 0.6), 1.0, 0.5)
    error = 1.96 * shares.std(ddof=1) / np.sqrt(10)
    assert found.loc["all", ["low_50", "high_50"]].tolist() == pytest.approx([0.65 - error, 0.65 + error])
    # Wilson's interval of 3 of 10.
    assert found.loc["a", ["low_50", "high_50"]].tolist() == pytest.approx([0.1078, 0.6032], abs=1e-4)
    assert found["contraction"].tolist() == pytest.approx([0.45, 0.5, 0.475])
    assert found["correlation"].tolist()[:2] == pytest.approx([1.0, -1.0])


def test_truths_are_neither_points_nor_runs_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    calibration, table = small(), table_of()
    seeds: list[int] = []
    runs = Witness.runs

    def watched(self: Witness, chosen: Sequence[int]) -> Any:
        seeds.extend(chosen)
        return runs(self, chosen)

    monkeypatch.setattr(Witness, "runs", watched)
    truths = draw_truths(calibration, 5, progress=False, workers=1)
    # The first call warms the engine.
    assert len(set(seeds[1:])) == 5
    biggest = calibration.file.table
    assert min(seeds[1:]) > 40_000 * 16
    assert min(seeds[1:]) > biggest.draws * biggest.replicates
    assert not np.isin(truths.u, table.u).any()
    assert truths.u.shape == (5, 12)
    # Each record is what that run was seen to do, on the scales of the record.
    assert len({record.observed.tobytes() for record in truths.records}) == 5
    for record in truths.records:
        assert record.names == calibration.targets.names
        np.testing.assert_array_equal(record.scale, calibration.targets.scale)
        assert np.isnan(record.low).all()
    longer = draw_truths(calibration, 7, progress=False, workers=2)
    assert (longer.u[:5] == truths.u).all()
    for one, other in zip(truths.records, longer.records[:5], strict=True):
        np.testing.assert_array_equal(one.observed, other.observed)


def test_a_small_recovery_of_real_runs() -> None:
    calibration, table = small(accept=0.2), table_of()
    truths = draw_truths(calibration, 3, progress=False, workers=1)
    ticks: list[None] = []
    found = recover(calibration, table, truths, lambda: ticks.append(None))
    assert len(ticks) == 3
    assert len(found) == 36
    assert (found["way"] == "table").all()
    at = found[["q05", "q25", "q50", "q75", "q95"]].to_numpy()
    assert (np.diff(at, axis=1) >= 0).all()
    assert ((at > 0) & (at < 1)).all()
    assert found["rank"].between(0, 1).all()
    assert (found["contraction"] < 1).all()
    assert (found["truth"].to_numpy().reshape(3, 12) == truths.u).all()
    assert coverage(found).loc["all", "truths"] == 36


def test_intervals_hold_known_truths_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the posterior is known to be right: two numbers, three measures, 150 truths."""
    table, values = linear_table(20_000, replicates=1, seed=5)
    truth, seen = linear_table(150, replicates=1, seed=6)
    monkeypatch.setattr(recovery, "fitted_values", lambda *_: values)
    calibration = replace(small(accept=0.02), fields=small().fields[:2])
    records = tuple(targets(one, np.full(3, 4.0)) for one in seen)
    found = recover(calibration, table, Truths(truth.u, records))
    told = coverage(found)
    for level in (50, 90):
        row = told.loc["all"]
        assert row[f"low_{level}"] <= level / 100 <= row[f"high_{level}"]
    assert (told["correlation"] > 0.6).all()
    assert (told["contraction"] > 0.2).all()
    # Ranks of the truths are uniform.
    ranks = np.sort(found["rank"].to_numpy())
    assert np.abs(ranks - (np.arange(300) + 0.5) / 300).max() < 1.63 / np.sqrt(150)
    assert np.isfinite(logit(found["q50"])).all()


def test_the_first_truths_are_sought_by_smc_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    class Found:
        u = np.full((4, 12), 0.5)
        weights = np.full(4, 0.25)

    def run(models: Any, record: Any, form: Any, database: Path, **how: Any) -> Found:
        asked.append(database)
        return Found()

    monkeypatch.setattr(recovery, "run_smc", run)
    calibration = small()
    nothing = calibration.targets
    truths = Truths(np.full((3, 12), 0.25), (nothing, nothing, nothing))
    found = recovery.recover_by_smc(calibration, truths, 2, tmp_path)
    assert asked == [tmp_path / "truth-0.db", tmp_path / "truth-1.db"]
    assert found["truth_number"].tolist() == [0] * 12 + [1] * 12
    assert (found["way"] == "smc").all()
    assert found["contraction"].tolist() == pytest.approx([1.0] * 24)
    assert len(recovery.recover_by_smc(calibration, truths, 0, tmp_path)) == 0
