"""How far a run lies from the record: scales, logarithms, ranges, what is not a number, weights."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_records import HEAD, START, records, write_patterns

from sim.errors import ExperimentError
from sim.experiments.patterns.reading import read_patterns
from sim.experiments.patterns.targets import FARTHEST, Targets, measured, targets_of

pytestmark = pytest.mark.core
NAN = math.nan


def aims(
    observed: float = NAN, low: float = NAN, high: float = NAN, scale: float = 1.0, log: bool = False
) -> Targets:
    """One number of the record."""
    columns = [np.array([value]) for value in (observed, low, high, scale)]
    return Targets(("P.p",), ("P",), *columns, log=np.array([log]), weight=np.ones(1))


def miss(of: Targets, value: float) -> float:
    return float(of.misses(np.array([[value]]))[0, 0])


def several(scales: tuple[float, ...], weights: tuple[float, ...]) -> Targets:
    """Numbers of the record, all nil."""
    count = len(scales)
    nowhere = np.full(count, NAN)
    return Targets(
        tuple(f"P.p{n}" for n in range(count)), ("P",) * count, np.zeros(count), nowhere, nowhere, np.array(scales),
        np.zeros(count, dtype=bool), np.array(weights),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        (aims(observed=10, scale=2), 10, 0),
        (aims(observed=10, scale=2), 13, 1.5),
        (aims(observed=10, scale=2), 7, 1.5),
        (aims(observed=10, scale=2), 1000, FARTHEST),
        # Where something was observed, the range says nothing of the miss.
        (aims(observed=10, low=5, high=20, scale=5), 15, 1),
        (aims(low=5, high=20, scale=5), 15, 0),
        (aims(low=5, high=20, scale=5), 5, 0),
        (aims(low=5, high=20, scale=5), 20, 0),
        (aims(low=5, high=20, scale=5), 0, 1),
        (aims(low=5, high=20, scale=5), 30, 2),
        (aims(observed=8, scale=math.log(2), log=True), 16, 1),
        (aims(observed=8, scale=math.log(2), log=True), 2, 2),
        (aims(low=2, high=8, scale=math.log(2), log=True), 32, 2),
        (aims(low=2, high=8, scale=math.log(2), log=True), 4, 0),
        # The logarithm of nil is no error, and far.
        (aims(observed=8, scale=math.log(2), log=True), 0, FARTHEST),
        (aims(observed=10), NAN, FARTHEST),
        (aims(low=5, high=20), NAN, FARTHEST),
    ],
)
def test_misses(of: Targets, value: float, expected: float) -> None:
    assert miss(of, value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        (aims(observed=100, low=5, high=20), 5, True),
        (aims(observed=100, low=5, high=20), 20, True),
        (aims(observed=100, low=5, high=20), 4.99, False),
        (aims(low=0.1, high=0.3), 0.1 + 0.2, True),
        (aims(low=5, high=20), NAN, False),
        (aims(observed=1), 1000, True),
        (aims(observed=1), NAN, False),
        (aims(low=2, high=8, log=True), 9, False),
    ],
)
def test_inside(of: Targets, value: float, expected: bool) -> None:
    assert bool(of.inside(np.array([[value]]))[0, 0]) is expected


def test_distances_weigh_patterns_and_not_their_parts() -> None:
    of = several((1.0, 1.0, 1.0), (1.0, 0.5, 0.5))
    values = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 2.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    assert of.distances(values) == pytest.approx([math.sqrt(2), math.sqrt(2), 1.0, 0.0])


numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=5), st.floats(0.1, 100))
def test_misses_are_bounded_and_turn_with_the_scale(rows: list[tuple[float, ...]], factor: float) -> None:
    values = np.array(rows)
    near, wide = (several((scale,) * 3, (1.0,) * 3) for scale in (1.0, factor))
    assert (near.misses(values) <= FARTHEST).all()
    assert (near.misses(values) >= 0).all()
    assert wide.misses(factor * values) == pytest.approx(near.misses(values), rel=1e-6)
    assert (wide.distances(values) <= FARTHEST + 1e-9).all()


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.booleans())
def test_another_observation_takes_the_place_of_the_first(first: float, other: float, log: bool) -> None:
    of = aims(observed=first, low=first / 2, high=2 * first, scale=0.5, log=log).replaced(np.array([other]))
    assert miss(of, other) == pytest.approx(0)
    apart = abs(math.log(other / first)) if log else abs(other - first)
    assert miss(of, first) == pytest.approx(min(apart / 0.5, FARTHEST), abs=1e-9)


CODED = "unit,cluster,first_oath,side_2015_12,embedded\n"
CODED += "a,,2015-03,focus,0\nb,,,incumbent,1\nc,,2016-05,focus,0\nd,,,alone,1\n"


def test_aims_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(CODED)
    file = write_patterns(
        tmp_path / "p.yaml",
        "{statistic: pledged_ever, observed: coded, range: [1, 3]}",
        "{statistic: share_on_side, with: {side: incumbent, month: 2015-12}, observed: coded, scale: 0.1}",
        "{statistic: yearly_mean, with: {outcome: attacks, first: 2015, last: 2016}, range: [2, 8], log: true}",
        "{statistic: value_at, with: {outcome: attacks, month: 2015-12}, observed: 7, scale: 2, log: true}",
        head=HEAD.replace("}", ", units: units.csv}"),
    )
    patterns = read_patterns(file)
    of = targets_of(patterns, patterns.measures, START)
    assert of.names == ("P.p0", "P.p1", "P.p2", "P.p3")
    assert of.observed == pytest.approx([2, 0.25, NAN, 7], nan_ok=True)
    assert of.low == pytest.approx([1, NAN, 2, NAN], nan_ok=True)
    assert of.scale == pytest.approx([1, 0.1, math.log(2), 2])
    assert of.log.tolist() == [False, False, True, True]
    assert of.weight.tolist() == [0.25] * 4
    assert of.columns(["P.p3", "P.p0"]) == [3, 0]
    left = targets_of(patterns, patterns.measures, START, keep=["a", "b", "d"])
    assert left.observed[:2] == pytest.approx([1, 1 / 3])
    assert patterns.units is not None
    turned = targets_of(patterns, patterns.measures, START, units=patterns.units.flipped("b"))
    assert turned.observed[:2] == pytest.approx([3, 0])
    assert targets_of(patterns, [], START).distances(np.empty((2, 0))).shape == (2,)


def test_what_runs_have(tmp_path: Path) -> None:
    file = write_patterns(
        tmp_path / "p.yaml",
        "{statistic: pledged_ever, observed: 1, scale: 1}",
        "{statistic: share_pledged_before, with: {month: 2015-07}, observed: 1, scale: 1}",
    )
    of = records(oath=[[0, 9], [-1, -1], [3, -1]])
    values = measured(read_patterns(file).measures, of)
    assert values == pytest.approx(np.array([[2, 0.5], [0, NAN], [1, 1]]), nan_ok=True)
    assert measured([], of).shape == (3, 0)


OWN = """
import numpy as np

def sworn_in(records, month: int = 0, outcome="attacks"):
    '''Units that swear in a month.'''
    return (records.oath == month).sum(axis=1)

def one_number(records):
    return 3.0

def breaks(records):
    return records.nothing
"""


def test_statistics_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    of = records(oath=[[0, 9], [9, 9]])
    found = read_patterns(
        write_patterns(tmp_path / "p.yaml", "{statistic: 'own.py:sworn_in', with: {month: 9}, observed: 1, scale: 1}")
    )  # fmt: skip
    assert measured(found.measures, of).tolist() == [[1], [2]]
    assert found.monthly == ("attacks",)
    assert found.measures[0].statistic.meaning == "Units that swear in a month."
    for name, told in (
        ("one_number", "P.p0: statistic 'own.py:one_number' should give one number for each of 2 runs"),
        (
            "breaks",
            "P.p0: statistic 'own.py:breaks' failed: AttributeError: 'Records' object has no attribute",
        ),
    ):
        file = write_patterns(tmp_path / "p.yaml", f"{{statistic: 'own.py:{name}', observed: 1, scale: 1}}")
        with pytest.raises(ExperimentError, match=told):
            measured(read_patterns(file).measures, of)
