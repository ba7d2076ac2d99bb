"""Indices by the functions that real runs go through, on functions whose answers are known."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray
from SALib.analyze import morris as salib_morris
from SALib.analyze import pawn as salib_pawn
from SALib.analyze import sobol as salib_sobol
from scipy.stats import ks_2samp

from sim.experiments.sensitivity.indices import (
    effects,
    morris_design,
    morris_indices,
    problem_of,
    sobol_design,
    sobol_indices,
    whole_groups,
)
from sim.experiments.sensitivity.noise import averages, halves, resampled
from sim.experiments.sensitivity.pawn import distances, slices_of

Floats = NDArray[np.float64]
NAMES = ["a", "b", "c"]
A, B = 7.0, 0.1


def ishigami(u: Floats) -> Floats:
    x = (2 * u - 1) * pi
    found: Floats = np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])
    return found


def known() -> tuple[Floats, Floats]:
    """First and total indices of the function above."""
    one, two = 0.5 * (1 + B * pi**4 / 5) ** 2, A**2 / 8
    three = B**2 * pi**8 * 8 / 225
    whole = one + two + three
    return np.array([one, two, 0.0]) / whole, np.array([one + three, two, three]) / whole


def noisy(values: Floats, runs: int, sd: float, seed: int = 1) -> Floats:
    return values[:, None] + np.random.default_rng(seed).normal(0, sd, (len(values), runs))


def test_sobol_finds_the_known_shares() -> None:
    design = sobol_design(NAMES, 4096, 1)
    found = sobol_indices(design, ishigami(design)[:, None], 1)
    first, total = known()
    assert np.allclose(found["first"], first, atol=0.02)
    assert np.allclose(found["total"], total, atol=0.02)
    for n in range(3):
        assert found["total_low"][n] < total[n] < found["total_high"][n]
        assert found["first_low"][n] < first[n] < found["first_high"][n]
    assert found["direction"][0] > 0.3
    assert abs(found["direction"][1]) < 0.05
    assert np.isnan(found["floor"]).all()


def test_sobol_is_salibs() -> None:
    design = sobol_design(NAMES, 128, 3)
    values = noisy(ishigami(design), 8, 1.0)
    found = sobol_indices(design, values, 3)
    theirs = salib_sobol.analyze(problem_of(NAMES), values.mean(axis=1), calc_second_order=False, seed=4)
    assert np.allclose(found["first"], theirs["S1"])
    assert np.allclose(found["total"], theirs["ST"])


def test_what_chance_makes_of_a_total_share_is_told() -> None:
    """A number that does nothing has the total index of its noise; less that, the known shares are left."""
    design = sobol_design([*NAMES, "idle"], 2048, 1)
    found = sobol_indices(design, noisy(ishigami(design[:, :3]), 8, 4.0), 1)
    assert found["total"][3] == pytest.approx(found["floor"][3], rel=0.15)
    assert found["total"][3] > 0.03
    clean = np.array(found["total"]) - found["floor"]
    # Noise also widens what shares are shares of.
    scale = 1 / (1 - found["floor"][3])
    assert np.allclose(clean[:3] * scale, known()[1], atol=0.04)
    assert found["chance"][3] > 0.5 > found["chance"][0]


def test_morris_finds_slopes_and_is_salibs() -> None:
    design = morris_design(NAMES, 20, 4, 1)
    values = (3 * design[:, 0] - 2 * design[:, 1])[:, None]
    found = morris_indices(design, values, 4, 1)
    assert np.allclose(found["mu"], [3, -2, 0])
    assert np.allclose(found["mu_star"], [3, 2, 0])
    assert np.allclose(found["sigma"], 0, atol=1e-9)
    values = noisy(ishigami(design), 6, 1.0)
    theirs = salib_morris.analyze(problem_of(NAMES), design, values.mean(axis=1), num_levels=4)
    mine = effects(design, values.mean(axis=1)[:, None])[:, :, 0]
    assert np.allclose(np.abs(mine).mean(axis=0), theirs["mu_star"])
    assert np.allclose(mine.mean(axis=0), theirs["mu"])
    assert np.allclose(morris_indices(design, values, 4, 1)["mu_star"], theirs["mu_star"])


def test_what_chance_makes_of_an_elementary_effect_is_told() -> None:
    design = morris_design([*NAMES, "idle"], 200, 4, 1)
    found = morris_indices(design, noisy(5 * design[:, 0], 16, 3.0), 4, 1)
    assert found["mu_star"][3] == pytest.approx(found["floor"][3], rel=0.2)
    assert found["mu_star"][3] > 0.5
    assert found["mu_star"][0] == pytest.approx(5, rel=0.05)


def test_the_same_chance_at_every_point_is_no_effect() -> None:
    design = morris_design(NAMES, 10, 4, 1)
    shared = np.random.default_rng(2).normal(0, 9, 12)
    found = morris_indices(design, design[:, [0]] + shared, 4, 1)
    assert np.allclose(found["mu_star"], [1, 0, 0])
    assert np.allclose(found["floor"], 0)


def test_an_output_that_never_changes_has_no_shares() -> None:
    design = sobol_design(NAMES, 16, 1)
    found = sobol_indices(design, np.ones((len(design), 3)), 1)
    assert found["total"] == [0, 0, 0]


def test_noise_is_kept_apart_from_effect() -> None:
    rng = np.random.default_rng(1)
    effect = rng.normal(0, 3, 4000)
    told = averages(noisy(effect, 10, 2.0)).told(np.ones(4000, dtype=bool))
    assert told["within"] == pytest.approx(4, rel=0.03)
    assert told["between"] == pytest.approx(9.4, rel=0.06)
    assert told["noise_share"] == pytest.approx(0.4 / 9.4, rel=0.08)


def test_runs_without_a_number_are_left_out_and_never_made_up() -> None:
    values = np.array([[1.0, 3.0, np.nan], [np.nan, np.nan, np.nan], [5.0, np.nan, np.nan]])
    found = averages(values)
    assert found.mean[[0, 2]].tolist() == [2.0, 5.0]
    assert np.isnan(found.mean[1])
    assert found.count.tolist() == [2, 0, 1]
    assert np.isnan(found.variance[[1, 2]]).all()
    again = resampled(values, 1, 50)
    assert np.isnan(again[1]).all()
    assert (again[2] == 5).all()
    assert set(again[0]) <= {1.0, 2.0, 3.0, 5 / 3, 7 / 3}
    half = halves(values)
    assert half is not None
    assert half.tolist() == [-1.0, 0.0, 0.0]
    assert halves(values[:, :1]) is None


def test_a_point_without_a_good_run_drops_its_whole_group() -> None:
    values = np.ones((6, 2))
    values[4] = np.nan
    values[0, 0] = np.nan
    groups, rows = whole_groups(values, 3)
    assert groups.tolist() == [True, False]
    assert rows.tolist() == [True] * 3 + [False] * 3


def test_pawn_is_salibs() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((3000, 3))
    for outcome in (ishigami(x), np.round(ishigami(x))):
        kinds, codes = np.unique(outcome, return_inverse=True)
        theirs = salib_pawn.analyze(problem_of(NAMES), x, outcome, S=10)
        for n in range(3):
            mine = distances(codes, len(kinds), slices_of(x[:, n]))
            assert len(mine) == 10
            assert np.median(mine) == pytest.approx(theirs["median"][n])
            assert mine.max() == pytest.approx(theirs["maximum"][n])


def test_a_number_with_few_values_is_known_value_by_value() -> None:
    rng = np.random.default_rng(1)
    x = rng.choice([1.0, 2.0, 5.0], 600, p=[0.2, 0.5, 0.3])
    outcome = x + rng.normal(0, 1, 600)
    kinds, codes = np.unique(outcome, return_inverse=True)
    mine = distances(codes, len(kinds), slices_of(x))
    wanted = [ks_2samp(outcome[x == value], outcome).statistic for value in (1.0, 2.0, 5.0)]
    assert np.allclose(mine, wanted)
