"""What simple predictors make of the coded units, each told of the others only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError

__all__ = ["base_rate", "held_out", "need_sklearn", "ridge_logit", "rule"]

Predictor = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""(traits to learn from, their outcomes, traits to predict) to probabilities."""


def need_sklearn() -> None:
    """Say how to get scikit-learn where it is missing."""
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise UsageError("validation needs scikit-learn: pip install 'bayah[analysis]'") from None


def base_rate(
    known: NDArray[np.float64], outcome: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share that pledged among the others."""
    return np.full(len(asked), outcome.mean())


def rule(
    known: NDArray[np.float64], outcome: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.float64]:
    """One trait: the share that pledged among the others that have it, or have it not."""
    shares = [
        outcome[known[:, 0] == has].mean() if (known[:, 0] == has).any() else outcome.mean() for has in (0, 1)
    ]
    return np.array(shares)[asked[:, 0].astype(np.int64)]


def ridge_logit(
    known: NDArray[np.float64], outcome: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logistic regression with a ridge penalty of 1 on all traits."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(outcome)) == 1:
        return np.full(len(asked), outcome.mean())
    fitted = LogisticRegression(C=1.0).fit(known, outcome)
    found: NDArray[np.float64] = fitted.predict_proba(asked)[:, 1]
    return found


def held_out(
    predictor: Predictor, traits: NDArray[np.float64], outcome: NDArray[np.float64], groups: Sequence[str]
) -> NDArray[np.float64]:
    """Probabilities of all units, each group predicted from the others.

    Parameters
    ----------
    predictor
        What predicts.
    traits
        (units, traits).
    outcome
        (units,), 0 or 1.
    groups
        Units of one name leave together.
    """
    names = np.array(groups)
    found = np.empty(len(outcome))
    for name in dict.fromkeys(groups):
        out = names == name
        found[out] = predictor(traits[~out], outcome[~out], traits[out])
    return found
