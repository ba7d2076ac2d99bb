"""Chance kept apart from effect: means of points, how far runs of a point differ, runs drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["RESAMPLES", "Averages", "averages", "halves", "resampled"]

Floats = NDArray[np.float64]
RESAMPLES = 200
"""Bootstrap samples behind an interval."""


@dataclass(frozen=True, eq=False)
class Averages:
    """Runs of points, one output: what is theirs and what is chance."""

    mean: Floats
    """Mean over the runs that count, shape (points,); not a number where none does."""
    variance: Floats
    """Variance between runs of a point, shape (points,); not a number where fewer than two count."""
    count: NDArray[np.int64]
    """Runs that count, shape (points,)."""

    def told(self, rows: NDArray[np.bool_]) -> dict[str, Any]:
        """Noise against effect over some points.

        ``noise_share`` is the part of the variance between means that runs with seeds of their own would make. As all
        points have the same seeds, differences between points hold less of it.
        """
        kept = rows & np.isfinite(self.mean)
        within = _mean(self.variance[kept])
        between = float(np.var(self.mean[kept])) if kept.any() else np.nan
        runs = _mean(self.count[kept].astype(np.float64))
        share = within / runs / between if between > 0 else np.nan
        return {
            "mean": _mean(self.mean[kept]),
            "within": within,
            "between": between,
            "noise_share": share,
        }


def _mean(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan


def averages(values: Floats) -> Averages:
    """Means and variances over runs.

    Parameters
    ----------
    values
        Shape (points, runs); not a number where a run failed or has nothing that could be told.
    """
    known = np.isfinite(values)
    count = known.sum(axis=1)
    clean = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = clean.sum(axis=1) / count
        gaps = np.where(known, values - mean[:, None], 0.0)
        variance = np.where(count > 1, (gaps * gaps).sum(axis=1) / (count - 1), np.nan)
    return Averages(np.where(count > 0, mean, np.nan), variance, count)


def resampled(values: Floats, seed: int, resamples: int = RESAMPLES) -> Floats:
    """Means of points over runs drawn with replacement, the same draw at all points: shape (points, resamples).

    A point that has none of the runs drawn has the mean of those that it has.
    """
    runs = values.shape[1]
    drawn = np.random.default_rng((seed, 11)).integers(runs, size=(resamples, runs))
    weights = np.stack([np.bincount(row, minlength=runs) for row in drawn], axis=1).astype(np.float64)
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0) @ weights, known.astype(np.float64) @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = np.where(count > 0, total / count, averages(values).mean[:, None])
    return means


def halves(values: Floats) -> Floats | None:
    """Half the difference between the means of every other run, shape (points,): the noise of a mean, without effect.

    None where a point has one run.
    """
    if values.shape[1] < 2:
        return None
    one, other = averages(values[:, ::2]).mean, averages(values[:, 1::2]).mean
    found: Floats = np.nan_to_num((one - other) / 2.0)
    return found
