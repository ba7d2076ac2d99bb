"""Random numbers by address: the published generator, the same compiled and plain, and no two alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from sim import draws
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.load import load_scenario

pytestmark = pytest.mark.core

ONES = 0xFFFFFFFF
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
"""Known-answer vectors of Philox4x32-10 published with Random123."""

words = st.integers(0, ONES)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_the_published_vectors(
    counter: tuple[int, ...], key: tuple[int, int], answer: tuple[int, ...]
) -> None:
    assert draws.philox(*counter, *key) == answer
    assert draws.philox.py_func(*counter, *key) == answer


@settings(max_examples=200, deadline=None)
@given(words, words, words, words, words, words)
def test_plain_python_gives_the_same_words(a: int, b: int, c: int, d: int, k: int, q: int) -> None:
    assert draws.philox(a, b, c, d, k, q) == draws.philox.py_func(a, b, c, d, k, q)
    address = (float(k), float(q), a, b, c, d)
    u = draws.uniforms(*address)
    assert u == draws.uniforms.py_func(*address)
    assert draws.uniform(*address) == draws.uniform.py_func(*address) == u[0]
    assert all(0.0 < number < 1.0 for number in u)
    assert draws.normal(u[0], u[1]) == draws.normal.py_func(u[0], u[1])
    assert draws.child_entity(a, b) == draws.child_entity.py_func(a, b)
    assert draws.pair_index(a, b) == draws.pair_index.py_func(a, b)


def test_uniform_numbers_are_never_0_or_1() -> None:
    smallest, largest = (0 + 0.5) * 2.0**-32, (ONES + 0.5) * 2.0**-32
    assert 0.0 < smallest < largest < 1.0
    assert np.isfinite(draws.normal(smallest, 0.5))
    assert np.isfinite(draws.normal(largest, 0.5))


def test_every_part_of_an_address_counts() -> None:
    base = [1.0, 2.0, 3, 4, 5, 6]
    first = draws.uniforms(*base)
    for place in range(6):
        other = list(base)
        other[place] += 1
        assert draws.uniforms(*other) != first


def test_a_seed_is_halved_without_loss() -> None:
    for seed in (0, 1, 2**32, 2**63 + 5, 2**64 - 1):
        low, high = draws.seed_key(seed)
        assert low + (high << 32) == seed
        assert float(low) == low
        assert float(high) == high


def test_purposes_do_not_collide() -> None:
    codes = list(draws.PURPOSES.values())
    assert len(set(codes)) == len(codes)
    for name, code in draws.PURPOSES.items():
        assert code == draws.purpose_of(name) == getattr(draws, name.upper())
    named = {name.lower() for name, value in vars(draws).items() if name.isupper() and isinstance(value, int)}
    assert named - {"_mask"} == set(draws.PURPOSES), "a purpose is missing from the table"


@pytest.mark.slow
@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_entities_of_a_bundled_scenario_do_not_collide(name: str) -> None:
    """Also not with splinters, nor splinters of splinters."""
    scenario = load_scenario(name)
    factions = [draws.entity_of("faction", text) for text in scenario.factions]
    born = [draws.child_entity(parent, n) for parent in factions for n in range(1, 9)]
    again = [draws.child_entity(parent, n) for parent in born for n in range(1, 4)]
    others = [draws.entity_of("region", text) for text in scenario.regions]
    others += [draws.entity_of("patron", text) for text in scenario.patrons]
    everybody = [*factions, *born, *again, *others]
    assert len(set(everybody)) == len(everybody)
    events = [draws.entity_of("event", text) for text in scenario.events]
    assert len(set(events)) == len(events)
    assert all(0 <= entity <= ONES for entity in (*everybody, *events))
    pairs = [draws.pair_index(a, b) for a, b in itertools.permutations(others, 2)]
    assert len(set(pairs)) == len(pairs)


def sample(lanes: str) -> np.ndarray:
    """Draws as a run makes them: by entity and month under one key."""
    return np.array([
        draws.uniforms(7.0, 9.0, entity, month, draws.purpose_of(lanes), 0)
        for entity in (draws.entity_of("faction", f"faction_{n}") for n in range(50))
        for month in range(144)
    ])  # fmt: skip


def test_draws_are_uniform_in_every_lane_and_lanes_are_unrelated() -> None:
    numbers = sample("fate")
    for lane in range(4):
        assert kstest(numbers[:, lane], "uniform").pvalue > 0.001
    related = np.corrcoef(numbers.T) - np.eye(4)
    assert np.abs(related).max() < 0.05
    following = np.corrcoef(numbers[:-1, 0], numbers[1:, 0])[0, 1]
    assert abs(following) < 0.05


def test_normal_numbers_are_normal() -> None:
    numbers = sample("leader")
    normals = [draws.normal(u, v) for u, v, _, _ in numbers]
    assert kstest(normals, "norm").pvalue > 0.001


def test_neighbouring_seeds_are_unrelated() -> None:
    first, second = (
        np.array([draws.uniform(float(seed), 0.0, 5, month, draws.CHOICE, 0) for month in range(5000)])
        for seed in (1, 2)
    )
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
