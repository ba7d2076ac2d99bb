"""What everybody can see at the start of a phase: forces, shares and totals, summed in row order.

These sums are the snapshot that the following phases read, so the order of factions never leaks into them.
"""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, effective_hostility, grain, side_of, weight_of
from sim.state import FloatArray, IntArray

SPILL = 0.25
"""Share of a neighbouring region's men that can be used across the border (judgement)."""


@jit
def clear(P: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Set all sums to zero and start from the patrons' own men."""
    patrons = P.shape[0]
    for k in range(patrons):
        core = 0.0
        for r in range(H.shape[0]):
            core += H[r, k, s.H_CORE]
        P[k, s.P_CORE] = core
        for column in (s.P_SWORN, s.P_DECLARED, s.P_ALLIED, s.P_FOREIGN_CORE, s.P_SHARE, s.P_SLOTS_USED):
            P[k, column] = 0.0
    for r in range(H.shape[0]):
        for k in range(patrons + 1):
            H[r, k, s.H_NOMINAL] = H[r, k, s.H_CORE]
    C[s.C_THIRD_FORCE] = 0.0
    C[s.C_SHARE_INDEPENDENT] = 0.0
    C[s.C_SHARE_EXIT] = 0.0


@jit
def add_factions(F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Add every living faction to its pole: men by region, men and shares by patron."""
    patrons = P.shape[0]
    units = 0.0
    for i in range(int(C[s.C_ROWS])):
        if I[i, s.I_FATE] == s.FATE_RECONCILED:
            C[s.C_SHARE_EXIT] += 1.0
            units += 1.0
        if I[i, s.I_FATE] != s.FATE_ACTIVE:
            continue
        units += 1.0
        men = F[i, s.F_FIGHTERS]
        side = side_of(I, i, patrons)
        if side >= 0:
            H[I[i, s.I_THEATRE], side, s.H_NOMINAL] += men * weight_of(I, i, patrons)
        if side == patrons:
            C[s.C_THIRD_FORCE] += men
        if side < 0 or side == patrons:
            C[s.C_SHARE_INDEPENDENT] += 1.0
            continue
        inner = men * (1.0 - F[i, s.F_LOCAL_SHARE])
        P[side, s.P_FOREIGN_CORE] += grain(inner)
        if I[i, s.I_ALLEGIANCE] >= patrons:
            P[side, s.P_ALLIED] += men
            P[side, s.P_SHARE] += 0.5
        else:
            P[side, s.P_SHARE] += 1.0
            if I[i, s.I_OATH] == s.OATH_SWORN:
                P[side, s.P_SWORN] += men
                P[side, s.P_SLOTS_USED] += 1.0
            else:
                P[side, s.P_DECLARED] += men
    if units > 0.0:
        for k in range(patrons):
            P[k, s.P_SHARE] /= units
        C[s.C_SHARE_INDEPENDENT] /= units
        C[s.C_SHARE_EXIT] /= units


@jit
def use_force(G: FloatArray, H: FloatArray, C: FloatArray, NP: IntArray, NI: IntArray) -> None:
    """Force of each pole that can be used in each region this month, in persons (P5).

    force = reach * (men there + SPILL * men next door) * (1 - instability there if it holds the state); the
    third pole's is multiplied by the help it gets. A neighbour's sanctuary ties down the holder's men (M32).
    """
    poles = H.shape[1]
    for r in range(H.shape[0]):
        for k in range(poles):
            H[r, k, s.H_FORCE] = 0.0
        for j in range(NP[r], NP[r + 1]):
            for k in range(poles):
                H[r, k, s.H_FORCE] += H[NI[j], k, s.H_NOMINAL]
        for k in range(poles):
            H[r, k, s.H_FORCE] = H[r, k, s.H_REACH] * (H[r, k, s.H_NOMINAL] + SPILL * H[r, k, s.H_FORCE])
        H[r, poles - 1, s.H_FORCE] *= C[s.C_THIRD_HELP]
        holder = int(G[r, s.G_HOLDER])
        if holder >= 0:
            H[r, holder, s.H_FORCE] *= 1.0 - G[r, s.G_INSTABILITY]


@jit
def meet_enemies(P: FloatArray, W: FloatArray, H: FloatArray, A: FloatArray) -> None:
    """Contact between poles, and the force of a pole's enemies in each region, weighted by hostility.

    contact[k, l] = share of k's men who stand where l has men; hostile[r, k] = sum over l of l's usable force
    times its hostility toward k; enemy = the patron with the most of it.
    """
    poles = H.shape[1]
    for k in range(poles):
        for other in range(poles):
            W[k, other, s.W_CONTACT] = 0.0
            if other != k:
                W[k, other, s.W_EFFECTIVE] = effective_hostility(P, W, A, k, other)
    for k in range(poles):
        men = 0.0
        for r in range(H.shape[0]):
            here = H[r, k, s.H_NOMINAL]
            men += here
            hostile, most, who = 0.0, 0.0, -1
            for other in range(poles):
                if other == k:
                    continue
                if here > 0.0 and H[r, other, s.H_NOMINAL] > 0.0:
                    W[k, other, s.W_CONTACT] += here
                force = W[other, k, s.W_EFFECTIVE] * H[r, other, s.H_FORCE]
                hostile += force
                if other < poles - 1 and force > most:
                    most, who = force, other
            H[r, k, s.H_HOSTILE] = hostile
            H[r, k, s.H_ENEMY] = who
        if men > 0.0:
            for other in range(poles):
                W[k, other, s.W_CONTACT] /= men


@jit
def size_up(F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Patron totals: fragmentation, threat, pressure felt, foreign allies, agitation, betrayal.

    fragmentation = (1 - recognition) / 2 + men who left it / (men who left it + its own), at most 1 (M65);
    threat = the strongest rival's men / its own, at most 1; felt pressure = mean state pressure by where its
    men are; agitation = share of factions with its rivals or on their own (M09); betrayal = rivals' posture
    times the foreign part of their men (M25).
    """
    patrons = P.shape[0]
    for k in range(patrons):
        P[k, s.P_AGITATION] = C[s.C_SHARE_INDEPENDENT]
        P[k, s.P_BETRAYAL] = 0.0
        left = 0.0
        foreign = 0.0
        for i in range(int(C[s.C_ROWS])):
            if I[i, s.I_FATE] != s.FATE_ACTIVE:
                continue
            side = side_of(I, i, patrons)
            if I[i, s.I_LEFT_PATRON] == k and side != k:
                left += F[i, s.F_FIGHTERS]
            if side == k and I[i, s.I_FOREIGN] == 1:
                foreign += F[i, s.F_FIGHTERS]
        own = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED] + P[k, s.P_ALLIED]
        P[k, s.P_FRAGMENTATION] = clamp(0.5 * (1.0 - P[k, s.P_RECOGNITION]) + left / (left + own + 1.0))
        P[k, s.P_FOREIGN_ALLIES] = foreign / (P[k, s.P_SWORN] + P[k, s.P_DECLARED] + P[k, s.P_ALLIED] + 1.0)
        men = 0.0
        felt = 0.0
        for r in range(H.shape[0]):
            men += H[r, k, s.H_NOMINAL]
            if G[r, s.G_HOLDER] != k:
                felt += H[r, k, s.H_NOMINAL] * G[r, s.G_PRESSURE]
        P[k, s.P_FELT_PRESSURE] = felt / (men + 1.0)
        P[k, s.P_THREAT] = 0.0
    for k in range(patrons):
        own = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED] + 1.0
        for other in range(patrons):
            if other != k:
                rival = P[other, s.P_CORE] + P[other, s.P_SWORN] + P[other, s.P_DECLARED]
                P[k, s.P_THREAT] = max(P[k, s.P_THREAT], min(1.0, rival / own))
                P[k, s.P_AGITATION] += P[other, s.P_SHARE]
                P[k, s.P_BETRAYAL] += P[other, s.P_POSTURE] * P[other, s.P_FOREIGN_ALLIES]


@jit_apart
def take_stock(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray,
    A: FloatArray, NP: IntArray, NI: IntArray,
) -> None:  # fmt: skip
    """All sums, in order."""
    clear(P, H, C)
    add_factions(F, I, P, H, C)
    use_force(G, H, C, NP, NI)
    meet_enemies(P, W, H, A)
    size_up(F, I, P, G, H, C)
