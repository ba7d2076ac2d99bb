"""The true state as sources would report it.

Comparison with the record goes through here: attacks and strengths are never seen as they are, and the error has
a direction that depends on who speaks (M21, M49, M60, M80, P22, P23).
"""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import safe_exp
from sim.state import FloatArray, IntArray


@jit
def true_attacks(P: FloatArray, C: FloatArray, A: FloatArray, k: int) -> float:
    """Attacks of the month by a patron's men: rate / 1000 * fighters * capability * noise (lognormal, mean 1)."""
    men = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
    u, v, _, _ = draws.uniforms(
        C[s.C_KEY0], C[s.C_KEY1], int(P[k, s.P_ENTITY]), int(C[s.C_MONTH]), draws.OBSERVE, 0
    )
    sd = A[s.A_OBS_ATTACK_SD]
    noise = safe_exp(sd * draws.normal(u, v) - 0.5 * sd * sd)
    return A[s.A_OBS_ATTACK_RATE] / 1000.0 * men * P[k, s.P_CAPABILITY] * noise


@jit
def nearness(P: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray, k: int) -> float:
    """Force of a patron near the countries abroad, persons (M64, M77).

    sum over regions of men * (exposure with M77, else only men in regions abroad) * (1 + M64 * goal).
    """
    total = 0.0
    for r in range(G.shape[0]):
        near = G[r, s.G_EXPOSURE] if A[s.A_M77] > 0.0 else G[r, s.G_ABROAD]
        total += H[r, k, s.H_NOMINAL] * near
    return total * (1.0 + A[s.A_M64] * P[k, s.P_GOAL])


@jit_apart
def observe(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray
) -> None:  # fmt: skip
    """What each kind of source would say of the month.

    Monitor: attacks and strength, the latter with a lognormal error of log sd ``strength_sd`` (P22). Claims by the
    faction: attacks * (1 + M60 * (claim_factor - 1)). Holder of the state, once a rival patron: attacks * (1 - M80 *
    denial). Foreign states: foreign fighters * (1 + M49 * (foreign_bias - 1)); the threat they present = foreign
    fighters * (1 + M21 * (threat_inflation - 1)), whatever the true size.
    """
    k = int(C[s.C_FOCUS])
    attacks = true_attacks(P, C, A, k)
    C[s.C_ATTACKS] = attacks
    C[s.C_MONITORED] = attacks
    C[s.C_CLAIMED] = attacks * (1.0 + A[s.A_M60] * (A[s.A_OBS_CLAIM_FACTOR] - 1.0))
    denied = 0.0
    for other in range(P.shape[0]):
        if other != k and P[other, s.P_HOLDS_STATE] > 0.0:
            denied = A[s.A_M80] * A[s.A_OBS_DENIAL]
    C[s.C_DENIED] = attacks * (1.0 - denied)
    strength = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
    C[s.C_FOCUS_STRENGTH] = strength
    u, v, _, _ = draws.uniforms(
        C[s.C_KEY0], C[s.C_KEY1], int(P[k, s.P_ENTITY]), int(C[s.C_MONTH]), draws.OBSERVE, 1
    )
    C[s.C_STRENGTH_SEEN] = strength * safe_exp(A[s.A_OBS_STRENGTH_SD] * draws.normal(u, v))
    abroad = C[s.C_FOREIGN_MEN]
    C[s.C_FOREIGN_SEEN] = abroad * (1.0 + A[s.A_M49] * (A[s.A_OBS_FOREIGN_BIAS] - 1.0))
    C[s.C_THREAT_SEEN] = abroad * (1.0 + A[s.A_M21] * (A[s.A_OBS_THREAT_INFLATION] - 1.0))
    C[s.C_EXPOSURE] = nearness(P, G, H, A, k)
