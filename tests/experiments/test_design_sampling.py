"""Samples: each prior and range is drawn as stated, inside its field, the same on every Python."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.design import SpanFields
from sim.experiments.fields import LeverField
from sim.experiments.sampling import check_span, draw, prior_quantile, round_off, spread, unit_cube
from sim.scenario.quantities import Prior, Quantity, Within

pytestmark = pytest.mark.core

U = (np.arange(2000) + 0.5) / 2000
ANY = Within("log-odds", -30, 30)
SHARE = Within("share", 0, 1)


def number(within: Within = ANY, prior: Prior | None = None) -> LeverField:
    return LeverField("weights.x", "number", 1.0, Quantity(value=1.0, prior=prior), within, ())


def truncated(family: Any, low: float, high: float) -> np.ndarray[Any, Any]:
    below, above = family.cdf(low), family.cdf(high)
    return np.asarray(family.ppf(below + U * (above - below)))


@pytest.mark.parametrize(
    ("prior", "within", "wanted"),
    [
        ({"dist": "uniform", "low": -2, "high": 3}, ANY, stats.uniform(-2, 5).ppf(U)),
        ({"dist": "uniform", "low": 0.5, "high": 3}, SHARE, stats.uniform(0.5, 0.5).ppf(U)),
        ({"dist": "normal", "mean": 6, "sd": 2.25}, ANY, stats.norm(6, 2.25).ppf(U)),
        ({"dist": "normal", "mean": 1, "sd": 2, "low": 0}, ANY, truncated(stats.norm(1, 2), 0, 30)),
        ({"dist": "normal", "mean": 0.5, "sd": 2}, SHARE, truncated(stats.norm(0.5, 2), 0, 1)),
        ({"dist": "normal", "mean": -9, "sd": 1}, SHARE, stats.truncnorm(9, 10, -9, 1).ppf(U)),
        ({"dist": "lognormal", "mean": 0.3, "sd": 0.8}, ANY, truncated(stats.lognorm(0.8, scale=np.exp(0.3)), 0, 30)),
        (
            {"dist": "lognormal", "mean": 0.3, "sd": 0.8, "low": 1, "high": 4},
            ANY,
            truncated(stats.lognorm(0.8, scale=np.exp(0.3)), 1, 4),
        ),
        ({"dist": "beta", "a": 2, "b": 5}, SHARE, stats.beta(2, 5).ppf(U)),
        ({"dist": "beta", "a": 0.5, "b": 0.5, "low": 0.2, "high": 0.6}, SHARE, truncated(stats.beta(0.5, 0.5), 0.2, 0.6)),
    ],
)  # fmt: skip
def test_quantiles_of_priors_are_those_of_scipy(prior: dict[str, Any], within: Within, wanted: Any) -> None:
    assert prior_quantile(Prior(**prior), U, within) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


BOUND = st.floats(-20, 20).map(lambda x: round(x, 3))
PRIORS = st.one_of(
    st.builds(lambda low, width: Prior(dist="uniform", low=low, high=low + width), BOUND, st.floats(0.01, 9)),
    st.builds(lambda mean, sd: Prior(dist="normal", mean=mean, sd=sd), BOUND, st.floats(0.01, 9)),
    st.builds(
        lambda mean, sd: Prior(dist="lognormal", mean=mean, sd=sd), st.floats(-3, 3), st.floats(0.01, 3)
    ),
    st.builds(lambda a, b: Prior(dist="beta", a=a, b=b), st.floats(0.1, 20), st.floats(0.1, 20)),
)
WITHIN = st.builds(
    lambda low, width, whole: Within("u", float(np.floor(low)), float(np.floor(low) + np.ceil(width)), whole),
    BOUND, st.floats(1, 30), st.booleans(),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PRIORS, WITHIN, st.integers(0, 2**32))
def test_draws_stay_inside_the_field(prior: Prior, within: Within, seed: int) -> None:
    field, span = number(within), SpanFields(distribution=prior)
    try:
        check_span(field, span, drawn=True)
    except ValueError:
        # Refused only where nothing of the prior lies inside.
        everywhere = prior_quantile(prior, U, Within("u"))
        assert within.whole or not ((everywhere > within.low) & (everywhere < within.high)).any()
        return
    u = np.concatenate([np.random.default_rng(seed).random(50), [2.0**-40, 1 - 2.0**-40]])
    for value in draw(field, span, u):
        assert field.take(float(value)) == value


def test_a_lever_without_a_span_of_its_own_draws_from_the_prior_of_the_scenario() -> None:
    prior = Prior(dist="uniform", low=2, high=4)
    stated = draw(number(prior=prior), SpanFields(prior="scenario"), U)
    assert np.array_equal(stated, draw(number(), SpanFields(distribution=prior), U))


def test_ranges_are_drawn_evenly() -> None:
    even = draw(number(), SpanFields(low=-1, high=3), U)
    assert np.allclose(even, -1 + 4 * U, rtol=1e-8)
    byfactors = draw(number(), SpanFields(low=0.01, high=10, log=True), U)
    assert np.allclose(np.log10(byfactors), -2 + 3 * U, rtol=1e-8)


def test_whole_numbers_dates_and_lists_have_equal_chances() -> None:
    whole = draw(number(Within("count", 0, 100, whole=True)), SpanFields(low=3, high=6), U)
    assert dict(zip(*np.unique(whole, return_counts=True), strict=True)) == dict.fromkeys((3, 4, 5, 6), 500)
    date = LeverField("events.x.date", "date", "2015-07", None, Within("month"), ())
    months = draw(date, SpanFields(low="2014-11", high="2015-02"), U)
    names = ["2014-11", "2014-12", "2015-01", "2015-02"]
    assert dict(zip(*np.unique(months.astype(str), return_counts=True), strict=True)) == dict.fromkeys(
        names, 500
    )
    word = LeverField("decision.rule", "choice", "a", None, Within(""), ("a", "b", "c", "d", "e"))
    chosen = draw(word, SpanFields(values=("a", "b", "c", "d", "e")), U)
    assert np.unique(chosen.astype(str), return_counts=True)[1].tolist() == [400] * 5


def test_ranges_are_spread_evenly_and_end_where_they_say() -> None:
    assert spread(number(), SpanFields(low=0, high=1, count=11)).tolist() == [n / 10 for n in range(11)]
    assert spread(number(), SpanFields(low=0, high=1, step=0.1)).tolist() == [n / 10 for n in range(11)]
    assert spread(number(), SpanFields(low=0, high=1, step=0.3)).tolist() == [0, 0.3, 0.6, 0.9]
    assert spread(number(), SpanFields(low=0.001, high=1, count=4, log=True)).tolist() == [
        0.001,
        0.01,
        0.1,
        1,
    ]
    date = LeverField("events.x.date", "date", "2015-07", None, Within("month"), ())
    assert spread(date, SpanFields(low="2013-11", high="2014-12", step=6)).tolist() == [
        "2013-11",
        "2014-05",
        "2014-11",
    ]
    assert spread(date, SpanFields(low="2013-11", high="2014-01", count=9)).tolist() == [
        "2013-11",
        "2013-12",
        "2014-01",
    ]


@settings(max_examples=300, deadline=None)
@given(st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-9))
def test_rounding_to_nine_digits_gives_the_number_that_is_typed(value: float) -> None:
    rounded = float(round_off(np.array([value]))[0])
    assert rounded == pytest.approx(value, rel=6e-9)
    # A ten-digit tie may go either way.
    assert float(f"{rounded:.9g}") == rounded


@pytest.mark.parametrize("points", [1, 7, 64, 1000])
def test_a_hypercube_has_one_point_in_each_layer(points: int) -> None:
    cube = unit_cube("latin_hypercube", points, 5, (3, 1))
    layers = np.sort((cube * points).astype(int), axis=0)
    assert np.array_equal(layers, np.tile(np.arange(points)[:, None], 5))


@pytest.mark.parametrize("points", [1, 7, 1000])
def test_a_hypercube_is_that_of_scipy(points: int) -> None:
    theirs = stats.qmc.LatinHypercube(5, rng=np.random.default_rng((3, 1))).random(points)
    assert np.array_equal(unit_cube("latin_hypercube", points, 5, (3, 1)), theirs)


def test_a_sobol_sequence_is_balanced() -> None:
    cube = unit_cube("sobol", 256, 6, (3, 1))
    assert np.array_equal(np.sort((cube * 256).astype(int), axis=0), np.tile(np.arange(256)[:, None], 6))
    # Any two of the first dimensions share the square out as well.
    cells = (cube[:, 0] * 16).astype(int) * 16 + (cube[:, 1] * 16).astype(int)
    assert np.array_equal(np.sort(cells), np.arange(256))
    assert np.abs(cube.mean(axis=0) - 0.5).max() < 0.005


def test_random_points_are_uniform() -> None:
    cube = unit_cube("random", 20_000, 2, (3, 1))
    assert all(stats.kstest(cube[:, n], "uniform").pvalue > 0.001 for n in range(2))
    assert abs(np.corrcoef(cube.T)[0, 1]) < 0.03


@pytest.mark.parametrize("method", ["random", "latin_hypercube", "sobol"])
def test_seeds_decide_the_points(method: str) -> None:
    first = unit_cube(method, 16, 3, (1, 0))
    assert np.array_equal(first, unit_cube(method, 16, 3, (1, 0)))
    for other in ((2, 0), (1, 1), (1, 2)):
        assert not np.array_equal(first, unit_cube(method, 16, 3, other))
    assert (first > 0).all()
    assert (first < 1).all()


def test_the_same_points_on_every_python() -> None:
    """The digest stands here, so that versions of Python and scipy cannot differ unseen."""
    priors = [
        Prior(dist="uniform", low=0, high=6),
        Prior(dist="normal", mean=6, sd=2.25, low=0),
        Prior(dist="lognormal", mean=0, sd=1, high=20),
        Prior(dist="beta", a=2, b=5),
    ]
    digest = hashlib.sha256()
    for method in ("random", "latin_hypercube", "sobol"):
        cube = unit_cube(method, 1024, len(priors), (20_130_423, 0))
        for n, prior in enumerate(priors):
            digest.update(draw(number(), SpanFields(distribution=prior), cube[:, n]).astype("<f8").tobytes())
        digest.update(
            draw(number(), SpanFields(low=0.001, high=10, log=True), cube[:, 0]).astype("<f8").tobytes()
        )
    assert digest.hexdigest() == "92598266645f7fed001d1efea318e604b77e92e1ae77dadb11bc4413d17337c2"
