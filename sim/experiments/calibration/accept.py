"""Acceptance from the table: the runs nearest to the record, their draws moved to where the record lies.

Rejection with local-linear regression (Beaumont, Zhang and Balding 2002): draws on the log-odds of the unit cube, so that
none leaves its prior, are moved by what the signed misses of their runs predict; nearer runs weigh more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import Reference
from sim.experiments.patterns.targets import Targets, measured, targets_of
from sim.experiments.patterns.units import Units

__all__ = ["Accepted", "accept", "fitted_values", "quantiles", "resample"]

_AT_ONCE = 2000
_EDGE = 1e-6
_REACHED = (0.1, 0.9)
"""Nil must lie between these quantiles of the misses of accepted runs."""
_ALIKE = 1e-3
"""Directions with less than this share of the largest singular value are left out: parts that add up to one, say."""


@dataclass(frozen=True, eq=False)
class Accepted:
    """Runs accepted from a table."""

    draws: NDArray[np.int64]
    """(runs,): draw of each."""
    replicates: NDArray[np.int64]
    """(runs,): replicate of each."""
    weights: NDArray[np.float64]
    """(runs,): Epanechnikov weights, summing to 1."""
    u: NDArray[np.float64]
    """(runs, free): points of the unit cube after regression; as drawn where none was asked for."""
    threshold: float
    """Largest distance accepted."""

    @property
    def effective(self) -> float:
        """Effective number of draws."""
        by_draw = np.bincount(self.draws, self.weights)
        return float(1.0 / (by_draw**2).sum())


def fitted_values(
    calibration: Calibration,
    reference: Reference,
    keep: Sequence[str] | None = None,
    units: Units | None = None,
    replicates: slice = slice(None),
) -> NDArray[np.float64]:
    """Fitted measures of every run of a table, (runs, fitted), with the coded ones worked out anew where asked.

    Parameters
    ----------
    calibration, reference
        The calibration and its table.
    keep
        Units that count; by default all, and nothing is worked out anew.
    units
        Coded units whose traits hold, in the place of the patterns' own.
    replicates
        Which replicates.
    """
    fit = calibration.fitted
    flat = reference.measures[:, replicates, :fit].astype(np.float64).reshape(-1, fit)
    if keep is None and units is None:
        return flat
    coded = [n for n, m in enumerate(calibration.measures[:fit]) if m.form.observed == "coded"]
    measures = [calibration.measures[n] for n in coded]
    kept = np.array([keep is None or name in keep for name in calibration.units])
    for at in range(0, reference.draws, _AT_ONCE):
        draws = slice(at, min(at + _AT_ONCE, reference.draws))
        records = reference.records(calibration, draws)
        if units is not None:
            from dataclasses import replace

            records = replace(records, traits=units.traits_of(calibration.units))
        whole = measured(measures, records.only(kept)).reshape(-1, reference.replicates, len(coded))[
            :, replicates
        ]
        rows = slice(at * whole.shape[1], at * whole.shape[1] + whole.shape[0] * whole.shape[1])
        flat[rows, coded] = whole.reshape(-1, len(coded))
    return flat


def accept(
    reference: Reference,
    values: NDArray[np.float64],
    targets: Targets,
    share: float,
    adjust: bool = True,
    leave_out: NDArray[np.bool_] | None = None,
) -> Accepted:
    """The share of runs nearest to a record.

    Parameters
    ----------
    reference
        The table.
    values
        Fitted measures of its runs, (runs, fitted).
    targets
        The record.
    share
        Share of the runs that is accepted.
    adjust
        Move draws by regression.
    leave_out
        Runs that do not count, (runs,).

    Raises
    ------
    ExperimentError
        If next to no run ended well.
    """
    runs = values.shape[0]
    each = runs // reference.draws
    usable = reference.good.reshape(-1) if each == reference.replicates else np.ones(runs, dtype=bool)
    if leave_out is not None:
        usable = usable & ~leave_out
    if usable.sum() < 2:
        raise ExperimentError(
            Problem(
                f"of {runs:,} runs {int((~usable).sum()):,} failed or do not count: none can be accepted",
                "table",
            )
        )
    distances = np.where(usable, targets.distances(values), np.inf)
    count = max(50, round(share * runs))
    # Ties at the edge are settled by the order of the table.
    nearest = np.argsort(distances, kind="stable")[: min(count + 1, int(usable.sum()))]
    threshold = float(distances[nearest[-1]])
    nearest = nearest[:-1]
    kernel = 1.0 - (distances[nearest] / max(threshold, 1e-12)) ** 2
    weights = np.maximum(kernel, 1e-9)
    weights = weights / weights.sum()
    draws, replicates = np.divmod(nearest, each)
    u = reference.u[draws]
    if adjust:
        u = _moved(u, targets.signed(values[nearest]), weights)
    return Accepted(draws, replicates, weights, u, threshold)


def _moved(
    u: NDArray[np.float64], misses: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Draws moved to where the misses are nil, by weighted least squares on log-odds.

    Only misses that lie on both sides of nil count: where no run comes to the record, a line would go on to where no run
    was, and regression does harm under a wrong model (Frazier, Robert and Rousseau 2020).
    """
    from scipy.special import expit, logit

    low, high = quantiles(misses, weights, _REACHED)
    spread = misses.std(axis=0)
    reached = (low <= 0.0) & (high >= 0.0) & (spread > 1e-9)
    varied = misses[:, reached] / spread[reached]
    z = logit(np.clip(u, _EDGE, 1 - _EDGE))
    design = np.column_stack([np.ones(len(u)), varied])
    root = np.sqrt(weights)[:, None]
    slopes: Any = np.linalg.lstsq(design * root, z * root, rcond=_ALIKE)[0]
    moved: NDArray[np.float64] = expit(z - varied @ slopes[1:])
    return moved


def quantiles(
    values: NDArray[np.float64], weights: NDArray[np.float64], at: Sequence[float]
) -> NDArray[np.float64]:
    """Weighted quantiles of each column, (len(at), columns)."""
    found = np.empty((len(at), values.shape[1]))
    for column in range(values.shape[1]):
        order = np.argsort(values[:, column], kind="stable")
        cumulative = np.cumsum(weights[order]) - 0.5 * weights[order]
        found[:, column] = np.interp(at, cumulative, values[order, column])
    return found


def resample(weights: NDArray[np.float64], count: int, seed: int) -> NDArray[np.int64]:
    """Rows drawn by weight, systematically: as many of each as its weight says, but for less than one."""
    generator = np.random.default_rng((seed, 17))
    places = (generator.random() + np.arange(count)) / count
    edges = np.cumsum(weights) / weights.sum()
    rows: NDArray[np.int64] = np.minimum(np.searchsorted(edges, places), len(weights) - 1)
    return rows


def record_without(calibration: Calibration, keep: Sequence[str], units: Units | None = None) -> Targets:
    """The record's side of the fitted measures on some units only."""
    measures = calibration.measures[: calibration.fitted]
    return targets_of(calibration.patterns, measures, calibration.start, keep, units)
