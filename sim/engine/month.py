"""The month: the rules in order, for all factions. The fast driver; the Mesa driver calls the same rules."""

from __future__ import annotations

import math
from typing import Any

from sim import state as s
from sim.jit import jit_apart
from sim.observation import observe
from sim.outcomes import follow, measure, summarise
from sim.rules.appraisal import appraise
from sim.rules.awareness import wake
from sim.rules.choice import choose, decision_draw, reweigh
from sim.rules.clash import clash, suffer
from sim.rules.movement import move, move_poles
from sim.rules.news import apply_events, next_news, notice
from sim.rules.oaths import await_answer, pledge
from sim.rules.opening import open_run
from sim.rules.posture import take_positions
from sim.rules.reorganise import reorganise
from sim.rules.succession import grieve, settle_leadership
from sim.rules.sums import renew_stock, take_stock
from sim.rules.sustain import nourish, sustain
from sim.state import ByteArray, FloatArray, IntArray


@jit_apart
def check(F: FloatArray, P: FloatArray, G: FloatArray, C: FloatArray) -> None:
    """Set the status code of a run that left what the model allows: not finite, or a negative stock."""
    for i in range(int(C[s.C_ROWS])):
        if not math.isfinite(F[i, s.F_FIGHTERS]) or not math.isfinite(F[i, s.F_WAR_CHEST]):
            C[s.C_STATUS] = s.STATUS_NOT_FINITE
        elif F[i, s.F_FIGHTERS] < 0.0:
            C[s.C_STATUS] = s.STATUS_NEGATIVE
    for k in range(P.shape[0]):
        if not math.isfinite(P[k, s.P_CORE]) or not math.isfinite(P[k, s.P_LEGITIMACY]):
            C[s.C_STATUS] = s.STATUS_NOT_FINITE
        elif P[k, s.P_CORE] < 0.0 or P[k, s.P_CAPTURED] < 0.0:
            C[s.C_STATUS] = s.STATUS_NEGATIVE


@jit_apart
def decide(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray, CEN: FloatArray, T: FloatArray,
    V: FloatArray, Q: FloatArray, i: int,
) -> None:  # fmt: skip
    """Phases 5 and 6 for one awake faction: appraise, then choose; the choice is carried out in phase 7."""
    appraise(F, I, X, P, W, G, H, C, A, TP, TI, TW, CEN, T, V, i)
    reweigh(F, I, P, C, A, TP, TI, TW, V, i)
    I[i, s.I_CHOICE] = choose(A, V, Q, I[i, s.I_ALLEGIANCE], decision_draw(I, C, i))
    I[i, s.I_APPRAISED] = int(C[s.C_MONTH])


@jit_apart
def consider(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray, CEN: FloatArray, T: FloatArray,
    V: FloatArray, Q: FloatArray, DK: IntArray, DT: FloatArray, DV: FloatArray, i: int, n: int,
) -> int:  # fmt: skip
    """Record as decision n what a sleeping faction would choose had it been awake; the run goes on as it would."""
    fear, chosen = F[i, s.F_PUNISHMENT], I[i, s.I_CHOICE]
    appraise(F, I, X, P, W, G, H, C, A, TP, TI, TW, CEN, T, V, i)
    reweigh(F, I, P, C, A, TP, TI, TW, V, i)
    I[i, s.I_CHOICE] = choose(A, V, Q, I[i, s.I_ALLEGIANCE], decision_draw(I, C, i))
    n = keep_decision(I, C, T, V, Q, DK, DT, DV, i, n)
    F[i, s.F_PUNISHMENT] = fear
    I[i, s.I_CHOICE] = chosen
    return n


@jit_apart
def keep_decision(
    I: IntArray, C: FloatArray, T: FloatArray, V: FloatArray, Q: FloatArray, DK: IntArray, DT: FloatArray,
    DV: FloatArray, i: int, n: int,
) -> int:  # fmt: skip
    """Write decision n to the record: (month, faction, held, chosen, why), terms, utilities and probabilities."""
    if n >= DK.shape[0]:
        return n
    DK[n, 0] = int(C[s.C_MONTH])
    DK[n, 1] = i
    DK[n, 2] = I[i, s.I_ALLEGIANCE]
    DK[n, 3] = I[i, s.I_CHOICE]
    DK[n, 4] = I[i, s.I_WAKE]
    for option in range(T.shape[0]):
        DV[n, 0, option] = V[option]
        DV[n, 1, option] = Q[option]
        for term in range(T.shape[1]):
            DT[n, option, term] = T[option, term]
    return n + 1


@jit_apart
def keep_table(R: Any, month: int, table: Any) -> None:
    """Copy a matrix into its place in the record."""
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            R[month, row, column] = table[row, column]


@jit_apart
def keep_cube(R: Any, month: int, cube: Any) -> None:
    """Copy a three-dimensional array into its place in the record."""
    for row in range(cube.shape[0]):
        for k in range(cube.shape[1]):
            for column in range(cube.shape[2]):
                R[month, row, k, column] = cube[row, k, column]


@jit_apart
def keep_vector(R: FloatArray, month: int, vector: FloatArray) -> None:
    """Copy a vector into its place in the record."""
    for column in range(vector.shape[0]):
        R[month, column] = vector[column]


@jit_apart
def keep_allegiances(I: IntArray, C: FloatArray, L: ByteArray, month: int) -> None:
    """Write a byte for each faction: the option it holds, or ``AWAY`` plus its fate where it is not active."""
    rows = int(C[s.C_ROWS])
    for i in range(L.shape[1]):
        fate = I[i, s.I_FATE] if i < rows else s.FATE_WAITING
        L[month, i] = I[i, s.I_ALLEGIANCE] if fate == s.FATE_ACTIVE else s.AWAY + fate


@jit_apart
def begin_quiet_month(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray,
) -> None:  # fmt: skip
    """Phases 1 to 3 of a month without events."""
    for k in range(P.shape[0]):
        settle_leadership(P, C, A, k)
    for i in range(int(C[s.C_ROWS])):
        notice(F, I, P, G, C, A, i)
        if I[i, s.I_FATE] == s.FATE_ACTIVE:
            grieve(F, I, X, P, C, A, i)
    take_positions(P, W, G, C, A)


@jit_apart
def begin_month(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray,
) -> None:  # fmt: skip
    """Phases 1 to 3: news, succession, posture; they read the sums of the end of last month."""
    apply_events(F, I, P, W, G, H, C, A, E)
    begin_quiet_month(F, I, X, P, W, G, H, C, A)


_AT_A_TIME = 8
"""Factions taken through phases 8 to 10 together: enough to overlap, few enough to stay in the nearest cache."""


@jit_apart
def live_out(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, i: int,
) -> None:  # fmt: skip
    """Phases 9 and 10 for a faction whose front was destroyed in phase 8: it ends with the month."""
    sustain(F, I, P, G, H, C, A, i)
    move(F, I, P, G, H, C, A, NP, NI, D, i)


@jit_apart
def end_month(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray, NP: IntArray, NI: IntArray, D: FloatArray,
) -> None:  # fmt: skip
    """Phases 8 to 12 but for the record: clash, sustain, movement, reorganisation, observation.

    In phases 8 to 10 no faction reads what another one writes, so it does not matter who comes first.
    """
    renew_stock(F, I, P, W, G, H, C, A, NP, NI)
    clash(P, W, G, H, C, A)
    nourish(P, G, H, C, A)
    rows = int(C[s.C_ROWS])
    for first in range(0, rows, _AT_A_TIME):
        last = min(rows, first + _AT_A_TIME)
        for i in range(first, last):
            if I[i, s.I_FATE] == s.FATE_ACTIVE:
                suffer(F, I, P, H, C, A, i)
                if I[i, s.I_FATE] != s.FATE_ACTIVE:
                    live_out(F, I, P, G, H, C, A, NP, NI, D, i)
        for i in range(first, last):
            if I[i, s.I_FATE] == s.FATE_ACTIVE:
                sustain(F, I, P, G, H, C, A, i)
        for i in range(first, last):
            if I[i, s.I_FATE] == s.FATE_ACTIVE:
                move(F, I, P, G, H, C, A, NP, NI, D, i)
    move_poles(F, I, P, G, H, C, A, E, NP, NI, D)
    reorganise(F, I, X, P, C, A)
    take_stock(F, I, P, W, G, H, C, A, NP, NI)
    observe(F, I, P, G, H, C, A)
    check(F, P, G, C)


@jit_apart
def run_months(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray, CEN: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, T: FloatArray, V: FloatArray, Q: FloatArray, first: int, last: int,
    M: FloatArray, O: FloatArray, RF: FloatArray, RI: IntArray, RX: FloatArray, RP: FloatArray, RW: FloatArray,
    RG: FloatArray, RH: FloatArray, RC: FloatArray, DK: IntArray, DT: FloatArray, DV: FloatArray,
    L: ByteArray, PR: IntArray,
) -> int:  # fmt: skip
    """Move a run from month ``first`` to before month ``last``.

    Monthly outcomes go to ``M`` (months, M_WIDTH) and the full state to ``RF`` .. ``RC`` (months, ...), each only if
    it has room (shape[0] > 0): recording is chosen at run time. Decisions go to ``DK``, ``DT``, ``DV``. ``L``
    (months, factions) takes a byte for the allegiance of each faction. ``PR`` (probes, 2) names months and factions, in
    that order, whose choice is recorded even if they sleep, without a reason for being awake and without any effect.
    Returns the number of decisions. A run goes on from where it stopped with the same ``O`` as before.
    """
    decisions, probe, news = 0, 0, next_news(E, float(first))
    C[s.C_MOVED] = 1.0
    if first == 0:
        for column in range(O.shape[0]):
            O[column] = 0.0
    for month in range(first, last):
        C[s.C_MONTH] = month
        if month == news:
            begin_month(F, I, X, P, W, G, H, C, A, E)
            news = next_news(E, month + 1.0)
        else:
            begin_quiet_month(F, I, X, P, W, G, H, C, A)
        for i in range(int(C[s.C_ROWS])):
            if I[i, s.I_FATE] == s.FATE_ACTIVE and wake(F, I, P, C, A, TP, TI, TW, i) != 0:
                decide(F, I, X, P, W, G, H, C, A, TP, TI, TW, CEN, T, V, Q, i)
                if DK.shape[0] > 0:
                    decisions = keep_decision(I, C, T, V, Q, DK, DT, DV, i, decisions)
            elif PR.shape[0] > 0:
                while probe < PR.shape[0] and (
                    PR[probe, 0] < month or (PR[probe, 0] == month and PR[probe, 1] < i)
                ):
                    probe += 1
                asked = probe < PR.shape[0] and PR[probe, 0] == month and PR[probe, 1] == i
                if asked and I[i, s.I_FATE] == s.FATE_ACTIVE:
                    decisions = consider(
                        F, I, X, P, W, G, H, C, A, TP, TI, TW, CEN, T, V, Q, DK, DT, DV, i, decisions
                    )
        for i in range(int(C[s.C_ROWS])):
            if I[i, s.I_FATE] == s.FATE_ACTIVE:
                pledge(F, I, P, C, A, i)
                await_answer(F, I, P, G, H, C, A, i)
        end_month(F, I, X, P, W, G, H, C, A, E, NP, NI, D)
        follow(P, C, O)
        if M.shape[0] > 0:
            measure(F, I, X, P, W, G, H, C, M[month])
        if L.shape[0] > 0:
            keep_allegiances(I, C, L, month)
        if RF.shape[0] > 0:
            keep_table(RF, month, F)
            keep_table(RI, month, I)
            keep_cube(RX, month, X)
            keep_table(RP, month, P)
            keep_cube(RW, month, W)
            keep_table(RG, month, G)
            keep_cube(RH, month, H)
            keep_vector(RC, month, C)
        if C[s.C_STATUS] != 0.0:
            break
    summarise(I, P, W, C, O)
    return decisions


__all__ = ["begin_month", "decide", "end_month", "open_run", "run_months"]
