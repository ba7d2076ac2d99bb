"""Arithmetic that all rules share, and the taking and giving of men."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from states import parameters, row, shares, state, stocks

from sim import state as s
from sim.rules.common import (
    clamp,
    effective_hostility,
    gain_fighters,
    grain,
    lose_fighters,
    patron_of,
    promised_transfer,
    safe_exp,
    side_of,
    weight_of,
)

pytestmark = pytest.mark.core
GRAIN = 2.0**20


def faction(fighters: float, local: float, green: float = 0.0) -> np.ndarray:
    """One faction as a matrix of one row."""
    table = np.zeros((1, s.F_WIDTH))
    table[0, [s.F_FIGHTERS, s.F_LOCAL_SHARE, s.F_GREEN]] = fighters, local, green
    return table


@settings(deadline=None)
@given(st.floats(-1e9, 1e9))
def test_the_grain_is_the_nearest_multiple(value: float) -> None:
    rounded = grain(value)
    assert rounded * GRAIN == math.floor(rounded * GRAIN)
    assert abs(rounded - value) <= 0.5 / GRAIN + abs(value) * 1e-15
    assert grain(rounded) == rounded


@settings(deadline=None)
@given(st.lists(stocks, min_size=2, max_size=40), st.randoms())
def test_sums_of_stocks_are_the_same_in_any_order(men: list[float], chance: object) -> None:
    shuffled = list(men)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sum(men) == sum(shuffled)


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_clamp_and_exponential_stay_within_bounds(value: float) -> None:
    assert 0.0 <= clamp(value) <= 1.0
    assert clamp(clamp(value)) == clamp(value)
    assert math.exp(-50.0) <= safe_exp(value) <= math.exp(50.0)


@settings(deadline=None, max_examples=300)
@given(stocks, shares, st.floats(-10.0, 5000.0), shares, st.booleans())
def test_men_lost_are_men_fewer(fighters: float, local: float, lost: float, outer: float, on: bool) -> None:
    """Never more than there are, never fewer than none, and to the grain (M52)."""
    table = faction(fighters, local)
    taken = lose_fighters(table, parameters(m52=float(on), outer_first=outer), 0, lost)
    assert taken == grain(min(fighters, max(0.0, lost)))
    assert table[0, s.F_FIGHTERS] + taken == fighters
    assert 0.0 <= table[0, s.F_FIGHTERS] <= fighters
    assert 0.0 <= table[0, s.F_LOCAL_SHARE] <= 1.0


@settings(deadline=None, max_examples=300)
@given(st.floats(50.0, 4000.0), shares, st.floats(0.01, 0.9), shares)
def test_the_outer_layer_is_hit_first(fighters: float, local: float, part: float, outer: float) -> None:
    """Statement M52: the inner layer loses less than by size, and nothing while the outer one takes all."""
    fighters = grain(fighters)
    lost = grain(part * fighters)
    table, even = faction(fighters, local), faction(fighters, local)
    lose_fighters(table, parameters(m52=1.0, outer_first=outer), 0, lost)
    lose_fighters(even, parameters(m52=0.0, outer_first=outer), 0, lost)
    inner = table[0, s.F_FIGHTERS] * (1.0 - table[0, s.F_LOCAL_SHARE])
    by_size = even[0, s.F_FIGHTERS] * (1.0 - even[0, s.F_LOCAL_SHARE])
    before = fighters * (1.0 - local)
    assert inner >= by_size - 1e-4
    assert by_size == pytest.approx(before * (1.0 - lost / fighters), abs=1e-3)
    shielded = faction(fighters, local)
    lose_fighters(shielded, parameters(m52=1.0, outer_first=1.0), 0, lost)
    if lost <= fighters * local:
        kept = shielded[0, s.F_FIGHTERS] * (1.0 - shielded[0, s.F_LOCAL_SHARE])
        assert kept == pytest.approx(before, abs=1e-3)


@settings(deadline=None, max_examples=300)
@given(stocks, shares, shares, st.floats(-10.0, 5000.0), shares)
def test_men_gained_are_men_more(
    fighters: float, local: float, green: float, gained: float, to_outer: float
) -> None:
    """They count as late joiners, and their share goes to the outer layer."""
    table = faction(fighters, local, green)
    added = gain_fighters(table, 0, gained, to_outer)
    assert added == grain(max(0.0, gained))
    assert table[0, s.F_FIGHTERS] == fighters + added
    for column, before, of_new in ((s.F_LOCAL_SHARE, local, to_outer), (s.F_GREEN, green, 1.0)):
        assert 0.0 <= table[0, column] <= 1.0
        if added > 0.0:
            men = fighters * before + added * of_new
            assert table[0, column] * (fighters + added) == pytest.approx(men, abs=1e-6)


@given(st.integers(0, 9), st.integers(1, 4))
def test_options_name_their_patron(option: int, patrons: int) -> None:
    expected = [*range(patrons), *range(patrons), -1, -1]
    if option < len(expected):
        assert patron_of(option, patrons) == expected[option]


def test_poles_of_factions() -> None:
    """Sworn and allied stand with the patron, allies by half; who walked out is the third pole; the rest none."""
    codes = np.full((1, s.I_WIDTH), -1, dtype=np.int64)
    for option, left, side, weight in (
        (0, -1, 0, 1.0), (1, -1, 1, 1.0), (2, -1, 0, 0.5), (3, 0, 1, 0.5), (4, -1, -1, 1.0), (4, 0, 2, 1.0),
        (5, 0, -1, 1.0),
    ):  # fmt: skip
        codes[0, s.I_ALLEGIANCE], codes[0, s.I_LEFT_PATRON] = option, left
        assert side_of(codes, 0, 2) == side
        assert weight_of(codes, 0, 2) == weight


@settings(deadline=None)
@given(shares, shares, shares, shares, shares)
def test_shared_ends_and_an_outward_goal_soften_hostility(
    hostility: float, convergence: float, goal: float, relief: float, outward: float
) -> None:
    """Statements M63 and M64; without either the hostility is as it is."""
    world = state()
    world.W[0, 1, [s.W_HOSTILITY, s.W_CONVERGENCE]] = hostility, convergence
    world.P[1, s.P_GOAL] = goal
    on = parameters(convergence_relief=relief, outward_relief=outward)
    off = parameters(convergence_relief=relief, outward_relief=outward, m63=0.0, m64=0.0)
    softened = effective_hostility(world.P, world.W, on, 0, 1)
    assert 0.0 <= softened <= hostility
    assert effective_hostility(world.P, world.W, off, 0, 1) == hostility
    third = world.P.shape[0]
    assert effective_hostility(world.P, world.W, on, 0, third) == world.W[0, third, s.W_HOSTILITY]


def test_a_core_under_pressure_exports_and_one_that_collapses_cannot() -> None:
    """Statement M35."""
    world, k = state(), 1
    world.P[k, s.P_SUPPORT] = 0.0
    given_: dict[float, float] = {}
    for pressure in (0.0, 1.0):
        world.P[k, s.P_CORE_PRESSURE] = pressure
        given_[pressure] = promised_transfer(world.P, world.A, k)
    assert given_[1.0] == pytest.approx(given_[0.0] * (1.0 + world.A[s.A_EFFORT_PRESSURE]))
    world.P[k, s.P_CORE_STATE] = 0.0
    assert promised_transfer(world.P, world.A, k) == 0.0
    assert promised_transfer(world.P, parameters(m35=0.0), k) == 0.0


def test_the_state_to_try_rules_on_is_the_baseline() -> None:
    assert state().F[row("imu"), s.F_FIGHTERS] > 0.0
