"""Scores against plain sums, nulls against what is known of the coded units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from calibrated import bundled
from numpy.typing import NDArray

from sim.experiments.validation.nulls import Predictor, base_rate, held_out, ridge_logit, rule
from sim.experiments.validation.scores import brier, crps, curve, percentile, score_frame

Floats = NDArray[np.float64]


# Scores


def double_sum(x: Floats, observed: float, weights: Floats | None = None) -> float:
    w = np.full(len(x), 1 / len(x)) if weights is None else weights / weights.sum()
    apart = np.abs(x[:, None] - x[None, :])
    return float(w @ np.abs(x - observed) - 0.5 * w @ apart @ w)


@pytest.mark.parametrize("observed", [-4.0, 0.0, 0.3, 7.0])
def test_crps_is_the_double_sum(observed: float) -> None:
    generator = np.random.default_rng(1)
    for sample in (generator.normal(size=200), generator.integers(0, 4, 100).astype(float), np.array([2.5])):
        assert crps(sample, observed) == pytest.approx(double_sum(sample, observed), abs=1e-12)
        weights = generator.exponential(size=len(sample))
        assert crps(sample, observed, weights) == pytest.approx(
            double_sum(sample, observed, weights), abs=1e-12
        )
    # A whole number of times is a weight.
    x, times = generator.normal(size=30), generator.integers(1, 5, 30)
    assert crps(x, observed, times.astype(float)) == pytest.approx(crps(np.repeat(x, times), observed))


def test_crps_of_one_value_is_the_distance_and_of_a_normal_is_the_known_one() -> None:
    assert crps(np.array([2.0]), 5.0) == 3.0
    assert crps(np.full(7, 2.0), 2.0) == pytest.approx(0.0)
    sample = np.random.default_rng(2).normal(size=200_000)
    # Gneiting and Raftery 2007, at the mean: 2 pdf(0) - 1 / sqrt(pi).
    assert crps(sample, 0.0) == pytest.approx(2 / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi), abs=2e-3)


def test_runs_with_nothing_do_not_count() -> None:
    sample = np.array([1.0, np.nan, 3.0, np.nan])
    assert crps(sample, 2.0) == crps(np.array([1.0, 3.0]), 2.0)
    weights = np.array([1.0, 9.0, 2.0, 9.0])
    assert crps(sample, 2.0, weights) == crps(np.array([1.0, 3.0]), 2.0, np.array([1.0, 2.0]))
    assert percentile(sample, 3.0) == 0.75
    for nothing in (np.array([np.nan]), np.array([])):
        assert np.isnan(crps(nothing, 1.0))
        assert np.isnan(percentile(nothing, 1.0))


def test_a_percentile_counts_ties_half() -> None:
    sample = np.array([1.0, 2.0, 2.0, 3.0])
    assert [percentile(sample, at) for at in (0.0, 1.0, 2.0, 2.5, 3.0, 9.0)] == [
        0.0, 0.125, 0.5, 0.75, 0.875, 1.0
    ]  # fmt: skip


def invented(seed: int = 3) -> tuple[dict[str, Floats], Floats, list[str], dict[str, NDArray[np.bool_]]]:
    generator = np.random.default_rng(seed)
    outcome = (generator.random(24) < 0.4).astype(float)
    clusters = [f"c{n // 3}" for n in range(24)]
    probabilities = {
        "model": generator.random(24), "rule": generator.random(24), "sure": np.where(outcome == 1, 0.0, 1.0)
    }  # fmt: skip
    subsets = {"all": np.ones(24, dtype=bool), "some": np.arange(24) % 2 == 0}
    return probabilities, outcome, clusters, subsets


def scored(resamples: int = 400, seed: int = 1) -> pd.DataFrame:
    frame = score_frame(*invented(), "leave_one_out", "rule", resamples, seed)
    return frame.set_index(["predictor", "subset"])


def test_a_frame_of_scores_is_what_plain_sums_give() -> None:
    probabilities, outcome, _, subsets = invented()
    frame = scored()
    assert len(frame) == 6
    assert (frame["split"] == "leave_one_out").all()
    for (predictor, subset), row in frame.iterrows():  # type: ignore[misc]
        mine = subsets[subset]
        errors = (probabilities[predictor] - outcome)[mine] ** 2
        rule_errors = (probabilities["rule"] - outcome)[mine] ** 2
        assert row["units"] == mine.sum()
        assert row["brier"] == pytest.approx(errors.mean())
        assert row["against_rule"] == pytest.approx(errors.mean() - rule_errors.mean())
        held = np.clip(probabilities[predictor][mine], 0.01, 0.99)
        logs = outcome[mine] * np.log(held) + (1 - outcome[mine]) * np.log(1 - held)
        assert row["log_score"] == pytest.approx(-logs.mean())
        assert row["low"] <= row["brier"] <= row["high"]
    # Wrong and sure of it: one for each in the Brier score, and what 1 % costs in the other.
    assert frame.loc[("sure", "all"), "brier"] == 1.0
    assert frame.loc[("sure", "all"), "log_score"] == pytest.approx(-np.log(0.01))
    own = frame.loc["rule"]
    assert (own[["against_rule", "against_rule_low", "against_rule_high"]] == 0).all(axis=None)


def test_intervals_draw_whole_clusters() -> None:
    probabilities, outcome, clusters, subsets = invented()
    errors = brier(probabilities["model"], outcome)
    sums = np.array([errors[np.array(clusters) == name].sum() for name in dict.fromkeys(clusters)])
    # By brute force over clusters of three.
    generator = np.random.default_rng(9)
    drawn = sums[generator.integers(0, 8, (40_000, 8))].sum(axis=1) / 24
    row = scored(20_000).loc[("model", "all")]
    assert row["low"] == pytest.approx(np.quantile(drawn, 0.025), abs=0.006)
    assert row["high"] == pytest.approx(np.quantile(drawn, 0.975), abs=0.006)
    # Units one by one would be surer of clusters that are alike.
    alike = {"model": np.repeat(generator.random(8), 3), "rule": np.zeros(24)}
    nothing = np.zeros(24)
    together = score_frame(alike, nothing, clusters, {"all": subsets["all"]}, "s", "rule", 4000, 1)
    apart = score_frame(
        alike, nothing, [str(n) for n in range(24)], {"all": subsets["all"]}, "s", "rule", 4000, 1
    )
    width = [float(one["high"].iloc[0] - one["low"].iloc[0]) for one in (together, apart)]
    assert width[0] > 1.4 * width[1]
    # The same seed, the same intervals.
    pd.testing.assert_frame_equal(scored(), scored())
    assert not scored(seed=2)["low"].equals(scored()["low"])


def test_a_subset_that_a_resample_may_miss_has_an_interval_all_the_same() -> None:
    probabilities, outcome, clusters, _ = invented()
    one = np.arange(24) == 5
    frame = score_frame(probabilities, outcome, clusters, {"one": one}, "s", "rule", 200, 1)
    assert np.isfinite(frame.select_dtypes("number")).all(axis=None)
    assert frame["low"].equals(frame["brier"])


def test_the_curve_has_observed_shares_by_bin() -> None:
    probability = np.array([0.0, 0.1, 0.19, 0.2, 0.55, 0.9, 1.0])
    outcome = np.array([0, 1, 0, 1, 0, 1, 1])
    frame = curve(probability, outcome, "model")
    assert frame["bin"].tolist() == [0, 1, 2, 4]
    assert frame["units"].tolist() == [3, 1, 1, 2]
    assert frame["predicted"].tolist() == pytest.approx([0.29 / 3, 0.2, 0.55, 0.95])
    assert frame["observed"].tolist() == pytest.approx([1 / 3, 1.0, 0.0, 1.0])
    assert (frame["low"] <= frame["observed"] + 1e-12).all()
    assert (frame["high"] >= frame["observed"] - 1e-12).all()
    # Wilson's interval of 2 of 2.
    assert frame["low"].iloc[3] == pytest.approx(0.3424, abs=1e-4)
    assert frame["units"].sum() == 7


# Nulls


def coded() -> tuple[Floats, Floats, Floats, list[str], tuple[str, ...]]:
    """Embeddedness, all traits, outcomes, clusters and names of the coded units."""
    units = bundled().patterns.units
    assert units is not None
    names = bundled().units
    traits = units.traits_of(names)
    rows = units.order(names)
    six = ("salafi", "displaced", "succession_loser", "foreign", "embedded", "east")
    return (
        traits["embedded"][:, None].astype(float), np.stack([traits[t] for t in six], axis=1).astype(float),
        units.pledged[rows].astype(float), [units.clusters[row] for row in rows], names,
    )  # fmt: skip


def test_nulls_reach_on_the_coded_units_what_is_known_of_them() -> None:
    embedded, traits, outcome, clusters, names = coded()
    assert (len(outcome), outcome.sum()) == (38, 17)

    def reached(predictor: Predictor, given: Floats, groups: list[str]) -> float:
        return round(float(brier(held_out(predictor, given, outcome, groups), outcome).mean()), 3)

    alone = list(names)
    assert reached(base_rate, traits, alone) == 0.261
    assert reached(rule, embedded, alone) == 0.128
    assert reached(rule, embedded, clusters) == 0.135
    # By hand: the share among the others that are coded alike.
    inside = embedded[:, 0] == 1
    shares = np.array([
        outcome[(embedded[:, 0] == embedded[n, 0]) & (np.arange(38) != n)].mean() for n in range(38)
    ])  # fmt: skip
    np.testing.assert_allclose(held_out(rule, embedded, outcome, alone), shares)
    assert outcome[inside].mean() < 0.2 < 0.6 < outcome[~inside].mean()
    ridge = held_out(ridge_logit, traits, outcome, clusters)
    assert ((ridge > 0) & (ridge < 1)).all()
    assert brier(ridge, outcome).mean() < 0.2


@pytest.mark.parametrize("predictor", [base_rate, rule, ridge_logit])
def test_the_outcome_of_a_group_does_not_enter_its_prediction(predictor: Predictor) -> None:
    embedded, traits, outcome, clusters, _ = coded()
    given = embedded if predictor is rule else traits
    found = held_out(predictor, given, outcome, clusters)
    changed = 0
    # Some are enough where each takes a regression for every cluster.
    asked = list(dict.fromkeys(clusters))[:: 20 if predictor is ridge_logit else 1]
    for cluster in asked:
        mine = np.array(clusters) == cluster
        flipped = np.where(mine, 1 - outcome, outcome)
        again = held_out(predictor, given, flipped, clusters)
        assert again[mine].tobytes() == found[mine].tobytes()
        changed += int((again[~mine] != found[~mine]).any())
    # It does enter those of others.
    assert changed == len(asked)


def test_a_null_that_has_seen_one_outcome_only_says_so() -> None:
    given = np.array([[0.0], [1.0], [0.0]])
    assert ridge_logit(given, np.zeros(3), given).tolist() == [0.0, 0.0, 0.0]
    # A trait that no known unit has: what is known of all.
    assert rule(np.zeros((3, 1)), np.array([1.0, 0.0, 0.0]), np.ones((1, 1))) == pytest.approx([1 / 3])
