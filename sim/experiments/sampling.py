"""Points of a sample: the unit cube by scipy, then quantiles of priors and ranges.

Values are rounded to nine significant digits, so that a point can be typed by hand and does not hang on the last
bit of a quantile function, which differs between versions of scipy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.design import SpanFields
from sim.experiments.fields import LeverField
from sim.scenario.quantities import Prior, Within, month_index, month_text

__all__ = ["draw", "prior_quantile", "round_off", "spread", "unit_cube"]

FloatArray = NDArray[np.float64]

_EDGE = 2.0**-40
"""Draws stay this far inside (0, 1), where all quantiles are finite."""
DIGITS = 9


def unit_cube(method: str, points: int, dimensions: int, seed: tuple[int, ...]) -> FloatArray:
    """Points in the unit cube, shape (points, dimensions).

    Parameters
    ----------
    method
        ``random``, ``latin_hypercube`` or ``sobol`` (scrambled; ``points`` is a power of 2).
    points, dimensions
        How many.
    seed
        Words of the seed.
    """
    from scipy.stats import qmc

    generator: Any = np.random.default_rng(seed)
    if method == "random":
        cube = generator.random((points, dimensions))
    elif method == "latin_hypercube":
        cube = qmc.LatinHypercube(dimensions, rng=generator).random(points)
    else:
        sequence = qmc.Sobol(dimensions, scramble=True, rng=generator)
        cube = sequence.random_base2(points.bit_length() - 1)
    return np.asarray(np.clip(cube, _EDGE, 1.0 - _EDGE), dtype=np.float64)


def prior_quantile(prior: Prior, u: FloatArray, within: Within) -> FloatArray:
    """Quantiles of a prior, truncated to what it states and to the range of its field.

    Parameters
    ----------
    prior
        The prior.
    u
        Shape (n,), inside (0, 1).
    within
        Range of the field.

    Raises
    ------
    ValueError
        If the prior lies outside the range altogether.
    """
    from scipy import stats

    low = max(-math.inf if prior.low is None else prior.low, within.low)
    high = min(math.inf if prior.high is None else prior.high, within.high)
    if not low < high:
        raise ValueError(f"the prior lies outside {within.text()} ({within.unit})")
    if prior.dist == "uniform":
        return low + u * (high - low)
    family: Any = stats.beta(prior.a, prior.b) if prior.dist == "beta" else stats.norm(prior.mean, prior.sd)
    if prior.dist == "lognormal":
        low, high = (math.log(end) if end > 0.0 else -math.inf for end in (low, high))
    below, above = float(family.cdf(low)), float(family.cdf(high))
    if not above > below:
        raise ValueError(f"the prior lies outside {within.text()} ({within.unit})")
    drawn = family.ppf(np.clip(below + u * (above - below), _EDGE, 1.0 - _EDGE))
    return np.asarray(np.exp(drawn) if prior.dist == "lognormal" else drawn, dtype=np.float64)


def round_off(values: FloatArray) -> FloatArray:
    """Values rounded to nine significant digits: each the float of its decimal text."""
    size = np.where(values == 0.0, 1.0, np.abs(values))
    shift = (DIGITS - 1) - np.floor(np.log10(size)).astype(np.int64)
    # Powers of ten up to 22 are exact, so one rounding is all there is.
    scale = np.power(10.0, np.clip(np.abs(shift), 0, 22).astype(np.float64))
    return np.where(shift >= 0, np.round(values * scale) / scale, np.round(values / scale) * scale)


def draw(field: LeverField, span: SpanFields, u: FloatArray) -> NDArray[Any]:
    """Values of one path from draws in (0, 1), shape (n,).

    Raises
    ------
    ValueError
        If the span does not suit the field.
    """
    if span.values is not None:
        choices = [field.take(value) for value in span.values]
        return _column(field, choices)[np.minimum((u * len(choices)).astype(np.int64), len(choices) - 1)]
    if span.count is not None or span.step is not None:
        raise ValueError("count and step belong to a grid; a sample draws from low to high")
    if span.low is not None:
        return _draw_range(field, span, u)
    if field.kind != "number":
        raise ValueError(f"a {field.kind} has no prior; give a list of values or low and high")
    prior = span.distribution or (field.quantity.prior if field.quantity else None)
    if prior is None:
        raise ValueError("the scenario states no prior for it; give low and high, or a distribution")
    return _rounded(field, prior_quantile(prior, u, field.within))


def _draw_range(field: LeverField, span: SpanFields, u: FloatArray) -> NDArray[Any]:
    low, high = _ends(field, span)
    if field.kind == "date":
        months = np.minimum(np.floor(low + u * (high - low + 1.0)), high).astype(np.int64)
        return _column(field, [month_text(int(month)) for month in months])
    if span.log:
        return _rounded(field, np.exp(math.log(low) + u * (math.log(high) - math.log(low))))
    if field.within.whole:
        return np.minimum(np.floor(low + u * (high - low + 1.0)), high)
    return _rounded(field, low + u * (high - low))


def _rounded(field: LeverField, values: FloatArray) -> FloatArray:
    if field.within.whole:
        values = np.round(values)
    return np.clip(round_off(values), field.within.low, field.within.high)


def _ends(field: LeverField, span: SpanFields) -> tuple[float, float]:
    """Low and high as numbers; months as indices."""
    if field.kind not in ("number", "date"):
        raise ValueError(f"a {field.kind} has no range; give a list of values")
    ends = [field.take(end) for end in (span.low, span.high)]
    low, high = (float(month_index(end)) if field.kind == "date" else float(end) for end in ends)
    if not low < high:
        raise ValueError(f"low ({span.low}) must be below high ({span.high})")
    if span.log and (low <= 0.0 or field.kind == "date"):
        raise ValueError("log needs numbers above 0")
    return low, high


def spread(field: LeverField, span: SpanFields) -> NDArray[Any]:
    """All values of one path, in order, shape (n,).

    Raises
    ------
    ValueError
        If the span does not suit the field.
    """
    if span.values is not None:
        return _column(field, [field.take(value) for value in span.values])
    if span.low is None:
        raise ValueError("a prior is drawn from by a sample; here give a list of values or a range")
    low, high = _ends(field, span)
    if span.count is None and span.step is None:
        raise ValueError("a range needs count or step here")
    if span.count is not None:
        space: Any = np.geomspace if span.log else np.linspace
        numbers = space(low, high, span.count)
    else:
        if span.log:
            raise ValueError("log goes with count, not with step")
        assert span.step is not None
        numbers = low + span.step * np.arange(math.floor((high - low) / span.step + 1e-9) + 1)
    if field.kind == "date":
        return _column(field, [month_text(round(month)) for month in dict.fromkeys(np.round(numbers))])
    values = _rounded(field, numbers)
    return values[np.sort(np.unique(values, return_index=True)[1])]


def _column(field: LeverField, values: list[Any]) -> NDArray[Any]:
    kind: Any = np.float64 if field.kind == "number" else bool if field.kind == "switch" else object
    return np.array(values, dtype=kind)
