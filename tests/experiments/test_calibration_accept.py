"""Acceptance from a table, held against posteriors that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibrated import small, table_of
from invented_tables import OBSERVED, known_posterior, linear_table, reference, targets
from scipy.special import logit

from sim.experiments.calibration.accept import accept, fitted_values, quantiles, record_without, resample
from sim.experiments.patterns.targets import FARTHEST

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


def test_draws_moved_by_regression_have_the_known_posterior() -> None:
    mean, sd, at = known_posterior(LEVELS)
    means, spreads, ends = [], [], []
    for seed in range(4):
        table, values = linear_table(40_000, seed=seed)
        found = accept(table, values, targets(), 0.02)
        z = logit(found.u)
        means.append(found.weights @ z)
        spreads.append(np.sqrt(found.weights @ (z - means[-1]) ** 2))
        ends.append(quantiles(found.u, found.weights, LEVELS))
    # About 1,200 effective runs each, four times over: errors of means near 0.015 standard deviations.
    assert np.abs((np.mean(means, axis=0) - mean) / sd).max() < 0.06
    assert np.abs(np.mean(spreads, axis=0) / sd - 1.0).max() < 0.06
    assert np.abs(np.mean(ends, axis=0) - at).max() < 0.015
    # What no regression moves is wider, and the farther the more is accepted.
    z = logit(accept(table, values, targets(), 0.3, adjust=False).u)
    assert (z.std(axis=0) > 1.1 * sd).all()
    wide = logit(accept(table, values, targets(), 0.3).u)
    assert np.abs(wide.mean(axis=0) - mean).max() < np.abs(z.mean(axis=0) - mean).max()


def test_without_regression_draws_are_as_they_were_drawn_and_the_nearest() -> None:
    table, values = linear_table(2000, replicates=3)
    found = accept(table, values, targets(), 0.05, adjust=False)
    assert (found.u == table.u[found.draws]).all()
    distances = targets().distances(values)
    order = np.argsort(distances)
    assert set(found.draws * 3 + found.replicates) == set(order[:300])
    assert found.threshold == distances[order[300]]
    kernel = 1 - (distances[found.draws * 3 + found.replicates] / found.threshold) ** 2
    np.testing.assert_allclose(found.weights, kernel / kernel.sum())
    assert found.weights.sum() == pytest.approx(1.0)
    by_draw = np.bincount(found.draws, found.weights)
    assert found.effective == pytest.approx(1 / (by_draw**2).sum())
    assert found.effective <= len(set(found.draws))


def test_runs_that_are_left_out_are_not_accepted() -> None:
    table, values = linear_table(500)
    out = np.zeros(1000, dtype=bool)
    out[::2] = True
    found = accept(table, values, targets(), 0.2, leave_out=out)
    assert set(found.replicates) == {1}


def test_no_draw_leaves_its_prior_however_far_the_record_lies() -> None:
    table, values = linear_table(3000)
    for far in (0.0, 3.0, 100.0, -1e9):
        found = accept(table, values, targets(OBSERVED + far), 0.05)
        assert np.isfinite(found.u).all()
        assert (found.u > 0).all()
        assert (found.u < 1).all()
        assert np.isfinite(found.weights).all()
    # A draw at the very edge stays inside as well.
    edges = replace(table, u=np.round(table.u))
    moved = accept(edges, values, targets(), 0.2).u
    assert ((moved > 0) & (moved < 1)).all()


def test_measures_that_do_not_vary_move_nothing() -> None:
    table, values = linear_table(1000)
    values[:] = OBSERVED + 0.5
    found = accept(table, values, targets(), 0.1)
    np.testing.assert_allclose(found.u, table.u[found.draws], atol=1e-5)
    # Ties are settled by the order of the table.
    assert (found.draws == np.repeat(np.arange(100), 2)).all()


def test_runs_with_nothing_lie_farthest_unless_the_record_has_nothing_too() -> None:
    table, values = linear_table(1000)
    values[:1000, 1] = np.nan
    found = accept(table, values, targets(), 0.2)
    assert (found.draws >= 500).all()
    nothing = targets(np.array([OBSERVED[0], np.nan, OBSERVED[2]]))
    found = accept(table, values, nothing, 0.2)
    assert (found.draws < 500).all()
    assert found.threshold < FARTHEST
    # Among them the second measure says nothing, and regression goes by the others.
    assert np.isfinite(found.u).all()
    assert not (found.u == table.u[found.draws]).all()
    # A record with nothing at all: every run is as near as every other.
    empty = targets(np.full(3, np.nan))
    values[:] = np.nan
    found = accept(table, values, empty, 0.2)
    assert found.threshold == 0.0
    assert found.weights == pytest.approx(np.full(400, 1 / 400))


def test_quantiles_are_those_of_numpy() -> None:
    generator = np.random.default_rng(2)
    values = generator.normal(size=(501, 2))
    equal = np.full(501, 1 / 501)
    np.testing.assert_allclose(
        quantiles(values, equal, LEVELS), np.quantile(values, LEVELS, axis=0, method="hazen")
    )
    # Weights are as good as repeated samples.
    values = generator.normal(size=(20_000, 1))
    count = generator.integers(1, 6, 20_000)
    repeated = np.quantile(np.repeat(values, count, axis=0), LEVELS, axis=0)
    np.testing.assert_allclose(quantiles(values, count / count.sum(), LEVELS), repeated, atol=2e-3)
    # What weighs nothing does not count.
    weights = np.where(values[:, 0] > 0, 1.0, 0.0)
    positive = np.quantile(values[values > 0], LEVELS)
    np.testing.assert_allclose(quantiles(values, weights / weights.sum(), LEVELS)[:, 0], positive, atol=2e-3)


def test_rows_are_drawn_as_often_as_they_weigh() -> None:
    generator = np.random.default_rng(3)
    weights = generator.exponential(size=300)
    weights[7] = 0.0
    for count in (50, 300, 5000):
        rows = resample(weights, count, 1)
        assert len(rows) == count
        often = np.bincount(rows, minlength=300)
        assert np.abs(often - count * weights / weights.sum()).max() <= 1.0 + 1e-9
        assert often[7] == 0
    assert (resample(weights, 50, 1) == resample(weights, 50, 1)).all()
    assert not (resample(weights, 50, 1) == resample(weights, 50, 2)).all()
    assert (resample(np.array([0.0, 0.0, 2.0]), 4, 1) == 2).all()


def test_effective_number_counts_draws_and_not_runs() -> None:
    # All runs of one draw are one draw.
    table = reference(np.full((60, 2), 0.5), 10)
    values = np.tile(OBSERVED + 3, (600, 1))
    values[:60] = OBSERVED
    found = accept(table, values, targets(), 0.1, adjust=False)
    assert set(found.draws) == set(range(6))
    assert found.effective == pytest.approx(6.0)


def test_coded_measures_are_worked_out_anew_without_some_units() -> None:
    calibration, table = small(), table_of()
    keep = [name for name in calibration.units if name not in ("imu", "haqqani")]
    values = fitted_values(calibration, table, keep)
    whole = fitted_values(calibration, table)
    names = [m.name for m in calibration.measures[: calibration.fitted]]
    coded = [
        n for n, m in enumerate(calibration.measures[: calibration.fitted]) if m.form.observed == "coded"
    ]
    assert [names[n] for n in coded] == [
        "SF1.early",
        "SF4.incumbent",
        "SF4.focus",
        "SF4.rest",
        "SF5.gradient",
    ]
    others = [n for n in range(calibration.fitted) if n not in coded]
    np.testing.assert_array_equal(values[:, others], whole[:, others])
    # By hand: who of the rest had sworn before the month.
    kept = [calibration.units.index(name) for name in keep]
    month = next(m for m in calibration.measures if m.name == "SF1.early").form.given["month"]
    at = 12 * (int(month[:4]) - 2013) + int(month[5:]) - 1
    oath = table.oath[:, :, kept].reshape(-1, len(kept)).astype(int)
    sworn = (oath >= 0).sum(axis=1)
    early = ((oath >= 0) & (oath < at)).sum(axis=1)
    expected = np.where(sworn > 0, early / np.maximum(sworn, 1), np.nan)
    np.testing.assert_allclose(values[:, names.index("SF1.early")], expected)
    record = record_without(calibration, keep)
    changed = (record.observed != calibration.targets.observed) & ~np.isnan(record.observed)
    assert {names[n] for n in np.flatnonzero(changed)} <= {names[n] for n in coded}
    # 38 units less two.
    assert record.observed[names.index("SF4.incumbent")] * 36 == pytest.approx(
        round(record.observed[names.index("SF4.incumbent")] * 36)
    )
