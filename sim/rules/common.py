"""Small arithmetic that all rules share."""

from __future__ import annotations

import math

import numpy as np

from sim import state as s
from sim.jit import jit
from sim.state import FloatArray, IntArray

_GRAIN = 1048576.0


@jit
def grain(value: float) -> float:
    """Round to a multiple of 2**-20, so that sums and differences of stocks are exact in any order."""
    return np.floor(value * _GRAIN + 0.5) / _GRAIN


@jit
def clamp(value: float) -> float:
    """Keep an index between 0 and 1."""
    return min(1.0, max(0.0, value))


@jit
def safe_exp(value: float) -> float:
    """exp, with the exponent kept between -50 and 50."""
    return math.exp(min(50.0, max(-50.0, value)))


@jit
def patron_of(option: int, patrons: int) -> int:
    """The patron of an option (sworn or allied), or -1 for independence and exit."""
    if option < patrons:
        return option
    if option < 2 * patrons:
        return option - patrons
    return -1


@jit
def side_of(I: IntArray, i: int, patrons: int) -> int:
    """The pole that a faction stands with: a patron, K for the third pole, -1 for none."""
    option = I[i, s.I_ALLEGIANCE]
    if option < 2 * patrons:
        return patron_of(option, patrons)
    if option == 2 * patrons and I[i, s.I_LEFT_PATRON] >= 0:
        return patrons
    return -1


@jit
def weight_of(I: IntArray, i: int, patrons: int) -> float:
    """How far its men count for its pole: allies half, all others in full."""
    option = I[i, s.I_ALLEGIANCE]
    if patrons <= option < 2 * patrons:
        return 0.5
    return 1.0


@jit
def effective_hostility(P: FloatArray, W: FloatArray, A: FloatArray, k: int, other: int) -> float:
    """Hostility of pole k toward another as acted upon [0, 1].

    hostility * (1 - M63 * convergence_relief * convergence) * (1 - M64 * outward_relief * goal of the other):
    shared ends and an outward goal soften it (M63, M64). The third pole has neither.
    """
    h: float = W[k, other, s.W_HOSTILITY]
    if k < P.shape[0] and other < P.shape[0]:
        h *= 1.0 - A[s.A_M63] * A[s.A_CONVERGENCE_RELIEF] * W[k, other, s.W_CONVERGENCE]
        h *= 1.0 - A[s.A_M64] * A[s.A_OUTWARD_RELIEF] * P[other, s.P_GOAL]
    return h


@jit
def promised_transfer(P: FloatArray, A: FloatArray, k: int) -> float:
    """Money that patron k gives per sworn fighter and month, in upkeep multiples (M35, M43).

    transfer * core_state * (1 + M35 * effort_pressure * core_pressure) + outside support. A core under
    pressure exports (M35); a core that collapses cannot. The transfer halves with the half-life of a
    ``core_decline`` event.
    """
    export = 1.0 + A[s.A_M35] * A[s.A_EFFORT_PRESSURE] * P[k, s.P_CORE_PRESSURE]
    return P[k, s.P_TRANSFER] * P[k, s.P_CORE_STATE] * export + P[k, s.P_SUPPORT]


@jit
def lose_fighters(F: FloatArray, A: FloatArray, i: int, persons: float) -> float:
    """Take men from a faction, the outer layer first (M52); return how many were there to take.

    With M52 a share ``outer_first`` of a loss falls on the outer layer before the rest is shared by size;
    without it the loss is shared by size alone. Men who joined late are counted in proportion.
    """
    fighters = F[i, s.F_FIGHTERS]
    taken = grain(min(fighters, max(0.0, persons)))
    if taken <= 0.0:
        return 0.0
    outer = fighters * F[i, s.F_LOCAL_SHARE]
    first = min(outer, A[s.A_M52] * A[s.A_OUTER_FIRST] * taken)
    rest = taken - first
    outer -= first
    left = fighters - first
    if left > 0.0:
        outer -= rest * outer / left
    F[i, s.F_FIGHTERS] = fighters - taken
    if F[i, s.F_FIGHTERS] > 0.0:
        F[i, s.F_LOCAL_SHARE] = clamp(outer / F[i, s.F_FIGHTERS])
    return taken


@jit
def gain_fighters(F: FloatArray, i: int, persons: float, local: float) -> float:
    """Add men to a faction, a share of them to the outer layer; return the number added."""
    added = grain(max(0.0, persons))
    if added <= 0.0:
        return 0.0
    fighters = F[i, s.F_FIGHTERS]
    total = fighters + added
    F[i, s.F_LOCAL_SHARE] = clamp((fighters * F[i, s.F_LOCAL_SHARE] + added * local) / total)
    F[i, s.F_GREEN] = clamp((fighters * F[i, s.F_GREEN] + added) / total)
    F[i, s.F_FIGHTERS] = total
    return added
