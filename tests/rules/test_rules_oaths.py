"""Oaths, successions and what wakes a faction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from states import parameters, row, shares, state

from sim import state as s
from sim.rules.awareness import own_reasons, patron_reasons, wake
from sim.rules.oaths import acceptance, await_answer, leave, offer, pledge, swear_in, usefulness
from sim.rules.succession import concealment_factor, settle_leadership, shock_share, succession_grievance

pytestmark = pytest.mark.core
TALIBAN, ISKP, ALLY_OF_ISKP, ALONE, EXIT = 0, 1, 3, 4, 5


# Acceptance


@settings(deadline=None)
@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_the_most_useful_size_is_the_stated_one(one: float, other: float) -> None:
    world, i = state(), row("imu")
    best = world.A[s.A_USEFUL_SIZE]

    def worth(fighters: float) -> float:
        world.F[i, s.F_FIGHTERS] = fighters
        return float(usefulness(world.F, world.A, i))

    assert worth(best) == 1.0
    assert 0.0 < worth(one) <= 1.0
    assert worth(best * 3.0) == pytest.approx(worth(best / 3.0))
    assert worth(best * math.exp(1.5)) == pytest.approx(math.exp(-0.5))
    low, high = sorted((max(one, 1.0), max(other, 1.0)))
    if high <= best:
        assert worth(low) <= worth(high)
    elif low >= best:
        assert worth(low) >= worth(high)


@settings(deadline=None, max_examples=200)
@given(
    shares, shares, shares, shares, shares, shares, st.floats(0.0, 1e5), st.integers(0, 40),
    st.integers(0, 40),
)  # fmt: skip
def test_acceptance_is_a_probability(
    interest: float, salafism: float, roots: float, policy: float, effort: float, insider: float,
    fighters: float, slots: int, used: int,
) -> None:  # fmt: skip
    """Statements M15, M16, M23, M45: none without a slot or against the policy."""
    world, i = state(), row("imu")
    r = world.I[i, s.I_THEATRE]
    world.H[r, ISKP, s.H_INTEREST] = interest
    world.F[i, [s.F_SALAFISM, s.F_LOCAL_ROOTS, s.F_FIGHTERS]] = salafism, roots, fighters
    world.P[ISKP, [s.P_ACCEPTANCE, s.P_EFFORT, s.P_SLOTS, s.P_SLOTS_USED]] = policy, effort, slots, used
    world.A[s.A_ACCEPT_INSIDER] = insider
    p = acceptance(world.F, world.I, world.P, world.H, world.A, i, ISKP)
    assert 0.0 <= p <= 1.0
    if used >= slots or policy == 0.0:
        assert p == 0.0
    free = parameters(m15=0.0, accept_insider=insider)
    assert acceptance(world.F, world.I, world.P, world.H, free, i, ISKP) >= p


@settings(deadline=None)
@given(shares, shares)
def test_interest_roots_and_effort_make_acceptance_likelier(low: float, high: float) -> None:
    """Statements M45, M16 and M23, for an insider better placed than the periphery."""
    low, high = sorted((low, high))

    def p(interest: float, roots: float, effort: float) -> float:
        world, i = state(), row("imu")
        world.H[world.I[i, s.I_THEATRE], ISKP, s.H_INTEREST] = interest
        world.F[i, s.F_LOCAL_ROOTS] = roots
        world.P[ISKP, [s.P_EFFORT, s.P_SLOTS]] = effort, 100.0
        world.A[[s.A_ACCEPT_INSIDER, s.A_ACCEPT_PERIPHERY]] = 0.8, 0.2
        return float(acceptance(world.F, world.I, world.P, world.H, world.A, i, ISKP))

    assert p(low, 0.5, 0.5) <= p(high, 0.5, 0.5)
    assert p(0.5, low, 0.5) <= p(0.5, high, 0.5)
    assert p(0.5, 0.5, low) <= p(0.5, 0.5, high)


# From choice to oath


@pytest.mark.parametrize("seed", range(5))
def test_an_offer_waits_for_its_answer(seed: int) -> None:
    """Two to five months by the baseline (P14); seen and in reach of retaliation after drawn lags (P15)."""
    world, i = state(30, seed), row("imu")
    offer(world.I, world.P, world.C, world.A, i, ISKP)
    codes = world.I[i]
    low, high = world.A[s.A_ACCEPT_LAG_MIN], world.A[s.A_ACCEPT_LAG_MAX]
    assert codes[s.I_OATH] == s.OATH_OFFERED
    assert codes[s.I_OFFER_MONTH] == 30
    assert low <= codes[s.I_ANSWER_MONTH] - 30 <= high
    assert 0 <= codes[s.I_VISIBLE_FROM] - 30 <= world.A[s.A_VISIBLE_LAG]
    assert 0 <= codes[s.I_LAG] <= 2 * world.A[s.A_RETALIATION_LAG]
    assert world.C[s.C_OFFERS] == 1.0


def test_leaving_a_patron_costs_the_bond_and_is_read_as_defection() -> None:
    """Statement M07: the patron counts who left it."""
    world, i = state(30), row("imu")
    world.I[i, s.I_ALLEGIANCE] = TALIBAN
    world.F[i, [s.F_BOND_PERSON, s.F_BOND_OFFICE]] = 0.4, 0.5
    leave(world.F, world.I, world.P, world.C, i)
    assert world.F[i, [s.F_BOND_PERSON, s.F_BOND_OFFICE]].tolist() == [0.0, 0.0]
    assert world.P[TALIBAN, s.P_DEFECTORS] == 1.0
    assert world.I[i, [s.I_LEFT_PATRON, s.I_LEFT_MONTH]].tolist() == [TALIBAN, 30]


def pledged(choice: int, held: int = TALIBAN) -> object:
    world, i = state(30), row("imu")
    world.I[i, [s.I_ALLEGIANCE, s.I_START_ALLEGIANCE, s.I_CHOICE]] = held, held, choice
    pledge(world.F, world.I, world.P, world.C, world.A, i)
    return world


@pytest.mark.parametrize("choice", [-1, 0, 1, 2, 3, 4, 5])
def test_a_choice_is_carried_out(choice: int) -> None:
    """The three dates are three: support, oath, acceptance; staying changes nothing."""
    world, i = pledged(choice), row("imu")
    codes = world.I[i]  # type: ignore[attr-defined]
    if choice in (-1, TALIBAN):
        assert codes[s.I_ALLEGIANCE] == TALIBAN
        assert codes[s.I_SWITCHED] == -1
        return
    assert codes[s.I_ALLEGIANCE] == choice
    assert codes[s.I_SWITCHED] == 30
    assert codes[s.I_FIRST_SUPPORT] == (30 if choice in (ISKP, ALLY_OF_ISKP) else -1)
    assert codes[s.I_FIRST_OATH] == (30 if choice == ISKP else -1)
    assert codes[s.I_FIRST_ACCEPT] == -1
    assert codes[s.I_FATE] == (s.FATE_RECONCILED if choice == EXIT else s.FATE_ACTIVE)
    assert codes[s.I_WALKED_OUT] == (30 if choice == ALONE else -1)
    assert codes[s.I_OATH] == (s.OATH_OFFERED if choice == ISKP else s.OATH_NONE)


def test_an_answer_comes_when_it_is_due_and_the_branch_is_founded() -> None:
    """Accepted, refused for want of a slot (M15), or ignored; not before the founding."""
    for slots, policy, expected in (
        (50.0, 1.0, {s.OATH_SWORN, s.OATH_DECLARED}), (0.0, 1.0, {s.OATH_REFUSED}),
        (50.0, 0.0, {s.OATH_DECLARED}),
    ):  # fmt: skip
        found = set()
        for seed in range(30):
            world, i = state(30, seed), row("imu")
            world.P[ISKP, [s.P_SLOTS, s.P_ACCEPTANCE, s.P_FOUNDED]] = slots, policy, 30.0
            world.I[i, [s.I_ALLEGIANCE, s.I_OATH, s.I_ANSWER_MONTH]] = ISKP, s.OATH_OFFERED, 30
            for month, due in ((29.0, False), (30.0, True)):
                world.C[s.C_MONTH] = month
                await_answer(world.F, world.I, world.P, world.G, world.H, world.C, world.A, i)
                assert (world.I[i, s.I_OATH] != s.OATH_OFFERED) == due
            assert world.I[i, s.I_ANSWERED] == 30
            found.add(int(world.I[i, s.I_OATH]))
        assert found == expected


def test_a_rooted_commander_brings_his_tribesmen() -> None:
    """Statement M69; the bond is split by institutionalisation (M34)."""
    world, i = state(30), row("imu")
    r, before = world.I[i, s.I_THEATRE], world.F[i, s.F_FIGHTERS]
    world.F[i, [s.F_LOCAL_ROOTS, s.F_AUTHORITY]] = 0.8, 0.5
    world.F[i, [s.F_BOND_PERSON, s.F_BOND_OFFICE]] = 0.0, 0.0
    world.G[r, s.G_POOL] = 1e6
    swear_in(world.F, world.I, world.P, world.G, world.C, world.A, i, ISKP)
    brought = world.F[i, s.F_FIGHTERS] - before
    assert brought == pytest.approx(world.A[s.A_BURST] * 0.4 * before, abs=1e-5)
    assert brought == world.F[i, s.F_RECRUITED] == world.G[r, s.G_TAKEN]
    bond = world.F[i, s.F_BOND_PERSON] + world.F[i, s.F_BOND_OFFICE]
    assert bond == pytest.approx(world.A[s.A_BOND_NEW])
    without = state(30)
    swear_in(without.F, without.I, without.P, without.G, without.C, parameters(m69=0.0), i, ISKP)
    assert without.F[i, s.F_FIGHTERS] == before


# Succession


@pytest.mark.parametrize("mode", [s.FALL_CONSTANT, s.FALL_LINEAR, s.FALL_SATURATING])
@settings(deadline=None)
@given(st.floats(0.0, 400.0), st.floats(0.0, 400.0), st.floats(0.0, 200.0))
def test_the_fall_is_stated_at_27_months(mode: int, one: float, other: float, tau: float) -> None:
    """Statement M02: all three forms equal 1 there, are not negative, and never fall with concealment."""
    A = parameters(fall_mode=mode, fall_saturation=tau)
    assert concealment_factor(A, 27.0) == pytest.approx(1.0)
    low, high = sorted((one, other))
    assert 0.0 <= concealment_factor(A, low) <= concealment_factor(A, high) + 1e-12
    if mode == s.FALL_LINEAR:
        assert concealment_factor(A, high) <= 2.0
    if mode != s.FALL_CONSTANT:
        assert concealment_factor(A, 0.0) == 0.0


@settings(deadline=None)
@given(shares, shares, shares)
def test_a_revelation_costs_consistency_less_where_the_office_outlives_the_man(
    consistency: float, institution: float, fall: float
) -> None:
    """Statements M02 and M34."""

    def after(months: int, **changes: float) -> float:
        world = state(40)
        world.A = parameters(legitimacy_fall=fall, **changes)
        world.P[TALIBAN, [s.P_CONSISTENCY, s.P_CONSISTENCY_START, s.P_INSTITUTION]] = (
            consistency, consistency, institution,
        )  # fmt: skip
        world.P[TALIBAN, [s.P_CONCEALED, s.P_REVEALED]] = 40 - months, 40
        settle_leadership(world.P, world.C, world.A, TALIBAN)
        assert world.P[TALIBAN, s.P_CONCEALED] == -1.0
        return float(world.P[TALIBAN, s.P_CONSISTENCY])

    assert 0.0 <= after(27) <= consistency
    assert after(27) == pytest.approx(max(0.0, consistency - fall * (1.0 - institution)))
    assert after(27, m34=0.0) <= after(27)
    assert after(27, m02=0.0) == consistency
    assert after(39) <= after(27) <= after(5)


@settings(deadline=None)
@given(shares, shares, shares, shares)
def test_the_grievance_of_one_passed_over_heals_as_the_successor_is_recognised(
    authority: float, rival: float, low: float, high: float
) -> None:
    """Statements M03 and M12."""
    low, high = sorted((low, high))
    A = parameters()
    assert succession_grievance(A, authority, rival, 1.0) == 0.0
    assert succession_grievance(A, authority, rival, high) >= 0.0
    assert succession_grievance(A, authority, rival, high) <= succession_grievance(A, authority, rival, low)
    assert succession_grievance(parameters(m03=0.0), authority, rival, low) == 0.0


@settings(deadline=None)
@given(shares, shares, shares, st.integers(1, 200))
def test_between_shocks_legitimacy_heals(
    recognition: float, consistency: float, momentum: float, months: int
) -> None:
    """Recognition rises toward 1 and consistency to its start, neither past it (P7)."""
    world = state(0)
    start = 0.9
    world.P[TALIBAN, [s.P_RECOGNITION, s.P_CONSISTENCY, s.P_MOMENTUM]] = recognition, consistency, momentum
    world.P[TALIBAN, s.P_CONSISTENCY_START] = start
    for month in range(1, months):
        world.C[s.C_MONTH] = month
        before = world.P[TALIBAN].copy()
        settle_leadership(world.P, world.C, world.A, TALIBAN)
        now = world.P[TALIBAN]
        assert before[s.P_RECOGNITION] <= now[s.P_RECOGNITION] <= 1.0
        assert abs(now[s.P_CONSISTENCY] - start) <= abs(before[s.P_CONSISTENCY] - start)
    assert 0.0 <= shock_share(world.P, world.A, TALIBAN) <= 1.0


# Awareness


@pytest.mark.parametrize("month", [0, 1, 77])
def test_nothing_wakes_a_faction_to_which_nothing_happened(month: int) -> None:
    """In the first month, too, in which last month is the -1 that stands for never."""
    world, i = state(month), row("imu")
    world.P[:, s.P_POSTURE] = 0.0
    world.I[i, s.I_WAKE] = 0
    assert own_reasons(world.I, world.A, month, i) == (1.0, 0)
    assert patron_reasons(world.F, world.I, world.P, world.A, month, i) == (1.0, 0)
    arguments = (world.F, world.I, world.P, world.C, world.A, world.TP, world.TI, world.TW)
    assert wake(*arguments, i) == 0


def test_each_reason_wakes_with_its_own_probability() -> None:
    """Own leader, displacement, an answer, a birth, the patron's leader, a revelation, news (M36, M37)."""
    i, t = row("imu"), 40
    patron = 0
    for code, month, weight, reason in (
        (s.I_LEADER_LOST, t, s.A_WAKE_LEADER, s.WAKE_LEADER),
        (s.I_DISPLACED, t, s.A_WAKE_DISPLACED, s.WAKE_DISPLACED),
        (s.I_ANSWERED, t - 1, s.A_WAKE_ANSWER, s.WAKE_ANSWER),
        (s.I_BORN_MONTH, t - 1, s.A_WAKE_LEADER, s.WAKE_SPLIT),
    ):
        world = state(t)
        world.I[i, code] = month
        asleep, why = own_reasons(world.I, world.A, t, i)
        assert why == reason
        assert asleep == pytest.approx(1.0 - world.A[weight])
    for code, weight, reason in (
        (s.P_LEADER_LOST, s.A_WAKE_LEADER, s.WAKE_PATRON_LEADER),
        (s.P_REVEALED, s.A_WAKE_REVEALED, s.WAKE_REVEALED),
        (s.P_NEWS, s.A_WAKE_NEWS, s.WAKE_NEWS),
    ):
        world = state(t)
        world.P[:, s.P_POSTURE], world.F[i, s.F_VETERANS] = 0.0, 0.0
        world.I[i, s.I_ALLEGIANCE] = patron
        world.P[patron, code] = t
        asleep, why = patron_reasons(world.F, world.I, world.P, world.A, t, i)
        assert why == reason
        assert asleep == pytest.approx(1.0 - world.A[weight])
    world = state(t)
    world.I[i, s.I_ALLEGIANCE], world.I[i, s.I_FOREIGN] = patron, 1
    world.P[patron, [s.P_POSTURE, s.P_HOLDS_STATE]] = 0.5, 1.0
    asleep, why = patron_reasons(world.F, world.I, world.P, world.A, t, i)
    assert why == s.WAKE_CRACKDOWN
    assert asleep == pytest.approx(1.0 - 0.5 * world.A[s.A_WAKE_CRACKDOWN])


def test_veterans_hear_news_louder() -> None:
    """Statement M36."""
    i, t = row("imu"), 40
    awake = []
    for ties, on in ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0)):
        world = state(t)
        world.P[:, s.P_POSTURE], world.F[i, s.F_VETERANS] = 0.0, ties
        world.P[ISKP, s.P_NEWS] = t
        awake.append(1.0 - patron_reasons(world.F, world.I, world.P, parameters(m36=on), t, i)[0])
    assert awake[0] == pytest.approx(awake[2])
    assert awake[1] == pytest.approx(min(1.0, 2.0 * awake[0]))


def test_a_switch_among_peers_wakes_by_the_weight_of_the_tie() -> None:
    """Statement M37: as often as its probability says."""
    i, t = row("imu"), 40
    counts = {}
    for on in (1.0, 0.0):
        awake = 0
        for seed in range(400):
            world = state(t, seed)
            world.P[:, s.P_POSTURE] = 0.0
            peers = world.TI[world.TP[i] : world.TP[i + 1]]
            total = world.TW[world.TP[i] : world.TP[i + 1]].sum()
            world.I[peers, s.I_SWITCHED] = t - 1
            world.C[s.C_LAST_SWITCH] = t - 1
            world.A = parameters(m37=on, wake_tie=0.3)
            world.I[i, s.I_WAKE] = 0
            arguments = (world.F, world.I, world.P, world.C, world.A, world.TP, world.TI, world.TW)
            awake += wake(*arguments, i) == s.WAKE_TIE
        counts[on] = awake
    expected = min(1.0, 0.3 * total)
    assert counts[0.0] == 0
    assert abs(counts[1.0] / 400 - expected) < 4 * np.sqrt(expected * (1 - expected) / 400) + 1e-9
