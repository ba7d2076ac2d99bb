"""Clash, posture, sustain, movement, reorganisation: invariants of single rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from states import parameters, row, shares, state, stocks

from sim import draws
from sim import state as s
from sim.rules.clash import destroy, fight, state_losses, take_core
from sim.rules.common import grain
from sim.rules.movement import likeness, return_rate, shelter, shift_cores
from sim.rules.news import destination, release
from sim.rules.posture import learn, legitimacy_of, posture_target, support_target, take_posture
from sim.rules.reorganise import dissolve, merge, split, split_hazard
from sim.rules.sums import take_stock
from sim.rules.sustain import appeal, entry, income, leak_rate

pytestmark = pytest.mark.core
TALIBAN, ISKP = 0, 1
MEN = (s.F_FIGHTERS, s.F_KILLED, s.F_CAPTURED, s.F_SURRENDERED, s.F_LEFT)


# Clash


@settings(deadline=None, max_examples=200)
@given(stocks, shares, shares, shares, st.booleans(), st.floats(0.0, 200.0))
def test_a_destroyed_front_loses_no_man_from_the_books(
    fighters: float, local: float, killed: float, surrendered: float, shielded: bool, floor: float
) -> None:
    """Killed, surrendered, captured or in hiding, never a negative number of any (P17, M53)."""
    world, i = state(20), row("imu")
    world.A = parameters(
        crush_killed=killed, crush_surrendered=surrendered, m53=float(shielded), dissolve_floor=floor
    )
    world.F[i, list(MEN)] = 0.0
    world.F[i, [s.F_FIGHTERS, s.F_LOCAL_SHARE]] = fighters, local
    held = world.P[ISKP, s.P_CAPTURED]
    destroy(world.F, world.I, world.P, world.C, world.A, i, ISKP, TALIBAN)
    assert world.F[i, list(MEN)].sum() == fighters
    assert (world.F[i, list(MEN)] >= 0.0).all()
    assert world.P[ISKP, s.P_CAPTURED] - held == world.F[i, s.F_CAPTURED]
    alive = world.I[i, s.I_FATE] == s.FATE_ACTIVE
    hidden = grain(fighters * (1.0 - local))
    assert alive == (shielded and hidden > 0.0 and hidden >= floor)
    assert world.I[i, s.I_CRUSHER] == TALIBAN
    if not alive:
        assert world.F[i, s.F_FIGHTERS] == 0.0


@settings(deadline=None)
@given(st.lists(stocks, min_size=3, max_size=3), st.lists(shares, min_size=3, max_size=3), st.integers(0, 99))
def test_deaths_are_counted_alike_by_pair_and_by_place(
    men: list[float], hostility: list[float], seed: int
) -> None:
    """The same deaths by pair and by region; no side loses more than half of its men to another."""
    world = state(20, seed)
    world.H[:, :, [s.H_NOMINAL, s.H_FORCE]] = 0.0
    world.H[0, :, s.H_NOMINAL] = world.H[0, :, s.H_FORCE] = men
    world.H[1, :, s.H_NOMINAL] = world.H[1, :, s.H_FORCE] = men[::-1]
    world.W[:, :, s.W_CONTACT] = 1.0
    for pair, h in zip(((0, 1), (0, 2), (1, 2)), hostility, strict=True):
        world.W[pair[0], pair[1], s.W_EFFECTIVE] = world.W[pair[1], pair[0], s.W_EFFECTIVE] = h
    fight(world.P, world.W, world.H, world.C, world.A)
    by_pair, by_place = world.W[:, :, s.W_DEATHS], world.H[:, :, s.H_DEATHS]
    assert (by_pair >= 0.0).all()
    assert np.array_equal(by_pair.sum(axis=0), by_place.sum(axis=0))
    assert (by_place[:2] <= 2 * 0.5 * world.H[:2, :, s.H_NOMINAL] + 1e-9).all()
    assert (by_place[2:] == 0.0).all()
    assert world.C[s.C_TOTAL_KILLED] == by_pair.sum()


@settings(deadline=None)
@given(stocks, st.floats(-100.0, 1e5))
def test_a_core_gives_no_more_men_than_it_has(core: float, wanted: float) -> None:
    world = state()
    world.H[0, ISKP, s.H_CORE] = core
    taken = take_core(world.P, world.H, 0, ISKP, wanted, s.P_KILLED)
    assert taken == grain(min(core, max(0.0, wanted)))
    assert world.H[0, ISKP, s.H_CORE] + taken == core
    assert world.P[ISKP, s.P_KILLED] == taken


@settings(deadline=None)
@given(shares, shares)
def test_the_holder_of_the_state_loses_no_men_to_it(pressure: float, capacity: float) -> None:
    world = state()
    world.G[0, [s.G_PRESSURE, s.G_CAPACITY, s.G_HOLDER]] = pressure, capacity, TALIBAN
    assert state_losses(world.G, world.A, 0, TALIBAN) == 0.0
    assert 0.0 <= state_losses(world.G, world.A, 0, ISKP) <= world.A[s.A_STATE_ATTRITION]


@settings(deadline=None)
@given(st.floats(0.0, 1e4), st.floats(0.0, 2e4))
def test_no_more_are_released_than_are_held(held: float, named: float) -> None:
    """P21; what is released joins the core."""
    world = state()
    event = np.full((1, s.E_WIDTH), -1.0)
    event[0, [s.E_PATRON, s.E_REGION, s.E_SIZE]] = ISKP, 0, named
    world.P[ISKP, s.P_CAPTURED] = held
    before = world.H[0, ISKP, s.H_CORE]
    release(world.P, world.H, event, 0)
    freed = world.H[0, ISKP, s.H_CORE] - before
    assert freed == grain(min(held, named))
    assert 0.0 <= world.P[ISKP, s.P_CAPTURED] <= held + 2.0**-20
    assert world.P[ISKP, s.P_JOINED] == freed


# Posture


@settings(deadline=None, max_examples=200)
@given(shares, shares, shares, shares, shares)
def test_posture_is_a_share_and_bows_to_the_state_it_is_in(
    demand: float, threat: float, foreign: float, posture: float, silence: float
) -> None:
    """Statements M24 to M30 and M79."""
    world = state()
    columns = [s.P_DEMAND, s.P_THREAT, s.P_FOREIGN_ALLIES, s.P_POSTURE, s.P_SILENCE, s.P_HOLDS_STATE]
    world.P[TALIBAN, columns] = demand, threat, foreign, posture, silence, 1.0
    target = posture_target(world.P, world.A, TALIBAN)
    assert 0.0 <= target <= world.A[s.A_POSTURE_CAP]
    assert posture_target(world.P, parameters(m27=0.0), TALIBAN) >= target
    assert posture_target(world.P, parameters(m26=0.0), TALIBAN) >= target
    assert posture_target(world.P, parameters(m30=0.0), TALIBAN) <= target
    take_posture(world.P, world.A, TALIBAN)
    for column in (s.P_POSTURE, s.P_SILENCE, s.P_VISIBLE_ALLIES):
        assert 0.0 <= world.P[TALIBAN, column] <= 1.0
    world.P[TALIBAN, s.P_HOLDS_STATE] = 0.0
    assert posture_target(world.P, world.A, TALIBAN) == 0.0


@settings(deadline=None)
@given(shares, shares, shares, shares, shares)
def test_support_and_legitimacy_are_shares(
    level: float, promise: float, threat: float, recognition: float, momentum: float
) -> None:
    """Statements M12, M18, M29, M43 and M79: a promise is partly believed, threat makes courted."""
    world = state()
    world.P[TALIBAN, [s.P_SUPPORT_LEVEL, s.P_PROMISE, s.P_THREAT]] = level, promise, threat
    support = support_target(world.P, world.A, TALIBAN)
    assert 0.0 <= support <= 1.0
    assert support_target(world.P, parameters(m29=0.0), TALIBAN) >= support
    assert support_target(world.P, parameters(m43=0.0), TALIBAN) <= support
    world.P[TALIBAN, [s.P_RECOGNITION, s.P_MOMENTUM]] = recognition, momentum
    value = legitimacy_of(world.P, world.A, TALIBAN)
    assert 0.0 <= value <= world.P[TALIBAN, s.P_CONSISTENCY]
    assert legitimacy_of(world.P, parameters(m12=0.0), TALIBAN) >= value
    assert legitimacy_of(world.P, parameters(m18=0.0), TALIBAN) <= value


@settings(deadline=None)
@given(shares, shares, shares)
def test_pressure_teaches(capability: float, felt: float, threat: float) -> None:
    """Statement M59: faster under pressure, never past 1."""
    after = []
    for on in (0.0, 1.0):
        world = state()
        world.P[ISKP, [s.P_CAPABILITY, s.P_FELT_PRESSURE, s.P_THREAT]] = capability, felt, threat
        learn(world.P, parameters(m59=on), ISKP)
        after.append(world.P[ISKP, s.P_CAPABILITY])
    assert capability <= after[0] <= after[1] <= 1.0


# Sustain


@settings(deadline=None)
@given(st.integers(0, 20), shares, shares, shares, shares)
def test_every_reason_to_join_multiplies(
    r: int, momentum: float, milieu: float, grievance: float, capacity: float
) -> None:
    """Statements M13, M19, M40, M47, M56, M57, M75: none lowers recruitment but the last."""
    world = state()
    world.P[ISKP, s.P_MOMENTUM] = momentum
    world.G[r, [s.G_MILIEU, s.G_MINORITY, s.G_CAPACITY, s.G_HOLDER]] = milieu, grievance, capacity, -1
    value = appeal(world.P, world.G, world.H, world.A, r, ISKP)
    assert value > 0.0
    for statement in ("m13", "m19", "m40", "m46", "m47", "m56", "m57"):
        assert appeal(world.P, world.G, world.H, parameters(**{statement: 0.0}), r, ISKP) <= value
    assert appeal(world.P, world.G, world.H, parameters(m75=0.0), r, ISKP) >= value


@settings(deadline=None)
@given(shares)
def test_a_torn_incumbent_lets_entrants_in(torn: float) -> None:
    """Statements M11 and M65."""
    world = state()
    world.P[TALIBAN, s.P_FRAGMENTATION] = torn
    value = entry(world.P, world.A, ISKP)
    assert value >= entry(world.P, parameters(m11=0.0, m65=0.0), ISKP) == 1.0
    assert entry(world.P, world.A, TALIBAN) == 1.0
    jump = value / entry(world.P, parameters(m11=0.0), ISKP)
    above = torn > world.A[s.A_CRITICAL_FRAGMENTATION]
    assert jump == pytest.approx(1.0 + world.A[s.A_CRITICAL_GAIN] if above else 1.0)


@settings(deadline=None)
@given(shares, shares, shares, shares)
def test_leak_and_income(globalism: float, lure: float, relevance: float, roots: float) -> None:
    """Statements M14, M06 and M16: hopes here hold men, roots feed them, an oath pays when recognised."""
    world, i = state(), row("imu")
    world.F[i, [s.F_GLOBALISM, s.F_RELEVANCE, s.F_LOCAL_ROOTS]] = globalism, relevance, roots
    world.C[s.C_LURE] = lure
    assert 0.0 <= leak_rate(world.F, world.I, world.C, world.A, i) <= world.A[s.A_LEAK]
    assert leak_rate(world.F, world.I, world.C, parameters(m14=0.0), i) == 0.0
    world.I[i, [s.I_ALLEGIANCE, s.I_OATH]] = ISKP, s.OATH_DECLARED
    unpaid = income(world.F, world.I, world.P, world.A, i)
    world.I[i, s.I_OATH] = s.OATH_SWORN
    assert 0.0 <= unpaid < income(world.F, world.I, world.P, world.A, i)


# Movement


@settings(deadline=None)
@given(shares, shares)
def test_kinship_and_shelter(pressure: float, share: float) -> None:
    """Statement M55: kin and quiet draw."""
    world, i = state(), row("imu")
    mix = [s.F_MIX_1, s.F_MIX_2, s.F_MIX_3, s.F_MIX_4]
    world.F[i, mix] = share, 0.0, 1.0 - share, 0.0
    for r in range(world.G.shape[0]):
        assert 0.0 <= likeness(world.F, world.G, i, r) <= 1.0 + 1e-9
        world.G[r, s.G_PRESSURE] = pressure
        weight = shelter(world.F, world.G, world.H, i, ISKP, r)
        assert weight > 0.0
        world.G[r, s.G_PRESSURE] = 0.0
        assert shelter(world.F, world.G, world.H, i, ISKP, r) >= weight


@settings(deadline=None)
@given(shares)
def test_fighters_return_where_they_may(permitted: float) -> None:
    """Statements M31, M48 and M73."""
    world = state()
    world.C[s.C_ABROAD_PERMITTED] = permitted
    rate = return_rate(world.G, world.C, world.A, world.P)
    assert 0.0 <= rate <= 1.0
    assert return_rate(world.G, world.C, parameters(m48=0.0), world.P) >= rate
    assert return_rate(world.G, world.C, parameters(m31=0.0), world.P) <= rate
    assert return_rate(world.G, world.C, parameters(m73=1.0), world.P) >= rate


@settings(deadline=None)
@given(st.lists(stocks, min_size=21, max_size=21), shares, shares)
def test_a_core_that_moves_neither_grows_nor_shrinks(men: list[float], shift: float, pressure: float) -> None:
    """Statement M55, at any rate of movement: no region is left with fewer than nobody."""
    world = state(60)
    world.H[:, ISKP, s.H_CORE] = men
    world.G[:, s.G_PRESSURE] = pressure
    world.A = parameters(core_shift=shift)
    take_stock(world.F, world.I, world.P, world.W, world.G, world.H, world.C, world.A, world.NP, world.NI)
    shift_cores(world.P, world.G, world.H, world.A, world.NP, world.NI)
    assert world.H[:, ISKP, s.H_CORE].sum() == sum(men)
    assert (world.H[:, ISKP, s.H_CORE] >= 0.0).all()


@settings(deadline=None)
@given(st.lists(shares, min_size=1, max_size=5), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_destinations_are_drawn_by_weight(weights: list[float], u: float) -> None:
    events = np.full((len(weights) + 1, s.E_WIDTH), -1.0)
    events[1:, s.E_SIZE], events[1:, s.E_REGION] = weights, np.arange(len(weights))
    events[0, [s.E_FIRST, s.E_LAST]] = 1, len(weights) + 1
    drawn = destination(events, 0, u)
    assert 0 <= drawn < len(weights)
    total = sum(weights)
    assert sum(weights[:drawn]) <= u * total + 1e-9
    assert u * total <= sum(weights[: drawn + 1]) + 1e-9
    events[0, [s.E_FIRST, s.E_LAST]] = -1, -1
    assert destination(events, 0, u) == -1


# Reorganisation


@settings(deadline=None)
@given(shares, shares, shares, shares, st.floats(0.0, 8.0))
def test_what_splits_a_faction(
    cohesion: float, recognition: float, losses: float, gains: float, ties: float
) -> None:
    """P11, T05, T21, T25: a hazard; less with cohesion, more in a crisis, with losses and with gains."""
    world, i = state(), row("imu")
    columns = [s.F_COHESION, s.F_LOSSES, s.F_GAINS, s.F_TIE_SUM]
    world.F[i, columns] = cohesion, losses, gains, ties
    world.I[i, s.I_ALLEGIANCE] = TALIBAN
    world.P[TALIBAN, s.P_RECOGNITION] = recognition

    def hazard() -> float:
        return float(split_hazard(world.F, world.I, world.P, world.C, world.A, i))

    value = hazard()
    assert 0.0 <= value <= 1.0
    world.P[TALIBAN, s.P_RECOGNITION] = 1.0
    assert hazard() <= value
    world.F[i, s.F_LOSSES], world.F[i, s.F_GAINS] = gains, losses
    turned = hazard()
    world.F[i, s.F_LOSSES], world.F[i, s.F_GAINS] = losses, gains
    assert hazard() == pytest.approx(turned), "gains fragment as losses do"
    world.F[i, s.F_COHESION] = 1.0
    assert hazard() == 0.0


@settings(deadline=None)
@given(stocks, st.integers(0, 99))
def test_a_split_divides_men_and_copies_the_rest(fighters: float, seed: int) -> None:
    world, i = state(30, seed), row("imu")
    world.F[i, [s.F_FIGHTERS, s.F_KILLED]] = fighters, 7.0
    bond, j = world.F[i, s.F_BOND_OFFICE], int(world.C[s.C_ROWS])
    split(world.F, world.I, world.X, world.P, world.C, world.A, i)
    assert world.C[s.C_ROWS] == j + 1
    assert world.F[i, s.F_FIGHTERS] + world.F[j, s.F_FIGHTERS] == fighters
    assert 0.0 <= world.F[j, s.F_FIGHTERS] <= world.A[s.A_SPLIT_SHARE_MAX] * fighters + 2.0**-20
    assert world.F[i, s.F_KILLED] == 7.0
    assert world.F[j, s.F_KILLED] == 0.0
    assert world.F[j, s.F_BOND_OFFICE] == pytest.approx(0.3 * bond)
    assert world.I[j, [s.I_PARENT, s.I_ROOT, s.I_TIES]].tolist() == [i, world.I[i, s.I_ROOT], i]
    assert world.I[j, s.I_ENTITY] == draws.child_entity(world.I[i, s.I_ENTITY], 1)
    split(world.F, world.I, world.X, world.P, world.C, world.A, i)
    assert world.I[j + 1, s.I_ENTITY] == draws.child_entity(world.I[i, s.I_ENTITY], 2)


def test_no_row_left_is_told() -> None:
    world, i = state(), row("imu")
    world.C[s.C_ROWS] = world.F.shape[0]
    before = world.F.copy()
    split(world.F, world.I, world.X, world.P, world.C, world.A, i)
    assert world.C[s.C_STATUS] == s.STATUS_ROWS
    assert np.array_equal(world.F, before)


def test_a_splinter_returns_only_to_kin_under_the_same_pole_in_the_same_place() -> None:
    """P12, and not before half a year."""

    def merged(months: int, allegiance: int, apart: bool) -> bool:
        world, i = state(30), row("imu")
        j = int(world.C[s.C_ROWS])
        split(world.F, world.I, world.X, world.P, world.C, world.A, i)
        world.C[s.C_MONTH] = 30 + months
        world.I[j, s.I_ALLEGIANCE] = allegiance if allegiance >= 0 else world.I[i, s.I_ALLEGIANCE]
        world.I[j, s.I_THEATRE] += int(apart)
        men = world.F[[i, j], s.F_FIGHTERS].sum()
        merge(world.F, world.I, world.C, parameters(merge_hazard=1.0), j)
        assert world.F[[i, j], s.F_FIGHTERS].sum() == men
        return bool(world.I[j, s.I_FATE] == s.FATE_MERGED)

    assert merged(6, -1, False)
    assert not merged(5, -1, False)
    assert not merged(6, 4, False)
    assert not merged(6, -1, True)


def test_the_remains_of_a_faction_go_home() -> None:
    world, i = state(), row("imu")
    floor = world.A[s.A_DISSOLVE_FLOOR]
    world.F[i, s.F_FIGHTERS] = floor
    dissolve(world.F, world.I, world.A, i)
    assert world.I[i, s.I_FATE] == s.FATE_ACTIVE
    world.F[i, s.F_FIGHTERS] = floor - 1.0
    dissolve(world.F, world.I, world.A, i)
    assert world.I[i, s.I_FATE] == s.FATE_DISSOLVED
    assert world.F[i, [s.F_FIGHTERS, s.F_LEFT]].tolist() == [0.0, floor - 1.0]
