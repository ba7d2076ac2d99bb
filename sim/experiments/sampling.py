"""Points of a sample: the unit cube, then quantiles of priors and ranges.

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

__all__ = ["check_prior", "check_span", "draw", "prior_quantile", "round_off", "spread", "unit_cube"]

FloatArray = NDArray[np.float64]

_EDGE = 2.0**-40
"""Draws stay this far inside (0, 1), where all quantiles are finite."""
DIGITS = 9
_MOST_SPREAD = 1_000_000


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
    generator: Any = np.random.default_rng(seed)
    if method == "random":
        cube = generator.random((points, dimensions))
    elif method == "latin_hypercube":
        cube = _hypercube(points, dimensions, generator)
    else:
        from scipy.stats import qmc

        sequence = qmc.Sobol(dimensions, scramble=True, rng=generator)
        cube = sequence.random_base2(points.bit_length() - 1)
    return np.asarray(np.clip(cube, _EDGE, 1.0 - _EDGE), dtype=np.float64)


def _hypercube(points: int, dimensions: int, generator: np.random.Generator) -> FloatArray:
    """As ``scipy.stats.qmc.LatinHypercube`` draws it, to the bit; importing that takes a second."""
    generator = generator.spawn(1)[0]
    inside = generator.uniform(size=(points, dimensions))
    layers = np.tile(np.arange(1, points + 1), (dimensions, 1))
    for layer in layers:
        generator.shuffle(layer)
    return np.asarray((layers.T - inside) / points, dtype=np.float64)


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
    from scipy import special

    low, high = check_prior(prior, within)
    if prior.dist == "uniform":
        return low + u * (high - low)
    if prior.dist == "beta":
        assert prior.a is not None
        assert prior.b is not None
        below, above = special.betainc(prior.a, prior.b, np.clip([low, high], 0.0, 1.0))
        drawn = special.betaincinv(prior.a, prior.b, _inside(below, above, u))
        return np.asarray(np.clip(drawn, low, high), dtype=np.float64)
    z_low, z_high = _standard(prior, low, high)
    # Far out the upper tail is 1 to all digits, the lower one is not: draw there and turn it round.
    turned = z_low > 0.0
    if turned:
        z_low, z_high = -z_high, -z_low
    z = special.ndtri(_inside(special.ndtr(z_low), special.ndtr(z_high), 1.0 - u if turned else u))
    drawn = prior.mean + prior.sd * (-z if turned else z)
    if prior.dist == "lognormal":
        drawn = np.exp(drawn)
    return np.asarray(np.clip(drawn, low, high), dtype=np.float64)


def _inside(below: float, above: float, u: FloatArray) -> FloatArray:
    drawn: FloatArray = below + u * (above - below)
    return np.clip(drawn, np.nextafter(0.0, 1.0), 1.0 - _EDGE)


def _standard(prior: Prior, low: float, high: float) -> tuple[float, float]:
    """Ends of a normal or lognormal prior in standard deviations from its mean."""
    assert prior.mean is not None
    assert prior.sd is not None
    if prior.dist == "lognormal":
        low, high = (math.log(end) if end > 0.0 else -math.inf for end in (low, high))
    return (low - prior.mean) / prior.sd, (high - prior.mean) / prior.sd


def check_prior(prior: Prior, within: Within) -> tuple[float, float]:
    """The range that a prior is drawn from.

    Raises
    ------
    ValueError
        If it lies outside the range of its field, to the precision of numbers.
    """
    outside = f"the prior lies outside {within.text()} ({within.unit})"
    low = max(-math.inf if prior.low is None else prior.low, within.low)
    high = min(math.inf if prior.high is None else prior.high, within.high)
    if prior.dist == "beta":
        low, high = max(low, 0.0), min(high, 1.0)
    elif prior.dist == "lognormal":
        low = max(low, 0.0)
    if not low < high:
        raise ValueError(outside)
    if prior.dist in ("normal", "lognormal"):
        z_low, z_high = _standard(prior, low, high)
        if z_low > 35.0 or z_high < -35.0:
            raise ValueError(outside)
    if within.whole and math.floor(high) < math.ceil(low):
        raise ValueError(f"there is no whole number in {low:g} to {high:g}")
    return low, high


def round_off(values: FloatArray) -> FloatArray:
    """Values rounded to nine significant digits: each the float of its decimal text."""
    size = np.where(values == 0.0, 1.0, np.abs(values))
    shift = (DIGITS - 1) - np.floor(np.log10(size)).astype(np.int64)
    # Powers of ten up to 22 are exact, so one rounding is all there is.
    scale = np.power(10.0, np.clip(np.abs(shift), 0, 22).astype(np.float64))
    return np.where(shift >= 0, np.round(values * scale) / scale, np.round(values / scale) * scale)


def check_span(field: LeverField, span: SpanFields, drawn: bool) -> None:
    """Whether a span suits a field; its values are checked apart.

    Parameters
    ----------
    field, span
        The field and what it takes.
    drawn
        By a sample, rather than all values in order.

    Raises
    ------
    ValueError
        If it does not, with what would be right.
    """
    if span.values is not None:
        return
    if span.low is not None:
        low, high = _ends(field, span)
        if drawn and (span.count is not None or span.step is not None):
            raise ValueError("count and step belong to a grid; a sample draws from low to high")
        if not drawn:
            _check_steps(field, span, low, high)
        return
    if not drawn:
        raise ValueError("a prior is drawn from by a sample; here give a list of values or a range")
    if field.kind != "number":
        raise ValueError(f"a {field.kind} has no prior; give a list of values or low and high")
    check_prior(_prior(field, span), field.within)


def _check_steps(field: LeverField, span: SpanFields, low: float, high: float) -> None:
    if span.count is None and span.step is None:
        raise ValueError("a range needs count or step here")
    if span.step is None:
        return
    if span.log:
        raise ValueError("log goes with count, not with step")
    if (high - low) / span.step >= _MOST_SPREAD:
        raise ValueError(f"step {span.step:g} gives more than {_MOST_SPREAD:,} values")
    if field.kind == "date" and span.step != round(span.step):
        raise ValueError(f"step {span.step:g} should be a whole number of months")


def _prior(field: LeverField, span: SpanFields) -> Prior:
    prior = span.distribution or (field.quantity.prior if field.quantity else None)
    if prior is None:
        raise ValueError("the scenario states no prior for it; give low and high, or a distribution")
    return prior


def draw(field: LeverField, span: SpanFields, u: FloatArray) -> NDArray[Any]:
    """Values of one path from draws in (0, 1), shape (n,); the span was checked.

    Parameters
    ----------
    field, span
        The field and what it takes.
    u
        The draws.
    """
    if span.values is not None:
        choices = _column(field, [field.take(value) for value in span.values])
        return np.asarray(choices[np.minimum((u * len(choices)).astype(np.int64), len(choices) - 1)])
    if span.low is not None:
        return _draw_range(field, span, u)
    return _rounded(field, prior_quantile(_prior(field, span), u, field.within))


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
    if span.log and field.kind == "date":
        raise ValueError("log is for numbers, not for dates")
    if span.log and low <= 0.0:
        raise ValueError("log needs numbers above 0")
    return low, high


def spread(field: LeverField, span: SpanFields) -> NDArray[Any]:
    """All values of one path, in order, shape (n,); the span was checked."""
    if span.values is not None:
        return _column(field, [field.take(value) for value in span.values])
    low, high = _ends(field, span)
    if span.count is not None:
        space: Any = np.geomspace if span.log else np.linspace
        numbers = space(low, high, span.count)
    else:
        assert span.step is not None
        numbers = low + span.step * np.arange(math.floor((high - low) / span.step + 1e-9) + 1)
    if field.kind == "date":
        return _column(field, [month_text(round(month)) for month in dict.fromkeys(np.round(numbers))])
    values = _rounded(field, numbers)
    return values[np.sort(np.unique(values, return_index=True)[1])]


def _column(field: LeverField, values: list[Any]) -> NDArray[Any]:
    kind: Any = np.float64 if field.kind == "number" else bool if field.kind == "switch" else object
    return np.array(values, dtype=kind)
