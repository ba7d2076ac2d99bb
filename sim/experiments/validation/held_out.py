"""Outcomes predicted without themselves: units leave the record, runs are accepted anew from the stored table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.accept import Accepted, accept, fitted_values, record_without
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.table import Reference
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.units import Units

__all__ = ["accepted_without", "pledge_probability", "pledged_share", "predict_without"]


def pledge_probability(reference: Reference, found: Accepted) -> NDArray[np.float64]:
    """Probability that each unit ever pledges at the accepted draws, over all runs of each draw, shape (units,)."""
    weight = np.bincount(found.draws, found.weights, minlength=reference.draws)
    used = np.flatnonzero(weight)
    good = reference.good[used][:, :, None]
    ever = ((reference.oath[used] >= 0) & good).sum(axis=1) / np.maximum(good.sum(axis=1), 1)
    probability: NDArray[np.float64] = weight[used] @ ever / weight[used].sum()
    return probability


def pledged_share(records: Records, good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the runs that came out in which each unit ever pledges, (units,); not a number where none did."""
    if not good.any():
        return np.full(records.oath.shape[1], np.nan)
    found: NDArray[np.float64] = (records.oath[good] >= 0).mean(axis=0)
    return found


def accepted_without(
    calibration: Calibration,
    reference: Reference,
    share: float,
    left_out: Sequence[str],
    units: Units | None = None,
) -> Accepted:
    """What is accepted when some units have left the record, observed and simulated; draws are as they were drawn.

    Parameters
    ----------
    calibration, reference
        The calibration and its table.
    share
        Share of runs that is accepted.
    left_out
        Units that leave.
    units
        Coded units in the place of the patterns' own.
    """
    keep = [name for name in calibration.units if name not in left_out]
    values = fitted_values(calibration, reference, keep)
    return accept(reference, values, record_without(calibration, keep, units), share, adjust=False)


def predict_without(
    calibration: Calibration,
    reference: Reference,
    share: float,
    groups: Sequence[str],
    units: Units | None = None,
    tick: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """Held-out probability of every unit, each group without itself, shape (units,).

    Parameters
    ----------
    calibration, reference, share, units
        As for :func:`accepted_without`.
    groups
        In the order of the units; those of one name leave together.
    tick
        Called after each group.
    """
    found = np.empty(len(calibration.units))
    for name in dict.fromkeys(groups):
        out = [unit for unit, group in zip(calibration.units, groups, strict=True) if group == name]
        accepted = accepted_without(calibration, reference, share, out, units)
        probability = pledge_probability(reference, accepted)
        rows = [calibration.units.index(unit) for unit in out]
        found[rows] = probability[rows]
        tick()
    return found
