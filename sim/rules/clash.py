"""Phase 8, clash: deaths between poles by region, state pressure, infighting, and fronts destroyed."""

from __future__ import annotations

import math

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, grain, lose_fighters, safe_exp, side_of, weight_of
from sim.state import FloatArray, IntArray


@jit
def pole_entity(P: FloatArray, k: int) -> int:
    """The entity of a pole; the third pole's is 3."""
    return int(P[k, s.P_ENTITY]) if k < P.shape[0] else 3


@jit
def fight(P: FloatArray, W: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Deaths of the month per pair of poles and region, persons.

    For each pair, h = the larger of the two effective hostilities; the deaths that k causes l in a region are
    clash * h * sqrt(usable force of k * men of l there) * (1 + crackdown of k on l) * noise of the pair this
    month, lognormal with mean 1 and log sd ``clash_sd``. Deaths depend on the poles' totals, so coding one
    group as six changes nothing in expectation. No side loses more than half of its men in a region.
    """
    poles, t = H.shape[1], int(C[s.C_MONTH])
    for k in range(poles):
        for other in range(poles):
            W[k, other, s.W_DEATHS] = 0.0
    for r in range(H.shape[0]):
        for k in range(poles):
            H[r, k, s.H_DEATHS] = 0.0
    for k in range(poles):
        for other in range(k + 1, poles):
            h = max(W[k, other, s.W_EFFECTIVE], W[other, k, s.W_EFFECTIVE])
            if h <= 0.0 or W[k, other, s.W_CONTACT] <= 0.0:
                continue
            pair = draws.pair_index(pole_entity(P, k), pole_entity(P, other))
            u, v, _, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], pair, t, draws.CLASH, 0)
            sd = A[s.A_CLASH_SD]
            rate = A[s.A_CLASH] * h * safe_exp(sd * draws.normal(u, v) - 0.5 * sd * sd)
            mine_used = 1.0 + W[k, other, s.W_CRACKDOWN]
            theirs_used = 1.0 + W[other, k, s.W_CRACKDOWN]
            for r in range(H.shape[0]):
                mine, theirs = H[r, k, s.H_NOMINAL], H[r, other, s.H_NOMINAL]
                if mine <= 0.0 or theirs <= 0.0:
                    continue
                lost = min(grain(rate * theirs_used * math.sqrt(H[r, other, s.H_FORCE] * mine)), 0.5 * mine)
                caused = min(grain(rate * mine_used * math.sqrt(H[r, k, s.H_FORCE] * theirs)), 0.5 * theirs)
                H[r, k, s.H_DEATHS] += lost
                H[r, other, s.H_DEATHS] += caused
                W[other, k, s.W_DEATHS] += lost
                W[k, other, s.W_DEATHS] += caused
            W[other, k, s.W_KILLED] += W[other, k, s.W_DEATHS]
            W[k, other, s.W_KILLED] += W[k, other, s.W_DEATHS]
            C[s.C_TOTAL_KILLED] += W[other, k, s.W_DEATHS] + W[k, other, s.W_DEATHS]


@jit
def take_core(P: FloatArray, H: FloatArray, r: int, k: int, persons: float, column: int) -> float:
    """Take men from a patron's core in a region and count them in a column of ``P``; return how many."""
    taken = grain(min(H[r, k, s.H_CORE], max(0.0, persons)))
    H[r, k, s.H_CORE] -= taken
    P[k, column] += taken
    return taken


@jit
def state_losses(G: FloatArray, A: FloatArray, r: int, k: int) -> float:
    """Share of a pole's men lost to the state in a region this month: state_attrition * pressure * (1/2 +
    capacity/2).

    None for the pole that holds the state there.
    """
    share = A[s.A_STATE_ATTRITION] * G[r, s.G_PRESSURE] * (0.5 + 0.5 * G[r, s.G_CAPACITY])
    against = 1.0 if G[r, s.G_HOLDER] != k else 0.0
    return against * share


@jit
def core_losses(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Share of its men that each side loses in each region, and the cores' part of it.

    loss = deaths of the side / its men there, in a fight; state loss as in :func:`state_losses`. A core bears
    both.
    """
    for k in range(H.shape[1]):
        deaths = 0.0
        for r in range(H.shape[0]):
            H[r, k, s.H_STATE_LOSS] = state_losses(G, A, r, k)
            H[r, k, s.H_LOSS] = H[r, k, s.H_DEATHS] / max(H[r, k, s.H_NOMINAL], 1.0)
        for r in range(H.shape[0]):
            deaths += H[r, k, s.H_DEATHS]
            share = H[r, k, s.H_LOSS] + H[r, k, s.H_STATE_LOSS]
            if share > 0.0 and H[r, k, s.H_CORE] > 0.0:
                take_core(P, H, r, k, H[r, k, s.H_CORE] * share, s.P_KILLED)
        if k < P.shape[0]:
            P[k, s.P_DEATHS] = deaths


@jit
def infighting_drain(P: FloatArray, W: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Infighting turns men to the rival pole (M10).

    For each patron that fights those who left it: M10 * infighting_drain * deaths of that fight, taken from
    its core where a founded rival stands too, in proportion to its men there, and joining that rival there.
    """
    poles, t = H.shape[1], C[s.C_MONTH]
    third = poles - 1
    for k in range(third):
        drain = A[s.A_M10] * A[s.A_INFIGHTING_DRAIN] * (W[k, third, s.W_DEATHS] + W[third, k, s.W_DEATHS])
        if drain <= 0.0:
            continue
        for rival in range(third):
            if rival == k or P[rival, s.P_FOUNDED] > t:
                continue
            beside = 0.0
            for r in range(H.shape[0]):
                if H[r, rival, s.H_CORE] > 0.0:
                    beside += H[r, k, s.H_CORE]
            if beside <= 0.0:
                continue
            for r in range(H.shape[0]):
                if H[r, rival, s.H_CORE] > 0.0:
                    moved = take_core(P, H, r, k, drain * H[r, k, s.H_CORE] / beside, s.P_LEFT)
                    H[r, rival, s.H_CORE] += moved
                    P[rival, s.P_JOINED] += moved


@jit
def risk_fronts(P: FloatArray, W: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Monthly hazard that a front of a pole in a region is destroyed (M07, P16).

    M07 * crush_hazard * hostility of the strongest enemy * (1 + its crackdown), at most 1, if that enemy's usable
    force there is at least ``force_ratio`` times the front's men (times the help the third pole gets) and
    hostility is above 0.1; else 0. An incumbent's fronts are not destroyed.
    """
    patrons = P.shape[0]
    for k in range(patrons + 1):
        safe = k < patrons and P[k, s.P_INCUMBENT] > 0.0
        strength = C[s.C_THIRD_HELP] if k == patrons else 1.0
        for r in range(H.shape[0]):
            H[r, k, s.H_CRUSH] = 0.0
        for r in range(0 if safe else H.shape[0]):
            enemy = int(H[r, k, s.H_ENEMY])
            if enemy < 0 or H[r, k, s.H_NOMINAL] <= 0.0:
                continue
            h = W[enemy, k, s.W_EFFECTIVE]
            if h > 0.1 and H[r, enemy, s.H_FORCE] >= A[s.A_FORCE_RATIO] * H[r, k, s.H_NOMINAL] * strength:
                force = 1.0 + W[enemy, k, s.W_CRACKDOWN]
                H[r, k, s.H_CRUSH] = min(1.0, A[s.A_M07] * A[s.A_CRUSH_HAZARD] * h * force)


@jit
def crush_cores(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """An entrant's own front in a region may be destroyed: killed, surrendered to the holder, captured (P17).

    Cells of fewer than ``split_min`` men are rolled up in the same way but are not counted as fronts.
    """
    t = int(C[s.C_MONTH])
    for k in range(P.shape[0]):
        for r in range(H.shape[0]):
            if H[r, k, s.H_CRUSH] <= 0.0 or H[r, k, s.H_CORE] < 1.0:
                continue
            u = draws.uniform(
                C[s.C_KEY0], C[s.C_KEY1], int(G[r, s.G_ENTITY]), t, draws.CRUSH, pole_entity(P, k)
            )
            if u < H[r, k, s.H_CRUSH]:
                core = H[r, k, s.H_CORE]
                take_core(P, H, r, k, A[s.A_CRUSH_KILLED] * core, s.P_KILLED)
                C[s.C_SURRENDERED] += take_core(P, H, r, k, A[s.A_CRUSH_SURRENDERED] * core, s.P_LEFT)
                P[k, s.P_CAPTURED] += take_core(P, H, r, k, core, s.P_LEFT)
                if core >= A[s.A_SPLIT_MIN]:
                    P[k, s.P_CRUSHED] += 1.0
                    C[s.C_CRUSHED] += 1.0


@jit_apart
def clash(P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Phase 8 for the poles: deaths, the cores' losses, infighting, cores destroyed."""
    fight(P, W, H, C, A)
    core_losses(P, G, H, C, A)
    infighting_drain(P, W, H, C, A)
    risk_fronts(P, W, H, C, A)
    crush_cores(P, G, H, C, A)


@jit_apart
def destroy(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int, side: int, by: int
) -> None:
    """A faction's front is destroyed: ``crush_killed`` die, ``crush_surrendered`` go to the holder, the rest
    are captured (P17). Where the incumbent shields the foreign core (M53, contested) only the local layer is
    hit and the faction lives on in hiding.
    """
    men = F[i, s.F_FIGHTERS]
    shielded = 0.0
    if A[s.A_M53] > 0.0 and side < P.shape[0]:
        shielded = grain(men * (1.0 - F[i, s.F_LOCAL_SHARE]))
    hit = grain(men - shielded)
    killed = grain(A[s.A_CRUSH_KILLED] * hit)
    surrendered = min(grain(A[s.A_CRUSH_SURRENDERED] * hit), hit - killed)
    captured = grain(hit - killed - surrendered)
    F[i, s.F_KILLED] += killed
    F[i, s.F_SURRENDERED] += surrendered
    F[i, s.F_CAPTURED] += captured
    C[s.C_SURRENDERED] += surrendered
    if side < P.shape[0]:
        P[side, s.P_CAPTURED] += captured
        P[side, s.P_CRUSHED] += 1.0
    C[s.C_CRUSHED] += 1.0
    F[i, s.F_FIGHTERS] = shielded
    I[i, s.I_CRUSHER] = by
    if shielded > 0.0 and shielded >= A[s.A_DISSOLVE_FLOOR]:
        F[i, s.F_LOCAL_SHARE] = 0.0
        I[i, s.I_VISIBLE_FROM] = int(C[s.C_MONTH]) + 12
    else:
        F[i, s.F_LEFT] += shielded
        F[i, s.F_FIGHTERS] = 0.0
        I[i, s.I_FATE] = s.FATE_DESTROYED


@jit
def suffer(
    F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:
    """A faction's losses of the month, and whether its front is destroyed (M07, M52, P15, P16).

    It shares in the deaths of its side in its theatre by size (an ally half) and loses men to the state, as
    those do who stand with nobody. It can be destroyed once its oath is visible and the lag has passed, with
    the hazard of :func:`risk_fronts`, half of it for an ally. Recent losses fade with a half-life of 3 months;
    cohesion falls by cohesion_loss * share lost.
    """
    patrons, r, t = P.shape[0], I[i, s.I_THEATRE], int(C[s.C_MONTH])
    side = side_of(I, i, patrons)
    weight = weight_of(I, i, patrons)
    part = H[r, side if side >= 0 else patrons, s.H_STATE_LOSS]
    if side >= 0:
        part += weight * H[r, side, s.H_LOSS]
    lost = 0.0
    if part > 0.0:
        lost = lose_fighters(F, A, i, F[i, s.F_FIGHTERS] * part)
        F[i, s.F_KILLED] += lost
        F[i, s.F_COHESION] = clamp(F[i, s.F_COHESION] - A[s.A_COHESION_LOSS] * part)
    F[i, s.F_DEATHS] = lost
    F[i, s.F_LOSSES] = F[i, s.F_LOSSES] * 0.7937005259840998 + part
    if side < 0 or I[i, s.I_VISIBLE_FROM] < 0 or t < I[i, s.I_VISIBLE_FROM] + I[i, s.I_LAG]:
        return
    p = H[r, side, s.H_CRUSH] * weight
    if p > 0.0:
        u = draws.uniform(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.CRUSH, 0)
        if u < p:
            destroy(F, I, P, C, A, i, side, int(H[r, side, s.H_ENEMY]))
