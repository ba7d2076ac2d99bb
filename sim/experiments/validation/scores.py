"""Scores: Brier and logarithmic with intervals over clusters, CRPS, percentiles, the calibration curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["brier", "crps", "curve", "percentile", "score_frame"]

_LEAST = 0.01
"""Probabilities are held this far from 0 and 1 in the logarithmic score: nobody is that sure of 38 cases."""


def brier(probability: NDArray[np.float64], outcome: NDArray[Any]) -> NDArray[np.float64]:
    """Squared error of each unit."""
    found: NDArray[np.float64] = (probability - outcome) ** 2
    return found


def crps(sample: NDArray[np.float64], observed: float, weights: NDArray[np.float64] | None = None) -> float:
    """Continuous ranked probability score of a sample, in the unit of what is observed.

    ``E|X - y| - E|X - X'| / 2`` (Gneiting and Raftery 2007), by sorting.
    """
    kept = ~np.isnan(sample)
    x = sample[kept]
    if not len(x):
        return float("nan")
    w = np.ones(len(x)) if weights is None else weights[kept]
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / w.sum()
    below = np.cumsum(w) - w
    spread = 2.0 * float((w * x * (2.0 * below + w - 1.0)).sum())
    return float(w @ np.abs(x - observed)) - 0.5 * spread


def percentile(sample: NDArray[np.float64], observed: float) -> float:
    """Share of a sample below what was observed, ties counted half."""
    x = sample[~np.isnan(sample)]
    if not len(x):
        return float("nan")
    return float((x < observed).mean() + 0.5 * (x == observed).mean())


def score_frame(
    probabilities: Mapping[str, NDArray[np.float64]],
    outcome: NDArray[Any],
    clusters: Sequence[str],
    subsets: Mapping[str, NDArray[np.bool_]],
    split: str,
    rule: str,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """Brier and logarithmic scores by predictor and subset of units.

    Parameters
    ----------
    probabilities
        By predictor, shape (units,).
    outcome
        What happened, 0 or 1.
    clusters
        Units of one cluster are drawn together in the bootstrap.
    subsets
        Which units count, by name.
    split
        What the probabilities come from: a word for the table.
    rule
        The predictor that the others are held against.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    pd.DataFrame
        predictor, split, subset, units, brier, low, high, log_score, against_rule, against_rule_low,
        against_rule_high; intervals are 95 %, negative differences are better than the rule.
    """
    import pandas as pd

    names, code = np.unique(np.array(clusters), return_inverse=True)
    generator = np.random.default_rng((seed, 31))
    drawn = generator.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=resamples)
    weights = drawn[:, code].astype(np.float64)
    rows = []
    for subset, chosen in subsets.items():
        inside = weights * chosen
        total = np.maximum(inside.sum(axis=1), 1e-9)
        enough = inside.sum(axis=1) > 0
        reference = brier(probabilities[rule], outcome)
        for predictor, probability in probabilities.items():
            errors = brier(probability, outcome)
            spread = ((inside @ errors) / total)[enough]
            apart = ((inside @ (errors - reference)) / total)[enough]
            low, high = np.quantile(spread, [0.025, 0.975])
            apart_low, apart_high = np.quantile(apart, [0.025, 0.975])
            held = np.clip(probability, _LEAST, 1 - _LEAST)
            logs = -np.where(outcome == 1, np.log(held), np.log(1 - held))
            rows.append({
                "predictor": predictor, "split": split, "subset": subset, "units": int(chosen.sum()),
                "brier": float(errors[chosen].mean()), "low": float(low), "high": float(high),
                "log_score": float(logs[chosen].mean()),
                "against_rule": float((errors - reference)[chosen].mean()),
                "against_rule_low": float(apart_low), "against_rule_high": float(apart_high),
            })  # fmt: skip
    return pd.DataFrame(rows)


def curve(
    probability: NDArray[np.float64], outcome: NDArray[Any], predictor: str, bins: int = 5
) -> pd.DataFrame:
    """Observed share against predicted probability, in bins of equal width that hold any unit.

    Returns
    -------
    pd.DataFrame
        predictor, bin, predicted (mean), observed (share), low and high (95 %, Wilson), units.
    """
    import pandas as pd
    from scipy.stats import binomtest

    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    rows = []
    for number in range(bins):
        mine = place == number
        if not mine.any():
            continue
        happened = int(outcome[mine].sum())
        interval = binomtest(happened, int(mine.sum())).proportion_ci(method="wilson")
        rows.append({
            "predictor": predictor, "bin": number, "predicted": float(probability[mine].mean()),
            "observed": happened / int(mine.sum()), "low": interval.low, "high": interval.high,
            "units": int(mine.sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)
