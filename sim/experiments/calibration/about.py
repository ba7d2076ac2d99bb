"""What a calibration starts from, for those who read its results: priors, and what the record has."""

from __future__ import annotations

import math
from typing import Any

from sim.experiments.calibration.problem import Calibration
from sim.experiments.sampling import check_prior

__all__ = ["starting_point"]


def starting_point(calibration: Calibration) -> dict[str, Any]:
    """Priors of the free numbers as they are drawn from, and the record's side of every measure.

    Returns
    -------
    dict
        ``priors`` by path: distribution, its numbers, ends of what is drawn, unit. ``measures`` by name: pattern, observed,
        range, whether it is compared by the logarithm; what the record does not have is None.
    """
    priors: dict[str, Any] = {}
    for one in calibration.fields:
        assert one.quantity is not None
        assert one.quantity.prior is not None
        prior = one.quantity.prior
        low, high = check_prior(prior, one.within)
        shape = prior.model_dump(include={"dist", "mean", "sd", "a", "b"}, exclude_none=True)
        priors[one.path] = {**shape, "low": _known(low), "high": _known(high), "unit": one.unit}
    targets = calibration.all_targets
    measures = {
        name: {
            "pattern": targets.patterns[n],
            "observed": _known(targets.observed[n]),
            "low": _known(targets.low[n]),
            "high": _known(targets.high[n]),
            "log": bool(targets.log[n]),
        }
        for n, name in enumerate(targets.names)
    }
    return {"priors": priors, "measures": measures}


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
