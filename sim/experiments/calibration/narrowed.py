"""Posterior against prior: draws in the numbers of the scenario, and how far each number has moved and narrowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.accept import quantiles, resample
from sim.experiments.calibration.problem import Calibration
from sim.experiments.sampling import prior_quantile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["equal_draws", "posterior_frame"]

DRAWS = 500
"""Posterior draws that are kept."""
_LEVELS = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)


def equal_draws(
    calibration: Calibration, u: NDArray[np.float64], weights: NDArray[np.float64], count: int = DRAWS
) -> pd.DataFrame:
    """Draws of equal weight, in the numbers of the scenario; those that are fixed stand beside them."""
    import pandas as pd

    rows = resample(weights, count, calibration.file.seed)
    values = calibration.values(u[rows])
    frame = pd.DataFrame(values, columns=list(calibration.paths))
    fixed = pd.DataFrame({path: np.full(count, value) for path, value in sorted(calibration.fixed.items())})
    return pd.concat([frame, fixed], axis=1)


def posterior_frame(
    calibration: Calibration, u: NDArray[np.float64], weights: NDArray[np.float64]
) -> pd.DataFrame:
    """Posterior against prior, a row for each free number.

    Returns
    -------
    pd.DataFrame
        By path: mean, sd, quantiles of both, ``place``: share of the prior below the posterior median, ``outside_99``:
        whether that lies outside the prior's 99 % interval, ``contraction``: 1 - variance over the prior's.
    """
    import pandas as pd

    values = calibration.values(u)
    at = quantiles(values, weights, _LEVELS)
    middle = quantiles(u, weights, [0.5])[0]
    grid = (np.arange(4096) + 0.5) / 4096
    rows = []
    for n, one in enumerate(calibration.fields):
        assert one.quantity is not None
        assert one.quantity.prior is not None
        prior = prior_quantile(one.quantity.prior, grid, one.within)
        mean = float(weights @ values[:, n])
        sd = float(np.sqrt(weights @ (values[:, n] - mean) ** 2))
        row: dict[str, Any] = {"path": one.path, "unit": one.unit, "stated": _number(one.value)}
        row |= {"mean": mean, "sd": sd, "prior_mean": float(prior.mean()), "prior_sd": float(prior.std())}
        for m, level in enumerate(_LEVELS):
            row[f"q{1000 * level:03.0f}"] = float(at[m, n])
            row[f"prior_q{1000 * level:03.0f}"] = float(np.quantile(prior, level))
        row["place"] = float(middle[n])
        row["outside_99"] = not 0.005 <= middle[n] <= 0.995
        row["contraction"] = float(1.0 - sd**2 / prior.var())
        rows.append(row)
    return pd.DataFrame(rows).set_index("path")


def _number(value: Any) -> float:
    return float(getattr(value, "value", value))
