"""Appraisal and choice: what single terms are worth, and how utilities become a choice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from states import parameters, row, shares, state

from sim import state as s
from sim.rules.appraisal import (
    UNAVAILABLE,
    appraise,
    breaking,
    distance,
    force_share,
    latent,
    legitimacy,
    need,
    novelty,
    on_offer,
    peer_share,
    power,
    punishment,
    recent_converts,
    recruits,
    resource,
    sight,
)
from sim.rules.choice import choose, draw_option, even_odds, probabilities, propensity

pytestmark = pytest.mark.core
utilities = st.lists(st.one_of(st.floats(-60.0, 60.0), st.just(UNAVAILABLE)), min_size=6, max_size=6).filter(
    lambda values: max(values) > 0.5 * UNAVAILABLE
)
TALIBAN, ISKP = 0, 1


@settings(deadline=None, max_examples=300)
@given(utilities, st.integers(0, 5), st.floats(0.0, 5.0), st.floats(0.0, 6.0))
def test_probabilities_add_up_to_1(values: list[float], held: int, rationality: float, theta: float) -> None:
    """Over the options that exist; the present one always does."""
    assume(values[held] > 0.5 * UNAVAILABLE)
    V, Q = np.array(values), np.full(6, np.nan)
    probabilities(V, Q, held, rationality, theta)
    assert Q.sum() == pytest.approx(1.0)
    assert (Q >= 0.0).all()
    assert (Q[V <= 0.5 * UNAVAILABLE] == 0.0).all()
    gap = V.max() - V[held]
    if theta > 0.0 and gap <= theta:
        assert Q[held] == 1.0
    else:
        exists = V > 0.5 * UNAVAILABLE
        order = np.argsort(V[exists])
        assert (np.diff(Q[exists][order]) >= 0.0).all(), "what is worth more is at least as likely"


@settings(deadline=None)
@given(utilities, st.integers(0, 5), st.floats(0.1, 3.0), st.floats(-30.0, 30.0))
def test_only_differences_of_utility_matter(
    values: list[float], held: int, rationality: float, shift: float
) -> None:
    assume(values[held] > 0.5 * UNAVAILABLE)
    V, Q, moved = np.array(values), np.empty(6), np.empty(6)
    probabilities(V, Q, held, rationality, 0.0)
    probabilities(np.where(V > 0.5 * UNAVAILABLE, V + shift, V), moved, held, rationality, 0.0)
    assert np.allclose(Q, moved, atol=1e-9)


def test_log_odds_are_what_they_are_called() -> None:
    """A lead of x multiplies the odds by e^x (McKelvey and Palfrey 1995)."""
    Q = np.empty(6)
    probabilities(np.array([4.0, 1.0, 0.0, 0.0, 0.0, UNAVAILABLE]), Q, 2, 1.0, 3.5)
    assert Q[0] / Q[1] == pytest.approx(math.exp(3.0))
    probabilities(np.array([4.0, 1.0, 0.0, 0.0, 0.0, UNAVAILABLE]), Q, 2, 0.5, 3.5)
    assert Q[0] / Q[1] == pytest.approx(math.exp(1.5))
    probabilities(np.array([4.0, 1.0, 0.0, 0.0, 0.0, UNAVAILABLE]), Q, 2, 1.0, 4.0)
    assert Q.tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]


@settings(deadline=None, max_examples=300)
@given(utilities, st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_even_odds_and_the_draw_choose_what_exists(values: list[float], u: float) -> None:
    V, Q = np.array(values), np.empty(6)
    even_odds(V, Q)
    exists = V > 0.5 * UNAVAILABLE
    assert Q.sum() == pytest.approx(1.0)
    assert np.allclose(Q[exists], 1.0 / exists.sum())
    chosen = draw_option(Q, u)
    assert exists[chosen]
    assert Q[:chosen].sum() <= u + 1e-12
    assert Q[: chosen + 1].sum() >= u - 1e-12


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_the_draw_follows_the_probabilities(start: int) -> None:
    Q = np.array([0.1, 0.0, 0.4, 0.2, 0.3, 0.0])
    grid = (np.arange(1000) + (start % 1000) / 1000.0) / 1000.0
    counts = np.bincount([draw_option(Q, u) for u in grid], minlength=6)
    assert np.abs(counts / 1000.0 - Q).max() <= 0.0011


def test_theta_does_not_bind_the_random_rule() -> None:
    V, Q = np.array([5.0, 0.0, 0.0, 0.0, 0.0, UNAVAILABLE]), np.empty(6)
    chosen = {
        choose(parameters(rule=s.RULE_RANDOM, theta=6.0), V, Q, 0, u) for u in (0.1, 0.3, 0.5, 0.7, 0.9)
    }
    assert chosen == {0, 1, 2, 3, 4}
    assert choose(parameters(rule=s.RULE_LOGIT, theta=6.0), V, Q, 1, 0.99) == 1


# Terms


@settings(deadline=None)
@given(shares, shares)
def test_power_rises_to_the_turning_share_and_falls_after_it(one: float, other: float) -> None:
    """Bandwagon, then balance (P3): 0 without force, 1 at the turning share, -1 with all of it."""
    world, r = state(), 0
    turn = world.A[s.A_TURNING_SHARE]

    def worth(share: float) -> float:
        world.H[r, :, s.H_FORCE] = 0.0
        world.H[r, [TALIBAN, ISKP], s.H_FORCE] = share * 1e9, (1.0 - share) * 1e9
        assert force_share(world.H, TALIBAN, r) == pytest.approx(share, abs=1e-6)
        return float(power(world.H, world.A, TALIBAN, r))

    low, high = sorted((one, other))
    assert -1.0 <= worth(low) <= 1.0
    if high <= turn:
        assert worth(low) <= worth(high) + 1e-9
    elif low >= turn:
        assert worth(low) >= worth(high) - 1e-9
    assert worth(0.0) == pytest.approx(0.0, abs=1e-6)
    assert worth(turn) == pytest.approx(1.0, abs=1e-5)
    assert worth(1.0) == pytest.approx(-1.0, abs=1e-5)


@settings(deadline=None)
@given(shares, shares, shares, shares)
def test_distance_of_doctrine(salafism: float, globalism: float, theirs: float, aim: float) -> None:
    """Two axes, six tenths and four (P1); without M33 the second does not count."""
    world, i = state(), row("imu")
    world.F[i, [s.F_SALAFISM, s.F_GLOBALISM]] = salafism, globalism
    world.P[ISKP, [s.P_SALAFISM, s.P_GLOBALISM]] = theirs, aim
    whole = distance(world.F, world.P, world.A, i, ISKP)
    doctrine = distance(world.F, world.P, parameters(m33=0.0), i, ISKP)
    assert 0.0 <= doctrine <= whole <= 1.0 + 1e-12
    assert doctrine == pytest.approx(0.6 * abs(salafism - theirs))
    assert whole == pytest.approx(0.6 * abs(salafism - theirs) + 0.4 * abs(globalism - aim))
    world.F[i, [s.F_SALAFISM, s.F_GLOBALISM]] = theirs, aim
    assert distance(world.F, world.P, world.A, i, ISKP) == 0.0


@settings(deadline=None)
@given(st.floats(0.0, 12.0), shares, st.floats(0.0, 100.0), shares, shares)
def test_resources_saturate_and_matter_to_those_in_need(
    chest: float, relevance: float, transfer: float, interest: float, effort: float
) -> None:
    """Statements M06, M23, M45: nothing without the first, less without interest, more with effort."""
    world, i, r = state(), row("imu"), 3
    world.F[i, [s.F_WAR_CHEST, s.F_RELEVANCE]] = chest, relevance
    world.P[ISKP, [s.P_TRANSFER, s.P_EFFORT]] = transfer, effort
    world.H[r, ISKP, s.H_INTEREST] = interest

    def worth() -> float:
        return float(resource(world.F, world.P, world.H, world.A, i, ISKP, r))

    value = worth()
    assert 0.0 <= value <= need(world.F, i) <= 1.0
    world.H[r, ISKP, s.H_INTEREST] = 1.0
    assert worth() >= value
    world.P[ISKP, s.P_EFFORT] = 1.0
    keen = worth()
    assert keen >= value
    world.F[i, s.F_WAR_CHEST] = 12.0
    assert worth() <= keen
    world.P[ISKP, s.P_TRANSFER] = 0.0
    world.P[ISKP, s.P_SUPPORT] = 0.0
    assert worth() == 0.0
    world.P[ISKP, s.P_TRANSFER] = 5.0
    assert resource(world.F, world.P, world.H, parameters(m06=0.0), i, ISKP, r) == 0.0


def test_a_steadier_rival_devalues_a_promise() -> None:
    """Statement M68."""
    world, i, r = state(), row("imu"), 3
    world.P[:, s.P_BACKING] = 0.0
    alone = resource(world.F, world.P, world.H, world.A, i, ISKP, r)
    world.P[TALIBAN, s.P_BACKING] = 1.0
    compared = resource(world.F, world.P, world.H, world.A, i, ISKP, r)
    assert 0.0 < compared < alone
    assert resource(world.F, world.P, world.H, parameters(m68=0.0), i, ISKP, r) == alone


def test_brands() -> None:
    """Statements M13 and M38: momentum brings recruits to the irrelevant, a new brand pulls the young."""
    world, i = state(), row("imu")
    world.P[:, s.P_MOMENTUM] = 0.8
    world.F[i, [s.F_RELEVANCE, s.F_YOUTH]] = 0.25, 0.5
    assert recruits(world.F, world.P, world.A, i, ISKP) == pytest.approx(0.6)
    assert recruits(world.F, world.P, parameters(m13=0.0), i, ISKP) == 0.0
    assert novelty(world.F, world.P, world.A, i, TALIBAN) == 0.0
    expected = 0.5 * world.P[ISKP, s.P_LEGITIMACY]
    assert novelty(world.F, world.P, world.A, i, ISKP) == pytest.approx(expected)
    assert novelty(world.F, world.P, parameters(m38=0.0), i, ISKP) == 0.0


@settings(deadline=None)
@given(shares, shares, shares)
def test_a_loss_of_legitimacy_is_felt_half_by_the_embedded(
    now: float, before: float, embedded: float
) -> None:
    world, i = state(), row("imu")
    world.P[TALIBAN, [s.P_LEGITIMACY, s.P_LEGITIMACY_START]] = now, before
    world.X[i, TALIBAN, s.X_EMBEDDEDNESS] = embedded
    felt = legitimacy(world.X, world.P, i, TALIBAN)
    assert felt == pytest.approx((now - before) * (1.0 - embedded / 2.0))
    assert abs(felt) <= abs(now - before) <= 1.0


@settings(deadline=None)
@given(st.floats(0.0, 1e5), shares)
def test_the_small_and_the_hidden_are_hard_to_see(fighters: float, visibility: float) -> None:
    world, i = state(), row("imu")
    world.F[i, [s.F_FIGHTERS, s.F_VISIBILITY]] = fighters, visibility
    assert 0.0 <= sight(world.F, i) <= visibility
    seen = sight(world.F, i)
    world.F[i, s.F_FIGHTERS] = fighters + 100.0
    assert sight(world.F, i) >= seen


def test_punishment_is_expected_of_rivals_that_can_reach() -> None:
    """Statements M07 and M08: it needs hostility and reach, and is looked ahead for."""
    world, i, r, third = state(), row("imu"), 3, 2
    world.H[r, :, s.H_REACH] = 0.0
    world.H[r, :, s.H_FORCE] = 0.0
    assert punishment(world.F, world.P, world.W, world.H, world.A, i, ISKP, r) == 0.0
    world.H[r, TALIBAN, s.H_REACH] = 0.8
    fear = punishment(world.F, world.P, world.W, world.H, world.A, i, ISKP, r)
    assert fear > 0.0
    assert punishment(world.F, world.P, world.W, world.H, parameters(m08=0.0), i, ISKP, r) == 0.0
    careless = parameters(m07=0.0)
    assert punishment(world.F, world.P, world.W, world.H, careless, i, ISKP, r) < fear
    world.W[TALIBAN, ISKP, s.W_HOSTILITY] = 1.0
    assert punishment(world.F, world.P, world.W, world.H, world.A, i, ISKP, r) > fear
    assert punishment(world.F, world.P, world.W, world.H, world.A, i, third, r) > 0.0


def test_old_resentment_waits_for_another_pole() -> None:
    """Statement M04."""
    world, i = state(), row("imu")
    world.X[i, TALIBAN, s.X_LATENT] = 0.7
    world.P[ISKP, [s.P_OFFERS_FROM, s.P_FOUNDED]] = s.NEVER, s.NEVER
    assert latent(world.X, world.P, world.A, i, TALIBAN, 50.0) == 0.0
    world.P[ISKP, s.P_OFFERS_FROM] = 50.0
    assert latent(world.X, world.P, world.A, i, TALIBAN, 49.0) == 0.0
    assert latent(world.X, world.P, world.A, i, TALIBAN, 50.0) == 0.7
    assert latent(world.X, world.P, parameters(m04=0.0), i, TALIBAN, 50.0) == 0.0


def test_a_bond_is_broken_by_leaving() -> None:
    """Whole by leaving the patron, half by staying as an ally; an ally has none to break."""
    world, i = state(), row("imu")
    world.F[i, [s.F_BOND_PERSON, s.F_BOND_OFFICE]] = 0.3, 0.4
    for held, broken in ((0, [0.0, 0.7, 0.35, 0.7, 0.7, 0.7]), (2, [0.0, 0.7, 0.0, 0.7, 0.7, 0.7])):
        world.I[i, s.I_ALLEGIANCE] = held
        found = [breaking(world.F, world.I, i, option, 2) for option in range(6)]
        assert found == pytest.approx(broken)


def test_peers() -> None:
    """Statement M37: shares by weight, allies half, and converts only while they are news."""
    world, i = state(), row("imu")
    first, last = world.TP[i], world.TP[i + 1]
    peers, weights = world.TI[first:last], world.TW[first:last]
    assert len(peers) >= 2
    world.I[peers, s.I_FATE] = s.FATE_ACTIVE
    world.I[peers, s.I_ALLEGIANCE] = TALIBAN
    arguments = (world.I, world.TP, world.TI, world.TW, i)
    assert peer_share(*arguments, TALIBAN, 2) == pytest.approx(1.0)
    assert peer_share(*arguments, ISKP, 2) == 0.0
    world.I[peers[0], [s.I_ALLEGIANCE, s.I_SWITCHED]] = ISKP, 20
    expected = weights[0] / weights.sum()
    assert peer_share(*arguments, ISKP, 2) == pytest.approx(expected)
    for month, share in ((20, expected), (26, expected), (27, 0.0)):
        assert recent_converts(*arguments, ISKP, 2, month) == pytest.approx(share)
    world.I[peers[0], s.I_ALLEGIANCE] = ISKP + 2
    assert peer_share(*arguments, ISKP, 2) == pytest.approx(expected / 2)
    world.I[peers, s.I_FATE] = s.FATE_DESTROYED
    assert peer_share(*arguments, TALIBAN, 2) == 0.0


def test_options_exist_when_they_are_open() -> None:
    world, r = state(month=10), 0
    world.P[ISKP, s.P_OFFERS_FROM], world.G[r, s.G_OFFER] = 11.0, 0.0
    assert [on_offer(world.P, world.G, world.C, o, r) for o in range(6)] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    world.C[s.C_MONTH], world.G[r, s.G_OFFER] = 11.0, 0.2
    assert all(on_offer(world.P, world.G, world.C, o, r) for o in range(6))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 37), st.integers(0, 143))
def test_a_utility_is_the_sum_of_its_terms(i: int, month: int) -> None:
    """And the present option always exists, whatever is on offer."""
    world = state(month)
    arguments = [getattr(world, name) for name in ("F", "I", "X", "P", "W", "G", "H", "C", "A")]
    appraise(*arguments, world.TP, world.TI, world.TW, world.CEN, world.T, world.V, i)
    there = world.V > 0.5 * UNAVAILABLE
    assert there[world.I[i, s.I_ALLEGIANCE]]
    assert np.allclose(world.T[there].sum(axis=1), world.V[there])
    assert np.isfinite(world.T).all()
    left_out = {
        s.RULE_IDEOLOGY: [s.T_RESOURCE, s.T_RECRUITS, s.T_POWER, s.T_LOCAL, s.T_NICHE, s.T_PERMISSION],
        s.RULE_PATRONAGE: [s.T_IDEOLOGY, s.T_LEGITIMACY, s.T_NOVELTY],
    }
    whole = world.T.copy()
    for rule, terms in left_out.items():
        world.A[s.A_RULE] = rule
        appraise(*arguments, world.TP, world.TI, world.TW, world.CEN, world.T, world.V, i)
        assert (world.T[:, terms] == 0.0).all()
        kept = [term for term in range(s.T_WIDTH) if term not in terms]
        assert np.array_equal(world.T[:, kept], whole[:, kept])


@settings(deadline=None)
@given(shares, shares, shares, shares)
def test_propensity_is_between_minus_1_and_1(a: float, b: float, c: float, d: float) -> None:
    world = state()
    world.F[:2, [s.F_SALAFISM, s.F_GLOBALISM]] = [[a, b], [c, d]]
    value = propensity(world.F, 0, 1)
    assert -1.0 - 1e-12 <= value <= 1.0
    assert value == propensity(world.F, 1, 0)
    assert propensity(world.F, 0, 0) == 1.0
